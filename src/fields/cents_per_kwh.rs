//! Prices of electricity.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::problem::Problem;

/// A price in tenths of a cent per kWh: `CentsPerKwh(142)` is 14.2 cents per kWh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CentsPerKwh(pub u32);

impl CentsPerKwh {
    /// Reads cents per kWh with one decimal or none, "14.2" or "14" (contract 2.7).
    ///
    /// # Errors
    /// [`Problem::Unreadable`], also of a second decimal that is not zero.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return Err(Problem::Unreadable);
        }
        let (tenth, rest) = decimals.split_at(1);
        if rest.bytes().any(|b| b != b'0') {
            return Err(Problem::Unreadable);
        }
        format!("{whole}{tenth}").parse().map(Self).map_err(|_| Problem::Unreadable)
    }
}

impl fmt::Display for CentsPerKwh {
    /// Cents with one decimal, "14.2".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn price_per_kwh_is_parsed_to_one_decimal_or_refused() {
        for (text, expected) in [
            ("14.2", Ok("14.2")),
            ("14", Ok("14.0")),
            (" 0.9 ", Ok("0.9")),
            ("14.20", Ok("14.2")),
            ("14.25", Err(Problem::Unreadable)),
            ("-14.2", Err(Problem::Unreadable)),
            ("14,2", Err(Problem::Unreadable)),
            ("14.", Err(Problem::Unreadable)),
            (".2", Err(Problem::Unreadable)),
            ("", Err(Problem::Unreadable)),
            ("9999999999", Err(Problem::Unreadable)),
        ] {
            let read = CentsPerKwh::parse(text).map(|price| price.to_string());
            assert_eq!(read, expected.map(str::to_owned), "{text:?}");
        }
    }
}
