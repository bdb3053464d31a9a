//! Saved journeys: a session without a browser, to be resumed with a one-time code, on whichever device.
//!
//! It is a row like any other, sealed anew under another key: cleanup and postbacks treat it as such, and it
//! ends when the absolute limit of its session does. The old cookie opens nothing. The code itself is never stored; a
//! copied table contains none.

use super::{
    ResumeCode, SaveError, SessionId, Sessions, Version,
    store::{GRACE_PERIOD, Row, SAVED, SESSION},
};
use crate::store::{Durability, Error, millis, span, sql};

#[cfg(test)]
mod tests;

/// How often a code may be tried.
pub const TRIES: i64 = 5;

/// One try to resume a journey.
pub struct Attempt {
    /// What was saved.
    pub data: Vec<u8>,
    /// How many tries are left.
    pub left: i64,
}

impl Sessions {
    /// Saves the session for later as it was loaded at `version`, holding `data`. Its cookie opens nothing from now on.
    ///
    /// # Errors
    /// [`SaveError::Conflict`], [`SaveError::Ended`], or the database failed.
    pub async fn save_for_later(
        &self,
        id: &SessionId,
        version: Version,
        data: &[u8],
    ) -> Result<ResumeCode, SaveError> {
        let code = ResumeCode::new(&self.entropy);
        let (old_key, key) = (id.row_key(), code.row_key(&self.keys));
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data);
        let left = self.keys.seal(&self.entropy, SAVED, &old_key, &key);
        let now = millis(self.clock.now());
        // The link is all the person has left: the row must survive a power loss.
        let moved = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<bool, Error> {
            let moved = sql!(tx,
                "UPDATE sessions SET key_id = $3, data = $4, moved = TRUE, ends = $5
                 WHERE key = $1 AND version = $2 AND NOT moved AND ends > $6",
                &old_key[..], version.0, &left.key_id, &left.blob, now + span(GRACE_PERIOD), now => execute)?;
            if moved == 1 {
                sql!(tx,
                    "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends, tries)
                     SELECT $2, $3, $4, FALSE, version + 1, started, $5, started + $6, 0
                     FROM sessions WHERE key = $1",
                    &old_key[..], &key[..], &sealed.key_id, &sealed.blob, now, span(self.limits.absolute) => execute)?;
            }
            Ok(moved == 1)
        });
        let moved = moved.await?;
        if moved {
            return Ok(code);
        }
        let there = self.row(&old_key).await?.is_some_and(|row| !row.moved);
        Err(if there { SaveError::Conflict } else { SaveError::Ended })
    }

    /// A new code for the session `id` that was saved less than a minute ago, and what it held: a browser that
    /// canceled the first request (a double click) has not seen its code, which is invalid then. `None`: there is
    /// nothing, or the code has been tried.
    ///
    /// # Errors
    /// The database failed.
    pub async fn save_for_later_again(&self, id: &SessionId) -> Result<Option<(ResumeCode, Vec<u8>)>, Error> {
        let old_key = id.row_key();
        let Some(left) = self.row(&old_key).await? else { return Ok(None) };
        let key = self.keys.open(SAVED, &old_key, &left.key_id, &left.data);
        let Some(key) = key.and_then(|key| <[u8; 32]>::try_from(key).ok()) else { return Ok(None) };
        let Some(row) = self.row(&key).await? else { return Ok(None) };
        let Some(data) = self.keys.open(SESSION, &key, &row.key_id, &row.data) else { return Ok(None) };
        let code = ResumeCode::new(&self.entropy);
        let new_key = code.row_key(&self.keys);
        let sealed = self.keys.seal(&self.entropy, SESSION, &new_key, &data);
        let left = self.keys.seal(&self.entropy, SAVED, &old_key, &new_key);
        let again = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<bool, Error> {
            let again = sql!(tx,
                "UPDATE sessions SET key = $2, key_id = $3, data = $4 WHERE key = $1 AND tries = 0",
                &key[..], &new_key[..], &sealed.key_id, &sealed.blob => execute)?;
            if again == 1 {
                sql!(tx, "UPDATE sessions SET key_id = $2, data = $3 WHERE key = $1 AND moved",
                    &old_key[..], &left.key_id, &left.blob => execute)?;
            }
            Ok(again == 1)
        });
        let again = again.await?;
        Ok(again.then_some((code, data)))
    }

    /// What was saved under `code`, without counting a try. `None`: there is nothing, or not any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn saved(&self, code: &ResumeCode) -> Result<Option<Vec<u8>>, Error> {
        let key = self.key_of(code).await?;
        let row: Option<Row> = sql!(self.store.reader().await?,
            "SELECT key_id, data, moved, version, started, seen FROM sessions
             WHERE key = $1 AND ends > $2 AND tries < $3",
            &key[..], millis(self.clock.now()), TRIES => fetch_optional)?;
        Ok(row.and_then(|row| self.keys.open(SESSION, &key, &row.key_id, &row.data)))
    }

    /// Counts a try of `code`, before its answer is checked. `None`: there is nothing, or no try left.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_attempt(&self, code: &ResumeCode) -> Result<Option<Attempt>, Error> {
        let key = self.key_of(code).await?;
        let row: Option<(String, Vec<u8>, i64)> = sql!(self.store.writer().await?,
            "UPDATE sessions SET tries = tries + 1 WHERE key = $1 AND ends > $2 AND tries < $3
             RETURNING key_id, data, tries",
            &key[..], millis(self.clock.now()), TRIES => fetch_optional)?;
        Ok(row.and_then(|(key_id, data, tries)| {
            let data = self.keys.open(SESSION, &key, &key_id, &data)?;
            Some(Attempt { data, left: TRIES - tries })
        }))
    }

    /// Makes what was saved under `code` a session again, with a new id; its absolute limit stays. `None`: another request
    /// has resumed it first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resume(&self, code: &ResumeCode, data: &[u8]) -> Result<Option<SessionId>, Error> {
        let id = SessionId::new(self.entropy.bytes());
        let (old_key, key) = (self.key_of(code).await?, id.row_key());
        let now = millis(self.clock.now());
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data);
        let taken = sql!(self.store.writer().await?,
            "UPDATE sessions SET key = $2, key_id = $3, data = $4, tries = NULL, seen = $5,
                 ends = CASE WHEN started + $6 < $5 + $7 THEN started + $6 ELSE $5 + $7 END
             WHERE key = $1 AND ends > $5 AND tries IS NOT NULL",
            &old_key[..], &key[..], &sealed.key_id, &sealed.blob,
            now, span(self.limits.absolute), span(self.limits.idle) => execute)?;
        Ok((taken == 1).then_some(id))
    }

    /// Deletes what was saved under `code`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn discard(&self, code: &ResumeCode) -> Result<(), Error> {
        self.delete_row(&self.key_of(code).await?, None).await
    }

    /// The key of the row of `code`. A code is found also after a newer session key was put in front of the one it was
    /// saved under.
    async fn key_of(&self, code: &ResumeCode) -> Result<[u8; 32], Error> {
        for key in code.older_row_keys(&self.keys) {
            let there: Option<(i64,)> = sql!(self.store.reader().await?,
                "SELECT started FROM sessions WHERE key = $1", &key[..] => fetch_optional)?;
            if there.is_some() {
                return Ok(key);
            }
        }
        Ok(code.row_key(&self.keys))
    }
}
