//! The session cookie.

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

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

    pub(super) fn read(self, headers: &HeaderMap) -> Option<String> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| Cookie::split_parse(line).filter_map(Result::ok))
            .find(|cookie| cookie.name() == self.name())
            .map(|cookie| cookie.value().to_owned())
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
