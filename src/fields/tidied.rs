//! Text as every field reads it: without what cannot be seen, and composed.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, Composition};
use icu_properties::CodePointMapData;
use icu_properties::{
    CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark},
};

/// `text` without characters that show nothing, as a copy from a letter or a web page brings them along, and in Unicode's
/// composed form (NFC), in which equal texts are equal. White space is kept as it is: what a field makes of it is its own.
///
/// The boundary gives every text through it, once, before anything looks at it: a form's values and a link's parameters.
/// The result is allocated once, so that a secret leaves no copy behind.
pub fn tidied(text: &str) -> Cow<'_, str> {
    let is_tidy = || {
        text.chars().all(|c| seen(c) == Some(c)) && ComposingNormalizerBorrowed::new_nfc().is_normalized(text)
    };
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || is_tidy() {
        return Cow::Borrowed(text);
    }
    let length = composed(text).map(char::len_utf8).sum();
    let mut tidy = String::with_capacity(length);
    tidy.extend(composed(text));
    Cow::Owned(tidy)
}

fn composed(text: &str) -> Composition<'static, impl Iterator<Item = char>> {
    ComposingNormalizerBorrowed::new_nfc().normalize_iter(text.chars().filter_map(seen))
}

/// What is seen of `c`, if anything is: not of default-ignorable characters (zero-width characters, joiners, fillers,
/// variation selectors, marks of direction), of other format characters, nor of control characters that are no space.
pub fn seen(c: char) -> Option<char> {
    if c == BRAILLE_BLANK {
        return Some(' ');
    }
    let is_format = || {
        CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::Format
            // Signs that enclose the number after them, which are printed.
            && !CodePointSetData::new::<PrependedConcatenationMark>().contains(c)
    };
    let is_unseen = !c.is_whitespace()
        && (c.is_control()
            || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            || is_format());
    (!is_unseen).then_some(c)
}

/// A space by its looks and by no property.
const BRAILLE_BLANK: char = '\u{2800}';

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::properties::{self, UNSEEN, strewn};

    #[test]
    fn text_is_tidied_of_what_is_not_seen_and_composed() {
        for (text, tidy) in [
            ("plain", "plain"),
            ("José", "José"),
            ("Jose\u{301}", "José"),
            ("Jose\u{200b}\u{301}", "José"),
            ("a\tb\nc\u{a0}d\u{85}e", "a\tb\nc\u{a0}d\u{85}e"),
            ("\u{feff}\u{202a}a\u{ad}b\u{2060}\u{202c}\u{200f}", "ab"),
            ("\u{3164}\u{115f}\u{ffa0}\u{1160}\u{180e}\u{fe0f}\u{61c}\u{34f}\u{e0020}", ""),
            ("\u{fff9}a\u{fffb}\u{0}\u{7}\u{7f}", "a"),
            ("a\u{2800}b", "a b"),
            ("\u{602}1 \u{6dd}", "\u{602}1 \u{6dd}"),
            ("", ""),
        ] {
            assert_eq!(tidied(text), tidy, "{text:?}");
        }
    }

    #[test]
    fn each_unseen_character_is_left_out() {
        for c in UNSEEN {
            assert_eq!(tidied(&format!("a{c}b")), "ab", "{:x}", u32::from(*c));
        }
    }

    #[test]
    fn tidy_text_is_the_same_with_anything_unseen_strewn_in() {
        properties::run(
            "\\PC*".prop_flat_map(|text| (Just(text.clone()), strewn(text))),
            |(text, strewn)| {
                let tidy = tidied(&text);
                prop_assert_eq!(&tidied(&strewn), &tidy);
                prop_assert_eq!(&tidied(&tidy), &tidy);
                Ok(())
            },
        );
    }
}
