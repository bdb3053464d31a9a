//! Shared by the fields: normalizing typed text, the stored form of a field, and a `Debug` without its value.

use std::fmt;

use jiff::civil::Date;
use serde::de::{self, Visitor};
use zeroize::Zeroizing;

use super::problem::Problem;

/// Stores a field as the text of its `$text` method and parses it again with `$parse` when read.
macro_rules! stored_as_text {
    ($field:ty, $text:ident, $parse:ident) => {
        impl serde::Serialize for $field {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.$text())
            }
        }

        impl<'de> serde::Deserialize<'de> for $field {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::fields::typed::Stored(Self::$parse))
            }
        }
    };
}

/// Gives a field a `Debug` that prints its type and nothing else.
macro_rules! redacted_debug {
    ($field:ident) => {
        impl std::fmt::Debug for $field {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($field), "(hidden)"))
            }
        }
    };
}

/// Parses a stored text in place, without a copy.
pub(super) struct Stored<T>(pub(super) fn(&str) -> Result<T, Problem>);

impl<T> Visitor<'_> for Stored<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stored text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        self.0(text).map_err(refused)
    }
}

/// The error of a stored value that no longer parses: names the problem, never the value.
pub(super) fn refused<E: de::Error>(problem: Problem) -> E {
    E::custom(format_args!("stored value refused: {problem:?}"))
}

/// One clean line: plain quotes and hyphens, single spaces, nothing invisible, 1 to `max` characters.
pub(super) fn tidy(typed: &str, max: usize) -> Result<String, Problem> {
    // Allocated once: a string that grows is copied.
    let mut text = String::with_capacity(typed.len());
    for c in typed.chars().filter(|c| !is_invisible(*c)).map(plain) {
        if !c.is_whitespace() {
            text.push(c);
        } else if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
    }
    text.truncate(text.trim_end().len());
    if text.is_empty() {
        return Err(Problem::Missing);
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::ControlCharacters);
    }
    if text.chars().count() > max {
        return Err(Problem::TooLong { max });
    }
    Ok(text)
}

/// The digits of a number, whatever is typed between them; `None` if it contains a letter.
pub(super) fn digits(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(|c| c.is_alphanumeric()).collect();
    digits.chars().all(|c| c.is_ascii_digit()).then_some(digits)
}

/// Like [`digits`], for at most `max` of them, without a copy left in memory.
pub(super) fn secret_digits(typed: &str, max: usize) -> Option<Zeroizing<String>> {
    // Allocated once: a string that grows leaves its old copy in freed memory.
    let mut digits = Zeroizing::new(String::with_capacity(max));
    for c in typed.chars().filter(|c| c.is_alphanumeric()) {
        if !c.is_ascii_digit() || digits.len() == max {
            return None;
        }
        digits.push(c);
    }
    Some(digits)
}

/// Whether `c` is a letter or a combining accent.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() || ('\u{300}'..='\u{36f}').contains(&c)
}

/// Whether `c` may be part of a street, unit or PO box.
pub(super) fn is_address_character(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit() || " .,'-#/&()".contains(c)
}

/// NRG's date format, `MMddyyyy` (contract 2.7).
pub(super) fn wire_date(date: Date) -> String {
    format!("{:02}{:02}{:04}", date.month(), date.day(), date.year())
}

/// Whether `c` is a zero-width or direction mark, as pasted text contains.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The ASCII form of typographic quotes and hyphens.
fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bb}' | '\u{2bc}' | '\u{b4}' | '`' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidy_normalizes_a_line_or_refuses_it() {
        for (typed, expected) in [
            ("  two   words ", Ok("two words")),
            ("tab\tand\nline", Ok("tab and line")),
            ("O\u{2019}Hara", Ok("O'Hara")),
            ("a\u{2013}b", Ok("a-b")),
            ("\u{202d}pasted\u{202c}", Ok("pasted")),
            ("twelve chars", Ok("twelve chars")),
            ("thirteen char", Err(Problem::TooLong { max: 12 })),
            ("ñññññññññññn", Ok("ñññññññññññn")),
            (" \u{200b} ", Err(Problem::Missing)),
            ("", Err(Problem::Missing)),
            ("bell\u{7}", Err(Problem::ControlCharacters)),
        ] {
            assert_eq!(tidy(typed, 12).as_deref(), expected.as_ref().copied(), "{typed:?}");
        }
    }

    #[test]
    fn digits_are_extracted_and_letters_refused() {
        for (typed, expected) in [
            ("12-3 4.5", Some("12345")),
            ("(\u{202a}12\u{202c})", Some("12")),
            ("", Some("")),
            ("12a", None),
            ("١٢", None),
        ] {
            assert_eq!(digits(typed).as_deref(), expected, "{typed:?}");
        }
    }

    #[test]
    fn secret_digits_over_maximum_length_are_refused() {
        assert_eq!(secret_digits("1 2-3", 3).as_deref().map(String::as_str), Some("123"));
        assert!(secret_digits("1234", 3).is_none());
        assert!(secret_digits("12x", 3).is_none());
    }
}
