//! The session of one request with its journey, loaded from its encrypted row and saved by compare-and-swap.
//!
//! A browser without a session has an empty journey; a row exists only from the first [`JourneySession::change`] on.
//! Changes are closures over the journey, so that a change that lost a race is applied again to the newer state.
//! tower-sessions' `Session` is held here and nowhere else: it can be printed, with all that is in it.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use tower_sessions::{Session, session::Id};

use super::{
    CookieKind, SessionError, SessionId, Sessions,
    sealed_store::{JOURNEY, JOURNEY_ID, SealedStore},
    successor::Successor,
};
use crate::{
    entropy::Entropy,
    fields::Language,
    journey::{Journey, Site},
};

#[cfg(test)]
mod tests;

/// How often a change is applied to ever newer states before it fails.
pub(super) const ATTEMPTS: usize = 8;

/// One browser's journey.
pub struct JourneySession {
    pub(super) sessions: Arc<Sessions>,
    /// Where the request came from.
    pub(super) client: Option<IpAddr>,
    pub(super) stored: Option<Stored>,
    /// The id that the response sets as a cookie, because it is new or has changed.
    pub(super) cookie_to_set: Option<SessionId>,
    /// Whether this request has begun the session.
    pub(super) begun: bool,
    /// The id of the request's cookie, if it opens no session.
    pub(super) unknown_cookie: Option<UnknownCookie>,
    /// The journey as last loaded or saved. Boxed: a session is moved through every layer of a request.
    pub journey: Box<Journey>,
}

/// A row, as the library's session.
pub(super) struct Stored {
    pub(super) session: Session,
    pub(super) store: Arc<SealedStore>,
}

/// A cookie that opens no session.
pub(super) struct UnknownCookie {
    /// `None`: its value has not the form of an id, or it is not looked at any more.
    pub(super) id: Option<SessionId>,
    /// What became of its session.
    pub(super) became: Successor,
}

impl JourneySession {
    /// The session of a browser that has none.
    pub fn absent(sessions: &Arc<Sessions>, journey: Journey) -> Self {
        Self {
            sessions: Arc::clone(sessions),
            client: None,
            stored: None,
            cookie_to_set: None,
            begun: false,
            unknown_cookie: None,
            journey: Box::new(journey),
        }
    }

    /// The same session, for a task that outlives the request: it saves by itself, and sets no cookie.
    pub async fn of_task(&self) -> Self {
        let stored = match &self.stored {
            Some(stored) => stored
                .store
                .row()
                .await
                .map(|row| Stored::new(SealedStore::at(&self.sessions, row), stored.session.id())),
            None => None,
        };
        Self { stored, client: self.client, ..Self::absent(&self.sessions, (*self.journey).clone()) }
    }

    /// Whether the request has the cookie of a session that has ended.
    pub fn has_ended(&self) -> bool {
        self.unknown_cookie.is_some()
    }

    /// Whether the request has the cookie of a session that was saved for later, under a code that nobody has tried.
    pub fn was_saved(&self) -> bool {
        self.unknown_cookie.as_ref().is_some_and(|cookie| matches!(cookie.became, Successor::Saved))
    }

    /// Whether a session row exists.
    pub fn has_session(&self) -> bool {
        self.stored.is_some()
    }

    /// Whether this request has begun the session: its cookie is the browser's first.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Loads the journey of `stored`. False: it has ended, or cannot be read.
    pub(super) async fn reload(&mut self, stored: Stored) -> Result<bool, SessionError> {
        let Some(mut journey) = stored.load(&self.journey.site).await? else { return Ok(false) };
        journey.submission = self.journey.submission.take();
        self.journey = journey;
        self.stored = Some(stored);
        Ok(true)
    }

    /// Loads what other requests have saved since.
    ///
    /// # Errors
    /// [`SessionError::Ended`], or the database failed.
    pub async fn refresh(&mut self) -> Result<(), SessionError> {
        let Some(stored) = self.stored.take() else { return Ok(()) };
        if self.reload(stored).await? { Ok(()) } else { Err(SessionError::Ended) }
    }

