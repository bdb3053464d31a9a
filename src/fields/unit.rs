//! Unit numbers.

use super::{problem::Problem, typed};

/// A unit's number without the word before it, at most 10 characters (contract 5.3), in capitals: "12B".
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit(String);

/// The words that may stand before the number, longer ones before those they begin with.
const WORDS: [&str; 22] = [
    "APARTAMENTO",
    "APARTMENT",
    "APTO",
    "APT",
    "DEPARTAMENTO",
    "DEPTO",
    "UNIDAD",
    "UNIT",
    "SUITE",
    "STE",
    "NUMBER",
    "NÚMERO",
    "NUMERO",
    "NÚM",
    "NUM",
    "NO",
    "SPACE",
    "SPC",
    "LOTE",
    "LOT",
    "TRAILER",
    "#",
];

impl Unit {
    /// Reads "12b", "Apt 12B", "#12B", "Apto. 12B".
    ///
    /// # Errors
    /// [`Problem::Missing`] (also of the word alone), [`Problem::TooLong`], [`Problem::ControlCharacters`],
    /// [`Problem::AddressCharacters`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let text = typed::tidy(typed, usize::MAX)?.to_uppercase();
        let number = typed::tidy(without_words(&text), 10)?;
        if !number.chars().all(typed::is_address_character) {
            return Err(Problem::AddressCharacters);
        }
        Ok(Self(number))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

redacted_debug!(Unit);
stored_as_text!(Unit, as_str, parse);

fn without_words(text: &str) -> &str {
    let after = |word: &str| {
        let rest = text.strip_prefix(word)?;
        // "STELLA" is a name, not suite "LLA".
        (word == "#" || !rest.starts_with(char::is_alphabetic)).then_some(rest)
    };
    match WORDS.into_iter().find_map(after) {
        Some(rest) => without_words(rest.trim_start_matches([' ', '.', ':', '-'])),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_is_stripped_of_its_designator_or_refused() {
        for (typed, expected) in [
            ("12", Ok("12")),
            ("12b", Ok("12B")),
            ("Apt 12", Ok("12")),
            ("apt.12", Ok("12")),
            ("Apt12", Ok("12")),
            ("APT # 12", Ok("12")),
            ("#12", Ok("12")),
            ("#B", Ok("B")),
            ("Unit A", Ok("A")),
            ("Suite 200", Ok("200")),
            ("Apto. 4", Ok("4")),
            ("Lote 7", Ok("7")),
            ("No. 5", Ok("5")),
            ("Stella", Ok("STELLA")),
            ("2-105", Ok("2-105")),
            ("", Err(Problem::Missing)),
            ("Apt", Err(Problem::Missing)),
            ("12345678901", Err(Problem::TooLong { max: 10 })),
            ("12<", Err(Problem::AddressCharacters)),
        ] {
            assert_eq!(Unit::parse(typed).as_ref().map(Unit::as_str).map_err(|p| *p), expected, "{typed:?}");
        }
    }
}
