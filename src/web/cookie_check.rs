//! Whether the browser returns our cookie: the redirect after a first change carries a mark in its address.
//!
//! A request with the mark and without our cookie comes from a browser that takes none. It gets a page that says so,
//! instead of beginning a journey again and again. So does a browser that was sent the cookie of its new id and comes
//! back with the old one.

use super::{error::PageError, request::RequestInfo, state::AppState};
use crate::{fields::Query, session::Found};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

const NAME: &str = "cookie";
const VALUE: &str = "set";

/// Whether `query` carries the mark.
pub(super) fn is_marked(query: Option<&str>) -> bool {
    Query::read(query.unwrap_or_default()).has(NAME, VALUE)
}

/// Adds the mark to the address that a redirect leads to; `headers` of any other response stay as they are.
pub fn mark_redirect(headers: &mut HeaderMap) {
    let address = headers.get(header::LOCATION).and_then(|location| location.to_str().ok()).map(marked);
    if let Some(address) = address.and_then(|address| HeaderValue::from_str(&address).ok()) {
        headers.insert(header::LOCATION, address);
    }
}

/// The address with the mark.
fn marked(address: &str) -> String {
    if is_marked(address.split_once('?').map(|(_, query)| query)) {
        return address.to_owned();
    }
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{NAME}={VALUE}")
}

/// Why a request has no context: it is answered before any handler.
pub enum Rejection {
    /// The page could not be made.
    Page(PageError),
    /// The same request is to be sent again.
    Again(Box<Response>),
}

impl Rejection {
    /// The answer to a request whose cookies lead to no session it may use.
    ///
    /// # Errors
    /// Gives the session back, if there is one.
    pub(super) fn of(
        found: Found,
        request: &RequestInfo,
        app: &AppState,
    ) -> Result<crate::session::JourneySession, Self> {
        let mut response = match found {
            Found::Session(session) => return Ok(*session),
            Found::CookieRefused => return Err(Self::Page(PageError::CookieRefused)),
            Found::Superseded(id) => {
                // 307, so that a form is sent again with its fields.
                let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
                response.headers_mut().append(header::SET_COOKIE, app.cookie.set(&id.to_cookie()));
                response
            }
            Found::Replaced => StatusCode::SEE_OTHER.into_response(),
        };
        if let Ok(address) = HeaderValue::from_str(&marked(&request.path_and_query())) {
            response.headers_mut().insert(header::LOCATION, address);
        }
        Err(Self::Again(Box::new(response)))
    }
}

impl From<PageError> for Rejection {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self {
            Self::Page(error) => error.into_response(),
            Self::Again(response) => *response,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_carries_the_mark_once() {
        for (address, with_mark) in [
            ("/plans", "/plans?cookie=set"),
            ("/plans?brand=RE", "/plans?brand=RE&cookie=set"),
            ("/plans?cookie=set", "/plans?cookie=set"),
            ("/plans?cookie=set&brand=RE", "/plans?cookie=set&brand=RE"),
            ("/plans?cookie=no", "/plans?cookie=no&cookie=set"),
        ] {
            assert_eq!(marked(address), with_mark);
        }
        assert!(!is_marked(None) && !is_marked(Some("cookie=")));
    }
}
