//! US phone numbers.

use std::fmt;

use super::{problem::Problem, typed};

/// A US phone number: ten digits, area code and exchange not starting with 0 or 1.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads any way of writing a US number; a leading +1 or 1 is dropped.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::PhoneDigits`], [`Problem::PhoneNeverIssued`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if typed.trim().is_empty() {
            return Err(Problem::Missing);
        }
        let mut digits = typed::digits(typed).ok_or(Problem::PhoneDigits)?;
        if digits.len() == 11 && digits.starts_with('1') {
            digits.remove(0);
        }
        if digits.len() != 10 {
            return Err(Problem::PhoneDigits);
        }
        if digits.chars().step_by(3).take(2).any(|first| matches!(first, '0' | '1')) {
            return Err(Problem::PhoneNeverIssued);
        }
        Ok(Self(digits))
    }

    /// The ten digits, as NRG takes them (contract 5.11).
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    /// As people write it: (713) 555-0142.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ten ASCII digits by construction, so neither split can miss.
        let (area, rest) = self.0.split_at(3);
        let (exchange, line) = rest.split_at(3);
        write!(f, "({area}) {exchange}-{line}")
    }
}

redacted_debug!(Phone);
stored_as_text!(Phone, digits, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_is_normalized_to_ten_digits_or_refused() {
        for (typed, expected) in [
            ("7135550142", Ok("7135550142")),
            ("(713) 555-0142", Ok("7135550142")),
            ("+1 713.555.0142", Ok("7135550142")),
            ("1-713-555-0142", Ok("7135550142")),
            ("\u{202d}713\u{a0}555\u{2011}0142\u{202c}", Ok("7135550142")),
            ("", Err(Problem::Missing)),
            ("555-0142", Err(Problem::PhoneDigits)),
            ("713-555-0142 ext 5", Err(Problem::PhoneDigits)),
            ("+52 55 1234 5678", Err(Problem::PhoneDigits)),
            ("27135550142", Err(Problem::PhoneDigits)),
            ("0135550142", Err(Problem::PhoneNeverIssued)),
            ("1135550142", Err(Problem::PhoneNeverIssued)),
            ("7131550142", Err(Problem::PhoneNeverIssued)),
        ] {
            assert_eq!(
                Phone::parse(typed).as_ref().map(Phone::digits).map_err(|p| *p),
                expected,
                "{typed:?}"
            );
        }
    }

    #[test]
    fn phone_is_formatted_in_display_and_redacted_in_debug() {
        let phone = Phone::parse("7135550142").unwrap();
        assert_eq!(phone.to_string(), "(713) 555-0142");
        assert_eq!(format!("{phone:?}"), "Phone(hidden)");
    }
}
