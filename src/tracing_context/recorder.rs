//! Records spans and sends them to a collector, in batches, from a thread of its own.
//!
//! A span is recorded by hand, with what is written here and nothing else: kind, times, name, and the attributes of
//! [`SpanOutcome`] under the names of OpenTelemetry's conventions. No path, no query, no text of a person's or of NRG's.
//! `docs/decisions` says why `tracing-opentelemetry` does not record them.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use opentelemetry::{
    Context, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{
        SpanBuilder, SpanContext, SpanKind as OtelSpanKind, Status, TraceContextExt, TraceState, Tracer,
        TracerProvider,
    },
};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{IdGenerator, Sampler, SdkTracer, SdkTracerProvider},
};
use tokio::runtime::Handle;

use super::{
    context::Trace,
    span::{Export, SpanKind, SpanOutcome},
};
use crate::{causes::Causes, entropy::Entropy, tls};

/// Whether this program can send spans to a collector.
pub const AVAILABLE: bool = true;

/// The time limit for sending a batch.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest reply that is read of the collector, in bytes.
const MAX_REPLY_BYTES: usize = 64 * 1024;

/// Spans cannot be recorded.
#[derive(Debug, thiserror::Error)]
#[error("no client for the collector can be built")]
pub struct Unusable(#[source] Box<dyn std::error::Error + Send + Sync>);

/// The SDK with its bounded queue: when the collector is slow, spans are lost and nothing waits.
pub(super) struct Recorder {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Recorder {
    /// Must be called within the runtime, which sends the batches.
    pub(super) fn start(export: &Export, entropy: Entropy) -> Result<Self, Unusable> {
        let header =
            export.authorization.as_ref().map(|value| ("authorization".to_owned(), value.to_string()));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new()?)
            .with_endpoint(export.endpoint.as_str())
            .with_headers(header.into_iter().collect())
            .build()
            .map_err(|error| Unusable(error.into()))?;
        let root = Sampler::TraceIdRatioBased(f64::from(export.percent) / 100.0);
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(root)))
            .with_id_generator(RandomIds(entropy))
            .with_resource(
                Resource::builder().with_service_name("nrg-enroll").with_attribute(version).build(),
            )
            .build();
        let tracer = provider.tracer("nrg-enroll");
        Ok(Self { provider, tracer })
    }

    pub(super) fn begin(&self, work: SpanKind, parent: Option<Trace>) -> Recorded {
        let (kind, name) = match work {
            SpanKind::Request => (OtelSpanKind::Server, "request"),
            SpanKind::Submission => (OtelSpanKind::Internal, "submission"),
            SpanKind::Call(endpoint) => (OtelSpanKind::Client, endpoint),
        };
        let within = parent.map_or_else(Context::new, |parent| {
            Context::new().with_remote_span_context(SpanContext::new(
                TraceId::from_bytes(parent.id),
                SpanId::from_bytes(parent.span),
                if parent.sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED },
                work == SpanKind::Request,
                TraceState::NONE,
            ))
        });
        let span = self.tracer.build_with_context(SpanBuilder::from_name(name).with_kind(kind), &within);
        Recorded { span: Context::new().with_span(span), ended: AtomicBool::new(false) }
    }

    pub(super) fn finish(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(SEND_TIMEOUT) {
            tracing::warn!(
                error = %Causes(&error),
                "tracing_context: sending the last spans failed"
            );
        }
    }
}

/// A span under way.
pub(super) struct Recorded {
    span: Context,
    ended: AtomicBool,
}

impl Recorded {
    pub(super) fn trace(&self) -> Trace {
        let span = self.span.span();
        let context = span.span_context();
        Trace {
            id: context.trace_id().to_bytes(),
            span: context.span_id().to_bytes(),
            sampled: context.is_sampled(),
        }
    }

    pub(super) fn end(&self, outcome: SpanOutcome<'_>) {
        let span = self.span.span();
        match outcome {
            SpanOutcome::Request { method, route, status } => {
                let name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
                span.update_name(name);
                span.set_attribute(KeyValue::new("http.request.method", method.to_owned()));
                if let Some(route) = route {
                    span.set_attribute(KeyValue::new("http.route", route.to_owned()));
                }
                span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
                if status >= 500 {
                    span.set_status(Status::error(""));
                }
            }
            SpanOutcome::Call { outcome, failed } => {
                span.set_attribute(KeyValue::new("nrg.outcome", outcome));
                if failed {
                    span.set_attribute(KeyValue::new("error.type", outcome));
                    span.set_status(Status::error(""));
                }
            }
            SpanOutcome::Submission => {}
        }
        self.ended.store(true, Ordering::Relaxed);
        span.end();
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        if !self.ended.load(Ordering::Relaxed) {
            self.span.span().set_status(Status::error("broken off"));
        }
    }
}

/// Ids from the injected randomness.
struct RandomIds(Entropy);

impl IdGenerator for RandomIds {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from(u128::from_be_bytes(self.0.bytes()).max(1))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(u64::from_be_bytes(self.0.bytes()).max(1))
    }
}

impl std::fmt::Debug for RandomIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RandomIds")
    }
}

/// The HTTP client for the collector. The SDK calls it from a thread without a runtime, so that ours sends the request.
#[derive(Debug)]
struct Collector {
    client: reqwest::Client,
    runtime: Handle,
}

impl Collector {
    #[allow(clippy::disallowed_methods, reason = "not to NRG: spans go to the affiliate's collector")]
    fn new() -> Result<Self, Unusable> {
        tls::provide();
        let client = reqwest::Client::builder()
            .timeout(SEND_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| Unusable(error.into()))?;
        let runtime = Handle::try_current().map_err(|error| Unusable(error.into()))?;
        Ok(Self { client, runtime })
    }
}

#[async_trait]
impl HttpClient for Collector {
    #[allow(clippy::disallowed_methods, reason = "not to NRG: spans go to the affiliate's collector")]
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, request) = (self.client.clone(), request.try_into()?);
        let exchange = async move {
            let mut reply = client.execute(request).await?;
            let mut body = Vec::new();
            while let Some(chunk) = reply.chunk().await? {
                if body.len() + chunk.len() > MAX_REPLY_BYTES {
                    return Err("the collector's reply is too long".into());
                }
                body.extend_from_slice(&chunk);
            }
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = reply.status();
            *response.headers_mut() = reply.headers().clone();
            Ok(response)
        };
        self.runtime.spawn(exchange).await?
    }
}
