//! Meter identifiers.

use super::{nothing, problem::Problem, typed};

/// An ESI ID: 17 or 22 digits, whatever they begin with. It points at a home, so it is hidden from logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EsiId(String);

impl EsiId {
    /// Reads the digits with any spaces or hyphens.
    ///
    /// # Errors
    /// [`Problem::Missing`] (also of "N/A" and the like), [`Problem::EsiIdDigits`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if nothing::is_said(typed) {
            return Err(Problem::Missing);
        }
        let digits = typed::digits(typed).filter(|digits| matches!(digits.len(), 17 | 22));
        digits.map(Self).ok_or(Problem::EsiIdDigits)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

redacted_debug!(EsiId);
stored_as_text!(EsiId, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn esi_id_is_parsed_from_17_or_22_digits_or_refused() {
        for (typed, expected) in [
            ("10000009999999912", Ok("10000009999999912")),
            ("1000000-9999999-912", Ok("10000009999999912")),
            ("1000000999999991200000", Ok("1000000999999991200000")),
            ("", Err(Problem::Missing)),
            ("1000000999999991", Err(Problem::EsiIdDigits)),
            ("100000099999999120", Err(Problem::EsiIdDigits)),
            ("NRESID", Err(Problem::EsiIdDigits)),
        ] {
            assert_eq!(
                EsiId::parse(typed).as_ref().map(EsiId::as_str).map_err(|p| *p),
                expected,
                "{typed:?}"
            );
        }
    }
}
