//! The facts of one request that do not depend on its session: where it came from and what it asks for.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderValue, Uri, header, request::Parts};

use super::{client::client_address, onlooker::Onlooker, request_id};
use crate::tracing_context::Span;

/// The longest user agent that is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// Facts of one request.
#[derive(Clone)]
pub struct RequestInfo {
    /// The path, without query, as a link to this page: rooted, and with one slash where several were sent.
    pub path: String,
    /// The query as it was sent; empty without one.
    pub query: String,
    /// The id of the request in its page, its response header and the log.
    pub request_id: String,
    /// The span of the request; calls to NRG are its children.
    pub span: Option<Span>,
    /// Whether it is an onlooker's: it has no session and begins none.
    pub onlooker: bool,
    /// Whether the script of a waiting page asks if the wait is over. Nothing begins by that, and no failure is shown.
    pub waits: bool,
    /// The client's address, behind as many proxies as are trusted.
    pub client: Option<IpAddr>,
    /// The user agent, for the consent records.
    pub user_agent: String,
}

impl RequestInfo {
    /// Reads the facts from the head of a request. `trusted_proxies`: how many proxies in front of this server may be
    /// believed about the client's address.
    pub(super) fn read(parts: &Parts, trusted_proxies: usize) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Self {
            path: rooted(parts.uri.path()),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            request_id: request_id::of(&parts.extensions),
            span: parts.extensions.get().cloned(),
            onlooker: is_onlookers(parts),
            waits: parts.headers.contains_key("x-waiting"),
            client: client_address(&parts.headers, peer, trusted_proxies),
            user_agent: user_agent(&parts.headers),
        }
    }

    /// Path and query, as a link to this page.
    pub fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

/// A copy of the head of a request that shares no memory with its connection. The buffer that a head was read into also
/// holds the form behind it, maybe with an SSN; it is freed, and so wiped, once nothing of the head is left.
pub fn detached(head: &Parts) -> Parts {
    let mut copy = head.clone();
    copy.uri = Uri::try_from(head.uri.to_string()).unwrap_or_default();
    for value in copy.headers.values_mut() {
        *value = HeaderValue::from_bytes(value.as_bytes()).unwrap_or(HeaderValue::from_static(""));
    }
    copy
}

/// Whether the request with this head is an onlooker's.
pub(super) fn is_onlookers(parts: &Parts) -> bool {
    parts.extensions.get::<Onlooker>().is_some()
}

fn user_agent(headers: &HeaderMap) -> String {
    let bytes = headers.get(header::USER_AGENT).map_or(&[][..], |value| value.as_bytes());
    // What can be read of it is evidence, too.
    let text = String::from_utf8_lossy(bytes);
    let end = text.char_indices().nth(MAX_USER_AGENT).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default().to_owned()
}

/// `path` with one slash at its beginning and wherever it has several. In a link, `//name` and `/\name` (browsers take the
/// backslash for a slash) would lead to another host.
fn rooted(path: &str) -> String {
    if path.starts_with('/') && !path.contains("//") && !path.contains('\\') {
        return path.to_owned();
    }
    let mut rooted = "/".to_owned();
    for sign in path.chars() {
        match sign {
            '/' | '\\' if rooted.ends_with('/') => {}
            '\\' => rooted.push('/'),
            other => rooted.push(other),
        }
    }
    rooted
}

#[cfg(test)]
mod tests {
    use http::Request;
    use url::Url;

    use super::*;
    use crate::testing::properties;

    const PIECES: &[&str] = &[
        "/",
        "//",
        "\\",
        "%5C",
        "%2F",
        ".",
        "..",
        "%2e",
        "/./",
        "evil.example",
        "https:",
        ":",
        "@",
        "*",
        "%09",
        "plans",
        "?",
        "&",
        "=",
        "\"",
        "lang=es",
        "\u{f1}",
    ];

    fn printed(address: &str) -> Option<String> {
        let (parts, ()) = Request::get(address).body(()).ok()?.into_parts();
        Some(RequestInfo::read(&parts, 0).path_and_query())
    }

    #[test]
    fn printed_link_of_any_path_stays_on_site() {
        let own = Url::parse("https://enroll.example/").unwrap();
        properties::run(properties::text(PIECES), |path| {
            // What is no request's address is never printed.
            let Some(link) = printed(&format!("/{path}")) else { return Ok(()) };
            let to = own.join(&link).unwrap();
            proptest::prop_assert_eq!(to.origin(), own.origin(), "{}", link);
            Ok(())
        });
    }

    #[test]
    fn printed_link_is_rooted_and_collapsed() {
        for (path, link) in [
            ("/", "/"),
            ("/plans?brand=RE", "/plans?brand=RE"),
            ("/help/", "/help/"),
            ("//evil.example/", "/evil.example/"),
            ("///x", "/x"),
            ("/\\evil.example", "/evil.example"),
            ("/%5Cevil.example", "/%5Cevil.example"),
            ("/.//x", "/./x"),
            ("/?next=//evil.example", "/?next=//evil.example"),
            ("*", "/*"),
        ] {
            assert_eq!(printed(path).as_deref(), Some(link), "{path}");
        }
    }
}
