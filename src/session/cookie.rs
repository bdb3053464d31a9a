//! The session cookie.

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

use super::SessionId;

/// The one cookie: `__Host-enroll` over https; plain `enroll` on loopback http (the demo).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// `__Host-` prefix and Secure.
    Secure,
    /// Neither: only for loopback http.
    Plain,
}

impl CookieKind {
    fn name(self) -> &'static str {
        match self {
            CookieKind::Secure => "__Host-enroll",
            CookieKind::Plain => "enroll",
        }
    }

    /// The value of our cookie in `headers`, whatever other sites of the domain have set beside it. Of several, the first
    /// that has the form of an id; if none has, the first.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<String> {
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            // Bytes that are not UTF-8 spoil the pair they stand in and no other.
            .flat_map(|line| Cookie::split_parse(String::from_utf8_lossy(line.as_bytes())))
            .filter_map(Result::ok)
            .filter(|cookie| cookie.name() == self.name())
            .map(|cookie| cookie.value().to_owned());
        let first = values.next()?;
        let parses = |value: &String| SessionId::from_cookie(value).is_some();
        if parses(&first) { Some(first) } else { values.find(parses).or(Some(first)) }
    }

    /// The header that has the browser store `value`.
    pub fn set(self, value: &str) -> HeaderValue {
        self.header(Cookie::build((self.name(), value)))
    }

    pub(super) fn forget(self) -> HeaderValue {
        self.header(Cookie::build((self.name(), "")).max_age(cookie::time::Duration::ZERO))
    }

    fn header(self, cookie: cookie::CookieBuilder<'_>) -> HeaderValue {
        // Lax, not Strict: the session must survive the return from the payment gateway.
        let cookie =
            cookie.path("/").http_only(true).same_site(SameSite::Lax).secure(self == CookieKind::Secure);
        HeaderValue::from_str(&cookie.build().to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}
