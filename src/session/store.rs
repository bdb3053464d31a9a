//! The encrypted session store.
//!
//! The key of a row is the hash of the id, and its data is sealed for that key, so that a copied table opens no
//! session and data moved to another row cannot be opened. A session ends when it has been idle too long
//! or has lasted too long, by the server's clock alone. Every save names the version it was made
//! from; of two concurrent saves the second is a conflict and loads again.
//!
//! A session gets a new id by a new row; the old row keeps nothing but the id that replaced it. The old id opens nothing.
//! It leads to its one successor until a browser has returned that: a response that was lost on the way loses no journey.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

use super::{
    RowKey, SessionError, SessionId,
    caps::{CapContext, Caps, Room},
    reminders::Reminders,
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    funnel::Funnel,
    journey::Site,
    ledger::LedgerKey,
    postback::Targets,
    store::{Durability, Error, KeyRing, Store, millis, span, sql},
};

#[cfg(test)]
mod tests;

/// How long a session lasts whose cookie has never come back.
pub(super) const UNCONFIRMED: Duration = Duration::from_secs(5 * 60);
/// How often the idle limit is extended at most, so that not every page is a write.
const SEEN_INTERVAL: Duration = Duration::from_secs(60);

/// Labels of what is encrypted in a row: a journey; the id that replaced the row's own; the key of the row the journey
/// was saved under for later.
pub(super) const SESSION: &str = "session";
pub(super) const SUCCESSOR: &str = "session pointer";
pub(super) const SAVED: &str = "session put aside";

/// How long a session lasts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Since the last request.
    pub idle: Duration,
    /// Since the first.
    pub absolute: Duration,
}

/// A row as it was read or written last. A save names it, and fails if another request has saved since.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) key: RowKey,
    /// The journey's id. `None` in a row that the version before wrote.
    pub(super) journey: Option<String>,
    pub(super) version: i64,
    pub(super) started: i64,
    /// The last request that was noted.
    pub(super) seen: i64,
    /// The marks `confirmed` and `answered` as they are stored: an index is of them.
    pub(super) stored_marks: (bool, bool),
    /// Whether the browser has returned a cookie of this session.
    pub(super) confirmed: bool,
    /// Whether the browser has returned the cookie of this id.
    pub(super) used: bool,
    /// Whether somebody has posted a form in it.
    pub(super) answered: bool,
    /// Whether the session is to get a new id.
    pub(super) rotate: bool,
    /// Whether it was saved for later: no cookie leads to it.
    pub(super) saved: bool,
}

/// A live row and the journey in it, as JSON.
pub(super) struct Loaded {
    pub(super) row: Row,
    pub(super) journey: String,
}

/// Where journeys are counted, and the sites they are evaluated in, by name.
#[derive(Clone)]
pub(super) struct FunnelContext {
    pub funnel: Funnel,
    pub sites: Arc<BTreeMap<String, Site>>,
}

/// The sessions of all visitors. A clone shares the database.
#[derive(Clone)]
pub struct Sessions {
    pub(super) store: Store,
    pub(super) keys: KeyRing,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
    pub(super) limits: Limits,
    pub(super) targets: Targets,
    pub(super) funnel: Option<FunnelContext>,
    pub(super) caps: Option<CapContext>,
    pub(super) keep_timed_out: bool,
    pub(super) reminders: Option<Reminders>,
}

#[derive(sqlx::FromRow)]
pub(super) struct StoredRow {
    pub(super) key: Vec<u8>,
    pub(super) key_id: String,
    pub(super) data: Vec<u8>,
    pub(super) moved: bool,
    pub(super) tries: Option<i64>,
    journey: Option<String>,
    version: i64,
    started: i64,
    seen: i64,
    confirmed: bool,
    pub(super) used: bool,
    answered: bool,
    rotate: bool,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT key, key_id, data, moved, tries, journey, version, started, seen, confirmed, used,
                 answered, rotate
             FROM sessions WHERE ",
            $condition
        )
    };
}

