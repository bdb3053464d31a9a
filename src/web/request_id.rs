//! The id of a request: in the log, in the header `x-request-id`, and on error pages.

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use http::{Extensions, HeaderName, HeaderValue};
use tracing::Instrument;

use super::{
    logged::logged,
    metrics::{CountedAs, Metrics},
};
use crate::{
    entropy::Entropy,
    tracing_context::{SpanKind, SpanOutcome, Trace, Tracer},
};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct RequestId(String);

/// The id of the request with these extensions; empty outside of the layer.
pub fn of(extensions: &Extensions) -> String {
    extensions.get::<RequestId>().map_or_else(String::new, |id| id.0.clone())
}

/// A layer that gives each request an id and a span, writes one log line about it (method, path without query, status
/// and duration, nothing else) and counts it in the metrics. An id that came with the request is not used.
pub async fn assign(
    entropy: &Entropy,
    tracer: &Tracer,
    metrics: &Metrics,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let id: String = entropy.bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    request.extensions_mut().insert(RequestId(id.clone()));
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let request_span = tracer.begin(SpanKind::Request, traceparent.and_then(Trace::parse));
    request.extensions_mut().insert(request_span.clone());
    let method = request.method().clone();
    let (method_logged, path) =
        (logged(method.as_str()).into_owned(), logged(request.uri().path()).into_owned());
    let span = tracing::info_span!("request", request_id = id, trace_id = request_span.trace().id());
    let page = request.extensions().get::<MatchedPath>().cloned();
    let started = tokio::time::Instant::now();
    let mut response = next(request).instrument(span.clone()).await;
    let counted_as = response.extensions().get::<CountedAs>().copied();
    metrics.request(page.as_ref(), &method, response.status(), started.elapsed(), counted_as);
    request_span.end(SpanOutcome::Request {
        method: &method_logged,
        route: page.as_ref().map(MatchedPath::as_str),
        status: response.status().as_u16(),
    });
    let _entered = span.enter();
    tracing::info!(
        method = method_logged,
        path,
        status = response.status().as_u16(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
