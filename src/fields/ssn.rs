//! Social Security numbers. Request memory only: this type cannot be printed, stored or copied.

use zeroize::Zeroizing;

use super::{last_four::LastFour, problem::Problem, typed};

/// A Social Security number: nine digits, wiped from memory when dropped.
pub struct Ssn(Zeroizing<String>);

/// The words that name the number, in both languages.
const NAMES: [&str; 13] = [
    "ssn", "ss", "soc", "sec", "social", "security", "number", "no", "itin", "seguro", "número", "numero",
    "de",
];

impl Ssn {
    /// Reads nine digits with any spaces, hyphens or dots, and with the words that name the number. Numbers from 900 on are let through: tax
    /// numbers begin so.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::SsnDigits`], [`Problem::SsnNeverIssued`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if typed.trim().is_empty() {
            return Err(Problem::Missing);
        }
        let digits = typed::secret_digits(typed, 9, &NAMES).ok_or(Problem::SsnDigits)?;
        if digits.len() != 9 {
            return Err(Problem::SsnDigits);
        }
        let (area, rest) = digits.split_at(3);
        let (group, serial) = rest.split_at(2);
        let mut bytes = digits.bytes();
        let first = bytes.next();
        let identical = bytes.all(|digit| Some(digit) == first);
        if identical || matches!(area, "000" | "666") || group == "00" || serial == "0000" {
            return Err(Problem::SsnNeverIssued);
        }
        Ok(Self(digits))
    }

    /// The nine digits, for the one call that sends them (contract 5.1).
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four digits, which may be kept and shown.
    pub fn last_four(&self) -> LastFour {
        LastFour::ending(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "an invented number")]
    fn ssn_is_parsed_or_refused_with_its_problem() {
        for (typed, expected) in [
            ("900456789", Ok("900456789")),
            (" 900-45-6789 ", Ok("900456789")),
            ("900.45.6789", Ok("900456789")),
            ("900 45 6789", Ok("900456789")),
            ("SSN: 900-45-6789", Ok("900456789")),
            ("ssn900456789", Ok("900456789")),
            ("Social Security No. 900 45 6789", Ok("900456789")),
            ("Número de seguro social 900-45-6789", Ok("900456789")),
            ("", Err(Problem::Missing)),
            ("SSN", Err(Problem::SsnDigits)),
            ("DL 900456789", Err(Problem::SsnDigits)),
            ("90045678", Err(Problem::SsnDigits)),
            ("9004567890", Err(Problem::SsnDigits)),
            ("90045678x", Err(Problem::SsnDigits)),
            ("999999999", Err(Problem::SsnNeverIssued)),
            ("000456789", Err(Problem::SsnNeverIssued)),
            ("666456789", Err(Problem::SsnNeverIssued)),
            ("900006789", Err(Problem::SsnNeverIssued)),
            ("900450000", Err(Problem::SsnNeverIssued)),
        ] {
            assert_eq!(Ssn::parse(typed).as_ref().map(Ssn::expose).map_err(|p| *p), expected, "{typed:?}");
        }
    }

    #[test]
    fn ssn_yields_last_four_digits() {
        assert_eq!(Ssn::parse("900-45-6789").ok().unwrap().last_four().as_str(), "6789");
    }
}
