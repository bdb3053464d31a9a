//! Answers that a client may keep, and is not sent again while they are the same.

use axum::{
    body::Bytes,
    response::{IntoResponse, Response},
};
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::web::headers::OwnCaching;

/// The answer with this JSON, or 304 where the client has it already.
pub(super) fn cached(request: &HeaderMap, json: impl Into<Bytes>, caching: &'static str) -> Response {
    let json = json.into();
    // Weak, as it may be compressed on the way.
    let tag = format!("W/\"{}\"", hex::encode(Sha256::digest(&json)));
    let known = request.typed_get::<IfNoneMatch>().zip(tag.parse::<ETag>().ok());
    let mut response = match known {
        Some((known, tag)) if !known.precondition_passes(&tag) => StatusCode::NOT_MODIFIED.into_response(),
        _ => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response(),
    };
    response.extensions_mut().insert(OwnCaching);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
