//! The log of calls: what a test looks at to see what the client really sent.
//!
//! The clear number of `token` and the last four of `prospect` are never kept, only that they came.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use super::text;

/// Calls kept; older ones fall out, so that a sandbox can run for months.
pub const KEPT: usize = 10_000;

/// One call as it arrived.
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
    /// The call to `endpoint` with these headers and parameters, secrets taken out.
    pub fn new(endpoint: &str, headers: &HeaderMap, parameters: &Map<String, Value>) -> Self {
        let mut kept = parameters.clone();
        for secret in ["numToBeTokenized", "last4SSN"] {
            if let Some(value) = kept.get_mut(secret) {
                *value = "(removed)".into();
            }
        }
        let header = |name| text(headers, name).map(str::to_owned);
        Self {
            endpoint: endpoint.to_owned(),
            tracking_id: kept.get("trackingId").and_then(Value::as_str).map(str::to_owned),
            parameters: Value::Object(kept),
            content_type: header("content-type"),
            language_code: header("languagecode"),
            accept: header("accept"),
            cookie: header("cookie"),
            user_agent: header("user-agent"),
            traceparent: header("traceparent"),
        }
    }
}
