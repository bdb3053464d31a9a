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

/// What the cookies of a request lead to.
pub enum Found {
    /// The browser's session, or that it has none.
    Session(Box<JourneySession>),
    /// The cookie's id was replaced, and the browser has not returned the new one: the response with it was lost. It
    /// has to send the same request again with this cookie.
    Superseded(SessionId),
    /// The cookie's id was replaced, and the new one has been returned. A request that was under way meanwhile is sent
    /// again with the cookie the browser has by now.
    Replaced,
    /// The browser was given a cookie, and did not return it.
    CookieRefused,
}

/// One browser's journey.
pub struct JourneySession {
    pub(super) sessions: Sessions,
    /// Where the request came from.
    client: Option<IpAddr>,
    pub(super) stored: Option<Stored>,
    /// The id that the response sets as a cookie, because it is new or has changed.
    pub(super) cookie_to_set: Option<SessionId>,
    /// Whether this request has begun the session.
    begun: bool,
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
    /// Loads the session of the cookie in `headers`. Where there is none, `journey` makes a fresh one, at the site of the
    /// request; an id that is not known, or is another site's, is never adopted. `again`: the browser was sent here
    /// with a cookie, by this function's advice or with a first one. `client`: the address a session is begun
    /// from.
    ///
    /// # Errors
    /// The database failed, or a cookie that came back cannot be noted.
    pub async fn load(
        sessions: &Sessions,
        cookie: CookieKind,
        headers: &HeaderMap,
        again: bool,
        client: Option<IpAddr>,
        journey: impl FnOnce() -> Journey,
    ) -> Result<Found, SessionError> {
        let mut loaded = Self { client, ..Self::absent(sessions, journey()) };
        let Some(value) = cookie.read(headers) else {
            return Ok(if again { Found::CookieRefused } else { Found::Session(Box::new(loaded)) });
        };
        let id = SessionId::from_cookie(&value);
        if let Some(library) = id.as_ref().and_then(SessionId::library)
            && loaded.reload(Stored::new(SealedStore::begun_by(sessions, client), Some(library))).await?
        {
            loaded.confirm().await?;
            loaded.rotate_if_due().await?;
            return Ok(Found::Session(Box::new(loaded)));
        }
        let successor = match &id {
            Some(id) => sessions.successor(id).await?,
            None => Successor::None,
        };
        match successor {
            Successor::Unused(_) if again => return Ok(Found::CookieRefused),
            Successor::Unused(new) => return Ok(Found::Superseded(new)),
            Successor::Used if !again => return Ok(Found::Replaced),
            became @ (Successor::Used | Successor::Saved | Successor::TimedOut | Successor::None) => {
                loaded.unknown_cookie = Some(UnknownCookie { id, became });
            }
        }
        Ok(Found::Session(Box::new(loaded)))
    }

    /// The session of a browser that has none.
    pub fn absent(sessions: &Sessions, journey: Journey) -> Self {
        Self {
            sessions: sessions.clone(),
            client: None,
            stored: None,
            cookie_to_set: None,
            begun: false,
            unknown_cookie: None,
            journey: Box::new(journey),
        }
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
        stored.done(stored.session.load().await).await?;
        if stored.store.row().await.is_none() {
            return Ok(false);
        }
        let text = stored.journey().await?;
        let Some(mut journey) = text.as_str().and_then(stored_journey) else {
            // Written by a version whose journey this one cannot read: it starts anew rather than half understood.
            tracing::warn!("session: stored journey cannot be read");
            return Ok(false);
        };
        if journey.site != self.journey.site {
            tracing::warn!("session: cookie belongs to another site");
            return Ok(false);
        }
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

    /// Notes that the browser has returned the cookie: the id before this one is dead, and a first session counts.
    async fn confirm(&mut self) -> Result<(), SessionError> {
        let Some(stored) = &self.stored else { return Ok(()) };
        let Some(row) = stored.store.row().await.filter(|row| !row.used) else { return Ok(()) };
        let first = !row.confirmed;
        if !first {
            self.sessions.mark_used(&row).await?;
            stored.store.set_used().await;
            return Ok(());
        }
        for _ in 0..ATTEMPTS {
            let Some(stored) = &self.stored else { return Err(SessionError::Ended) };
            stored.store.set_used().await;
            match self.save(self.journey.clone()).await {
                Err(SessionError::Conflict) => self.refresh().await?,
                Ok(()) => {
                    if self.journey.ending.is_some() {
                        self.sessions.journey_stopped(&self.journey).await;
                    }
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Err(SessionError::Conflict)
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
    async fn save(&mut self, mut journey: Box<Journey>) -> Result<(), SessionError> {
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
            Some(stored) => stored.store.row().await.is_some_and(|row| row.confirmed),
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
    /// the first request that sees its answer does ([`rotate_if_due`](Self::rotate_if_due)).
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
        for _ in 0..ATTEMPTS {
            let Some(stored) = &self.stored else { return Ok(()) };
            // What was saved for later meanwhile gets its new id from whoever resumes it.
            let due = stored.store.row().await.filter(|row| row.rotate && !row.saved);
            let Some(row) = due else { return Ok(()) };
            let text = stored.journey().await?;
            if let Some((new, row)) =
                self.sessions.replace_id(&row, text.as_str().unwrap_or_default()).await?
            {
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
        } else if self.has_ended() {
            if !self.was_saved() && !self.was_put_aside() {
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

    /// The stored journey as the library holds it: a JSON text.
    async fn journey(&self) -> Result<Value, SessionError> {
        Ok(self.done(self.session.get_value(JOURNEY).await).await?.unwrap_or_default())
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
