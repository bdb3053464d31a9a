//! What can go wrong between a request and its page, by kind. No wording, and the cause goes to the log only.
//!
//! Bad input (422) and NRG's refusals are not failures. A failure is logged once, here, when its page is made.

use std::sync::Arc;

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{Notice, Page, context::RequestContext, form::FormRefusal, html, outage};
use crate::{
    journey::Outage,
    messages::interpolate,
    nrg::{self, Kind},
    rate_limit::LimitExceeded,
    session::VisitError,
    store,
};

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// No such page.
    #[error("no such page")]
    NotFound,
    /// The page takes no such request.
    #[error("method not allowed")]
    Method,
    /// A form from another site.
    #[error("the form came from another site")]
    CrossSite,
    /// Not a form, or one too large or garbled.
    #[error("the form was not read: {0:?}")]
    Form(FormRefusal),
    /// Answered faster than a person can, or into a field no person sees.
    #[error("answered as no person does")]
    TooFast,
    /// Tried more often than it may be.
    #[error(transparent)]
    TooMany(LimitExceeded),
    /// Nothing begins now, or the brand is out.
    #[error("out of hours: {0:?}")]
    Outage(Outage),
    /// The request took longer than it may.
    #[error("the request took too long")]
    TooLong,
    /// NRG could not be talked to.
    #[error(transparent)]
    Nrg(#[from] Arc<nrg::Error>),
    /// The session could not be read or saved.
    #[error(transparent)]
    Visit(#[from] VisitError),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The store was away before there was a page to say so; it is in the log already.
    #[error("the store is away")]
    Away,
    /// A mistake of ours.
    #[error("{0}")]
    Internal(String),
}

impl PageError {
    /// Something that cannot be at this point of the journey.
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
            PageError::TooFast | PageError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
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
            PageError::Visit(VisitError::Ended) => StatusCode::GONE,
            PageError::Visit(VisitError::Conflict) => StatusCode::CONFLICT,
            PageError::Visit(VisitError::Store(_)) | PageError::Store(_) | PageError::Away => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            PageError::Visit(VisitError::Unserializable(_)) | PageError::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The failure an answer without a page stands for: of a layer, or of the router.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => PageError::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => PageError::Method,
            StatusCode::FORBIDDEN => PageError::CrossSite,
            StatusCode::PAYLOAD_TOO_LARGE => PageError::Form(FormRefusal::TooLarge),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => PageError::Form(FormRefusal::NotAForm),
            StatusCode::BAD_REQUEST => PageError::Form(FormRefusal::Malformed),
            StatusCode::REQUEST_TIMEOUT => PageError::TooLong,
            StatusCode::SERVICE_UNAVAILABLE => PageError::Away,
            other => PageError::Internal(format!("answered {other}")),
        }
    }

    fn log(&self, request_id: &str, path: &str) {
        let status = self.status().as_u16();
        match self {
            // NRG's own failures are logged where they are met, with endpoint and codes.
            // So is what kept a visit from being loaded.
            PageError::Nrg(_)
            | PageError::NotFound
            | PageError::Method
            | PageError::Outage(_)
            | PageError::Away => {
                tracing::info!(request_id, path, status, error = %self, "page not shown");
            }
            PageError::CrossSite
            | PageError::Form(_)
            | PageError::TooFast
            | PageError::TooMany(_)
            | PageError::TooLong => {
                tracing::warn!(request_id, path, status, error = %self, "request refused");
            }
            PageError::Visit(_) | PageError::Store(_) | PageError::Internal(_) => {
                tracing::error!(request_id, path, status, error = %self, "page failed");
            }
        }
    }

    /// The page that tells about it: whether the answers are kept, a way to try again, the phone.
    pub fn page(self, ctx: &RequestContext) -> Response {
        self.log(&ctx.request_id, &ctx.path);
        if let PageError::Outage(outage) = self {
            return outage::page(ctx, outage);
        }
        let t = &ctx.messages().error;
        let (title, text) = match &self {
            PageError::NotFound | PageError::Method => (&t.not_found_title, &t.not_found),
            PageError::CrossSite => (&t.cross_site_title, &t.cross_site),
            PageError::Form(FormRefusal::TooLarge) => (&t.too_large_title, &t.too_large),
            PageError::TooFast => (&t.too_fast_title, &t.too_fast),
            PageError::TooMany(_) => (&t.too_many_title, &t.too_many),
            PageError::Visit(VisitError::Conflict) => (&t.stale_title, &t.stale),
            PageError::Nrg(error)
                if self.status() == StatusCode::SERVICE_UNAVAILABLE || error.kind == Kind::TooLarge =>
            {
                (&t.busy_title, &t.busy)
            }
            PageError::Form(_)
            | PageError::TooLong
            | PageError::Outage(_)
            | PageError::Nrg(_)
            | PageError::Visit(_)
            | PageError::Store(_)
            | PageError::Away
            | PageError::Internal(_) => (&t.sorry_title, &t.sorry),
        };
        let text = match &self {
            PageError::TooMany(over) => {
                let kept = if over.wait < ctx.app.idle { &t.too_many_kept } else { &t.too_many_not_kept };
                interpolate(text, &[("wait", &ctx.messages().wait(over.wait)), ("kept", kept)])
            }
            _ => text.clone(),
        };
        let mut page = ctx.page(title);
        if let PageError::Nrg(error) = &self
            && error.endpoint.may_inquire()
        {
            page.notices.push(Notice {
                title: ctx.messages().common.important.clone(),
                text: Some(t.credit_again.clone()),
                message: None,
            });
        }
        page.reference = Some(ctx.request_id.clone());
        let started = ctx.visit.has_session();
        let on = match &self {
            PageError::Nrg(_)
            | PageError::Visit(_)
            | PageError::Store(_)
            | PageError::Internal(_)
            | PageError::TooLong => {
                // A page that failed while it was made is asked for again; a form goes back to its page.
                let again = if started { ctx.path.clone() } else { "/".to_owned() };
                (again, t.try_again.as_str())
            }
            // Whether there is a session cannot be seen now.
            PageError::Away => (ctx.path.clone(), t.try_again.as_str()),
            _ if started => (ctx.position().path().to_owned(), t.go_on.as_str()),
            _ => ("/".to_owned(), t.home.as_str()),
        };
        let status = self.status();
        let body = ErrorPage { page, text, href: on.0, label: on.1 }.render();
        let mut response = match body {
            Ok(body) => html(status, body),
            Err(_) => status.into_response(),
        };
        let seconds = match &self {
            PageError::TooMany(over) => Some(over.wait.as_secs() + 1),
            _ if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) => {
                Some(30)
            }
            _ => None,
        };
        if let Some(seconds) = seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[derive(Template)]
#[template(path = "page/error.html")]
struct ErrorPage<'a> {
    page: Page<'a>,
    text: String,
    href: String,
    label: &'a str,
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

/// Without a visit there is no page to show it on; the layer around the router makes one.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let PageError::Store(error) | PageError::Visit(VisitError::Store(error)) = &self {
            tracing::error!(%error, "the session store failed");
        }
        if let PageError::Internal(error) = &self {
            tracing::error!(%error, "page failed");
        }
        // A body of text would pass for a page.
        *response.headers_mut() = HeaderMap::new();
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journey_that_cannot_be_serialized_is_an_internal_failure() {
        let error = serde_json::from_str::<u8>("").unwrap_err();
        let status = PageError::Visit(VisitError::Unserializable(error)).status();
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