/// The ids of the keys with which sessions in `store` are encrypted.
///
/// # Errors
/// The database failed.
pub async fn key_ids(store: &Store) -> Result<Vec<String>, Error> {
    let ids: Vec<(String,)> =
        sql!(store.reader().await?, "SELECT DISTINCT key_id FROM sessions" => fetch_all)?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

impl Sessions {
    /// Sessions in `store`, encrypted with `keys`, that end by `limits`.
    pub fn new(store: Store, keys: KeyRing, clock: Clock, entropy: Entropy, limits: Limits) -> Self {
        let targets = Targets::default();
        Self {
            store,
            keys,
            clock,
            entropy,
            limits,
            targets,
            funnel: None,
            caps: None,
            keep_timed_out: false,
            reminders: None,
        }
    }

    /// The same sessions, with postbacks to `targets` when journeys end.
    pub fn with_targets(self, targets: Targets) -> Self {
        Self { targets, ..self }
    }

    /// The same sessions, which count in `funnel` how far journeys come, each evaluated in its site.
    pub fn with_funnel(self, funnel: Funnel, sites: impl IntoIterator<Item = Site>) -> Self {
        let sites = sites.into_iter().map(|site| (site.name.clone(), site)).collect();
        Self { funnel: Some(FunnelContext { funnel, sites: Arc::new(sites) }), ..self }
    }

    /// The same sessions, of which there are at most `caps` at a time; `key` makes the keyed hashes of networks.
    pub fn with_caps(self, caps: Caps, key: LedgerKey) -> Self {
        Self { caps: Some(CapContext { caps, key, live: Arc::default() }), ..self }
    }

    /// Inserts the first row of a journey, begun by `client`. It is unconfirmed until its cookie comes back.
    ///
    /// # Errors
    /// [`SessionError::Full`], or the database failed.
    pub(super) async fn insert(
        &self,
        id: &SessionId,
        client: Option<IpAddr>,
        journey: &str,
        data: &str,
    ) -> Result<Row, SessionError> {
        let now = millis(self.clock.now());
        let networks = self.caps.as_ref().map(|caps| caps.networks(client)).unwrap_or_default();
        let own = networks.own.as_ref().map(|hash| &hash[..]);
        let wide = networks.wide.as_ref().map(|hash| &hash[..]);
        let row = Row {
            key: id.row_key(),
            journey: Some(journey.to_owned()),
            version: 1,
            started: now,
            seen: now,
            stored_marks: (false, false),
            confirmed: false,
            used: false,
            answered: false,
            rotate: false,
            saved: false,
        };
        let sealed = self.keys.seal(&self.entropy, SESSION, &row.key, data.as_bytes());
        let begun = self.store.transaction(Durability::ProcessCrash, async |tx| -> Result<_, Error> {
            let room = self.make_room(tx, &networks, now).await?;
            if let Room::Made(_) = room {
                sql!(tx,
                    "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends, journey, confirmed,
                         answered, network, wide_network)
                     VALUES ($1, $2, $3, FALSE, $4, $5, $5, $6, $7, FALSE, FALSE, $8, $9)",
                    &row.key[..], &sealed.key_id, &sealed.blob, row.version, now, self.end(&row, now), journey,
                    own, wide => execute)?;
            }
            Ok(room)
        });
        match begun.await? {
            Room::Made(ended) => self.count_ended(&ended),
            Room::None => return Err(SessionError::Full),
        }
        Ok(row)
    }

    /// The session whose id has this row key, if it is live and the id has not been replaced; extends its idle limit.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn find(&self, key: &RowKey) -> Result<Option<Loaded>, Error> {
        // One that was saved or put aside is opened by no cookie alone.
        let Some(stored) = self.stored(key).await?.filter(|row| row.tries.is_none()) else { return Ok(None) };
        let Some(found) = self.open(&stored) else { return Ok(None) };
        let now = millis(self.clock.now());
        if now - stored.seen >= span(SEEN_INTERVAL) {
            // Boxed, as it is rare.
            Box::pin(self.touch(&found.row, now)).await?;
        }
        Ok(Some(found))
    }

    async fn touch(&self, row: &Row, now: i64) -> Result<(), Error> {
        sql!(self.store.writer().await?,
            "UPDATE sessions SET seen = $2, ends = $3 WHERE key = $1 AND NOT moved AND seen < $2",
            &row.key[..], now, self.end(row, now) => execute)?;
        Ok(())
    }

    /// The journey of a session as it stands, as JSON, for a reader that is not its browser. `None`: the id opens none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn peek(&self, id: &SessionId) -> Result<Option<String>, Error> {
        let stored = self.stored(&id.row_key()).await?;
        Ok(stored.and_then(|stored| self.open(&stored)).map(|found| found.journey))
    }

    /// The live row of a journey, whatever its key is by now.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn find_journey(&self, journey: &str) -> Result<Option<Loaded>, Error> {
        let stored: Option<StoredRow> = sql!(self.store.reader().await?,
            select!("journey = $1 AND NOT moved AND ends > $2"),
            journey, millis(self.clock.now()) => fetch_optional)?;
        Ok(stored.and_then(|stored| self.open(&stored)))
    }

    /// Replaces what the session holds, if nobody has saved it since `row`. Returns the row as it is then.
    ///
    /// # Errors
    /// [`SessionError::Conflict`] when somebody has (or its id was replaced), [`SessionError::Ended`], or the database failed.
    pub(super) async fn update(&self, row: &Row, journey: &str, data: &str) -> Result<Row, SessionError> {
        let now = millis(self.clock.now());
        let sealed = self.keys.seal(&self.entropy, SESSION, &row.key, data.as_bytes());
        let marks = (row.confirmed, row.answered);
        let is_seen =
            row.journey.is_some() && marks == row.stored_marks && now - row.seen < span(SEEN_INTERVAL);
        let saved = if is_seen {
            // No column of an index: then both databases write nothing but the row.
            sql!(self.store.writer().await?,
                "UPDATE sessions SET key_id = $3, data = $4, version = version + 1, used = used OR $5, rotate = rotate OR $6
                 WHERE key = $1 AND version = $2 AND NOT moved AND ends > $7",
                &row.key[..], row.version, &sealed.key_id, &sealed.blob, row.used, row.rotate, now => execute)?
        } else {
            sql!(self.store.writer().await?,
                "UPDATE sessions SET key_id = $3, data = $4, version = version + 1, journey = $5,
                     confirmed = $6, used = used OR $7, rotate = rotate OR $8, seen = $9,
                     ends = CASE WHEN tries IS NULL THEN $10 ELSE ends END, answered = answered OR $11
                 WHERE key = $1 AND version = $2 AND NOT moved AND ends > $9",
                &row.key[..], row.version, &sealed.key_id, &sealed.blob, journey,
                row.confirmed, row.used, row.rotate, now, self.end(row, now), row.answered => execute)?
        };
        if saved == 1 {
            let (version, journey) = (row.version + 1, Some(journey.to_owned()));
            let seen = if is_seen { row.seen } else { now };
            return Ok(Row { version, journey, seen, stored_marks: marks, ..row.clone() });
        }
        // Boxed, as it is rare.
        Err(Box::pin(self.why_not_saved(row, journey)).await?)
    }

    async fn why_not_saved(&self, row: &Row, journey: &str) -> Result<SessionError, Error> {
        let live = self.stored(&row.key).await?.is_some() || self.find_journey(journey).await?.is_some();
        Ok(if live { SessionError::Conflict } else { SessionError::Ended })
    }

    /// Notes that the browser has returned this id.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn mark_used(&self, row: &Row) -> Result<(), Error> {
        sql!(self.store.writer().await?, "UPDATE sessions SET used = TRUE WHERE key = $1 AND NOT moved",
            &row.key[..] => execute)?;
        Ok(())
    }

    /// How many sessions have not ended, of those that a browser has.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self) -> Result<i64, Error> {
        let now = millis(self.clock.now());
        let (alive,): (i64,) = sql!(self.store.reader().await?,
            "SELECT COUNT(*) FROM sessions WHERE NOT moved AND confirmed AND ends > $1", now => fetch_one)?;
        Ok(alive)
    }

    /// How many rows take the place of a session.
    pub(super) async fn count_all(&self) -> Result<i64, Error> {
        let now = millis(self.clock.now());
        let (live,): (i64,) = sql!(self.store.reader().await?,
            "SELECT COUNT(*) FROM sessions WHERE NOT moved AND ends > $1", now => fetch_one)?;
        Ok(live)
    }

    /// The journey in a row. `None`: the row holds none, or it cannot be decrypted.
    pub(super) fn open(&self, stored: &StoredRow) -> Option<Loaded> {
        self.open_as(SESSION, stored)
    }

    /// The journey in a row that is encrypted under `label`.
    pub(super) fn open_as(&self, label: &str, stored: &StoredRow) -> Option<Loaded> {
        if stored.moved {
            return None;
        }
        let key = RowKey::try_from(stored.key.as_slice()).ok()?;
        let data = self.keys.open(label, &key, &stored.key_id, &stored.data);
        // One check of the encoding, instead of one for each string in it.
        let Some(journey) = data.and_then(|data| String::from_utf8(data).ok()) else {
            tracing::warn!(key_id = stored.key_id, "session: stored session cannot be decrypted");
            return None;
        };
        let row = Row {
            key,
            journey: stored.journey.clone(),
            version: stored.version,
            started: stored.started,
            seen: stored.seen,
            stored_marks: (stored.confirmed, stored.answered),
            confirmed: stored.confirmed,
            used: stored.used,
            answered: stored.answered,
            rotate: stored.rotate,
            saved: stored.tries.is_some(),
        };
        Some(Loaded { row, journey })
    }

    /// The row of that key, replaced or not. One that has ended is deleted.
    pub(super) async fn stored(&self, key: &RowKey) -> Result<Option<StoredRow>, Error> {
        let now = millis(self.clock.now());
        let row: Option<StoredRow> = sql!(self.store.reader().await?,
            select!("key = $1 AND ends > $2"), &key[..], now => fetch_optional)?;
        if row.is_none() {
            // A request with an invented id must not occupy the only connection that writes.
            let there: Option<(i64,)> = sql!(self.store.reader().await?,
                "SELECT started FROM sessions WHERE key = $1", &key[..] => fetch_optional)?;
            if there.is_some() {
                // Boxed, as it is rare and large: it would be part of every future that loads a session.
                Box::pin(self.delete_row(key, Some(now))).await?;
            }
        }
        Ok(row)
    }

    /// When the session of `row` ends, used at `seen`.
    pub(super) fn end(&self, row: &Row, seen: i64) -> i64 {
        let idle = if row.confirmed { self.limits.idle } else { self.limits.idle.min(UNCONFIRMED) };
        (seen + span(idle)).min(row.started + span(self.limits.absolute))
    }
}
