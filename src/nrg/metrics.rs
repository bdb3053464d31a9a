//! The metrics of the calls: endpoint, outcome, latency. Every label is a word known when this was compiled: nothing
//! that came from a person or from NRG can be one.

use std::sync::{Mutex, PoisonError};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::endpoint::Endpoint;

/// The upper bounds of the histogram, in seconds. The last is longer than any call may take.
const BUCKETS: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    endpoint: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabel {
    endpoint: &'static str,
}

/// The metrics of one transport.
pub(super) struct Metrics {
    calls: Family<Call, Counter>,
    seconds: Family<EndpointLabel, Histogram, fn() -> Histogram>,
    last: Mutex<Option<&'static str>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            last: Mutex::default(),
        }
    }
}

impl Metrics {
    /// Counts a request that was sent, with its outcome and its duration in seconds.
    pub(super) fn call(&self, endpoint: Endpoint, outcome: &'static str, seconds: f64) {
        let endpoint = endpoint.path();
        self.calls.get_or_create(&Call { endpoint, outcome }).inc();
        self.seconds.get_or_create(&EndpointLabel { endpoint }).observe(seconds);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    /// Counts a request that the breaker held back.
    pub(super) fn held_back(&self, endpoint: Endpoint) {
        self.calls.get_or_create(&Call { endpoint: endpoint.path(), outcome: "held_back" }).inc();
    }

    /// The outcome of the latest request.
    pub(super) fn last(&self) -> Option<&'static str> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers the metrics.
    pub(super) fn register(&self, registry: &mut Registry) {
        let calls = "Calls to NRG, each try counted, by endpoint and outcome";
        registry.register("nrg_calls", calls, self.calls.clone());
        let seconds = "How long NRG took to answer, or not to";
        registry.register_with_unit("nrg_call_duration", seconds, Unit::Seconds, self.seconds.clone());
    }
}
