//! The log of calls, in which a test finds what the client sent.
//!
//! The clear number of `token` and the last four of `prospect` are never stored, only that they were sent.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use super::header::text;

/// The most calls in the log; older ones are dropped, so that a sandbox can run for months.
pub const CAPACITY: usize = 10_000;

/// One call as received.
#[derive(Clone, Debug)]
pub struct Call {
    /// Path below `/NRGREST/rest/sales/`, for example `esid/residential`.
    pub endpoint: String,
    /// Query parameters or body fields, by wire name. Secrets read `(removed)`.
    pub parameters: Value,
    /// `trackingId` as sent, if it was.
    pub tracking_id: Option<String>,
    /// Header `Content-Type`.
    pub content_type: Option<String>,
    /// Header `languageCode`.
    pub language_code: Option<String>,
    /// Header `Accept`.
    pub accept: Option<String>,
    /// Header `Cookie`.
    pub cookie: Option<String>,
    /// Header `User-Agent`.
    pub user_agent: Option<String>,
    /// Header `traceparent`.
    pub traceparent: Option<String>,
}

impl Call {
    /// The call to `endpoint` with these headers and parameters, without secrets.
    pub fn new(endpoint: &str, headers: &HeaderMap, parameters: &Map<String, Value>) -> Self {
        let mut redacted = parameters.clone();
        for secret in ["numToBeTokenized", "last4SSN"] {
            if let Some(value) = redacted.get_mut(secret) {
                *value = "(removed)".into();
            }
        }
        let header = |name| text(headers, name).map(str::to_owned);
        Self {
            endpoint: endpoint.to_owned(),
            tracking_id: redacted.get("trackingId").and_then(Value::as_str).map(str::to_owned),
            parameters: Value::Object(redacted),
            content_type: header("content-type"),
            language_code: header("languagecode"),
            accept: header("accept"),
            cookie: header("cookie"),
            user_agent: header("user-agent"),
            traceparent: header("traceparent"),
        }
    }
}
