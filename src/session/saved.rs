//! Saved journeys: a session without a browser, to be resumed with a one-time code, on whichever device.
//!
//! It is a row like any other, sealed anew under another key: cleanup and postbacks treat it as such, and it
//! ends when the absolute limit of its session does. The old cookie opens nothing. The code itself is never stored; a
//! copied table contains none.

use super::{
    JourneySession, ResumeCode, RowKey, SessionError, SessionId, Sessions,
    journey_session::{ATTEMPTS, Stored, UnknownCookie, serialized, stored_journey},
    sealed_store::SealedStore,
    store::{Loaded, Row, SAVED, SESSION, SUCCESSOR},
    successor::Successor,
};
use crate::{
    journey::Journey,
    store::{Durability, Error, millis, span, sql},
};

#[cfg(test)]
mod tests;

/// How often a code may be tried.
pub const TRIES: i64 = 5;

impl Sessions {
    /// Saves the session for later as it was loaded at `row`, holding `data`. Its cookie opens nothing from now on.
    ///
    /// # Errors
    /// [`SessionError::Conflict`], [`SessionError::Ended`], or the database failed.
    async fn save_for_later(&self, row: &Row, data: &str) -> Result<ResumeCode, SessionError> {
        let code = ResumeCode::new(&self.entropy);
        let key = code.row_key(&self.keys);
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data.as_bytes());
        let left = self.keys.seal(&self.entropy, SAVED, &row.key, &key);
        let now = millis(self.clock.now());
        // The link is all the person has left: the row must survive a power loss.
        let moved = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<bool, Error> {
            let moved = sql!(tx,
                "UPDATE sessions SET key_id = $3, data = $4, moved = TRUE, ends = started + $5
                 WHERE key = $1 AND version = $2 AND NOT moved AND ends > $6",
                &row.key[..], row.version, &left.key_id, &left.blob, span(self.limits.absolute), now => execute)?;
            if moved == 1 {
                sql!(tx,
                    "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends, tries, journey,
                         network, wide_network)
                     SELECT $2, $3, $4, FALSE, version + 1, started, $5, started + $6, 0, journey, network, wide_network
                     FROM sessions WHERE key = $1",
                    &row.key[..], &key[..], &sealed.key_id, &sealed.blob, now, span(self.limits.absolute) => execute)?;
            }
            Ok(moved == 1)
        });
        if moved.await? {
            return Ok(code);
        }
        let there = self.stored(&row.key).await?.is_some_and(|row| !row.moved);
        Err(if there { SessionError::Conflict } else { SessionError::Ended })
    }

    /// A new code for the session `id` that was saved, and what it held: a browser whose response was lost has not seen
    /// its code, which is invalid then. `None`: there is nothing, or the code has been tried.
    ///
    /// # Errors
    /// The database failed.
    async fn save_for_later_again(&self, id: &SessionId) -> Result<Option<(ResumeCode, String)>, Error> {
        let old_key = id.row_key();
        let Some(left) = self.stored(&old_key).await? else { return Ok(None) };
        let key = self.keys.open(SAVED, &old_key, &left.key_id, &left.data);
        let Some(key) = key.and_then(|key| RowKey::try_from(key).ok()) else { return Ok(None) };
        let Some(found) = self.stored(&key).await?.and_then(|row| self.open(&row)) else { return Ok(None) };
        let code = ResumeCode::new(&self.entropy);
        let new_key = code.row_key(&self.keys);
        let sealed = self.keys.seal(&self.entropy, SESSION, &new_key, found.journey.as_bytes());
        let left = self.keys.seal(&self.entropy, SAVED, &old_key, &new_key);
        let again = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<bool, Error> {
            let again = sql!(tx,
                "UPDATE sessions SET key = $2, key_id = $3, data = $4
                 WHERE key = $1 AND version = $5 AND tries = 0 AND NOT moved",
                &key[..], &new_key[..], &sealed.key_id, &sealed.blob, found.row.version => execute)?;
            if again == 1 {
                sql!(tx, "UPDATE sessions SET key_id = $2, data = $3 WHERE key = $1 AND moved",
                    &old_key[..], &left.key_id, &left.blob => execute)?;
            }
            Ok(again == 1)
        });
        let again = again.await?;
        Ok(again.then_some((code, found.journey)))
    }

    /// The journey saved under `code`, as JSON, without counting an attempt. `None`: there is nothing, or not any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn saved(&self, code: &ResumeCode) -> Result<Option<String>, Error> {
        Ok(match self.resumable(code).await? {
            Some(Resumable::Saved(found) | Resumable::Resumed(_, found)) => Some(found.journey),
            None => None,
        })
    }

    /// Counts an attempt with `code`, before its answer is checked. Returns how many are left; `None`: there is nothing,
    /// or there was none left.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_attempt(&self, code: &ResumeCode) -> Result<Option<i64>, Error> {
        self.count_attempt_at(&self.key_of(code).await?).await
    }

    /// The same for the row of that key.
    pub(super) async fn count_attempt_at(&self, key: &RowKey) -> Result<Option<i64>, Error> {
        let tries: Option<(i64,)> = sql!(self.store.writer().await?,
            "UPDATE sessions SET tries = tries + 1 WHERE key = $1 AND ends > $2 AND tries < $3 RETURNING tries",
            &key[..], millis(self.clock.now()), TRIES => fetch_optional)?;
        Ok(tries.map(|(tries,)| TRIES - tries))
    }

    /// Makes what was saved under `code` a session again, with a new id; its absolute limit stays, unless it counts as
    /// `begun` at another time. The code leads to this one session until its cookie has been returned. `None`: it has been, or there is nothing.
    ///
    /// # Errors
    /// The database failed, or others changed it at each try.
    async fn resume(
        &self,
        code: &ResumeCode,
        begun: Option<i64>,
    ) -> Result<Option<(SessionId, Row)>, SessionError> {
        for _ in 0..ATTEMPTS {
            match self.resumable(code).await? {
                None => return Ok(None),
                Some(Resumable::Resumed(id, found)) => return Ok(Some((id, found.row))),
                Some(Resumable::Saved(Loaded { mut row, journey })) => {
                    row.started = begun.unwrap_or(row.started);
                    if let Some(resumed) = self.replace_id(&row, &journey).await? {
                        return Ok(Some(resumed));
                    }
                }
            }
        }
        Err(SessionError::Conflict)
    }

    async fn resumable(&self, code: &ResumeCode) -> Result<Option<Resumable>, Error> {
        let key = self.key_of(code).await?;
        let Some(stored) = self.stored(&key).await? else { return Ok(None) };
        if stored.tries.is_none_or(|tries| tries > TRIES) {
            return Ok(None);
        }
        if !stored.moved {
            return Ok(self.open(&stored).map(Resumable::Saved));
        }
        let id = self.keys.open(SUCCESSOR, &key, &stored.key_id, &stored.data);
        let Some(Ok(id)) = id.map(|id| id.try_into().map(SessionId::from_bytes)) else { return Ok(None) };
        let next = self.stored(&id.row_key()).await?.filter(|row| !row.used);
        Ok(next.and_then(|row| self.open(&row)).map(|found| Resumable::Resumed(id, found)))
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
    async fn key_of(&self, code: &ResumeCode) -> Result<RowKey, Error> {
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

/// What a code leads to.
enum Resumable {
    /// The journey as it was saved.
    Saved(Loaded),
    /// The session it was made, whose cookie no browser has returned yet.
    Resumed(SessionId, Loaded),
}

impl JourneySession {
    /// Saves the newest state for later, if `may` allows it; the response deletes the cookie. `None`: it does not.
    ///
    /// # Errors
    /// Every kind.
    pub async fn save_for_later(
        &mut self,
        may: impl Fn(&Journey) -> bool,
    ) -> Result<Option<ResumeCode>, SessionError> {
        for _ in 0..ATTEMPTS {
            let row = match &self.stored {
                Some(stored) => stored.store.row().await,
                None => None,
            };
            let Some(row) = row else { return Err(SessionError::Ended) };
            if !may(&self.journey) {
                return Ok(None);
            }
            match self.sessions.save_for_later(&row, &serialized(&self.journey.to_store())?).await {
                Err(SessionError::Conflict) => self.refresh().await?,
                Err(error) => return Err(error),
                Ok(code) => {
                    self.stored = None;
                    // The cookie stays, and one that this request has made is set: should this response be lost, it leads
                    // to another code.
                    self.unknown_cookie = Some(UnknownCookie { id: None, became: Successor::Saved });
                    return Ok(Some(code));
                }
            }
        }
        Err(SessionError::Conflict)
    }

    /// A new code for the journey that this browser saved, when it has not seen the response with the first code and
    /// nobody has tried that. `None`: there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn save_for_later_again(&mut self) -> Result<Option<ResumeCode>, SessionError> {
        let Some(id) = self.unknown_cookie.as_ref().and_then(|cookie| cookie.id.as_ref()) else {
            return Ok(None);
        };
        let Some((code, text)) = self.sessions.save_for_later_again(id).await? else { return Ok(None) };
        match stored_journey(&text) {
            Some(journey) if journey.site == self.journey.site => {
                self.journey = journey;
                Ok(Some(code))
            }
            _ => Ok(None),
        }
    }

    /// Resumes the journey saved under `code`, in place of the session this browser had. Once more, when the response was
    /// lost, it leads to the same session. False: another browser has resumed it.
    ///
    /// # Errors
    /// [`SessionError::Ended`], or the database failed.
    pub async fn resume(&mut self, code: &ResumeCode) -> Result<bool, SessionError> {
        self.resume_as_begun(code, None).await
    }

    /// The same, of a session that counts as `begun` at another time.
    pub(super) async fn resume_as_begun(
        &mut self,
        code: &ResumeCode,
        begun: Option<i64>,
    ) -> Result<bool, SessionError> {
        let Some((id, row)) = self.sessions.resume(code, begun).await? else { return Ok(false) };
        let before = self.stored.take();
        self.journey.submission = None;
        if !self.reload(Stored::new(SealedStore::at(&self.sessions, row), id.library())).await? {
            return Err(SessionError::Ended);
        }
        (self.cookie_to_set, self.unknown_cookie) = (Some(id), None);
        if let Some(before) = before {
            before.done(before.session.delete().await).await?;
        }
        Ok(true)
    }
}
