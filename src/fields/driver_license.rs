//! Texas driver license and ID card numbers. Request memory only: cannot be printed, stored or copied.

use zeroize::Zeroizing;

use super::{last_four::LastFour, problem::Problem, typed};

/// The number of a Texas driver license or ID card: seven or eight digits, wiped from memory when dropped.
pub struct DriverLicense(Zeroizing<String>);

/// The words that name the number, in both languages. Another state's name is none of them: its licenses are not read.
#[rustfmt::skip]
const NAMES: [&str; 19] = [
    "tx", "tex", "texas", "tdl", "dl", "dln", "driver", "drivers", "s", "license", "licence", "lic", "licencia", "id", "no",
    "number", "número", "numero", "de",
];

impl DriverLicense {
    /// Reads seven or eight digits with any spaces or hyphens, and with the words that name the number.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::LicenseDigits`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if typed.trim().is_empty() {
            return Err(Problem::Missing);
        }
        typed::secret_digits(typed, 8, &NAMES)
            .filter(|digits| digits.len() >= 7)
            .map(Self)
            .ok_or(Problem::LicenseDigits)
    }

    /// The digits, for the one call that sends them (contract 5.1).
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
    fn driver_license_number_is_parsed_or_refused() {
        for (typed, expected) in [
            ("00001234", Ok("00001234")),
            ("0001234", Ok("0001234")),
            (" 0000-1234 ", Ok("00001234")),
            ("TX DL# 00001234", Ok("00001234")),
            ("Driver's License: 00001234", Ok("00001234")),
            ("Licencia de Texas 00001234", Ok("00001234")),
            ("CA 0001234", Err(Problem::LicenseDigits)),
            (" ", Err(Problem::Missing)),
            ("001234", Err(Problem::LicenseDigits)),
            ("000001234", Err(Problem::LicenseDigits)),
            ("A0001234", Err(Problem::LicenseDigits)),
        ] {
            let read = DriverLicense::parse(typed);
            assert_eq!(read.as_ref().map(DriverLicense::expose).map_err(|p| *p), expected, "{typed:?}");
        }
    }

    #[test]
    fn driver_license_yields_last_four_digits() {
        assert_eq!(DriverLicense::parse("00001234").ok().unwrap().last_four().as_str(), "1234");
    }
}
