//! Requests behind which no visitor stands. Nothing begins by them: no session, no call to NRG, no count, no postback.
//!
//! A browser that fetches a page before it is clicked is asked to come again at the click. HEAD, a request that the
//! browser itself says is no navigation to a document (an image, a frame, a script of another site), and a program that says
//! that it makes previews of links or reads for a search engine, is an onlooker: it is answered as a browser without a
//! session, and begins none. A client that says nothing of this kind is a visitor.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use super::{headers::is_static, metrics::CountedAs};

const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
const PURPOSE: HeaderName = HeaderName::from_static("purpose");
const X_MOZ: HeaderName = HeaderName::from_static("x-moz");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// What a browser says about whether a request comes from a page of the same site.
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Marks a request as an onlooker's, in its extensions.
#[derive(Clone, Copy)]
pub struct Onlooker;

/// A layer that marks the requests of onlookers, and answers a page that is fetched before its click with an empty 503.
pub async fn find(mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    if is_prefetch(request.headers()) && !is_static(request.uri()) {
        let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
        response.extensions_mut().insert(CountedAs("prefetch"));
        return response;
    }
    if looks_on(request.method(), request.headers()) || is_program(request.headers()) {
        request.extensions_mut().insert(Onlooker);
    }
    next(request).await
}

/// Whether a browser fetches this before it is clicked. The last two headers are those of older browsers.
fn is_prefetch(headers: &HeaderMap) -> bool {
    let purposes = [SEC_PURPOSE, PURPOSE, X_MOZ].into_iter().flat_map(|name| headers.get_all(name));
    purposes.flat_map(|purpose| purpose.as_bytes().split(|byte| b";,".contains(byte))).any(|word| {
        let word = word.trim_ascii();
        word.eq_ignore_ascii_case(b"prefetch") || word.eq_ignore_ascii_case(b"prerender")
    })
}

/// What the user agents of programs contain, in small letters, and those of no browser: of the ones that make previews of
/// links, then of search engines, which also look at the pages that advertisements lead to.
const PROGRAMS: [&str; 26] = [
    "facebookexternalhit", // iMessage says so too
    "facebot",
    "meta-externalagent",
    "meta-externalfetcher",
    "slackbot",
    "slack-imgproxy",
    "twitterbot",
    "linkedinbot",
    "telegrambot",
    "discordbot",
    "skypeuripreview",
    "microsoftpreview",
    "pinterestbot",
    "redditbot",
    "snap url preview",
    "bluesky cardyb",
    "applebot",
    "googlebot",
    "google-inspectiontool",
    "adsbot-google",
    "mediapartners-google",
    "bingbot",
    "bingpreview",
    "adidxbot",
    "duckduckbot",
    "yandexbot",
];

/// Whether a program says who it is. One that comes with a cookie has been here as a visitor has.
fn is_program(headers: &HeaderMap) -> bool {
    let agent =
        headers.get(header::USER_AGENT).map_or(&[][..], |agent| agent.as_bytes()).to_ascii_lowercase();
    let agent = String::from_utf8_lossy(&agent);
    // A browser within the app of this name may have it further behind.
    let is_named = agent.starts_with("whatsapp/") || PROGRAMS.iter().any(|program| agent.contains(program));
    is_named && !headers.contains_key(header::COOKIE)
}

fn looks_on(method: &Method, headers: &HeaderMap) -> bool {
    // Whether another method may change anything is the layer's against forms of other sites.
    if method != Method::GET {
        return method == Method::HEAD;
    }
    let says_other =
        |name, own: &[&str]| headers.get(name).is_some_and(|value| own.iter().all(|own| value != own));
    let other_document =
        says_other(SEC_FETCH_DEST, &["document"]) || says_other(SEC_FETCH_MODE, &["navigate"]);
    // Our own script fetches the page that it stands on.
    let foreign =
        says_other(SEC_FETCH_SITE, &["same-origin", "none"]) || says_other(SEC_FETCH_DEST, &["empty"]);
    other_document && foreign
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn prefetch_is_known_by_its_headers() {
        for (name, value, prefetch) in [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("sec-purpose", "prefetch; anonymous-client-ip", true),
            ("sec-purpose", "Prerender", true),
            ("sec-purpose", "", false),
            ("sec-purpose", "prefetched", false),
            ("purpose", "prefetch", true),
            ("x-moz", "prefetch", true),
            ("x-purpose", "prefetch", false),
        ] {
            assert_eq!(is_prefetch(&headers(&[(name, value)])), prefetch, "{name}: {value}");
        }
        assert!(!is_prefetch(&HeaderMap::new()));
    }

    #[test]
    fn program_is_known_by_its_user_agent_unless_it_has_a_cookie() {
        for (agent, program) in [
            ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", true),
            ("WhatsApp/2.23.20.0 A", true),
            ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", true),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true),
            ("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", true),
            ("Mozilla/5.0 (Linux; Android 9; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/99.0 Mobile", false),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 [LinkedInApp]/9",
                false,
            ),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile [FBAN/FBIOS;FBAV/460.0]", false),
            ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile WhatsApp/2.24", false),
            ("", false),
        ] {
            let mut says = headers(&[("user-agent", agent)]);
            assert_eq!(is_program(&says), program, "{agent}");
            says.insert(header::COOKIE, "enroll=x".parse().unwrap());
            assert!(!is_program(&says), "{agent}");
        }
        assert!(!is_program(&HeaderMap::new()));
    }

    #[test]
    fn onlooker_is_head_or_what_browser_says_is_no_navigation() {
        let (get, head, post) = (Method::GET, Method::HEAD, Method::POST);
        for (method, dest, mode, site, onlooker) in [
            (&get, "document", "navigate", "cross-site", false),
            (&get, "document", "navigate", "none", false),
            (&get, "image", "no-cors", "cross-site", true),
            (&get, "image", "no-cors", "same-origin", true),
            (&get, "iframe", "navigate", "cross-site", true),
            (&get, "iframe", "navigate", "same-site", true),
            (&get, "script", "no-cors", "cross-site", true),
            (&get, "empty", "cors", "cross-site", true),
            (&get, "empty", "no-cors", "same-site", true),
            (&get, "empty", "cors", "same-origin", false),
            (&get, "empty", "same-origin", "none", false),
            (&post, "empty", "cors", "same-origin", false),
            (&head, "document", "navigate", "none", true),
        ] {
            let says =
                headers(&[("sec-fetch-dest", dest), ("sec-fetch-mode", mode), ("sec-fetch-site", site)]);
            assert_eq!(looks_on(method, &says), onlooker, "{method} {dest} {mode} {site}");
        }
        assert!(!looks_on(&get, &HeaderMap::new()));
        assert!(looks_on(&head, &HeaderMap::new()));
        // One of the headers is enough.
        assert!(looks_on(&get, &headers(&[("sec-fetch-dest", "image")])));
        assert!(looks_on(&get, &headers(&[("sec-fetch-mode", "no-cors"), ("sec-fetch-site", "cross-site")])));
    }
}
