//! Given names and family names.

use super::{problem::Problem, typed};

/// A given or family name: 1 to 40 characters (contract 5.11), any letters, as it was typed but for
/// stray spaces and curly apostrophes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name of letters with or without accents, apostrophes, hyphens, dots and spaces.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::TooLong`], [`Problem::ControlCharacters`],
    /// [`Problem::NameCharacters`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let text = typed::tidy(typed, 40)?;
        let allowed = |c: char| typed::is_letter(c) || " '-.".contains(c);
        if text.chars().all(allowed) && text.chars().any(char::is_alphabetic) {
            Ok(Self(text))
        } else {
            Err(Problem::NameCharacters)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

redacted_debug!(PersonName);
stored_as_text!(PersonName, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn person_name_is_normalized_or_refused_with_its_problem() {
        let forty = "n".repeat(40);
        let too_long = "n".repeat(41);
        for (typed, expected) in [
            (" Jordan ", Ok("Jordan")),
            ("María  José", Ok("María José")),
            ("Jose\u{301}", Ok("Jose\u{301}")),
            ("O\u{2019}Sample-Case Jr.", Ok("O'Sample-Case Jr.")),
            ("李", Ok("李")),
            (forty.as_str(), Ok(forty.as_str())),
            (too_long.as_str(), Err(Problem::TooLong { max: 40 })),
            ("", Err(Problem::Missing)),
            ("J0rdan", Err(Problem::NameCharacters)),
            ("<b>", Err(Problem::NameCharacters)),
            ("-.'", Err(Problem::NameCharacters)),
            ("Jor\u{0}dan", Err(Problem::ControlCharacters)),
        ] {
            let read = PersonName::parse(typed);
            assert_eq!(read.as_ref().map(PersonName::as_str).map_err(|p| *p), expected, "{typed:?}");
        }
    }

    #[test]
    fn person_name_is_redacted_in_debug() {
        assert_eq!(format!("{:?}", PersonName::parse("Jordan").unwrap()), "PersonName(hidden)");
    }
}
