//! The last four digits of a number that is not kept.

use super::problem::Problem;

/// The last four digits of an SSN or license number. Still personal: shown to its owner only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LastFour(String);

impl LastFour {
    /// Reads exactly four digits.
    ///
    /// # Errors
    /// [`Problem::Unreadable`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::Unreadable)
        }
    }

    /// The end of a value already known to end in four digits.
    pub(super) fn ending(text: &str) -> Self {
        Self(text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned())
    }

    /// The four digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

redacted_debug!(LastFour);
stored_as_text!(LastFour, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_four_is_exactly_four_digits() {
        for (text, good) in
            [("6789", true), ("0000", true), ("678", false), ("67890", false), ("67x9", false)]
        {
            assert_eq!(LastFour::parse(text).is_ok(), good, "{text:?}");
        }
    }
}
