//! Addresses that are one page: as people type them and as links are put together, with a slash too many or in capitals.
//!
//! The page is served there, by GET and by POST, so that no form is lost by a redirect. Its own links have the address that
//! the router knows.

use axum::extract::Request;
use http::Uri;

/// The request for the page that is meant, before the router looks for it.
pub fn meant(mut request: Request) -> Request {
    if let Some(uri) = meant_uri(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// The address that is meant; none if it is this one.
fn meant_uri(uri: &Uri) -> Option<Uri> {
    let path = meant_path(uri.path()).filter(|path| path != uri.path())?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{path}{query}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// The path without empty segments, and in small letters where it has at most two: longer ones name a plan. The names of
/// files are made by the server alone, so they stay as they are.
fn meant_path(path: &str) -> Option<String> {
    if !path.starts_with('/') || path.starts_with("/static/") {
        return None;
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let path = format!("/{}", segments.join("/"));
    Some(if segments.len() > 2 { path } else { path.to_ascii_lowercase() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_with_slashes_or_capitals_is_that_of_the_page() {
        for (address, meant) in [
            ("/plans/", Some("/plans")),
            ("/plans//?brand=RE&x=/a//", Some("/plans?brand=RE&x=/a//")),
            ("//plans", Some("/plans")),
            ("//", Some("/")),
            ("//?zip=77999", Some("/?zip=77999")),
            ("/Resume?code=AbC", Some("/resume?code=AbC")),
            ("/PLANS/Compare/", Some("/plans/compare")),
            ("/plans/RE/59990001/", Some("/plans/RE/59990001")),
            ("http://enroll.example/plans/", Some("http://enroll.example/plans")),
            ("/", None),
            ("/plans?brand=RE", None),
            ("/plans/RE/59990001", None),
            ("/static/Logo.svg/", None),
            ("*", None),
        ] {
            let uri = meant_uri(&address.parse().unwrap()).map(|uri| uri.to_string());
            assert_eq!(uri.as_deref(), meant, "{address}");
        }
    }
}
