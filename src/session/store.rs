//! The sealed session store.
//!
//! A row is named by the hash of the id and sealed under it, so that a copied table opens no
//! session and a row moved to another name opens nothing. It ends when it has been idle too long
//! or has lived too long, by the server's clock alone. Every save names the version it was made
//! from; of two, the second is told so and loads again.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{SessionId, watch::Counting};
use crate::{
    clock::Clock,
    entropy::Entropy,
    funnel::Funnel,
    journey::{Journey, Site},
    postback::{self, Targets},
    store::{Error, KeyRing, Store, millis, moment, on_reader, on_writer, span, transaction},
};

/// How long a renewed id still leads to the new one: a browser that cancelled the first answer
/// (a double click) has not seen the new cookie yet.
pub(super) const HANDOVER: Duration = Duration::from_secs(60);
/// How often the idle limit is pushed out at most: not every page is a write.
const TOUCH: Duration = Duration::from_secs(60);
/// Renewals followed in a row, and tries against concurrent saves, before giving up.
const HOPS: usize = 5;

pub(super) const SESSION: &str = "session";
const POINTER: &str = "session pointer";
/// What a session leaves for as long when it was put aside: nothing that opens it.
pub(super) const ASIDE: &str = "session put aside";

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
    /// Its id: another than the one asked for, when it was renewed less than a minute ago. The
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

/// Why a session was not saved or renewed.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Someone else saved or renewed it since it was loaded: load again and decide anew.
    #[error("the session was changed by another request")]
    Conflict,
    /// There is no such session any more.
    #[error("the session has ended")]
    Ended,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

// `?` on a statement inside a function that answers with `SaveError`.
impl From<sqlx::Error> for SaveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
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
    pub(super) counting: Option<Counting>,
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

/// A row that is deleted.
#[derive(sqlx::FromRow)]
struct Buried {
    key: Vec<u8>,
    key_id: String,
    data: Vec<u8>,
    moved: bool,
}

/// Deletes by `$statement` and, in the same transaction, tells of what ends with that; then it is counted. Evaluates
/// to how many rows there were.
macro_rules! bury {
    ($sessions:expr, $statement:expr) => {{
        let (buried, abandoned) = transaction!(&$sessions.store, tx => {
            let buried: Vec<Buried> = $statement.fetch_all(&mut *tx).await?;
            let mut abandoned = Vec::new();
            for journey in $sessions.journeys_of(&buried) {
                postback::put!(tx, $sessions.farewell(&journey));
                let (submitted,): (i64,) = match journey.submitting {
                    true => sqlx::query_as(SUBMITTED).bind(&journey.id).fetch_one(&mut *tx).await?,
                    false => (0,),
                };
                if submitted == 0 && journey.ending.is_none() {
                    abandoned.push(journey);
                }
            }
            (buried.len() as u64, abandoned)
        });
        $sessions.count_abandoned(&abandoned);
        buried
    }};
}

/// Submissions of a journey that have, or had, an ending of their own.
const SUBMITTED: &str = "SELECT COUNT(*) FROM submissions WHERE journey = $1 AND state <> 'repairable'";

impl Sessions {
    /// Sessions in `store`, sealed with `keys`, that end by `limits`.
    pub fn new(store: Store, keys: KeyRing, clock: Clock, entropy: Entropy, limits: Limits) -> Self {
        Self { store, keys, clock, entropy, limits, targets: Targets::default(), counting: None }
    }

    /// The same, which tell `targets` how journeys end.
    pub fn telling(self, targets: Targets) -> Self {
        Self { targets, ..self }
    }

    /// The same, which count in `funnel` how far journeys come, each seen in its site.
    pub fn counting(self, funnel: Funnel, sites: impl IntoIterator<Item = Site>) -> Self {
        let sites = sites.into_iter().map(|site| (site.name.clone(), site)).collect();
        Self { counting: Some(Counting { funnel, sites: Arc::new(sites) }), ..self }
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
        on_writer!(&self.store, db => sqlx::query(INSERT)
            .bind(&key[..]).bind(&sealed.key_id).bind(&sealed.blob)
            .bind(1_i64).bind(now).bind(now).bind(self.end(now, now))
            .execute(db).await.map(|_| ()))?;
        Ok((id, Version(1)))
    }

