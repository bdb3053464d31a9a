//! Utility codes.

use super::problem::Problem;

/// A utility's code, `D` and four digits (contract 2.4). An open set: new utilities appear.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TdspCode(String);

impl TdspCode {
    /// Reads a code.
    ///
    /// # Errors
    /// [`Problem::NotAChoice`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        match text.strip_prefix('D') {
            Some(digits) if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Problem::NotAChoice),
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

stored_as_text!(TdspCode, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tdsp_code_is_d_and_four_digits() {
        for (text, good) in [
            ("D0001", true),
            ("D9999", true),
            (" D0001 ", true),
            ("d0001", false),
            ("D001", false),
            ("99901", false),
            ("", false),
        ] {
            assert_eq!(TdspCode::parse(text).is_ok(), good, "{text:?}");
        }
    }
}
