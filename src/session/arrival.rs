//! The arrival of a request: what its cookie leads to.

use std::{net::IpAddr, sync::Arc};

use http::HeaderMap;

use super::{
    CookieKind, JourneySession, SessionError, SessionId, Sessions,
    journey_session::{ATTEMPTS, Stored, UnknownCookie},
    sealed_store::SealedStore,
    successor::Successor,
};
use crate::journey::Journey;

/// How a request comes.
pub struct Arrival<'a> {
    /// Which cookie is ours.
    pub cookie: CookieKind,
    /// The headers of the request.
    pub headers: &'a HeaderMap,
    /// The name of the site it was sent to.
    pub site: &'a str,
    /// Whether the browser was sent here with a cookie: with its first, or by what [`Found`] advised.
    pub again: bool,
    /// The address a session is begun from.
    pub client: Option<IpAddr>,
}

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

impl JourneySession {
    /// Loads the session of the cookie in a request. Where there is none, `journey` makes a fresh one, at the site of the
    /// request; an id that is not known, or is another site's, is never adopted.
    ///
    /// # Errors
    /// The database failed, or a cookie that came back cannot be noted.
    pub async fn load(
        sessions: &Arc<Sessions>,
        request: Arrival<'_>,
        journey: impl FnOnce() -> Journey,
    ) -> Result<Found, SessionError> {
        let Arrival { cookie, headers, site, again, client } = request;
        let Some(value) = cookie.read(headers) else {
            let none = || Found::Session(Box::new(Self { client, ..Self::absent(sessions, journey()) }));
            return Ok(if again { Found::CookieRefused } else { none() });
        };
        let id = SessionId::from_cookie(&value);
        if let Some(library) = id.as_ref().and_then(SessionId::library) {
            let store = SealedStore::begun_by(sessions, client);
            let live = store.read_ahead(&SessionId::from(library).row_key()).await?;
            let stored = Stored::new(store, Some(library));
            if live && let Some(journey) = stored.load(site).await? {
                let (cookie_to_set, begun, unknown_cookie) = (None, false, None);
                let (sessions, stored) = (Arc::clone(sessions), Some(stored));
                let mut loaded =
                    Self { sessions, client, stored, cookie_to_set, begun, unknown_cookie, journey };
                loaded.confirm().await?;
                loaded.rotate_if_due().await?;
                return Ok(Found::Session(Box::new(loaded)));
            }
        }
        let became = match &id {
            // Boxed, like all that is rare and large: it would be part of every future that loads a session.
            Some(id) => Box::pin(sessions.successor(id)).await?,
            None => Successor::None,
        };
        Ok(match became {
            Successor::Unused(_) if again => Found::CookieRefused,
            Successor::Unused(new) => Found::Superseded(new),
            Successor::Used if !again => Found::Replaced,
            Successor::UnknownKey => return Err(SessionError::UnknownKey),
            became @ (Successor::Used | Successor::Saved | Successor::TimedOut | Successor::None) => {
                let unknown_cookie = Some(UnknownCookie { id, became });
                Found::Session(Box::new(Self { client, unknown_cookie, ..Self::absent(sessions, journey()) }))
            }
        })
    }

    /// Notes that the browser has returned the cookie: the id before this one is dead, and a first session counts.
    async fn confirm(&mut self) -> Result<(), SessionError> {
        let Some(stored) = &self.stored else { return Ok(()) };
        match stored.store.see(|row| (row.used, row.confirmed)).await {
            Some((true, _)) | None => Ok(()),
            Some((false, true)) => {
                let row = stored.store.row().await;
                if let Some(row) = row {
                    Box::pin(self.sessions.mark_used(&row)).await?;
                }
                stored.store.set_used().await;
                Ok(())
            }
            Some((false, false)) => Box::pin(self.confirm_first()).await,
        }
    }

    async fn confirm_first(&mut self) -> Result<(), SessionError> {
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
}