    /// Applies `change` and saves, unless another request has saved since: then nothing is changed.
    ///
    /// # Errors
    /// [`SessionError::Conflict`] in that case, and every other kind.
    pub async fn try_change(&mut self, change: impl FnOnce(&mut Journey)) -> Result<(), SessionError> {
        let mut journey = self.journey.clone();
        change(&mut journey);
        if journey == self.journey && self.stored.is_some() {
            return Ok(());
        }
        let stopped = journey.ending.is_some() && self.journey.ending.is_none();
        self.save(journey).await?;
        if stopped && self.is_confirmed().await {
            self.sessions.journey_stopped(&self.journey).await;
        }
        Ok(())
    }

    /// Saves `journey` in place of what was loaded, and counts how far it has come.
    pub(super) async fn save(&mut self, mut journey: Box<Journey>) -> Result<(), SessionError> {
        // A browser that takes no cookies begins again with each request, and is not counted.
        let events = if self.is_confirmed().await {
            self.sessions.unrecorded_events(&mut journey)
        } else {
            Vec::new()
        };
        let text = serialized(&journey.to_store())?;
        match &self.stored {
            Some(stored) => {
                if journey.has_posted() {
                    stored.store.set_answered().await;
                }
                stored.save(&journey.id, text).await?;
            }
            None => {
                let stored = Stored::new(SealedStore::begun_by(&self.sessions, self.client), None);
                stored.save(&journey.id, text).await?;
                self.cookie_to_set = stored.session.id().map(SessionId::from);
                self.begun = true;
                self.unknown_cookie = None;
                self.stored = Some(stored);
            }
        }
        self.journey = journey;
        self.sessions.record_events(&self.journey, &events);
        Ok(())
    }

    async fn is_confirmed(&self) -> bool {
        match &self.stored {
            Some(stored) => stored.store.see(|row| row.confirmed).await.unwrap_or(false),
            None => false,
        }
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

    /// Has the next save note that the session is to get a new id. A call that outlives its request cannot set a cookie:
    /// the first request that sees its answer does ([`rotate_if_due`](Self::rotate_if_due)). An id without a reason is
    /// one too many: where a browser's answers overtake each other, it keeps the older, which is dead.
    pub fn rotate_when_seen(&self) {
        if let Some(stored) = &self.stored {
            stored.store.set_rotate();
        }
    }

    /// Gives the session a new id, which the response sets as a cookie, if that is due.
    ///
    /// # Errors
    /// Every kind.
    pub async fn rotate_if_due(&mut self) -> Result<(), SessionError> {
        // What was saved for later meanwhile gets its new id from whoever resumes it.
        let due = match &self.stored {
            Some(stored) => stored.store.see(|row| row.rotate && !row.saved).await,
            None => None,
        };
        if due == Some(true) { Box::pin(self.rotate()).await } else { Ok(()) }
    }

    async fn rotate(&mut self) -> Result<(), SessionError> {
        for _ in 0..ATTEMPTS {
            let Some(stored) = &self.stored else { return Ok(()) };
            let Some(row) = stored.store.row().await.filter(|row| row.rotate && !row.saved) else {
                return Ok(());
            };
            let text = serialized(&self.journey.to_store())?;
            if let Some((new, row)) = self.sessions.replace_id(&row, &text).await? {
                let stored = Stored::new(SealedStore::at(&self.sessions, row), new.library());
                self.cookie_to_set = Some(new);
                return if self.reload(stored).await? { Ok(()) } else { Err(SessionError::Ended) };
            }
            let old = stored.session.id().map(SessionId::from);
            self.refresh().await?;
            if let Some(old) = old
                && let Successor::Unused(new) = self.sessions.successor(&old).await?
            {
                // Another request of this browser has replaced it, and its response may be the one that is lost.
                self.cookie_to_set = Some(new);
            }
        }
        Err(SessionError::Conflict)
    }

    /// Deletes the session with its journey, also one that was put aside.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete(&mut self) -> Result<(), SessionError> {
        if let Some(stored) = self.stored.take() {
            stored.done(stored.session.delete().await).await?;
        }
        self.delete_timed_out().await?;
        self.cookie_to_set = None;
        self.unknown_cookie = Some(UnknownCookie { id: None, became: Successor::None });
        Ok(())
    }

