//! Amounts of money.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::problem::Problem;

/// Whole dollars, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dollars(pub u32);

impl Dollars {
    /// Reads "200" or "200.00" (contract 2.7).
    ///
    /// # Errors
    /// [`Problem::Unreadable`], also of an amount with cents: rounding it would show a wrong sum.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (whole, cents) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
        if !digits || cents.is_empty() || !cents.bytes().all(|b| b == b'0') {
            return Err(Problem::Unreadable);
        }
        whole.parse().map(Self).map_err(|_| Problem::Unreadable)
    }
}

impl fmt::Display for Dollars {
    /// The number alone, "200": the sign belongs to the text around it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollar_amount_is_parsed_when_whole_and_otherwise_refused() {
        for (text, expected) in [
            ("200", Ok(200)),
            ("200.00", Ok(200)),
            (" 0 ", Ok(0)),
            ("000150", Ok(150)),
            ("200.50", Err(Problem::Unreadable)),
            ("-200", Err(Problem::Unreadable)),
            ("+200", Err(Problem::Unreadable)),
            ("$200", Err(Problem::Unreadable)),
            ("200.", Err(Problem::Unreadable)),
            (".00", Err(Problem::Unreadable)),
            ("", Err(Problem::Unreadable)),
            ("99999999999", Err(Problem::Unreadable)),
        ] {
            assert_eq!(Dollars::parse(text), expected.map(Dollars), "{text:?}");
        }
    }
}
