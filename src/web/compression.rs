//! gzip, for a browser that says it takes it. What is compressed is whole and in memory, so that its answer has a length.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use flate2::{Compress, Compression, FlushCompress, Status};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Body as _;

/// Answers shorter than this, in bytes, are sent as they are: compressed they would be hardly shorter.
const WORTH_IT: u64 = 200;
/// The base-2 logarithm of how many bytes a text may repeat itself over (RFC 1951, 2).
const LONGEST_WINDOW: u8 = 15;

/// The level for what is compressed for each answer anew: a more thorough one takes longer than its few bytes are worth.
pub const FOR_ONE_ANSWER: u32 = 2;
/// The level for what is compressed once.
pub const FOR_ALL_ANSWERS: u32 = 9;

/// `text` compressed at a level from 1, the quickest, to 9; `None` where that is not shorter.
#[must_use]
pub fn gzipped(text: &[u8], level: u32) -> Option<Vec<u8>> {
    let mut compressed = Vec::with_capacity(text.len());
    let mut compress = Compress::new_gzip(Compression::new(level), LONGEST_WINDOW);
    let status = compress.compress_vec(text, &mut compressed, FlushCompress::Finish).ok()?;
    (status == Status::StreamEnd).then_some(compressed)
}

/// Whether a request takes an answer in the coding gzip (RFC 9110, 12.5.3).
#[must_use]
pub fn accepts_gzip(request: &HeaderMap) -> bool {
    let lists = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Says in `headers` that there is this answer with and without gzip, and which of the two it is.
pub fn describe(headers: &mut HeaderMap, is_gzipped: bool) {
    headers.append(header::VARY, HeaderValue::from(header::ACCEPT_ENCODING));
    if is_gzipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.remove(header::CONTENT_LENGTH);
    }
}

/// A layer that compresses texts. A browser that takes no coding at all gets the text as it is.
pub async fn compress(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let is_taken = accepts_gzip(request.headers());
    let response = next(request).await;
    let is_whole = response.body().size_hint().exact().is_some_and(|length| length >= WORTH_IT);
    // Of a file there are two, and one has been chosen.
    let is_chosen =
        response.headers().get_all(header::VARY).iter().any(|name| name == header::ACCEPT_ENCODING.as_str());
    if !is_whole || is_chosen || !is_text(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    if !is_taken {
        describe(&mut parts.headers, false);
        return Response::from_parts(parts, body);
    }
    // A body that is in memory does not fail; one that did is no page.
    let Ok(text) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let compressed = gzipped(&text, FOR_ONE_ANSWER);
    describe(&mut parts.headers, compressed.is_some());
    Response::from_parts(parts, compressed.map_or_else(|| Body::from(text), Body::from))
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.starts_with("text/") || kind.ends_with("json")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn asking(accepts: &str) -> Request {
        Request::builder().header(header::ACCEPT_ENCODING, accepts).body(Body::empty()).unwrap()
    }

    #[test]
    fn gzip_is_taken_where_it_is_named_and_not_refused() {
        for (accepts, is_taken) in [
            ("gzip", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip, deflate, br, zstd", true),
            ("gzip;q=0, br", false),
            ("gzip;q=0.0", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(asking(accepts).headers()), is_taken, "{accepts}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn text_is_compressed_and_read_again_the_same() {
        let text: String = (0..3000).map(|line| format!("<p>{line}</p>\n")).collect();
        for (kind, length, accepts, is_compressed) in [
            ("text/html; charset=utf-8", text.len(), "gzip", true),
            ("application/problem+json", 5000, "gzip", true),
            ("text/html; charset=utf-8", 100, "gzip", false),
            ("text/html; charset=utf-8", 5000, "br, identity;q=0", false),
            ("image/png", 5000, "gzip", false),
        ] {
            let text = &text[..length];
            let answer = async |_| {
                let head = Response::builder().header(header::CONTENT_TYPE, kind);
                head.header(header::CONTENT_LENGTH, length).body(Body::from(text.to_owned())).unwrap()
            };
            let response = compress(asking(accepts), answer).await;
            let headers = response.headers();
            assert_eq!(response.status(), 200);
            assert_eq!(headers.contains_key(header::CONTENT_ENCODING), is_compressed, "{kind}, {accepts}");
            let is_short_or_picture = length == 100 || kind == "image/png";
            assert_eq!(headers.contains_key(header::VARY), !is_short_or_picture, "{kind}, {length}");
            assert_eq!(headers.contains_key(header::CONTENT_LENGTH), !is_compressed);
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let mut read = Vec::new();
            if is_compressed {
                assert!(body.len() < length / 2);
                flate2::read::GzDecoder::new(&*body).read_to_end(&mut read).unwrap();
            } else {
                read = body.to_vec();
            }
            assert_eq!(read, text.as_bytes());
        }
    }

    #[test]
    fn text_that_does_not_get_shorter_is_left() {
        assert_eq!(gzipped(b"", FOR_ONE_ANSWER), None);
        let noise = crate::entropy::Entropy::system().bytes::<1000>();
        assert_eq!(gzipped(&noise, FOR_ALL_ANSWERS), None);
    }
}