    /// Deletes the session with its journey, and begins `journey` in a new one.
    ///
    /// # Errors
    /// Every kind.
    pub async fn start_over(&mut self, journey: Journey) -> Result<(), SessionError> {
        self.delete().await?;
        *self.journey = journey;
        self.change(|_| {}).await
    }

    /// Adds to the response's `headers` the cookie that the browser is to store or delete.
    pub fn write_cookie(&self, cookie: CookieKind, headers: &mut HeaderMap) {
        if let Some(id) = &self.cookie_to_set {
            headers.append(header::SET_COOKIE, cookie.set(&id.to_cookie()));
        }
        if self.has_ended() {
            if self.cookie_to_set.is_none() && !self.was_saved() && !self.was_put_aside() {
                headers.append(header::SET_COOKIE, cookie.forget());
            }
            // Not "cookies": those of the affiliate's other sites would be deleted with them.
            let clear = HeaderValue::from_static("\"cache\", \"storage\"");
            headers.insert(HeaderName::from_static("clear-site-data"), clear);
        }
    }
}

impl Stored {
    /// The library's session `id` in `store`; without an id, one that is still to be created.
    pub(super) fn new(store: SealedStore, id: Option<Id>) -> Self {
        let store = Arc::new(store);
        Self { session: Session::new(id, Arc::clone(&store), None), store }
    }

    /// Loads the journey, which must be of `site`. `None`: the session has ended, or the journey cannot be read.
    pub(super) async fn load(&self, site: &str) -> Result<Option<Box<Journey>>, SessionError> {
        self.done(self.session.load().await).await?;
        if self.store.see(|_| ()).await.is_none() {
            return Ok(None);
        }
        // Taken out, not copied: the next save puts the newer one in.
        let text = self.done(self.session.remove_value(JOURNEY).await).await?;
        let Some(journey) = text.as_ref().and_then(Value::as_str).and_then(stored_journey) else {
            // Written by a version whose journey this one cannot read: it starts anew rather than half understood.
            tracing::warn!("session: stored journey cannot be read");
            return Ok(None);
        };
        if journey.site != site {
            tracing::warn!("session: cookie belongs to another site");
            return Ok(None);
        }
        Ok(Some(journey))
    }

    async fn save(&self, journey_id: &str, text: String) -> Result<(), SessionError> {
        self.done(self.session.insert_value(JOURNEY_ID, journey_id.into()).await).await?;
        self.done(self.session.insert_value(JOURNEY, text.into()).await).await?;
        self.done(self.session.save().await).await
    }

    /// What the library returned, with the typed error behind its own.
    pub(super) async fn done<T>(
        &self,
        returned: Result<T, tower_sessions::session::Error>,
    ) -> Result<T, SessionError> {
        match returned {
            Ok(value) => Ok(value),
            Err(error) => Err(self.store.failure(&error).await),
        }
    }
}

/// A journey as it is saved in its session.
pub(super) fn serialized(journey: &impl serde::Serialize) -> Result<String, SessionError> {
    serde_json::to_string(journey).map_err(SessionError::Unserializable)
}

/// Parses the JSON text that a journey was saved as. `None`: it cannot be read.
pub fn stored_journey(text: &str) -> Option<Box<Journey>> {
    Journey::from_stored(text)
}

/// A fresh journey at `site` with a random id, which is also the reference a person can read out.
pub fn new_journey(site: &Site, entropy: &Entropy, now: jiff::Timestamp, language: Language) -> Journey {
    let id = entropy.signs::<12>().map(char::from).iter().collect();
    let mut journey = Journey::new(id, now, language);
    journey.site.clone_from(&site.name);
    journey
}
