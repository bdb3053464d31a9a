//! Begins and ends spans: a visitor's request, a submission, one call of NRG.
//!
//! Without a collector a span is only an id in its trace. With one, its beginning, its end and its [`SpanOutcome`] are
//! recorded.

use std::sync::Arc;

use super::{
    context::Trace,
    recorder::{Recorded, Recorder, Unusable},
    span::{Export, SpanKind, SpanOutcome},
};
use crate::entropy::Entropy;

/// Begins spans.
#[derive(Clone)]
pub struct Tracer {
    entropy: Entropy,
    recorder: Option<Arc<Recorder>>,
}

impl Tracer {
    /// A tracer whose spans are not recorded.
    pub fn new(entropy: Entropy) -> Self {
        Self { entropy, recorder: None }
    }

    /// A tracer whose spans are recorded and sent to a collector.
    ///
    /// # Errors
    /// The client for the collector cannot be built.
    pub fn exporting(export: &Export, entropy: Entropy) -> Result<Self, Unusable> {
        let recorder = Arc::new(Recorder::start(export, entropy.clone())?);
        Ok(Self { entropy, recorder: Some(recorder) })
    }

    /// Begins a span within `parent`; without one, a trace begins.
    pub fn begin(&self, work: SpanKind, parent: Option<Trace>) -> Span {
        let recorded = self.recorder.as_ref().map(|recorder| Arc::new(recorder.begin(work, parent)));
        let trace = recorded.as_ref().map_or_else(|| self.unrecorded(parent), |recorded| recorded.trace());
        Span { trace, tracer: self.clone(), recorded }
    }

    /// A new span's context, when we do not record it.
    fn unrecorded(&self, parent: Option<Trace>) -> Trace {
        let span = u64::from_be_bytes(self.entropy.bytes()).max(1).to_be_bytes();
        match parent {
            Some(parent) => Trace { span, ..parent },
            None => {
                let id = u128::from_be_bytes(self.entropy.bytes()).max(1).to_be_bytes();
                Trace { id, span, sampled: false }
            }
        }
    }

    /// Sends the spans that have not been sent yet, and blocks meanwhile. Later spans are lost.
    pub fn finish(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.finish();
        }
    }
}

/// A span under way. It ends with [`end`](Self::end); dropped before, it is recorded as broken off.
#[derive(Clone)]
pub struct Span {
    trace: Trace,
    tracer: Tracer,
    recorded: Option<Arc<Recorded>>,
}

impl Span {
    /// Its context.
    pub fn trace(&self) -> Trace {
        self.trace
    }

    /// Begins a span within this one.
    pub fn begin(&self, work: SpanKind) -> Self {
        self.tracer.begin(work, Some(self.trace))
    }

    /// Ends it with this outcome.
    pub fn end(&self, outcome: SpanOutcome<'_>) {
        if let Some(recorded) = &self.recorded {
            recorded.end(outcome);
        }
    }
}
