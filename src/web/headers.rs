//! The headers every response carries, errors included.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue, header};

/// Put into a response's extensions by the one page that manual over to the payment gateway: the origin its
/// form may lead to. Browsers apply `form-action` to the redirect after a form post, too.
#[derive(Clone, Debug)]
pub struct FormAction(pub String);

/// Makes an answer the last of its connection.
pub fn end_connection(response: &mut Response) {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// Adds the headers. `https` says whether the site is reached that way (not so in the demo).
pub async fn secure(https: bool, request: Request, next: Next) -> Response {
    let is_static = request.uri().path().starts_with("/static/");
    let has_code = request.uri().path() == WITH_CODE;
    let mut response = next.run(request).await;
    let gateway = response.extensions_mut().remove::<FormAction>();
    let headers = response.headers_mut();
    // An origin that makes no header leaves the stricter policy.
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
    if !is_static {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// The page whose address may hold a code: not even our own other pages are told where they were come from.
const WITH_CODE: &str = "/resume";

/// Ends with where forms may lead, so that another origin can follow.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];
