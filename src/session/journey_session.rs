//! The session of one request with its journey, loaded from its encrypted row and saved by compare-and-swap.
//!
//! A browser without a session has an empty journey; a row exists only from the first [`JourneySession::change`] on.
//! Changes are closures over the journey, so that a change that lost a race is applied again to the newer state.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{CookieKind, Error, ResumeCode, SaveError, SessionId, Sessions, Version};
use crate::{
    entropy::Entropy,
    fields::Language,
    journey::{Journey, Site},
};

#[cfg(test)]
mod tests;

/// How often a change is applied to ever newer states before it fails.
const ATTEMPTS: usize = 8;

/// Why a session could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The session has ended since: left, timed out, or deleted.
    #[error("the session has ended")]
    Ended,
    /// Other requests changed it at each try.
    #[error("the session was changed by another request")]
    Conflict,
    /// The journey cannot be serialized: a defect of this program, which a retry does not mend.
    #[error("the journey cannot be serialized")]
    Unserializable(#[source] serde_json::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<SaveError> for SessionError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Conflict => Self::Conflict,
            SaveError::Ended => Self::Ended,
            SaveError::Store(error) => Self::Store(error),
        }
    }
}

/// One browser's journey.
pub struct JourneySession {
    sessions: Sessions,
    current: Option<(SessionId, Version)>,
    /// The id that the response sets as a cookie, because it is new or has changed.
    cookie_to_set: Option<SessionId>,
    /// The request has the cookie of a session that has ended.
    ended: bool,
    /// The id of that session.
    unknown_cookie: Option<SessionId>,
    /// The journey as last loaded or saved. Boxed: a session is moved through every layer of a request.
    pub journey: Box<Journey>,
}

impl JourneySession {
    /// Loads the session of the cookie in `headers`. Where there is none, `journey` makes a fresh one, at the site of the
    /// request; an id that is not known, or is another site's, is never adopted.
    ///
    /// # Errors
    /// The database failed.
    pub async fn load(
        sessions: &Sessions,
        cookie: CookieKind,
        headers: &HeaderMap,
        journey: impl FnOnce() -> Journey,
    ) -> Result<Self, Error> {
        let mut session = Self::absent(sessions, journey());
        let Some(id) = cookie.read(headers) else { return Ok(session) };
        session.ended = true;
        let Some(id) = SessionId::from_cookie(&id) else { return Ok(session) };
        if session.reload(&id).await? {
            session.ended = false;
        } else {
            session.unknown_cookie = Some(id);
        }
        Ok(session)
    }

    /// The session of a browser that has none.
    pub fn absent(sessions: &Sessions, journey: Journey) -> Self {
        let journey = Box::new(journey);
        Self {
            sessions: sessions.clone(),
            current: None,
            cookie_to_set: None,
            ended: false,
            unknown_cookie: None,
            journey,
        }
    }

    /// Whether the request has the cookie of a session that has ended.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether a session row exists.
    pub fn has_session(&self) -> bool {
        self.current.is_some()
    }

    async fn reload(&mut self, id: &SessionId) -> Result<bool, Error> {
        let Some(loaded) = self.sessions.load(id).await? else { return Ok(false) };
        let Some(journey) = stored_journey(&loaded.data) else {
            // Written by a version whose journey this one cannot read: it starts anew rather than half understood.
            tracing::warn!("session: stored journey cannot be read");
            return Ok(false);
        };
        if journey.site != self.journey.site {
            tracing::warn!("session: cookie belongs to another site");
            return Ok(false);
        }
        if loaded.id != *id {
            self.cookie_to_set = Some(loaded.id.clone());
        }
        self.current = Some((loaded.id, loaded.version));
        let submission = self.journey.submission.take();
        self.journey = journey;
        self.journey.submission = submission;
        Ok(true)
    }

    /// Loads what other requests have saved since.
    ///
    /// # Errors
    /// [`SessionError::Ended`], or the database failed.
    pub async fn refresh(&mut self) -> Result<(), SessionError> {
        let Some((id, _)) = self.current.clone() else { return Ok(()) };
        if self.reload(&id).await? { Ok(()) } else { Err(SessionError::Ended) }
    }

    /// Applies `change` and saves, unless another request has saved since: then nothing is changed.
    ///
    /// # Errors
    /// [`SessionError::Conflict`] in that case, and every other kind.
    pub async fn try_change(&mut self, change: impl FnOnce(&mut Journey)) -> Result<(), SessionError> {
        let mut journey = self.journey.clone();
        change(&mut journey);
        if journey == self.journey && self.current.is_some() {
            return Ok(());
        }
        let events = self.sessions.unrecorded_events(&mut journey);
        let data = serialized(&journey.to_store())?;
        match &mut self.current {
            Some((id, version)) => *version = self.sessions.save(id, *version, &data).await?,
            None => {
                let (id, version) = self.sessions.create(&data).await?;
                self.cookie_to_set = Some(id.clone());
                self.current = Some((id, version));
            }
        }
        let stopped = journey.ending.is_some() && self.journey.ending.is_none();
        self.journey = journey;
        self.sessions.record_events(&self.journey, &events);
        if stopped {
            self.sessions.journey_stopped(&self.journey).await;
        }
        Ok(())
    }

