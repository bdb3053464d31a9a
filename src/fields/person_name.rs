//! Given names and family names.

use std::borrow::Cow;

use super::{problem::Problem, typed};

/// A given or family name: 1 to 40 characters (contract 5.11), any letters, as it was typed but for stray spaces, curly
/// apostrophes and the comma before a suffix. A suffix is in letters, "III" for "3rd", as records have it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name of letters with or without accents, apostrophes, hyphens, dots, commas and spaces, and with an ordinal
    /// at its end.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::TooLong`],
    /// [`Problem::NameCharacters`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let text = typed::tidy(&typed.replace(',', " "), usize::MAX)?;
        let text = typed::tidy(&suffixed(&text), 40)?;
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

/// The ordinals that follow a name, in both languages.
const ORDINALS: [(&[&str], &str); 4] = [
    (&["2nd", "2do", "2.º", "2º"], "II"),
    (&["3rd", "3ro", "3er", "3.º", "3º"], "III"),
    (&["4th", "4to", "4.º", "4º"], "IV"),
    (&["5th", "5to", "5.º", "5º"], "V"),
];

/// The name with an ordinal at its end in letters.
fn suffixed(name: &str) -> Cow<'_, str> {
    let numeral = |ordinal: &str| {
        let ordinal = ordinal.trim_end_matches('.').to_lowercase();
        ORDINALS.iter().find_map(|(written, numeral)| written.contains(&ordinal.as_str()).then_some(*numeral))
    };
    match name.rsplit_once(' ').and_then(|(before, last)| Some((before, numeral(last)?))) {
        Some((before, numeral)) => Cow::Owned(format!("{before} {numeral}")),
        None => Cow::Borrowed(name),
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
            ("Jose\u{301}", Ok("José")),
            ("O\u{2019}Sample-Case Jr.", Ok("O'Sample-Case Jr.")),
            ("Samplecase, Jr.", Ok("Samplecase Jr.")),
            ("Samplecase ,Sr", Ok("Samplecase Sr")),
            ("Samplecase II", Ok("Samplecase II")),
            ("Samplecase 3rd", Ok("Samplecase III")),
            ("Samplecase, 2ND.", Ok("Samplecase II")),
            ("Samplecase 3.º", Ok("Samplecase III")),
            ("3rd", Err(Problem::NameCharacters)),
            ("Samplecase 3", Err(Problem::NameCharacters)),
            (",", Err(Problem::Missing)),
            ("李", Ok("李")),
            (forty.as_str(), Ok(forty.as_str())),
            (too_long.as_str(), Err(Problem::TooLong { max: 40 })),
            ("", Err(Problem::Missing)),
            ("J0rdan", Err(Problem::NameCharacters)),
            ("<b>", Err(Problem::NameCharacters)),
            ("-.'", Err(Problem::NameCharacters)),
            ("Jor\u{0}dan\u{ad}", Ok("Jordan")),
            ("\u{200b}\u{3164}", Err(Problem::Missing)),
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
