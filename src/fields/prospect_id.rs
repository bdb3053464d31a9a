//! Prospect numbers, printed on letters of NRG's.

use super::{nothing, problem::Problem};

/// A prospect id: 1 to 20 letters and digits (contract 5.2). It points at a person, so it is hidden from logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProspectId(String);

impl ProspectId {
    /// Reads an id with any spaces or hyphens.
    ///
    /// # Errors
    /// [`Problem::Missing`] (also of "N/A" and the like), [`Problem::ProspectIdShape`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if nothing::is_said(typed) {
            return Err(Problem::Missing);
        }
        Self::stored(typed)
    }

    /// An id as it is kept, whatever an older version took for one.
    fn stored(typed: &str) -> Result<Self, Problem> {
        let kept: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if (1..=20).contains(&kept.len()) && kept.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(kept))
        } else {
            Err(Problem::ProspectIdShape)
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

redacted_debug!(ProspectId);
stored_as_text!(ProspectId, as_str, stored);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prospect_id_is_normalized_or_refused() {
        for (typed, expected) in [
            ("P000123", Ok("P000123")),
            (" P-000 123 ", Ok("P000123")),
            ("", Err(Problem::Missing)),
            ("-", Err(Problem::Missing)),
            ("N/A", Err(Problem::Missing)),
            ("no tengo", Err(Problem::Missing)),
            ("P_000123", Err(Problem::ProspectIdShape)),
            ("123456789012345678901", Err(Problem::ProspectIdShape)),
        ] {
            let read = ProspectId::parse(typed);
            assert_eq!(read.as_ref().map(ProspectId::as_str).map_err(|p| *p), expected, "{typed:?}");
        }
    }
}
