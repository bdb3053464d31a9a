//! US states.

use super::problem::Problem;

/// A US state, territory or military post, by its two-letter postal code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State(&'static str);

impl State {
    /// The state of every service address.
    pub const TEXAS: Self = Self("TX");

    /// All codes: states, then territories, then military posts.
    #[rustfmt::skip]
    pub const CODES: [&'static str; 62] = [
        "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID",
        "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO",
        "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA",
        "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS",
        "GU", "MP", "PR", "VI", "FM", "MH", "PW", "AA", "AE", "AP",
    ];

    /// Parses a two-letter code in upper or lower case.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::StateCode`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(Problem::Missing);
        }
        let code = Self::CODES.into_iter().find(|code| code.eq_ignore_ascii_case(typed));
        code.map(Self).ok_or(Problem::StateCode)
    }

    /// The code.
    pub fn as_str(&self) -> &'static str {
        self.0
    }
}

stored_as_text!(State, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_code_is_parsed_or_refused() {
        for (typed, expected) in [
            ("TX", Ok("TX")),
            (" tx ", Ok("TX")),
            ("PR", Ok("PR")),
            ("AE", Ok("AE")),
            ("", Err(Problem::Missing)),
            ("XX", Err(Problem::StateCode)),
            ("Texas", Err(Problem::StateCode)),
        ] {
            assert_eq!(State::parse(typed).map(|state| state.as_str()), expected, "{typed:?}");
        }
        assert_eq!(State::parse("TX"), Ok(State::TEXAS));
    }
}
