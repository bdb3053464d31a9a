//! Visits put aside: a session without a browser, to be taken up again with a one-time code, on whichever device.
//!
//! It is a row like any other, sealed anew under another name: the broom and the affiliate's targets treat it so, and it
//! ends where the absolute limit of its session does. The old cookie opens nothing. The code itself is never stored; a
//! copied table gives none.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{
    SaveError, SessionId, Sessions, Version,
    store::{ASIDE, HANDOVER, Row, SESSION},
};
use crate::store::{Durability, Error, millis, span, sql};

#[cfg(test)]
mod tests;

/// How often a code may be tried.
pub const TRIES: i64 = 5;

/// What the link of a visit put aside carries: 16 random bytes, only ever drawn by the server.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct ResumeCode([u8; 16]);

impl ResumeCode {
    /// Reads a code as it stands in a link; spaces around it are what pasting leaves. `None`: not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).ok()?);
        Some(Self(bytes.as_slice().try_into().ok()?))
    }

    /// As it stands in a link: 22 characters of base64url.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The key of the row. No cookie leads there: this is the hash of more than its 32 bytes.
    fn row_key(&self) -> [u8; 32] {
        Sha256::new().chain_update(b"resume code of a visit put aside").chain_update(self.0).finalize().into()
    }
}

/// One try to take a visit up.
pub struct Tried {
    /// What was put aside.
    pub data: Vec<u8>,
    /// How many more tries there are.
    pub left: i64,
}

impl Sessions {
    /// Puts the session aside as it was loaded at `version`, holding `data`. Its cookie opens nothing from now on.
    ///
    /// # Errors
    /// [`SaveError::Conflict`], [`SaveError::Ended`], or the database failed.
    pub async fn put_aside(
        &self,
        id: &SessionId,
        version: Version,
        data: &[u8],
    ) -> Result<ResumeCode, SaveError> {
        let code = ResumeCode(self.entropy.bytes());
        let (old_key, key) = (id.row_key(), code.row_key());
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data);
        let left = self.keys.seal(&self.entropy, ASIDE, &old_key, &key);
        let now = millis(self.clock.now());
        // Who has the link has nothing else: it survives a power cut.
        let moved = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<bool, Error> {
            let moved = sql!(tx,
                "UPDATE sessions SET key_id = $3, data = $4, moved = TRUE, ends = $5
                 WHERE key = $1 AND version = $2 AND NOT moved AND ends > $6",
                &old_key[..], version.0, &left.key_id, &left.blob, now + span(HANDOVER), now => execute)?;
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

    /// A new code for what the session `id` was put aside as less than a minute ago, and what it held: a browser that
    /// cancelled the first answer (a double click) has not seen its code, which is dead then. `None`: there is nothing,
    /// or somebody has tried the code.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_aside_again(&self, id: &SessionId) -> Result<Option<(ResumeCode, Vec<u8>)>, Error> {
        let old_key = id.row_key();
        let Some(left) = self.row(&old_key).await? else { return Ok(None) };
        let key = self.keys.open(ASIDE, &old_key, &left.key_id, &left.data);
        let Some(key) = key.and_then(|key| <[u8; 32]>::try_from(key).ok()) else { return Ok(None) };
        let Some(row) = self.row(&key).await? else { return Ok(None) };
        let Some(data) = self.keys.open(SESSION, &key, &row.key_id, &row.data) else { return Ok(None) };
        let code = ResumeCode(self.entropy.bytes());
        let new_key = code.row_key();
        let sealed = self.keys.seal(&self.entropy, SESSION, &new_key, &data);
        let left = self.keys.seal(&self.entropy, ASIDE, &old_key, &new_key);
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

    /// What was put aside under `code`; counts no try. `None`: there is nothing, or not any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn aside(&self, code: &ResumeCode) -> Result<Option<Vec<u8>>, Error> {
        let key = code.row_key();
        let row: Option<Row> = sql!(self.store.reader().await?,
            "SELECT key_id, data, moved, version, started, seen FROM sessions
             WHERE key = $1 AND ends > $2 AND tries < $3",
            &key[..], millis(self.clock.now()), TRIES => fetch_optional)?;
        Ok(row.and_then(|row| self.keys.open(SESSION, &key, &row.key_id, &row.data)))
    }

    /// Counts a try of `code`, before it is known to be right. `None`: there is nothing, or no try left.
    ///
    /// # Errors
    /// The database failed.
    pub async fn try_code(&self, code: &ResumeCode) -> Result<Option<Tried>, Error> {
        let key = code.row_key();
        let row: Option<(String, Vec<u8>, i64)> = sql!(self.store.writer().await?,
            "UPDATE sessions SET tries = tries + 1 WHERE key = $1 AND ends > $2 AND tries < $3
             RETURNING key_id, data, tries",
            &key[..], millis(self.clock.now()), TRIES => fetch_optional)?;
        Ok(row.and_then(|(key_id, data, tries)| {
            let data = self.keys.open(SESSION, &key, &key_id, &data)?;
            Some(Tried { data, left: TRIES - tries })
        }))
    }

    /// Makes what was put aside under `code` a session again, with a new id; its absolute limit stays. `None`: somebody
    /// else was quicker.
    ///
    /// # Errors
    /// The database failed.
    pub async fn take_up(&self, code: &ResumeCode, data: &[u8]) -> Result<Option<SessionId>, Error> {
        let id = SessionId::new(self.entropy.bytes());
        let (old_key, key) = (code.row_key(), id.row_key());
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

    /// Deletes what was put aside under `code`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn give_up(&self, code: &ResumeCode) -> Result<(), Error> {
        self.delete_row(&code.row_key(), None).await
    }
}
