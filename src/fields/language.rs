//! The two languages.

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::problem::Problem;

/// A language of the pages, of NRG's texts and of the bills.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
pub enum Language {
    /// English.
    #[strum(serialize = "en")]
    English,
    /// Spanish.
    #[strum(serialize = "es")]
    Spanish,
}

impl Language {
    /// Both languages.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// `languageCode` and `preferredLanguage` on the wire (contract 2.5).
    pub fn wire(self) -> &'static str {
        match self {
            Self::English => "E",
            Self::Spanish => "S",
        }
    }

    /// The language of a code on the wire; any other code than that of Spanish means English.
    pub fn of_wire(letter: &str) -> Self {
        if letter == Self::Spanish.wire() { Self::Spanish } else { Self::English }
    }

    /// The language tag, as in `<html lang>` and `?lang=`.
    pub fn tag(self) -> &'static str {
        self.into()
    }

    /// Parses a tag: its language counts, not its capitals, nor the region or script behind it (`es-MX`, `en_US`).
    ///
    /// # Errors
    /// [`Problem::Missing`], [`Problem::NotAChoice`].
    pub fn parse(tag: &str) -> Result<Self, Problem> {
        let tag = tag.trim();
        if tag.is_empty() {
            return Err(Problem::Missing);
        }
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        language.to_ascii_lowercase().parse().map_err(|_| Problem::NotAChoice)
    }

    /// The other language.
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
            ("ES", Ok(Language::Spanish)),
            ("EN", Ok(Language::English)),
            ("es-MX", Ok(Language::Spanish)),
            ("es_US", Ok(Language::Spanish)),
            ("es-419", Ok(Language::Spanish)),
            ("en-US", Ok(Language::English)),
            (" En_us.UTF-8 ", Ok(Language::English)),
            ("", Err(Problem::Missing)),
            ("fr", Err(Problem::NotAChoice)),
            ("est", Err(Problem::NotAChoice)),
            ("-es", Err(Problem::NotAChoice)),
        ] {
            assert_eq!(Language::parse(tag), expected, "{tag:?}");
        }
        for language in Language::ALL {
            assert_eq!(Language::parse(language.tag()), Ok(*language));
            assert_ne!(language.other(), *language);
        }
    }
}
