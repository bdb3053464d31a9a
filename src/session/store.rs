//! The encrypted session store.
//!
//! The key of a row is the hash of the id, and its data is sealed for that key, so that a copied table opens no
//! session and data moved to another row cannot be opened. A session ends when it has been idle too long
//! or has lasted too long, by the server's clock alone. Every save names the version it was made
//! from; of two concurrent saves the second is a conflict and loads again.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::SessionId;
use crate::{
    clock::Clock,
    entropy::Entropy,
    funnel::Funnel,
    journey::Site,
    postback::Targets,
    store::{Durability, Error, KeyRing, Store, millis, moment, span, sql},
};

#[cfg(test)]
mod tests;

/// How long a replaced id still leads to the new one: a browser that canceled the first request
/// (a double click) has not seen the new cookie yet.
pub(super) const GRACE_PERIOD: Duration = Duration::from_secs(60);
/// How often the idle limit is extended at most, so that not every page is a write.
const SEEN_INTERVAL: Duration = Duration::from_secs(60);
/// How many replaced ids are followed in a row, and how often an id change is tried against concurrent saves.
const MAX_SUCCESSORS: usize = 5;

pub(super) const SESSION: &str = "session";
const POINTER: &str = "session pointer";
/// What a saved session leaves under its old id for as long: nothing that opens it.
pub(super) const SAVED: &str = "session put aside";

/// How long a session lasts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Since the last request.
    pub idle: Duration,
    /// Since the first.
    pub absolute: Duration,
}

/// Which state of a session was loaded; a save must name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub(super) i64);

/// A session as it was found.
pub struct Loaded {
    /// Its id: another than the one asked for, if that was replaced less than a minute ago. The
    /// cookie must then be set again.
    pub id: SessionId,
    /// What was saved.
    pub data: Vec<u8>,
    /// The version to save from.
    pub version: Version,
    /// When the session began.
    pub started: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
}

/// Why a session was not saved, or its id not replaced.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Another request saved it or replaced its id since it was loaded: load again and decide anew.
    #[error("the session was changed by another request")]
    Conflict,
    /// The session does not exist any more.
    #[error("the session has ended")]
    Ended,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
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
    pub(super) counting: Option<FunnelContext>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) key_id: String,
    pub(super) data: Vec<u8>,
    pub(super) moved: bool,
    version: i64,
    started: i64,
    seen: i64,
}

impl Sessions {
    /// Sessions in `store`, encrypted with `keys`, that end by `limits`.
    pub fn new(store: Store, keys: KeyRing, clock: Clock, entropy: Entropy, limits: Limits) -> Self {
        Self { store, keys, clock, entropy, limits, targets: Targets::default(), counting: None }
    }

    /// The same sessions, with postbacks to `targets` when journeys end.
    pub fn with_targets(self, targets: Targets) -> Self {
        Self { targets, ..self }
    }

    /// The same sessions, which count in `funnel` how far journeys come, each evaluated in its site.
    pub fn with_funnel(self, funnel: Funnel, sites: impl IntoIterator<Item = Site>) -> Self {
        let sites = sites.into_iter().map(|site| (site.name.clone(), site)).collect();
        Self { counting: Some(FunnelContext { funnel, sites: Arc::new(sites) }), ..self }
    }

