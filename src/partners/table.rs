//! The table of keys.

use jiff::Timestamp;

use super::uses::Uses;
use crate::store::{Durability, Error, Store, millis, moment, sql};

/// How many keys of one partner may be in force: the one that is used, and the one it changes to.
pub const MOST_KEYS: usize = 2;

/// Whose key a request came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// The name that the operator gave.
    pub name: String,
    /// What people read as its name.
    pub title: String,
    /// The one site it may call; `None`: every site.
    pub site: Option<String>,
}

impl Partner {
    /// Whether it may call the site of this name.
    pub fn may_call(&self, site: &str) -> bool {
        self.site.as_deref().is_none_or(|own| own == site)
    }
}

/// A key to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewKey<'a> {
    /// The partner's name.
    pub name: &'a str,
    /// What people read as its name; `None`: the name.
    pub title: Option<&'a str>,
    /// The one site it is for; `None`: every site.
    pub site: Option<&'a str>,
}

/// Which keys of a partner are to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// All but the one that was made last.
    Older,
}

/// A key, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose it is.
    pub name: String,
    /// What people read as the partner's name; `None`: its name.
    pub title: Option<String>,
    /// The one site it is for; `None`: every site.
    pub site: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Since when it is not accepted any more.
    pub ended_at: Option<Timestamp>,
    /// How many requests came with it.
    pub uses: i64,
    /// When the last of them came.
    pub used_at: Option<Timestamp>,
}

type Columns = (String, Option<String>, Option<String>, i64, Option<i64>, i64, Option<i64>);

/// The table. A clone shares the database.
#[derive(Clone)]
pub(super) struct Table(pub(super) Store);

impl Table {
    /// Adds a key, unless the partner has as many as it may. It is newer than those, whatever the clock shows.
    pub(super) async fn add(&self, hash: &[u8; 32], new: NewKey<'_>, now: Timestamp) -> Result<bool, Error> {
        self.0
            .transaction(Durability::PowerLoss, async |tx| {
                let (others, newest): (i64, Option<i64>) = sql!(tx,
                    "SELECT COUNT(*), MAX(made_at) FROM partners WHERE name = $1 AND ended_at IS NULL",
                    new.name => fetch_one)?;
                if usize::try_from(others).is_ok_and(|others| others >= MOST_KEYS) {
                    return Ok(false);
                }
                let made_at = newest.map_or(millis(now), |newest| millis(now).max(newest + 1));
                sql!(tx, "INSERT INTO partners (key_hash, name, title, site, made_at) VALUES ($1, $2, $3, $4, $5)",
                    &hash[..], new.name, new.title, new.site, made_at => execute)?;
                Ok(true)
            })
            .await
    }

    pub(super) async fn end(&self, name: &str, which: Which, now: Timestamp) -> Result<u64, Error> {
        let all = match which {
            Which::All => true,
            Which::Older => false,
        };
        self.0
            .transaction(Durability::PowerLoss, async |tx| {
                let keys: Vec<(Vec<u8>,)> = sql!(tx,
                    "SELECT key_hash FROM partners WHERE name = $1 AND ended_at IS NULL
                     ORDER BY made_at DESC, key_hash", name => fetch_all)?;
                let ended: Vec<_> = keys.into_iter().skip(usize::from(!all)).collect();
                for (hash,) in &ended {
                    sql!(tx, "UPDATE partners SET ended_at = $2 WHERE key_hash = $1 AND ended_at IS NULL",
                        hash, millis(now) => execute)?;
                }
                Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
            })
            .await
    }

    /// Whose key in force has this hash.
    pub(super) async fn find(&self, hash: &[u8; 32]) -> Result<Option<Partner>, Error> {
        let found: Option<(String, Option<String>, Option<String>)> = sql!(self.0.reader().await?,
            "SELECT name, title, site FROM partners WHERE key_hash = $1 AND ended_at IS NULL",
            &hash[..] => fetch_optional)?;
        Ok(found.map(|(name, title, site)| Partner {
            title: title.unwrap_or_else(|| name.clone()),
            name,
            site,
        }))
    }

    pub(super) async fn list(&self) -> Result<Vec<Row>, Error> {
        let rows: Vec<Columns> = sql!(self.0.reader().await?,
            "SELECT name, title, site, made_at, ended_at, uses, used_at FROM partners ORDER BY name, made_at, key_hash"
            => fetch_all)?;
        let row = |(name, title, site, made_at, ended_at, uses, used_at): Columns| Row {
            name,
            title,
            site,
            made_at: moment(made_at),
            ended_at: ended_at.map(moment),
            uses,
            used_at: used_at.map(moment),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Adds `uses` to the counts that are there.
    pub(super) async fn count(&self, uses: &Uses) -> Result<(), Error> {
        self.0
            .transaction(Durability::ProcessCrash, async |tx| {
                for (hash, uses, last) in uses.iter() {
                    sql!(tx,
                        "UPDATE partners SET uses = uses + $2,
                             used_at = CASE WHEN used_at > $3 THEN used_at ELSE $3 END WHERE key_hash = $1",
                        &hash[..], uses, millis(last) => execute)?;
                }
                Ok(())
            })
            .await
    }
}