    /// Finds a session and pushes its idle limit out. `None`: unknown, ended (its row is deleted
    /// too) or undecipherable.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(&self, id: &SessionId) -> Result<Option<Loaded>, Error> {
        let Some((id, row, data)) = self.follow(id).await? else { return Ok(None) };
        let now = millis(self.clock.now());
        let seen = if now - row.seen >= span(TOUCH) {
            on_writer!(&self.store, db => sqlx::query(
                "UPDATE sessions SET seen = $2, ends = $3 WHERE key = $1 AND NOT moved AND seen < $2")
                .bind(&id.row_key()[..]).bind(now).bind(self.end(row.started, now))
                .execute(db).await.map(|_| ()))?;
            now
        } else {
            row.seen
        };
        let (started, seen) = (moment(row.started), moment(seen));
        Ok(Some(Loaded { id, data, version: Version(row.version), started, seen }))
    }

    /// Replaces what the session holds, if it still is at `version`.
    ///
    /// # Errors
    /// [`SaveError::Conflict`] when it is not (or was renewed), [`SaveError::Ended`], or the
    /// database failed.
    pub async fn save(&self, id: &SessionId, version: Version, data: &[u8]) -> Result<Version, SaveError> {
        let key = id.row_key();
        let now = millis(self.clock.now());
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data);
        // CASE, because the lesser of two is MIN in one SQL and LEAST in the other.
        let saved = on_writer!(&self.store, db => sqlx::query(
            "UPDATE sessions SET key_id = $3, data = $4, version = version + 1, seen = $5,
                 ends = CASE WHEN started + $6 < $5 + $7 THEN started + $6 ELSE $5 + $7 END
             WHERE key = $1 AND version = $2 AND NOT moved AND ends > $5")
            .bind(&key[..]).bind(version.0).bind(&sealed.key_id).bind(&sealed.blob)
            .bind(now).bind(span(self.limits.absolute)).bind(span(self.limits.idle))
            .execute(db).await.map(|done| done.rows_affected()))?;
        if saved == 1 {
            return Ok(Version(version.0 + 1));
        }
        Err(if self.row(&key).await?.is_some() { SaveError::Conflict } else { SaveError::Ended })
    }

    /// Gives the session a new id, as after a change of trust. The old id leads to the new one for
    /// a minute and is dead then. Version and start stay as they were.
    ///
    /// # Errors
    /// [`SaveError::Ended`], [`SaveError::Conflict`] (others kept changing it), or the database failed.
    pub async fn renew(&self, id: &SessionId) -> Result<SessionId, SaveError> {
        for _ in 0..HOPS {
            let (found, row, data) = self.follow(id).await?.ok_or(SaveError::Ended)?;
            if found != *id {
                // Another request of this browser renewed it a moment ago.
                return Ok(found);
            }
            let new = SessionId::new(self.entropy.bytes());
            let (old_key, new_key) = (id.row_key(), new.row_key());
            let sealed = self.keys.seal(&self.entropy, SESSION, &new_key, &data);
            let pointer = self.keys.seal(&self.entropy, POINTER, &old_key, new.bytes());
            let now = millis(self.clock.now());
            let renewed = transaction!(&self.store, tx => {
                let moved = sqlx::query(
                    "UPDATE sessions SET key_id = $3, data = $4, moved = TRUE, ends = $5
                     WHERE key = $1 AND version = $2 AND NOT moved")
                    .bind(&old_key[..]).bind(row.version).bind(&pointer.key_id).bind(&pointer.blob)
                    .bind(now + span(HANDOVER))
                    .execute(&mut *tx).await?.rows_affected() == 1;
                if moved {
                    sqlx::query(INSERT)
                        .bind(&new_key[..]).bind(&sealed.key_id).bind(&sealed.blob)
                        .bind(row.version).bind(row.started).bind(now).bind(self.end(row.started, now))
                        .execute(&mut *tx).await?;
                }
                moved
            });
            if renewed {
                return Ok(new);
            }
        }
        Err(SaveError::Conflict)
    }

    /// Ends a session: its row is gone.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete(&self, id: &SessionId) -> Result<(), Error> {
        self.delete_row(&id.row_key()).await
    }

    /// Ends the session of that key.
    pub(super) async fn delete_row(&self, key: &[u8; 32]) -> Result<(), Error> {
        bury!(
            self,
            sqlx::query_as("DELETE FROM sessions WHERE key = $1 RETURNING key, key_id, data, moved")
                .bind(&key[..])
        );
        Ok(())
    }

    /// Deletes every ended session, `batch` rows at a time so that no lock is held for long.
    /// Answers how many.
    ///
    /// # Errors
    /// The database failed; what was deleted before stays deleted.
    pub async fn sweep(&self, batch: u32) -> Result<u64, Error> {
        let now = millis(self.clock.now());
        let mut deleted = 0;
        loop {
            let some =
                bury!(self, sqlx::query_as(
                "DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE ends <= $1 LIMIT $2)
                 RETURNING key, key_id, data, moved")
                .bind(now).bind(i64::from(batch)));
            deleted += some;
            if some < u64::from(batch.max(1)) {
                return Ok(deleted);
            }
        }
    }

    /// How many sessions have not ended.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self) -> Result<i64, Error> {
        let now = millis(self.clock.now());
        let (alive,): (i64,) = on_reader!(&self.store, db => sqlx::query_as(
            "SELECT COUNT(*) FROM sessions WHERE NOT moved AND ends > $1")
            .bind(now).fetch_one(db).await)?;
        Ok(alive)
    }

    /// The live session `id` leads to: its own id, its row, and what it holds.
    async fn follow(&self, id: &SessionId) -> Result<Option<(SessionId, Row, Vec<u8>)>, Error> {
        let mut id = id.clone();
        for _ in 0..HOPS {
            let key = id.row_key();
            let Some(row) = self.row(&key).await? else { return Ok(None) };
            let label = if row.moved { POINTER } else { SESSION };
            let Some(data) = self.keys.open(label, &key, &row.key_id, &row.data) else {
                if row.moved && self.keys.open(ASIDE, &key, &row.key_id, &row.data).is_some() {
                    return Ok(None);
                }
                tracing::warn!(key_id = row.key_id, "a session could not be decrypted");
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

    /// The journeys of rows that are being deleted. One that cannot be opened or read is nobody's any more.
    fn journeys_of(&self, buried: &[Buried]) -> Vec<Journey> {
        if self.targets.is_empty() && self.counting.is_none() {
            return Vec::new();
        }
        let journey = |row: &Buried| {
            let data = self.keys.open(SESSION, &row.key, &row.key_id, &row.data)?;
            super::visit::stored_journey(&data).map(|journey| *journey)
        };
        buried.iter().filter(|row| !row.moved).filter_map(journey).collect()
    }

    /// The live row of that key. One that has ended is deleted.
    pub(super) async fn row(&self, key: &[u8; 32]) -> Result<Option<Row>, Error> {
        let now = millis(self.clock.now());
        let row: Option<Row> = on_reader!(&self.store, db => sqlx::query_as(
            "SELECT key_id, data, moved, version, started, seen FROM sessions WHERE key = $1 AND ends > $2")
            .bind(&key[..]).bind(now).fetch_optional(db).await)?;
        if row.is_none() {
            // An id nobody gave out must not take the writer from others.
            let there: Option<(i64,)> = on_reader!(&self.store, db =>
                sqlx::query_as("SELECT started FROM sessions WHERE key = $1")
                    .bind(&key[..]).fetch_optional(db).await)?;
            if there.is_some() {
                // Boxed, as it is rare and large: it would be part of every future that loads a session.
                Box::pin(self.expire(key, now)).await?;
            }
        }
        Ok(row)
    }

    /// Deletes the row of that key, if it has ended by `now`.
    async fn expire(&self, key: &[u8; 32], now: i64) -> Result<(), Error> {
        bury!(
            self,
            sqlx::query_as(
                "DELETE FROM sessions WHERE key = $1 AND ends <= $2 RETURNING key, key_id, data, moved"
            )
            .bind(&key[..])
            .bind(now)
        );
        Ok(())
    }

    /// When a session that began at `started` and was used at `seen` ends.
    fn end(&self, started: i64, seen: i64) -> i64 {
        (seen + span(self.limits.idle)).min(started + span(self.limits.absolute))
    }
}

const INSERT: &str = "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends)
    VALUES ($1, $2, $3, FALSE, $4, $5, $6, $7)";

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;
    use crate::store::testing::{ManualClock, on_each_database};

    const MINUTE: Duration = Duration::from_secs(60);
    const LIMITS: Limits =
        Limits { idle: Duration::from_secs(30 * 60), absolute: Duration::from_secs(12 * 3600) };

    fn keys(byte: u8) -> KeyRing {
        KeyRing::parse([format!("k:{}", STANDARD.encode([byte; 32]))]).unwrap()
    }

    fn sessions(store: &Store, clock: &Clock) -> Sessions {
        Sessions::new(store.clone(), keys(1), clock.clone(), Entropy::system(), LIMITS)
    }

    async fn rows(store: &Store) -> i64 {
        let (rows,): (i64,) =
            on_reader!(store, db => sqlx::query_as("SELECT COUNT(*) FROM sessions").fetch_one(db).await)
                .unwrap();
        rows
    }

    #[tokio::test]
    async fn session_saved_is_loaded_and_stored_encrypted_without_its_id() {
        on_each_database(async |store| {
            let sessions = sessions(&store, &ManualClock::new().1);
            let (id, version) = sessions.create(b"canary one").await.unwrap();
            let second = sessions.save(&id, version, b"canary two").await.unwrap();
            let loaded = sessions.load(&id).await.unwrap().unwrap();
            assert_eq!(loaded.data, b"canary two");
            assert!(loaded.version == second && loaded.id == id);
            let (key, data): (Vec<u8>, Vec<u8>) =
                on_reader!(&store, db => sqlx::query_as("SELECT key, data FROM sessions").fetch_one(db).await)
                    .unwrap();
            assert!(key != id.bytes());
            assert!(!data.windows(6).any(|part| part == b"canary"));
        })
        .await;
    }

    #[tokio::test]
    async fn session_id_unknown_or_deleted_is_never_adopted() {
        on_each_database(async |store| {
            let sessions = sessions(&store, &ManualClock::new().1);
            let stranger = SessionId::new([9; 32]);
            assert!(sessions.load(&stranger).await.unwrap().is_none());
            assert!(matches!(sessions.save(&stranger, Version(1), b"x").await, Err(SaveError::Ended)));
            assert!(matches!(sessions.renew(&stranger).await, Err(SaveError::Ended)));
            let (id, version) = sessions.create(b"x").await.unwrap();
            sessions.delete(&id).await.unwrap();
            assert!(sessions.load(&id).await.unwrap().is_none());
            assert!(matches!(sessions.save(&id, version, b"y").await, Err(SaveError::Ended)));
            assert_eq!(rows(&store).await, 0);
        })
        .await;
    }

    #[tokio::test]
    async fn save_from_stale_version_is_a_conflict() {
        on_each_database(async |store| {
            let sessions = sessions(&store, &ManualClock::new().1);
            let (id, version) = sessions.create(b"0").await.unwrap();
            let race = (0..20).map(|_| {
                let (sessions, id) = (sessions.clone(), id.clone());
                tokio::spawn(async move { sessions.save(&id, version, b"1").await })
            });
            let saved = futures_util::future::join_all(race).await;
            let won = saved.iter().filter(|saved| saved.as_ref().unwrap().is_ok()).count();
            let lost =
                saved.iter().filter(|s| matches!(s.as_ref().unwrap(), Err(SaveError::Conflict))).count();
            assert_eq!((won, lost), (1, 19));
        })
        .await;
    }

    #[tokio::test]
    async fn session_row_with_wrong_key_or_from_another_row_is_not_opened() {
        on_each_database(async |store| {
            let clock = ManualClock::new().1;
            let ours = sessions(&store, &clock);
            let (one, _) = ours.create(b"one").await.unwrap();
            let (two, _) = ours.create(b"two").await.unwrap();
            let theirs = Sessions::new(store.clone(), keys(2), clock, Entropy::system(), LIMITS);
            assert!(theirs.load(&one).await.unwrap().is_none());
            on_writer!(&store, db => sqlx::query(
                "UPDATE sessions SET data = (SELECT data FROM sessions WHERE key = $1) WHERE key = $2")
                .bind(&one.row_key()[..]).bind(&two.row_key()[..]).execute(db).await.map(|_| ()))
            .unwrap();
            assert!(ours.load(&two).await.unwrap().is_none());
            assert_eq!(ours.load(&one).await.unwrap().unwrap().data, b"one");
        })
        .await;
    }

    #[tokio::test]
    async fn session_use_extends_idle_limit_but_not_absolute_limit() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let sessions = sessions(&store, &clock);
            let (id, mut version) = sessions.create(b"x").await.unwrap();
            let begun = clock.now();
            // 29 idle minutes at a time, 24 times: 11 hours and 36 minutes.
            for round in 0..24 {
                manual.forward(29 * MINUTE);
                let loaded = sessions.load(&id).await.unwrap().unwrap();
                assert_eq!((loaded.started, loaded.seen), (begun, clock.now()));
                if round % 2 == 0 {
                    version = sessions.save(&id, version, b"x").await.unwrap();
                }
            }
            manual.forward(24 * MINUTE);
            assert!(matches!(sessions.save(&id, version, b"y").await, Err(SaveError::Ended)));
            assert!(sessions.load(&id).await.unwrap().is_none());
            assert_eq!(rows(&store).await, 0);
        })
        .await;
    }

    #[tokio::test]
    async fn session_idle_past_limit_is_ended_and_deleted() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let sessions = sessions(&store, &clock);
            let (id, _) = sessions.create(b"x").await.unwrap();
            manual.forward(30 * MINUTE - Duration::from_millis(1));
            assert!(sessions.load(&id).await.unwrap().is_some());
            manual.forward(30 * MINUTE);
            assert!(sessions.load(&id).await.unwrap().is_none());
            assert_eq!(rows(&store).await, 0);
        })
        .await;
    }

    #[tokio::test]
    async fn rotated_id_resolves_to_new_session_for_a_minute_only() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let sessions = sessions(&store, &clock);
            let (old, version) = sessions.create(b"x").await.unwrap();
            let new = sessions.renew(&old).await.unwrap();
            assert!(new != old);
            // The double click, and a renewal asked for twice, find the same session.
            let found = sessions.load(&old).await.unwrap().unwrap();
            assert!(found.id == new && found.data == b"x" && found.version == version);
            assert!(sessions.renew(&old).await.unwrap() == new);
            assert!(matches!(sessions.save(&old, version, b"y").await, Err(SaveError::Conflict)));
            sessions.save(&new, version, b"y").await.unwrap();
            manual.forward(MINUTE);
            assert!(sessions.load(&old).await.unwrap().is_none());
            assert_eq!(sessions.load(&new).await.unwrap().unwrap().data, b"y");
            assert_eq!(rows(&store).await, 1);
        })
        .await;
    }

    #[tokio::test]
    async fn concurrent_id_rotations_create_one_new_session() {
        on_each_database(async |store| {
            let sessions = sessions(&store, &ManualClock::new().1);
            let (old, _) = sessions.create(b"x").await.unwrap();
            let race = (0..10).map(|_| {
                let (sessions, old) = (sessions.clone(), old.clone());
                tokio::spawn(async move { sessions.renew(&old).await.unwrap().to_cookie() })
            });
            let ids: std::collections::HashSet<_> =
                futures_util::future::join_all(race).await.into_iter().map(Result::unwrap).collect();
            assert_eq!((ids.len(), rows(&store).await), (1, 2));
        })
        .await;
    }

    #[tokio::test]
    async fn cleanup_deletes_ended_sessions_only() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let sessions = sessions(&store, &clock);
            for _ in 0..7 {
                sessions.create(b"x").await.unwrap();
            }
            manual.forward(20 * MINUTE);
            let (kept, _) = sessions.create(b"x").await.unwrap();
            assert_eq!(sessions.sweep(3).await.unwrap(), 0);
            manual.forward(10 * MINUTE);
            assert_eq!(sessions.sweep(3).await.unwrap(), 7);
            assert!(sessions.load(&kept).await.unwrap().is_some());
        })
        .await;
    }
}
