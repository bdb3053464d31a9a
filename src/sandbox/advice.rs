//! Texts for people in answers that stop nobody (contract 3.1): one ZIP, and everything that is asked about it, has them.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use serde_json::Value;

use super::{
    inputs::{ADVISED_UTILITY, ADVISED_ZIP},
    state::Sandbox,
};

/// More than any answer has.
const LIMIT: usize = 4 << 20;

/// Puts a text into an answer of this ZIP that goes on and has none.
pub async fn advise(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let endpoint = parts.uri.path().trim_start_matches('/').to_owned();
    let body = to_bytes(body, LIMIT).await.unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let response = next.run(Request::from_parts(parts, Body::from(body.clone()))).await;
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !is_json || !response.status().is_success() || !is_about_the_zip(&sandbox, &query, &body) {
        return response;
    }
    let (mut parts, answer) = response.into_parts();
    // One that breaks off stays as it is.
    let Ok(answer) = to_bytes(answer, LIMIT).await else { return Response::from_parts(parts, Body::empty()) };
    let Some(answer) = with_text(&endpoint, &answer) else {
        return Response::from_parts(parts, Body::from(answer));
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(answer))
}

fn is_about_the_zip(sandbox: &Sandbox, query: &str, body: &Bytes) -> bool {
    let body = String::from_utf8_lossy(body);
    let names = |word: &str| query.contains(word) || body.contains(word);
    let of_record = || {
        let fields: Value = serde_json::from_str(&body).unwrap_or_default();
        let memory = sandbox.memory();
        let tracking_id = fields.get("trackingId").and_then(Value::as_str);
        let record = tracking_id.and_then(|tracking_id| memory.record(tracking_id));
        record.is_some_and(|record| record.address.zip.starts_with(ADVISED_ZIP))
    };
    names(ADVISED_ZIP) || names(ADVISED_UTILITY) || of_record()
}

fn with_text(endpoint: &str, answer: &[u8]) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(answer).ok()?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("statusCode") == "01" || !text("messageText").is_empty() {
        return None;
    }
    let words = format!(
        "A sample text of <b>{endpoint}</b>: <a href='https://docs.example.com/advice.pdf'>what it means</a>."
    );
    answer.as_object_mut()?.insert("messageText".to_owned(), words.into());
    serde_json::to_vec(&answer).ok()
}
