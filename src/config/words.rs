//! Words for people in each language.

use super::section::Section;
use crate::journey::PerLanguage;

/// Words for people in each language; blank in both is `Some(None)`. What is important in one is so in the other.
pub(super) fn read_words(section: &mut Section<'_>, key: &str) -> Option<Option<PerLanguage<String>>> {
    section.section(key, |section| {
        let what = "a text in each language, or blank in each";
        let mut words = |key| section.optional(key, what, |text| Some(text.to_owned()));
        match (words("en")?, words("es")?) {
            (Some(english), Some(spanish)) => Some(Some(PerLanguage { english, spanish })),
            (None, None) => Some(None),
            (None, Some(_)) => section.must_be("en", what, None),
            (Some(_), None) => section.must_be("es", what, None),
        }
    })
}