    /// Begins a session holding `data`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn create(&self, data: &[u8]) -> Result<(SessionId, Version), Error> {
        let id = SessionId::new(self.entropy.bytes());
        let key = id.row_key();
        let now = millis(self.clock.now());
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data);
        sql!(self.store.writer().await?, INSERT, &key[..], &sealed.key_id, &sealed.blob,
            1_i64, now, now, self.end(now, now) => execute)?;
        Ok((id, Version(1)))
    }

    /// Loads a session and extends its idle limit. `None`: it is unknown, has ended (its row is deleted
    /// then), or cannot be decrypted.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(&self, id: &SessionId) -> Result<Option<Loaded>, Error> {
        let Some((id, row, data)) = self.resolve(id).await? else { return Ok(None) };
        let now = millis(self.clock.now());
        let seen = if now - row.seen >= span(SEEN_INTERVAL) {
            sql!(self.store.writer().await?,
                "UPDATE sessions SET seen = $2, ends = $3 WHERE key = $1 AND NOT moved AND seen < $2",
                &id.row_key()[..], now, self.end(row.started, now) => execute)?;
            now
        } else {
            row.seen
        };
        let (started, seen) = (moment(row.started), moment(seen));
        Ok(Some(Loaded { id, data, version: Version(row.version), started, seen }))
    }

    /// Replaces what the session holds, if it still is at `version`. Returns the new version.
    ///
    /// # Errors
    /// [`SaveError::Conflict`] when it is not (or its id was replaced), [`SaveError::Ended`], or the
    /// database failed.
    pub async fn save(&self, id: &SessionId, version: Version, data: &[u8]) -> Result<Version, SaveError> {
        let key = id.row_key();
        let now = millis(self.clock.now());
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data);
        // CASE, because the lesser of two is MIN in SQLite and LEAST in PostgreSQL.
        let saved = sql!(self.store.writer().await?,
            "UPDATE sessions SET key_id = $3, data = $4, version = version + 1, seen = $5,
                 ends = CASE WHEN started + $6 < $5 + $7 THEN started + $6 ELSE $5 + $7 END
             WHERE key = $1 AND version = $2 AND NOT moved AND ends > $5",
            &key[..], version.0, &sealed.key_id, &sealed.blob,
            now, span(self.limits.absolute), span(self.limits.idle) => execute)?;
        if saved == 1 {
            return Ok(Version(version.0 + 1));
        }
        Err(if self.row(&key).await?.is_some() { SaveError::Conflict } else { SaveError::Ended })
    }

    /// Gives the session a new id, as after a change of trust. The old id leads to the new one for
    /// a minute and is invalid then. Version and start stay as they were.
    ///
    /// # Errors
    /// [`SaveError::Ended`], [`SaveError::Conflict`] (others changed it at each try), or the database failed.
    pub async fn rotate_id(&self, id: &SessionId) -> Result<SessionId, SaveError> {
        for _ in 0..MAX_SUCCESSORS {
            let (found, row, data) = self.resolve(id).await?.ok_or(SaveError::Ended)?;
            if found != *id {
                // Another request of this browser replaced it a moment ago.
                return Ok(found);
            }
            let new = SessionId::new(self.entropy.bytes());
            let (old_key, new_key) = (id.row_key(), new.row_key());
            let sealed = self.keys.seal(&self.entropy, SESSION, &new_key, &data);
            let pointer = self.keys.seal(&self.entropy, POINTER, &old_key, new.bytes());
            let now = millis(self.clock.now());
            let renewed = self.store.transaction(Durability::ProcessCrash, async |tx| -> Result<bool, Error> {
                let moved = sql!(tx,
                    "UPDATE sessions SET key_id = $3, data = $4, moved = TRUE, ends = $5
                     WHERE key = $1 AND version = $2 AND NOT moved",
                    &old_key[..], row.version, &pointer.key_id, &pointer.blob, now + span(GRACE_PERIOD) => execute)?;
                if moved == 1 {
                    sql!(tx, INSERT, &new_key[..], &sealed.key_id, &sealed.blob,
                        row.version, row.started, now, self.end(row.started, now) => execute)?;
                }
                Ok(moved == 1)
            });
            let renewed = renewed.await?;
            if renewed {
                return Ok(new);
            }
        }
        Err(SaveError::Conflict)
    }

    /// How many sessions have not ended.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self) -> Result<i64, Error> {
        let now = millis(self.clock.now());
        let (alive,): (i64,) = sql!(self.store.reader().await?,
            "SELECT COUNT(*) FROM sessions WHERE NOT moved AND ends > $1", now => fetch_one)?;
        Ok(alive)
    }

    /// The live session `id` leads to: its own id, its row, and what it holds.
    async fn resolve(&self, id: &SessionId) -> Result<Option<(SessionId, Row, Vec<u8>)>, Error> {
        let mut id = id.clone();
        for _ in 0..MAX_SUCCESSORS {
            let key = id.row_key();
            let Some(row) = self.row(&key).await? else { return Ok(None) };
            let label = if row.moved { POINTER } else { SESSION };
            let Some(data) = self.keys.open(label, &key, &row.key_id, &row.data) else {
                if row.moved && self.keys.open(SAVED, &key, &row.key_id, &row.data).is_some() {
                    return Ok(None);
                }
                tracing::warn!(key_id = row.key_id, "session: stored session cannot be decrypted");
                return Ok(None);
            };
            if !row.moved {
                return Ok(Some((id, row, data)));
            }
            let Ok(next) = data.try_into() else { return Ok(None) };
            id = SessionId::new(next);
        }
        Ok(None)
    }

    /// The live row of that key. One that has ended is deleted.
    pub(super) async fn row(&self, key: &[u8; 32]) -> Result<Option<Row>, Error> {
        let now = millis(self.clock.now());
        let row: Option<Row> = sql!(self.store.reader().await?,
            "SELECT key_id, data, moved, version, started, seen FROM sessions WHERE key = $1 AND ends > $2",
            &key[..], now => fetch_optional)?;
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

    /// When a session that began at `started` and was used at `seen` ends.
    fn end(&self, started: i64, seen: i64) -> i64 {
        (seen + span(self.limits.idle)).min(started + span(self.limits.absolute))
    }
}

const INSERT: &str = "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends)
    VALUES ($1, $2, $3, FALSE, $4, $5, $6, $7)";
