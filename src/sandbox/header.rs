//! Reading a header as text.

use axum::http::HeaderMap;

/// The header `name`, if it is there and is text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
