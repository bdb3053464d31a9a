//! The token that NRG issues for an SSN or license number.

use super::{last_four::LastFour, problem::Problem};

/// A token of at most 20 characters, the last four of them digits (contract 5.1). Still personal data.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// Reads what the token service gave.
    ///
    /// # Errors
    /// [`Problem::NotAToken`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let ends_in_digits = text.bytes().rev().take(4).all(|b| b.is_ascii_digit());
        if (4..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) && ends_in_digits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Problem::NotAToken)
        }
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last four digits; for an SSN those of the number itself.
    pub fn last_four(&self) -> LastFour {
        LastFour::ending(&self.0)
    }
}

redacted_debug!(Token);
stored_as_text!(Token, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_parsed_with_last_four_digits_or_refused() {
        for (text, last_four) in [
            ("7QK2MM0-6789", Some("6789")),
            ("12345678901234567890", Some("7890")),
            ("6789", Some("6789")),
            ("", None),
            ("789", None),
            ("7QK2MM0-67890123456789", None),
            ("7QK2MM0-678X", None),
            ("7QK 2MM0-6789", None),
            ("DOWN", None),
        ] {
            let read = Token::parse(text).ok().map(|token| token.last_four());
            assert_eq!(read.as_ref().map(LastFour::as_str), last_four, "{text:?}");
        }
    }
}
