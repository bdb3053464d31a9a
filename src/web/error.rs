//! Why a page could not be made, by kind: its status, its log line, its `Retry-After`. No message for visitors stands here,
//! and the cause goes to the log only.
//!
//! Bad input (422) and a refusal by NRG are not page errors. An error is logged once, where its page is drawn
//! (`pages::error`).

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::{form::FormRefusal, logged::logged, patience::Awaited};
use crate::{
    causes::Causes,
    journey::{CallFailure, CallKind, FailedCall, Outage, Step},
    nrg::{self, Kind},
    rate_limit::LimitExceeded,
    session::SessionError,
    store,
};

/// When to try again if no better time is known, in seconds.
const RETRY_AFTER: u64 = 30;

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// No such page.
    #[error("no such page")]
    NotFound,
    /// The page does not accept this method.
    #[error("method not allowed")]
    Method,
    /// The form was posted from a page of another site.
    #[error("the form came from another site; if that is yours, server.public_url is not its address")]
    CrossSite,
    /// The body is no form, or too large, cut off or too slow.
    #[error("the form was not read: {0:?}")]
    Form(FormRefusal),
    /// The browser was given a cookie and did not return it.
    #[error("the browser returns no cookie")]
    CookieRefused,
    /// An identity to be checked came faster than a person can give it, and with the honeypot field filled in.
    #[error("submitted as by a program")]
    LikeAProgram,
    /// An attempt too many.
    #[error(transparent)]
    TooMany(LimitExceeded),
    /// The site, or the brand of the chosen plan, is switched off.
    #[error("outage: {0:?}")]
    Outage(Outage),
    /// NRG has not answered within the request's patience; the call goes on.
    #[error("waiting for NRG: {0:?}")]
    Waiting(Awaited),
    /// A call failed when no request waited for it.
    #[error("a call of {0:?} failed: {1:?}")]
    CallFailed(Step, FailedCall),
    /// The request exceeded its time limit.
    #[error("the request took too long")]
    TooLong,
    /// A call to NRG failed.
    #[error(transparent)]
    Nrg(#[from] Arc<nrg::Error>),
    /// The session could not be loaded or saved.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The store failed before the context was loaded; the log has it already.
    #[error("the store is not available")]
    Away,
    /// The journey or its submission stands at what only a newer version knows: an ending, a state or a hold. A server of
    /// that version goes on with it.
    #[error("stored by a newer version")]
    Newer,
    /// A defect of this program.
    #[error("{0}")]
    Internal(String),
}

