//! The header `traceparent` (W3C Trace Context).

/// The context of a span: the id of its trace, its own id, and whether it is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    pub(super) id: [u8; 16],
    pub(super) span: [u8; 8],
    pub(super) sampled: bool,
}

impl Trace {
    /// Parses the header `traceparent`: version 00, or the fields that a later version has in common with it.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let (version, id, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let [version] = decode(version)?;
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        let (id, span, [flags]) = (decode::<16>(id)?, decode::<8>(span)?, decode(flags)?);
        (id != [0; 16] && span != [0; 8]).then_some(Self { id, span, sampled: flags & 1 == 1 })
    }

    /// The trace id, 32 hexadecimal digits.
    pub fn id(&self) -> String {
        hex::encode(self.id)
    }

    /// The header `traceparent` of a call within this span.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", self.id(), hex::encode(self.span), u8::from(self.sampled))
    }
}

/// `N` bytes, from lower-case hexadecimal digits.
fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    (!text.contains(|digit: char| digit.is_ascii_uppercase())).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let trace = Trace::parse(&header);
            assert_eq!(trace.map(|trace| trace.id()), reads.then(|| id.to_owned()), "{header}");
        }
    }
}
