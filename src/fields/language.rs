//! The two languages.

use super::Problem;

/// A language of the pages, of NRG's texts and of the bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// `languageCode` and `preferredLanguage` on the wire (contract 2.5).
    pub fn wire(self) -> &'static str {
        match self {
            Self::English => "E",
            Self::Spanish => "S",
        }
    }

    /// Reads [`wire`](Self::wire); whatever it does not know is English.
    pub fn of_wire(letter: &str) -> Self {
        if letter == Self::Spanish.wire() { Self::Spanish } else { Self::English }
    }

    /// The language tag, as in `<html lang>` and `?lang=`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// Reads a tag.
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::NotAChoice`].
    pub fn parse(tag: &str) -> Result<Self, Problem> {
        match tag.trim() {
            "en" => Ok(Self::English),
            "es" => Ok(Self::Spanish),
            "" => Err(Problem::Missing),
            _ => Err(Problem::NotAChoice),
        }
    }

    /// The language to change to.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::English => Self::Spanish,
            Self::Spanish => Self::English,
        }
    }
}

stored_as_text!(Language, tag, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tag_is_parsed_or_refused() {
        for (tag, expected) in [
            ("en", Ok(Language::English)),
            ("es", Ok(Language::Spanish)),
            ("", Err(Problem::Missing)),
            ("fr", Err(Problem::NotAChoice)),
        ] {
            assert_eq!(Language::parse(tag), expected, "{tag:?}");
            if let Ok(language) = expected {
                assert_eq!(language.tag(), tag);
                assert_ne!(language.other(), language);
            }
        }
    }
}
