//! Cleanup: ended sessions and old claims are deleted. A session's journey ends with it, stopped or abandoned, and its
//! postbacks are enqueued in the transaction that deletes the row.

use super::{RowKey, Sessions, store::SESSION};
use crate::{
    journey::Journey,
    ledger::endings,
    postback::Ending,
    store::{Durability, Error, Store, Tx, millis, sql},
};

/// A deleted row.
#[derive(sqlx::FromRow)]
pub(super) struct Deleted {
    key: Vec<u8>,
    key_id: String,
    data: Vec<u8>,
    moved: bool,
    confirmed: bool,
    journey: Option<String>,
}

impl Sessions {
    /// Deletes the row of that key, and the rows that ids of its journey left; where `ended_by` is given, only if the
    /// session has ended by then.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn delete_row(&self, key: &RowKey, ended_by: Option<i64>) -> Result<(), Error> {
        if let Some(now) = ended_by
            && self.keep(key, now).await?
        {
            return Ok(());
        }
        let ended = self.store.transaction(Durability::ProcessCrash, async |tx| {
            let rows: Vec<Deleted> = sql!(tx,
                "DELETE FROM sessions WHERE key = $1 AND ($2 IS NULL OR ends <= $2)
                 RETURNING key, key_id, data, moved, confirmed, journey",
                &key[..], ended_by => fetch_all)?;
            for journey in rows.iter().filter(|row| !row.moved).filter_map(|row| row.journey.as_ref()) {
                sql!(tx, "DELETE FROM sessions WHERE journey = $1 AND moved", journey => execute)?;
            }
            self.end_journeys(tx, &rows).await
        });
        self.count_ended(&ended.await?);
        Ok(())
    }

    /// Deletes every ended session, `batch` rows at a time so that no lock is held for long.
    /// Returns how many.
    ///
    /// # Errors
    /// The database failed; what was deleted before stays deleted.
    pub async fn cleanup(&self, batch: u32) -> Result<u64, Error> {
        let now = millis(self.clock.now());
        self.keep_all(batch, now).await?;
        let mut deleted = 0;
        loop {
            let some = self.store.transaction(Durability::ProcessCrash, async |tx| {
                let rows: Vec<Deleted> = sql!(tx,
                    "DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE ends <= $1 LIMIT $2)
                     RETURNING key, key_id, data, moved, confirmed, journey",
                    now, i64::from(batch) => fetch_all)?;
                Ok::<_, Error>((rows.len() as u64, self.end_journeys(tx, &rows).await?))
            });
            let (some, ended) = some.await?;
            self.count_ended(&ended);
            deleted += some;
            if some < u64::from(batch.max(1)) {
                self.recount().await?;
                return Ok(deleted);
            }
        }
    }

    /// Keeps the session of that key, if it has timed out by `now`: for its person, who is reminded, or for who comes back to
    /// it. Returns whether it is kept.
    async fn keep(&self, key: &RowKey, now: i64) -> Result<bool, Error> {
        Ok(self.remind(key, now).await? || self.retain(key, now).await?)
    }

    /// Keeps all sessions that have timed out by `now` and may be kept, `batch` rows at a time.
    async fn keep_all(&self, batch: u32, now: i64) -> Result<(), Error> {
        if self.reminders.is_none() && !self.keep_timed_out {
            return Ok(());
        }
        let mut last = Vec::new();
        loop {
            let keys: Vec<(Vec<u8>,)> = sql!(self.store.reader().await?,
                "SELECT key FROM sessions WHERE key > $1 AND ends <= $2 AND NOT moved AND answered AND tries IS NULL
                 ORDER BY key LIMIT $3",
                &last[..], now, i64::from(batch.max(1)) => fetch_all)?;
            let Some((end,)) = keys.last() else { return Ok(()) };
            last.clone_from(end);
            for (key,) in keys {
                if let Ok(key) = key.try_into() {
                    self.keep(&key, now).await?;
                }
            }
        }
    }

    /// Enqueues the postbacks of the journeys that end with `rows`. Returns those that are abandoned and those that are
    /// links alone, to be counted once the transaction is committed. A journey in which nobody has posted a form has no postback:
    /// a link alone began it, which a program may have followed.
    pub(super) async fn end_journeys(
        &self,
        tx: &mut Tx<'_>,
        rows: &[Deleted],
    ) -> Result<Vec<Journey>, Error> {
        let mut ended = Vec::new();
        for journey in self.journeys_of(rows) {
            let abandoned = self.end_journey(tx, &journey).await? && !journey.was_abandoned();
            if abandoned || journey.is_link_alone() {
                ended.push(journey);
            }
        }
        Ok(ended)
    }

    /// Enqueues the postbacks of a `journey` that ends. Returns whether it is abandoned.
    pub(super) async fn end_journey(&self, tx: &mut Tx<'_>, journey: &Journey) -> Result<bool, Error> {
        self.note_left(tx, journey).await?;
        let ending = if journey.ending.is_some() { Ending::Stopped } else { Ending::Abandoned };
        if ending == Ending::Abandoned && !journey.has_posted() {
            return Ok(false);
        }
        // A stop was mostly posted when it was met; the outbox takes each ending once.
        let rows = self.pending_postbacks(journey, ending);
        Ok(endings::record(tx, &journey.id, ending, &rows).await? && ending == Ending::Abandoned)
    }

    /// The journeys of deleted rows; a session whose cookie never came back has none. One that cannot be decrypted or
    /// read ends without postbacks.
    fn journeys_of(&self, rows: &[Deleted]) -> Vec<Journey> {
        if self.targets.is_empty() && self.funnel.is_none() {
            return Vec::new();
        }
        let journey = |row: &Deleted| {
            let data = self.keys.open(SESSION, &row.key, &row.key_id, &row.data)?;
            // How a journey ended that only a newer version can read, is that version's to say.
            let journey = super::stored_journey(std::str::from_utf8(&data).ok()?)?;
            (!journey.is_withheld()).then_some(*journey)
        };
        rows.iter().filter(|row| !row.moved && row.confirmed).filter_map(journey).collect()
    }
}

/// Deletes every session and every journey saved for later in `store`, without a count or a postback: the database was
/// restored from a backup, and what they led to since is not known. Returns how many there were.
///
/// # Errors
/// Any [`Error`].
pub async fn delete_all(store: &Store) -> Result<u64, Error> {
    sql!(store.writer().await?, "DELETE FROM sessions" => execute)
}

/// Deletes the session of `journey`, if there is one, and what was saved of it for later, without a count or a postback: the
/// person has asked for it. Returns how many rows there were.
///
/// # Errors
/// Any [`Error`].
pub async fn delete_journey(store: &Store, journey: &str) -> Result<u64, Error> {
    sql!(store.writer().await?, "DELETE FROM sessions WHERE journey = $1", journey => execute)
}
