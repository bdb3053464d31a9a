//! The security headers of every response, errors included.

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

/// The origin that the form of a page may post to besides this site; the page of the payment gateway puts it into its
/// response's extensions. Browsers apply `form-action` to the redirect after a form post, too.
#[derive(Clone, Debug)]
pub struct FormAction(pub String);

/// Marks a response that is no page and says itself how it may be cached, in its extensions.
#[derive(Clone, Copy)]
pub struct OwnCaching;

/// Closes the connection after `response`.
pub fn end_connection(response: &mut Response) {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// A layer that adds the headers. `https`: whether the site is served over https, which the demo is not.
pub async fn secure(https: bool, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let is_static = is_static(request.uri());
    let has_code = CODE_PATHS.contains(&request.uri().path());
    let mut response = next(request).await;
    let gateway = response.extensions_mut().remove::<FormAction>();
    let own_caching = response.extensions_mut().remove::<OwnCaching>().is_some();
    let headers = response.headers_mut();
    // For these, and for the few of the layers above: a map that grows by and by is copied each time.
    headers.reserve(FIXED.len() + 8);
    // An origin that is no valid header value leaves the stricter policy.
    let policy = gateway
        .and_then(|FormAction(origin)| HeaderValue::from_str(&format!("{POLICY} {origin}")).ok())
        .unwrap_or(HeaderValue::from_static(POLICY));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if has_code {
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    }
    if https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if !is_static && !own_caching {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Whether `uri` is that of a static file, not of a page.
pub fn is_static(uri: &Uri) -> bool {
    uri.path().starts_with("/static/")
}

/// The pages whose query may contain a code: they send no referrer path, not even to other pages of the site.
const CODE_PATHS: [&str; 3] = ["/resume", "/status", "/handed-over"];

/// Ends with `form-action`, so that another origin can be appended.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";

const FIXED: [(HeaderName, &str); 6] = [
    // For browsers that do not know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// Sets the security headers of a page of the admin listener. It has no script and is never kept.
pub fn secure_private(headers: &mut HeaderMap) {
    const POLICY: &str =
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
