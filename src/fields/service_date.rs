//! The days service can start.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Problem, typed};

/// A day on which service starts. Stored as an ISO date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServiceDate(pub Date);

impl ServiceDate {
    /// `MMddyyyy`, as NRG takes and gives it (contract 2.7).
    pub fn wire(self) -> String {
        typed::wire_date(self.0)
    }

    /// Reads `MMddyyyy`.
    ///
    /// # Errors
    /// [`Problem::NotADate`].
    pub fn parse_wire(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Problem::NotADate);
        }
        Date::strptime("%m%d%Y", text).map(Self).map_err(|_| Problem::NotADate)
    }

    /// `yyyy-MM-dd`, as forms take and give it.
    pub fn iso(self) -> String {
        self.0.to_string()
    }

    /// Reads `yyyy-MM-dd`.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::NotADate`].
    pub fn parse_iso(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::Missing);
        }
        Date::strptime("%Y-%m-%d", text).map(Self).map_err(|_| Problem::NotADate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_wire() {
        for (text, expected) in [
            ("06192030", Ok("2030-06-19")),
            ("02292028", Ok("2028-02-29")),
            ("02292030", Err(Problem::NotADate)),
            ("6192030", Err(Problem::NotADate)),
            ("00000000", Err(Problem::NotADate)),
            ("2030-6-1", Err(Problem::NotADate)),
            ("", Err(Problem::NotADate)),
        ] {
            let read = ServiceDate::parse_wire(text);
            assert_eq!(read.map(ServiceDate::iso), expected.map(str::to_owned), "{text:?}");
            if let Ok(date) = read {
                assert_eq!(date.wire(), text);
            }
        }
    }

    #[test]
    fn in_forms() {
        for (text, expected) in [
            ("2030-06-19", Ok("06192030")),
            ("2030-02-30", Err(Problem::NotADate)),
            ("06/19/2030", Err(Problem::NotADate)),
            ("2030-06-19T10:00", Err(Problem::NotADate)),
            (" ", Err(Problem::Missing)),
        ] {
            assert_eq!(
                ServiceDate::parse_iso(text).map(ServiceDate::wire),
                expected.map(str::to_owned),
                "{text:?}"
            );
        }
    }
}
