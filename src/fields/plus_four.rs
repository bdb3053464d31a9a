//! The second part of a ZIP+4.

use super::problem::Problem;

/// The four digits after the hyphen in "77999-0001".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlusFour(String);

impl PlusFour {
    /// Reads exactly four digits.
    ///
    /// # Errors
    /// [`Problem::ZipDigits`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::ZipDigits)
        }
    }

    /// The four digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

stored_as_text!(PlusFour, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_four_is_exactly_four_digits() {
        for (text, good) in
            [("0001", true), (" 0001 ", true), ("001", false), ("00011", false), ("00a1", false)]
        {
            assert_eq!(PlusFour::parse(text).is_ok(), good, "{text:?}");
        }
    }
}