impl PageError {
    /// `what` is missing or not as expected at this point of the journey: a defect.
    pub fn unexpected(what: &str) -> Self {
        Self::Internal(format!("unexpected: {what}"))
    }

    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        match self {
            PageError::NotFound => StatusCode::NOT_FOUND,
            PageError::Method => StatusCode::METHOD_NOT_ALLOWED,
            PageError::CrossSite => StatusCode::FORBIDDEN,
            PageError::Form(refusal) => refusal.status(),
            PageError::CookieRefused => StatusCode::BAD_REQUEST,
            PageError::LikeAProgram | PageError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            PageError::Waiting(_) => StatusCode::OK,
            PageError::CallFailed(_, failed) => match failed.failure {
                CallFailure::NoAnswer | CallFailure::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                CallFailure::TooLarge | CallFailure::Unusable => StatusCode::BAD_GATEWAY,
                CallFailure::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
                CallFailure::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            },
            PageError::TooLong => StatusCode::REQUEST_TIMEOUT,
            PageError::Outage(_) => StatusCode::SERVICE_UNAVAILABLE,
            PageError::Nrg(error) => match error.kind {
                Kind::Unreachable | Kind::ConnectionLost | Kind::TimedOut | Kind::ServerError => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                Kind::InvalidResponse | Kind::TooLarge | Kind::Refused(_) | Kind::Rejected => {
                    StatusCode::BAD_GATEWAY
                }
            },
            PageError::Session(SessionError::Ended) => StatusCode::GONE,
            PageError::Session(SessionError::Conflict) => StatusCode::CONFLICT,
            PageError::Session(SessionError::Store(_) | SessionError::Full | SessionError::UnknownKey)
            | PageError::Store(_)
            | PageError::Away
            | PageError::Newer => StatusCode::SERVICE_UNAVAILABLE,
            PageError::Session(SessionError::Unserializable(_) | SessionError::Library(_))
            | PageError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The error that a response without a page stands for, made by a layer, the router or the context.
    pub fn of_response(response: &Response) -> Self {
        if response.extensions().get::<CookieRefused>().is_some() {
            return PageError::CookieRefused;
        }
        match response.status() {
            StatusCode::NOT_FOUND => PageError::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => PageError::Method,
            StatusCode::FORBIDDEN => PageError::CrossSite,
            StatusCode::PAYLOAD_TOO_LARGE => PageError::Form(FormRefusal::TooLarge),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => PageError::Form(FormRefusal::NotAForm),
            StatusCode::BAD_REQUEST => PageError::Form(FormRefusal::Broken),
            StatusCode::REQUEST_TIMEOUT => PageError::TooLong,
            StatusCode::SERVICE_UNAVAILABLE => PageError::Away,
            other => PageError::Internal(format!("status {other} without a page")),
        }
    }

    /// What is kept of the failure of a call that no request waits for, which was made for `kind` and ends at `now`.
    pub fn as_failed_call(&self, kind: CallKind, now: Timestamp) -> FailedCall {
        let failure = match self {
            PageError::Nrg(error) => match error.kind {
                Kind::TimedOut | Kind::ConnectionLost => CallFailure::NoAnswer,
                Kind::Unreachable | Kind::ServerError => CallFailure::Unavailable,
                Kind::TooLarge => CallFailure::TooLarge,
                Kind::InvalidResponse | Kind::Refused(_) | Kind::Rejected => CallFailure::Unusable,
            },
            PageError::TooMany(exceeded) => CallFailure::Limited(now + exceeded.wait),
            _ => CallFailure::Internal,
        };
        FailedCall { kind, failure, spent: self.may_have_spent() }
    }

    /// Whether an attempt at an identity or an inquiry about credit may have been used up by the call that failed.
    pub fn may_have_spent(&self) -> bool {
        match self {
            PageError::Nrg(error) => error.endpoint.is_attempt() && error.may_have_arrived(),
            PageError::CallFailed(_, failed) => failed.spent,
            _ => false,
        }
    }

    /// How long a client should wait before it asks again, in seconds; `None` where waiting does not help. The page of an
    /// outage states its own time.
    pub fn retry_after(&self) -> Option<u64> {
        if let PageError::TooMany(exceeded) = self {
            return Some(exceeded.wait.as_secs() + 1);
        }
        matches!(self.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS)
            .then_some(RETRY_AFTER)
    }

    /// Writes the one log line of this error, at the level of its kind.
    pub fn log(&self, request_id: &str, path: &str) {
        let (path, status) = (&*logged(path), self.status().as_u16());
        let error = Causes(self);
        match self {
            // The causes of these are in the log already: NRG's where the call was made, with endpoint and codes, and
            // the store's where the session could not be loaded.
            PageError::Nrg(_) | PageError::Away | PageError::CallFailed(..) => {
                tracing::info!(request_id, path, status, error = %self, "page: not shown");
            }
            PageError::Waiting(_) | PageError::NotFound | PageError::Method | PageError::Outage(_) => {
                tracing::info!(request_id, path, status, %error, "page: not shown");
            }
            PageError::CrossSite
            | PageError::Form(_)
            | PageError::CookieRefused
            | PageError::LikeAProgram
            | PageError::TooMany(_)
            | PageError::Session(SessionError::Full)
            | PageError::TooLong
            | PageError::Newer => {
                tracing::warn!(request_id, path, status, %error, "page: request refused");
            }
            PageError::Session(_) | PageError::Store(_) | PageError::Internal(_) => {
                tracing::error!(request_id, path, status, %error, "page: failed");
            }
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(format!("template: {error}"))
    }
}

impl From<nrg::Error> for PageError {
    fn from(error: nrg::Error) -> Self {
        Self::Nrg(Arc::new(error))
    }
}

/// Marks the response without a page of [`PageError::CookieRefused`], whose status says too little.
#[derive(Clone)]
struct CookieRefused;

/// A response without a page, for an error that occurs before there is a context: the router's layer draws the page.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        match &self {
            PageError::Store(error) | PageError::Session(SessionError::Store(error)) => {
                tracing::error!(error = %Causes(error), "session: store failed");
            }
            PageError::Session(SessionError::Unserializable(_) | SessionError::Library(_))
            | PageError::Internal(_) => {
                tracing::error!(error = %Causes(&self), "page: failed");
            }
            PageError::Newer => tracing::warn!("session: stored by a newer version"),
            PageError::NotFound
            | PageError::Method
            | PageError::CrossSite
            | PageError::Form(_)
            | PageError::LikeAProgram
            | PageError::TooMany(_)
            | PageError::Outage(_)
            | PageError::TooLong
            | PageError::Waiting(_)
            | PageError::CallFailed(..)
            | PageError::Nrg(_)
            | PageError::CookieRefused
            | PageError::Session(
                SessionError::Ended | SessionError::Conflict | SessionError::Full | SessionError::UnknownKey,
            )
            | PageError::Away => {}
        }
        // A content type would make the layer take the body for a page.
        *response.headers_mut() = HeaderMap::new();
        if matches!(self, PageError::CookieRefused) {
            response.extensions_mut().insert(CookieRefused);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journey_that_cannot_be_serialized_is_an_internal_failure() {
        let error = serde_json::from_str::<u8>("").unwrap_err();
        let status = PageError::Session(SessionError::Unserializable(error)).status();
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