    /// Applies `change` to the newest state and saves.
    ///
    /// # Errors
    /// Every kind; [`SessionError::Conflict`] only after several tries.
    pub async fn change(&mut self, change: impl Fn(&mut Journey)) -> Result<(), SessionError> {
        for _ in 0..ATTEMPTS {
            match self.try_change(&change).await {
                Err(SessionError::Conflict) => self.refresh().await?,
                other => return other,
            }
        }
        Err(SessionError::Conflict)
    }

    /// Gives the session a new id, which the response sets as a cookie. The old id leads to the session for a minute.
    ///
    /// # Errors
    /// [`SessionError::Ended`], [`SessionError::Conflict`], or the database failed.
    pub async fn rotate_id(&mut self) -> Result<(), SessionError> {
        let Some((id, _)) = &self.current else { return Ok(()) };
        let new = self.sessions.rotate_id(id).await?;
        self.reload(&new).await?;
        self.cookie_to_set = Some(new);
        Ok(())
    }

    /// Deletes the session with its journey.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete(&mut self) -> Result<(), SessionError> {
        if let Some((id, _)) = self.current.take() {
            self.sessions.delete(&id).await?;
        }
        self.cookie_to_set = None;
        self.ended = true;
        Ok(())
    }

    /// Deletes the session with its journey, and begins `journey` in a new one.
    ///
    /// # Errors
    /// Every kind.
    pub async fn start_over(&mut self, journey: Journey) -> Result<(), SessionError> {
        self.delete().await?;
        *self.journey = journey;
        self.ended = false;
        self.change(|_| {}).await
    }

    /// Saves the newest state for later, if `may` allows it; the response deletes the cookie. `None`: it does not.
    ///
    /// # Errors
    /// Every kind.
    pub async fn save_for_later(
        &mut self,
        may: impl Fn(&Journey) -> bool,
    ) -> Result<Option<ResumeCode>, SessionError> {
        for _ in 0..ATTEMPTS {
            let Some((id, version)) = self.current.clone() else { return Err(SessionError::Ended) };
            if !may(&self.journey) {
                return Ok(None);
            }
            let data = serialized(&self.journey.to_store())?;
            match self.sessions.save_for_later(&id, version, &data).await {
                Err(SaveError::Conflict) => self.refresh().await?,
                Err(error) => return Err(error.into()),
                Ok(code) => {
                    (self.current, self.cookie_to_set, self.ended) = (None, None, true);
                    return Ok(Some(code));
                }
            }
        }
        Err(SessionError::Conflict)
    }

    /// A new code for the journey that this browser saved less than a minute ago, when it has not seen the response with
    /// the first code. `None`: there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn save_for_later_again(&mut self) -> Result<Option<ResumeCode>, SessionError> {
        let Some(id) = &self.unknown_cookie else { return Ok(None) };
        let Some((code, data)) = self.sessions.save_for_later_again(id).await? else { return Ok(None) };
        match stored_journey(&data) {
            Some(journey) if journey.site == self.journey.site => {
                self.journey = journey;
                Ok(Some(code))
            }
            _ => Ok(None),
        }
    }

    /// Resumes the journey saved under `code`, in place of the session this browser had. `data` is what was found there.
    /// False: another request has resumed it first.
    ///
    /// # Errors
    /// [`SessionError::Ended`], or the database failed.
    pub async fn resume(&mut self, code: &ResumeCode, data: &[u8]) -> Result<bool, SessionError> {
        let Some(id) = self.sessions.resume(code, data).await? else { return Ok(false) };
        let before = self.current.take();
        self.journey.submission = None;
        if !self.reload(&id).await? {
            return Err(SessionError::Ended);
        }
        (self.cookie_to_set, self.ended) = (Some(id), false);
        if let Some((before, _)) = before {
            self.sessions.delete(&before).await?;
        }
        Ok(true)
    }

    /// Adds to the response's `headers` the cookie that the browser is to store or delete.
    pub fn write_cookie(&self, cookie: CookieKind, headers: &mut HeaderMap) {
        if let Some(id) = &self.cookie_to_set {
            headers.append(header::SET_COOKIE, cookie.set(&id.to_cookie()));
        } else if self.ended {
            headers.append(header::SET_COOKIE, cookie.forget());
            // Not "cookies": those of the affiliate's other sites would be deleted with them.
            let clear = HeaderValue::from_static("\"cache\", \"storage\"");
            headers.insert(HeaderName::from_static("clear-site-data"), clear);
        }
    }
}

/// A journey as it is saved in its session.
fn serialized(journey: &impl serde::Serialize) -> Result<Vec<u8>, SessionError> {
    serde_json::to_vec(journey).map_err(SessionError::Unserializable)
}

/// Parses the journey that a session was saved as. `None`: this version cannot read it.
pub fn stored_journey(data: &[u8]) -> Option<Box<Journey>> {
    Journey::from_stored(data)
}

/// A fresh journey at `site` with a random id, which is also the reference a person can read out.
pub fn new_journey(site: &Site, entropy: &Entropy, now: jiff::Timestamp, language: Language) -> Journey {
    // No letters or digits that sound or look alike.
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let id = entropy
        .bytes::<12>()
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect();
    let mut journey = Journey::new(id, now, language);
    journey.site.clone_from(&site.name);
    journey
}
