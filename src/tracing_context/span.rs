//! A piece of work in a trace: a visitor's request, a submission, one call of NRG.
//!
//! Where no collector is set it is a name in the trace and nothing more; where one is, its beginning, its end and
//! [`SpanOutcome`] are recorded.

use std::sync::Arc;

use url::Url;
use zeroize::Zeroizing;

use super::{
    Trace,
    recorder::{Recorded, Recorder, Unusable},
};
use crate::entropy::Entropy;

/// Where spans are sent, and how many.
pub struct Export {
    /// The collector's address for OTLP over HTTP, with its path, which ends in `/v1/traces` as a rule.
    pub endpoint: Url,
    /// What the collector is told in the header `authorization`.
    pub authorization: Option<Zeroizing<String>>,
    /// Of a hundred traces that begin here, so many are recorded; one that came with a request is as its sender
    /// decided.
    pub percent: u8,
}

/// What kind of work a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// A browser's request.
    Request,
    /// A submission on its way to NRG.
    Submission,
    /// One call of NRG, by the name of its endpoint.
    Call(&'static str),
}

/// What is recorded of a piece of work when it ends.
#[derive(Debug, Clone, Copy)]
pub enum SpanOutcome<'a> {
    /// The answer to a browser: method, route (never the path), status.
    Request {
        /// As `GET`.
        method: &'a str,
        /// As `/plans/{brand}/{offer}`; none where no page was asked for.
        route: Option<&'a str>,
        /// HTTP status.
        status: u16,
    },
    /// What NRG answered.
    Call {
        /// The word of `nrg_calls_total`.
        outcome: &'static str,
        /// Nobody answered, or nobody could read it.
        failed: bool,
    },
    /// The call within says how a submission went.
    Submission,
}

/// Begins spans.
#[derive(Clone)]
pub struct Tracer {
    entropy: Entropy,
    recorder: Option<Arc<Recorder>>,
}

impl Tracer {
    /// Spans are names only.
    pub fn new(entropy: Entropy) -> Self {
        Self { entropy, recorder: None }
    }

    /// Spans are recorded and sent to a collector.
    ///
    /// # Errors
    /// No client can be built for it.
    pub fn exporting(export: &Export, entropy: Entropy) -> Result<Self, Unusable> {
        let recorder = Arc::new(Recorder::start(export, entropy.clone())?);
        Ok(Self { entropy, recorder: Some(recorder) })
    }

    /// A piece of work within `parent`; without one, a trace begins.
    pub fn begin(&self, work: SpanKind, parent: Option<Trace>) -> Span {
        let recorded = self.recorder.as_ref().map(|recorder| Arc::new(recorder.begin(work, parent)));
        let trace = recorded.as_ref().map_or_else(|| self.name(parent), |recorded| recorded.trace());
        Span { trace, tracer: self.clone(), recorded }
    }

    /// Nobody records it, as far as we know.
    fn name(&self, parent: Option<Trace>) -> Trace {
        let span = u64::from_be_bytes(self.entropy.bytes()).max(1).to_be_bytes();
        match parent {
            Some(parent) => Trace { span, ..parent },
            None => {
                let id = u128::from_be_bytes(self.entropy.bytes()).max(1).to_be_bytes();
                Trace { id, span, sampled: false }
            }
        }
    }

    /// Sends what is recorded and not yet sent; spans after that are lost. Blocks while it does.
    pub fn finish(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.finish();
        }
    }
}

/// A piece of work under way. It ends with [`end`](Self::end); dropped without it, it is recorded as broken off.
#[derive(Clone)]
pub struct Span {
    trace: Trace,
    tracer: Tracer,
    recorded: Option<Arc<Recorded>>,
}

impl Span {
    /// Its place in the trace.
    pub fn trace(&self) -> Trace {
        self.trace
    }

    /// A piece of work within this one.
    pub fn begin(&self, work: SpanKind) -> Self {
        self.tracer.begin(work, Some(self.trace))
    }

    /// It ended so.
    pub fn end(&self, told: SpanOutcome<'_>) {
        if let Some(recorded) = &self.recorded {
            recorded.end(told);
        }
    }
}
