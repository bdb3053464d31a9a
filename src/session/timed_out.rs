//! Sessions that have timed out with answers worth keeping: where the setting says so, they are put aside instead of
//! deleted, from the moment a birth date is given, for who gives it again in the same browser within the absolute limit.
//!
//! The row stays under its key, the hash of the cookie's id, but is sealed under a label of its own: the cookie alone
//! opens nothing, on no server. The journey counts as abandoned from then on, and the end of its row says nothing again.

use super::{
    JourneySession, RowKey, SessionError, SessionId, Sessions,
    journey_session::{Stored, serialized, stored_journey},
    sealed_store::SealedStore,
    store::{Loaded, SESSION, StoredRow},
    successor::Successor,
};
use crate::{
    fields::BirthDate,
    journey::ResumeChallenge,
    store::{Durability, Error, span, sql},
};

/// The label of what is encrypted in a row that was put aside.
const TIMED_OUT: &str = "session timed out";

/// What became of an attempt to resume.
pub enum ResumeAttempt {
    /// The session goes on, under a new id.
    Resumed,
    /// The birth date was another; so many attempts are left.
    Wrong(i64),
    /// There is nothing to resume, or not any more.
    Gone,
}

impl Sessions {
    /// The same sessions, which are put aside when they time out (`session.keep_timed_out`).
    pub fn with_timed_out_kept(self, keep: bool) -> Self {
        Self { keep_timed_out: keep, ..self }
    }

    /// Puts the session of that key aside, if it has timed out by `now` and may be kept. Returns whether it was.
    pub(super) async fn retain(&self, key: &RowKey, now: i64) -> Result<bool, Error> {
        if !self.keep_timed_out {
            return Ok(false);
        }
        let row: Option<(String, Vec<u8>, i64)> = sql!(self.store.reader().await?,
            "SELECT key_id, data, version FROM sessions
             WHERE key = $1 AND ends <= $2 AND started + $3 > $2 AND NOT moved AND confirmed AND tries IS NULL",
            &key[..], now, span(self.limits.absolute) => fetch_optional)?;
        let Some((key_id, data, version)) = row else { return Ok(false) };
        let text = self.keys.open(SESSION, key, &key_id, &data).and_then(|data| String::from_utf8(data).ok());
        let journey =
            text.and_then(|text| stored_journey(&text)).filter(|journey| journey.may_be_put_aside());
        let Some(mut journey) = journey else { return Ok(false) };
        let abandoned = !journey.mark_abandoned();
        let Ok(text) = serialized(&*journey) else { return Ok(false) };
        let sealed = self.keys.seal(&self.entropy, TIMED_OUT, key, text.as_bytes());
        let kept = self.store.transaction(Durability::ProcessCrash, async |tx| -> Result<_, Error> {
            let kept = sql!(tx,
                "UPDATE sessions SET key_id = $3, data = $4, version = version + 1, tries = 0, ends = started + $5,
                     network = NULL, wide_network = NULL
                 WHERE key = $1 AND version = $2 AND ends <= $6 AND NOT moved AND tries IS NULL",
                &key[..], version, &sealed.key_id, &sealed.blob, span(self.limits.absolute), now => execute)?;
            Ok((kept == 1, kept == 1 && abandoned && self.end_journey(tx, &journey).await?))
        });
        let (kept, abandoned) = kept.await?;
        if abandoned {
            self.count_ended(&[*journey]);
        }
        Ok(kept)
    }

    /// The session in a row that was put aside. `None`: the row is another, or cannot be decrypted.
    pub(super) fn open_timed_out(&self, stored: &StoredRow) -> Option<Loaded> {
        stored.tries.and_then(|_| self.open_as(TIMED_OUT, stored))
    }

    async fn timed_out(&self, id: &SessionId) -> Result<Option<Loaded>, Error> {
        let stored = self.stored(&id.row_key()).await?;
        Ok(stored.and_then(|stored| self.open_timed_out(&stored)))
    }
}

impl JourneySession {
    /// Whether the request has the cookie of a session that was put aside when it timed out.
    pub fn was_put_aside(&self) -> bool {
        self.timed_out_id().is_some()
    }

    fn timed_out_id(&self) -> Option<&SessionId> {
        self.unknown_cookie
            .as_ref()
            .filter(|cookie| matches!(cookie.became, Successor::TimedOut))?
            .id
            .as_ref()
    }

    /// Resumes the session that was put aside when it timed out, if `given` is its birth date. Each call counts as an
    /// attempt, before the answer is compared; after the last one the session is deleted.
    ///
    /// # Errors
    /// [`SessionError::Ended`], or the database failed.
    pub async fn resume_timed_out(&mut self, given: BirthDate) -> Result<ResumeAttempt, SessionError> {
        let Some(id) = self.timed_out_id().cloned() else { return Ok(ResumeAttempt::Gone) };
        let key = id.row_key();
        let Some(left) = self.sessions.count_attempt_at(&key).await? else { return Ok(ResumeAttempt::Gone) };
        let Some(found) = self.sessions.timed_out(&id).await? else { return Ok(ResumeAttempt::Gone) };
        let right = stored_journey(&found.journey).is_some_and(|journey| {
            journey.site == self.journey.site
                && journey.resume_challenge() == ResumeChallenge::BirthDate(given)
        });
        if !right {
            if left == 0 {
                self.sessions.delete_row(&key, None).await?;
            }
            return Ok(ResumeAttempt::Wrong(left));
        }
        let resumed = self.sessions.replace_id(&found.row, &found.journey).await?;
        let Some((new, row)) = resumed else { return Ok(ResumeAttempt::Gone) };
        if !self.reload(Stored::new(SealedStore::at(&self.sessions, row), new.library())).await? {
            return Err(SessionError::Ended);
        }
        (self.cookie_to_set, self.unknown_cookie) = (Some(new), None);
        Ok(ResumeAttempt::Resumed)
    }

    /// Deletes the session that was put aside when it timed out, if the request has the cookie of one.
    pub(super) async fn delete_timed_out(&self) -> Result<(), Error> {
        match self.timed_out_id() {
            Some(id) => self.sessions.delete_row(&id.row_key(), None).await,
            None => Ok(()),
        }
    }
}
