//! The trace a request belongs to (W3C Trace Context): named in the log and passed on to NRG, so that one id finds a
//! visitor's request in the proxy's log, in ours and in NRG's.
//!
//! What comes in is twenty-four bytes and a flag, or nothing; the header itself is never passed on. What is recorded of
//! a [`Span`], where a collector is set, is listed in `recorder.rs`: nothing a person said is among it.

#[cfg_attr(not(feature = "otel"), path = "no_recorder.rs")]
mod recorder;
mod span;

pub use recorder::{AVAILABLE, Unusable};
pub use span::{Export, Span, SpanKind, SpanOutcome, Tracer};

/// A place in a trace: the trace, and the piece of work in it that others belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    id: [u8; 16],
    span: [u8; 8],
    sampled: bool,
}

impl Trace {
    /// The place that `traceparent` names: version 00, or what a later version has in common with it.
    pub fn read(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let (version, id, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let [version] = hex(version)?;
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        let (id, span, [flags]) = (hex::<16>(id)?, hex::<8>(span)?, hex(flags)?);
        (id != [0; 16] && span != [0; 8]).then_some(Self { id, span, sampled: flags & 1 == 1 })
    }

    /// The trace's id, 32 hexadecimal digits.
    pub fn id(&self) -> String {
        digits(&self.id)
    }

    /// The header of a call that belongs to this piece of work.
    pub fn header(&self) -> String {
        format!("00-{}-{}-{:02x}", self.id(), digits(&self.span), u8::from(self.sampled))
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `N` bytes of small hexadecimal digits.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if text.len() != 2 * N || !text.as_bytes().iter().all(digit) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Entropy;

    #[test]
    fn traceparent_header_is_parsed_as_w3c_defines() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (header, reads) in [
            (format!("00-{id}-00f067aa0ba902b7-01"), true),
            (format!("00-{id}-00f067aa0ba902b7-00"), true),
            (format!("cc-{id}-00f067aa0ba902b7-01-what-comes"), true),
            (format!("00-{id}-00f067aa0ba902b7-01-more"), false),
            (format!("ff-{id}-00f067aa0ba902b7-01"), false),
            (format!("00-{id}-0000000000000000-01"), false),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), false),
            (format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()), false),
            (format!("00-{id}-00f067aa0ba902b7"), false),
            (format!("00-{id}0-00f067aa0ba902b7-01"), false),
            ("00-é-é-é".to_owned(), false),
            (String::new(), false),
        ] {
            let trace = Trace::read(&header);
            assert_eq!(trace.map(|trace| trace.id()), reads.then(|| id.to_owned()), "{header}");
        }
    }

    #[test]
    fn each_call_gets_new_span_id_within_its_trace() {
        let named = Trace::read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        let request = Tracer::new(Entropy::system()).begin(SpanKind::Request, Some(named));
        let headers = [1, 2].map(|_| request.begin(SpanKind::Call("tdsp")).trace().header());
        assert_ne!(headers[0], headers[1]);
        for header in headers {
            assert!(header.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && header.ends_with("-01"));
            assert_eq!(Trace::read(&header).map(|trace| trace.id()), Some(named.id()));
        }
    }

    #[test]
    fn generated_trace_ids_are_never_all_zeros() {
        let zeros = Tracer::new(Entropy::new(|buffer| buffer.fill(0)));
        assert!(Trace::read(&zeros.begin(SpanKind::Request, None).trace().header()).is_some());
    }
}
