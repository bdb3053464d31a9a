//! A visit: one browser's journey, loaded from its sealed session and saved by compare-and-swap.
//!
//! A visit without a session has an empty journey; a session row exists only from the first
//! [`Visit::change`] on. Changes are closures over the journey, so that a change that lost a race is
//! applied again to the newer state.

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

/// Why a visit could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
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

impl From<SaveError> for VisitError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Conflict => Self::Conflict,
            SaveError::Ended => Self::Ended,
            SaveError::Store(error) => Self::Store(error),
        }
    }
}

/// One browser's journey.
pub struct Visit {
    sessions: Sessions,
    held: Option<(SessionId, Version)>,
    /// The id that the response sets as a cookie, because it is new or has changed.
    told: Option<SessionId>,
    /// The request has the cookie of a session that has ended.
    ended: bool,
    /// The id of that session.
    came_with: Option<SessionId>,
    /// The journey as last loaded or saved. Boxed: a visit is moved through every layer of a request.
    pub journey: Box<Journey>,
}

impl Visit {
    /// Loads the visit of the cookie in `headers`. Where there is none, `journey` makes a fresh one, at the site of the
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
        let mut visit = Self::absent(sessions, journey());
        let Some(id) = cookie.read(headers) else { return Ok(visit) };
        visit.ended = true;
        let Some(id) = SessionId::from_cookie(&id) else { return Ok(visit) };
        if visit.reload(&id).await? {
            visit.ended = false;
        } else {
            visit.came_with = Some(id);
        }
        Ok(visit)
    }

    /// A visit without a session.
    pub fn absent(sessions: &Sessions, journey: Journey) -> Self {
        let journey = Box::new(journey);
        Self { sessions: sessions.clone(), held: None, told: None, ended: false, came_with: None, journey }
    }

    /// Whether the request has the cookie of a session that has ended.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether a session row exists.
    pub fn has_session(&self) -> bool {
        self.held.is_some()
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
            self.told = Some(loaded.id.clone());
        }
        self.held = Some((loaded.id, loaded.version));
        let submission = self.journey.submission.take();
        self.journey = journey;
        self.journey.submission = submission;
        Ok(true)
    }

    /// Loads what other requests have saved since.
    ///
    /// # Errors
    /// [`VisitError::Ended`], or the database failed.
    pub async fn refresh(&mut self) -> Result<(), VisitError> {
        let Some((id, _)) = self.held.clone() else { return Ok(()) };
        if self.reload(&id).await? { Ok(()) } else { Err(VisitError::Ended) }
    }

    /// Applies `change` and saves, unless another request has saved since: then nothing is changed.
    ///
    /// # Errors
    /// [`VisitError::Conflict`] in that case, and every other kind.
    pub async fn try_change(&mut self, change: impl FnOnce(&mut Journey)) -> Result<(), VisitError> {
        let mut journey = self.journey.clone();
        change(&mut journey);
        if journey == self.journey && self.held.is_some() {
            return Ok(());
        }
        let news = self.sessions.news(&mut journey);
        let data = serialized(&*journey)?;
        match &mut self.held {
            Some((id, version)) => *version = self.sessions.save(id, *version, &data).await?,
            None => {
                let (id, version) = self.sessions.create(&data).await?;
                self.told = Some(id.clone());
                self.held = Some((id, version));
            }
        }
        let stopped = journey.ending.is_some() && self.journey.ending.is_none();
        self.journey = journey;
        self.sessions.count_news(&self.journey, &news);
        if stopped {
            self.sessions.stopped(&self.journey).await;
        }
        Ok(())
    }

    /// Applies `change` to the newest state and saves.
    ///
    /// # Errors
    /// Every kind; [`VisitError::Conflict`] only after several tries.
    pub async fn change(&mut self, change: impl Fn(&mut Journey)) -> Result<(), VisitError> {
        for _ in 0..ATTEMPTS {
            match self.try_change(&change).await {
                Err(VisitError::Conflict) => self.refresh().await?,
                other => return other,
            }
        }
        Err(VisitError::Conflict)
    }

    /// Gives the session a new id, which the response sets as a cookie. The old id leads to the session for a minute.
    ///
    /// # Errors
    /// [`VisitError::Ended`], [`VisitError::Conflict`], or the database failed.
    pub async fn renew(&mut self) -> Result<(), VisitError> {
        let Some((id, _)) = &self.held else { return Ok(()) };
        let new = self.sessions.renew(id).await?;
        self.reload(&new).await?;
        self.told = Some(new);
        Ok(())
    }

    /// Deletes the session with its journey.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete(&mut self) -> Result<(), VisitError> {
        if let Some((id, _)) = self.held.take() {
            self.sessions.delete(&id).await?;
        }
        self.told = None;
        self.ended = true;
        Ok(())
    }

    /// Deletes the session with its journey, and begins `journey` in a new one.
    ///
    /// # Errors
    /// Every kind.
    pub async fn start_over(&mut self, journey: Journey) -> Result<(), VisitError> {
        self.delete().await?;
        *self.journey = journey;
        self.ended = false;
        self.change(|_| {}).await
    }

    /// Saves the newest state for later, if `may` allows it; the response deletes the cookie. `None`: it does not.
    ///
    /// # Errors
    /// Every kind.
    pub async fn put_aside(
        &mut self,
        may: impl Fn(&Journey) -> bool,
    ) -> Result<Option<ResumeCode>, VisitError> {
        for _ in 0..ATTEMPTS {
            let Some((id, version)) = self.held.clone() else { return Err(VisitError::Ended) };
            if !may(&self.journey) {
                return Ok(None);
            }
            let data = serialized(&*self.journey)?;
            match self.sessions.put_aside(&id, version, &data).await {
                Err(SaveError::Conflict) => self.refresh().await?,
                Err(error) => return Err(error.into()),
                Ok(code) => {
                    (self.held, self.told, self.ended) = (None, None, true);
                    return Ok(Some(code));
                }
            }
        }
        Err(VisitError::Conflict)
    }

    /// A new code for the journey that this browser saved less than a minute ago, when it has not seen the response with
    /// the first code. `None`: there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_aside_again(&mut self) -> Result<Option<ResumeCode>, VisitError> {
        let Some(id) = &self.came_with else { return Ok(None) };
        let Some((code, data)) = self.sessions.put_aside_again(id).await? else { return Ok(None) };
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
    /// [`VisitError::Ended`], or the database failed.
    pub async fn take_up(&mut self, code: &ResumeCode, data: &[u8]) -> Result<bool, VisitError> {
        let Some(id) = self.sessions.take_up(code, data).await? else { return Ok(false) };
        let before = self.held.take();
        self.journey.submission = None;
        if !self.reload(&id).await? {
            return Err(VisitError::Ended);
        }
        (self.told, self.ended) = (Some(id), false);
        if let Some((before, _)) = before {
            self.sessions.delete(&before).await?;
        }
        Ok(true)
    }

    /// Adds to the response's `headers` the cookie that the browser is to store or delete.
    pub fn tell(&self, cookie: CookieKind, headers: &mut HeaderMap) {
        if let Some(id) = &self.told {
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
fn serialized(journey: &impl serde::Serialize) -> Result<Vec<u8>, VisitError> {
    serde_json::to_vec(journey).map_err(VisitError::Unserializable)
}

/// Parses the journey that a session was saved as. `None`: this version cannot read it.
pub fn stored_journey(data: &[u8]) -> Option<Box<Journey>> {
    // One check of the encoding, instead of one for each string in it.
    serde_json::from_str(std::str::from_utf8(data).ok()?).ok()
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
