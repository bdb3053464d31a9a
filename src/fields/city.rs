//! Cities.

use super::{problem::Problem, typed};

/// A city's name, at most 30 characters (contract 5.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct City(String);

impl City {
    /// Reads a name of letters, apostrophes, hyphens, dots and spaces.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::TooLong`],
    /// [`Problem::CityCharacters`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let text = typed::tidy(typed, 30)?;
        let allowed = |c: char| typed::is_letter(c) || " '-.".contains(c);
        if text.chars().all(allowed) && text.chars().any(char::is_alphabetic) {
            Ok(Self(text))
        } else {
            Err(Problem::CityCharacters)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

stored_as_text!(City, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn city_is_trimmed_or_refused_with_its_problem() {
        for (typed, expected) in [
            (" Sampleton ", Ok("Sampleton")),
            ("St. Sample-on-the-Hill", Ok("St. Sample-on-the-Hill")),
            ("Peñasco", Ok("Peñasco")),
            ("", Err(Problem::Missing)),
            ("77999", Err(Problem::CityCharacters)),
            ("Sampleton, TX", Err(Problem::CityCharacters)),
            ("abcdefghijklmnopqrstuvwxyzabcde", Err(Problem::TooLong { max: 30 })),
        ] {
            assert_eq!(City::parse(typed).as_ref().map(City::as_str).map_err(|p| *p), expected, "{typed:?}");
        }
    }
}
