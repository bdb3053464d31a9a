//! What search engines may list. It is decided here, for every answer: the first page and the pages of text, if the site
//! lets them be found. Everything else is part of a journey, or an error, or leads to one person's matters.

use std::sync::Arc;

use axum::{extract::Request, response::Response};
use http::{HeaderName, HeaderValue, StatusCode};

use super::{headers::is_static, sites::HostedSite};

/// The path of the file that programs read before any page.
pub const PATH: &str = "/robots.txt";

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// The pages that may be found.
const FOUND: [&str; 6] = ["/", "/how-it-works", "/about", "/help", "/privacy", "/accessibility"];

const ROBOTS: &str = "\
# Every page may be fetched: one that is not to be listed says so itself (X-Robots-Tag), to whoever may fetch it.
# Programs that make previews of links heed this file, too.
User-agent: *
Disallow:
";

/// Whether the page at `path` may be found.
pub fn may_be_found(path: &str) -> bool {
    FOUND.contains(&path)
}

/// GET `/robots.txt`: without a session.
pub async fn show() -> &'static str {
    ROBOTS
}

/// A layer below that of the sites: says of every page that may not be found that it is not to be listed. Files are no
/// pages; the picture of a link is one of them.
pub async fn hide(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let is_file = is_static(request.uri());
    let site = request.extensions().get::<Arc<HostedSite>>();
    let is_open = may_be_found(request.uri().path()) && site.is_some_and(|site| site.search_engines);
    let mut response = next(request).await;
    let is_listed = is_open && response.status() == StatusCode::OK;
    if !is_file && !is_listed {
        response.headers_mut().insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex, nofollow"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::Step;

    #[test]
    fn no_step_but_the_first_may_be_found() {
        for step in Step::ALL {
            assert_eq!(may_be_found(step.path()), step == Step::Zip, "{step:?}");
        }
    }
}
