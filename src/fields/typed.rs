//! Shared by the fields: normalizing typed text, the stored form of a field, and a `Debug` without its value.

use std::fmt;

use jiff::civil::Date;
use serde::de::{self, Visitor};
use zeroize::Zeroizing;

use super::{problem::Problem, tidied::tidied};

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

/// One clean line: [`tidied`], with plain quotes and hyphens and single spaces, 1 to `max` characters.
pub(super) fn tidy(typed: &str, max: usize) -> Result<String, Problem> {
    if is_tidy(typed) {
        return if typed.len() > max { Err(Problem::TooLong { max }) } else { Ok(typed.to_owned()) };
    }
    // Allocated once: a string that grows is copied.
    let mut text = String::with_capacity(typed.len());
    for c in tidied(typed).chars().map(plain) {
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
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Problem::Garbled);
    }
    if text.chars().count() > max {
        return Err(Problem::TooLong { max });
    }
    Ok(text)
}

/// Whether `text` is one clean line of ASCII, as every stored text that was typed without an accent is.
fn is_tidy(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |at: Option<&u8>| at.is_some_and(|byte| *byte != b' ');
    ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'`')
        && bytes.windows(2).all(|pair| pair != b"  ")
}

/// The digits of a number, whatever is typed between them; `None` if it contains a letter.
pub(super) fn digits(typed: &str) -> Option<String> {
    if typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(typed.to_owned());
    }
    let digits: String = typed.chars().filter(|c| !is_between(*c)).collect();
    digits.chars().all(|c| c.is_ascii_digit()).then_some(digits)
}

/// Like [`digits`], for at most `max` of them, without a copy left in memory. Words that name the number are left out if
/// they are among `names`, in lower case: people paste "SSN: 900-45-6789".
pub(super) fn secret_digits(typed: &str, max: usize, names: &[&str]) -> Option<Zeroizing<String>> {
    // Allocated once: a string that grows leaves its old copy in freed memory.
    let mut digits = Zeroizing::new(String::with_capacity(max));
    let mut rest = typed.trim_start_matches(is_between);
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_digit() {
            if digits.len() == max {
                return None;
            }
            digits.push(first);
            rest = rest.get(1..)?;
        } else {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if !names.iter().any(|name| name.chars().eq(word.chars().flat_map(char::to_lowercase))) {
                return None;
            }
            rest = after;
        }
        rest = rest.trim_start_matches(is_between);
    }
    Some(digits)
}

/// Whether `c` may stand between the digits of a number.
fn is_between(c: char) -> bool {
    !c.is_alphanumeric() && c != char::REPLACEMENT_CHARACTER
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
            ("bell\u{7}", Ok("bell")),
            ("Jos\u{fffd}", Err(Problem::Garbled)),
            ("Jose\u{301}", Ok("José")),
            ("\u{3164}\u{200d}", Err(Problem::Missing)),
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
            ("12\u{fffd}", None),
            ("١٢", None),
        ] {
            assert_eq!(digits(typed).as_deref(), expected, "{typed:?}");
        }
    }

    #[test]
    fn secret_digits_are_read_with_their_name_or_refused() {
        for (typed, read) in [
            ("1 2-3", Some("123")),
            ("Name: 1 2-3", Some("123")),
            ("name123", Some("123")),
            ("ÑAME# 123 (name)", Some("123")),
            ("1234", None),
            ("12x", None),
            ("other 123", None),
            ("names 123", None),
            ("12\u{fffd}3", None),
            ("١23", None),
            ("name", Some("")),
        ] {
            let digits = secret_digits(typed, 3, &["name", "ñame"]);
            assert_eq!(digits.as_deref().map(String::as_str), read, "{typed:?}");
        }
    }
}
