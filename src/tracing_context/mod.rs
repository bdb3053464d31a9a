//! The trace context of a request (W3C Trace Context): logged and passed on to NRG, so that one id finds a visitor's request
//! in the proxy's log, in ours and in NRG's.
//!
//! Of the incoming header only the two ids and the sampled flag are used; the header itself is never passed on. What is
//! recorded of a [`Span`], if a collector is set, is listed in `recorder.rs`: nothing that a person typed is among it.

mod context;
#[cfg_attr(not(feature = "otel"), path = "no_recorder.rs")]
mod recorder;
mod span;
mod tracer;

pub use context::Trace;
pub use recorder::{AVAILABLE, Unusable};
pub use span::{Export, SpanKind, SpanOutcome};
pub use tracer::{Span, Tracer};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Entropy;

    #[test]
    fn each_call_gets_new_span_id_within_its_trace() {
        let named = Trace::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        let request = Tracer::new(Entropy::system()).begin(SpanKind::Request, Some(named));
        let headers = [1, 2].map(|_| request.begin(SpanKind::Call("tdsp")).trace().traceparent());
        assert_ne!(headers[0], headers[1]);
        for header in headers {
            assert!(header.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && header.ends_with("-01"));
            assert_eq!(Trace::parse(&header).map(|trace| trace.id()), Some(named.id()));
        }
    }

    #[test]
    fn generated_trace_ids_are_never_all_zeros() {
        let zeros = Tracer::new(Entropy::new(|buffer| buffer.fill(0)));
        assert!(Trace::parse(&zeros.begin(SpanKind::Request, None).trace().traceparent()).is_some());
    }
}
