//! The two kinds of response a page gives: itself, or a redirect to another page of the site.

use axum::response::{Html, IntoResponse, Redirect, Response};
use http::StatusCode;

/// A page with its status.
pub fn html(status: StatusCode, page: String) -> Response {
    (status, Html(page)).into_response()
}

/// A 303 to a page of ours: the browser asks for `path` with GET, whatever method it used before.
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}
