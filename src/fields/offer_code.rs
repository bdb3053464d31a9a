//! Offer codes.

use super::problem::Problem;

/// An offer's code: exactly 8 letters and digits (contract 5.8).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OfferCode(String);

impl OfferCode {
    /// Reads a code from an offer, a form or a path.
    ///
    /// # Errors
    /// [`Problem::NotAChoice`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.len() == 8 && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::NotAChoice)
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

stored_as_text!(OfferCode, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offer_code_is_eight_letters_or_digits() {
        for (text, good) in [
            ("59990001", true),
            ("AB990001", true),
            ("5999000", false),
            ("599900011", false),
            ("5999/001", false),
        ] {
            assert_eq!(OfferCode::parse(text).is_ok(), good, "{text:?}");
        }
    }
}
