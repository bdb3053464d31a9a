//! The recorder of a program built without the feature `otel`: none can be started.

use super::{
    context::Trace,
    span::{Export, SpanKind, SpanOutcome},
};
use crate::entropy::Entropy;

/// Whether this program can send spans to a collector.
pub const AVAILABLE: bool = false;

/// Spans cannot be recorded.
#[derive(Debug, thiserror::Error)]
#[error("this program was built without the feature otel")]
pub struct Unusable;

pub(super) enum Recorder {}

pub(super) enum Recorded {}

impl Recorder {
    pub(super) fn start(_: &Export, _: Entropy) -> Result<Self, Unusable> {
        Err(Unusable)
    }

    pub(super) fn begin(&self, _: SpanKind, _: Option<Trace>) -> Recorded {
        match *self {}
    }

    pub(super) fn finish(&self) {
        match *self {}
    }
}

impl Recorded {
    pub(super) fn trace(&self) -> Trace {
        match *self {}
    }

    pub(super) fn end(&self, _: SpanOutcome<'_>) {
        match *self {}
    }
}
