//! The words of the pages, in both languages.
//!
//! `en.toml` and `es.toml` are compiled in and read once into [`Messages`], one typed struct: a typo in
//! a template does not compile, a missing or unknown translation does not start. One section per
//! page, named by its slug. No other module holds a sentence that a customer reads; what NRG sends
//! to be shown is NRG's own.

mod dates;
mod journey;
mod numbers;
mod problems;
mod sections;

use crate::fields::Language;

pub use numbers::thousands;
pub use sections::*;

/// Why the words cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A translation lacks a key, has one too many, or is not TOML.
    #[error("the words in {language:?} cannot be read")]
    Unreadable {
        /// Whose words they are.
        language: Language,
        /// What is wrong, and in which line.
        source: toml::de::Error,
    },
}

/// The words of both languages.
#[derive(Debug)]
pub struct Catalogs {
    english: Messages,
    spanish: Messages,
}

impl Catalogs {
    /// Reads the words compiled in.
    ///
    /// # Errors
    /// [`Error::Unreadable`] names the language and the line.
    pub fn load() -> Result<Self, Error> {
        Ok(Self {
            english: read(Language::English, include_str!("en.toml"))?,
            spanish: read(Language::Spanish, include_str!("es.toml"))?,
        })
    }

    /// The words in `language`.
    #[must_use]
    pub fn of(&self, language: Language) -> &Messages {
        match language {
            Language::English => &self.english,
            Language::Spanish => &self.spanish,
        }
    }
}

fn read(language: Language, source: &str) -> Result<Messages, Error> {
    toml::from_str(source).map_err(|source| Error::Unreadable { language, source })
}

/// `text` with each `{name}` replaced by its value. What was filled in is not looked at again, so
/// that a value cannot bring a placeholder of its own.
#[must_use]
pub fn interpolate(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, tail)| values.iter().find(|(key, _)| *key == name).map(|(_, v)| (v, tail)));
        match known {
            Some((value, tail)) => {
                filled.push_str(value);
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Every sentence of a language under its dotted key.
    fn sentences(source: &str) -> BTreeMap<String, String> {
        fn walk(path: &str, value: &toml::Value, into: &mut BTreeMap<String, String>) {
            match value {
                toml::Value::Table(table) => {
                    for (key, value) in table {
                        walk(&format!("{path}.{key}"), value, into);
                    }
                }
                toml::Value::String(text) => {
                    into.insert(path.to_owned(), text.clone());
                }
                other => panic!("{path} is no string: {other:?}"),
            }
        }
        let mut into = BTreeMap::new();
        walk("", &toml::from_str(source).unwrap(), &mut into);
        into
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn catalogs_of_both_languages_have_same_placeholders() {
        Catalogs::load().unwrap();
        let english = sentences(include_str!("en.toml"));
        let spanish = sentences(include_str!("es.toml"));
        for (key, text) in &english {
            assert_eq!(placeholders(text), placeholders(&spanish[key]), "{key}");
        }
    }

    #[test]
    fn messages_are_not_empty_and_use_no_banned_word() {
        for source in [include_str!("en.toml"), include_str!("es.toml")] {
            for (key, text) in sentences(source) {
                assert_eq!(text.trim(), text, "{key} has stray spaces");
                assert!(!text.is_empty(), "{key} is empty");
                let lower = text.to_lowercase();
                let words: Vec<_> = lower.split(|c: char| !c.is_alphabetic()).collect();
                for never in ["invalid", "please", "oops", "inválido", "inválida", "ups"] {
                    assert!(!words.contains(&never), "{key} says {never:?}");
                }
            }
        }
    }

    #[test]
    fn interpolate_replaces_known_names_once() {
        for (text, values, expected) in [
            ("Step {n} of {total}", &[("n", "2"), ("total", "7")][..], "Step 2 of 7"),
            ("{a}{a}", &[("a", "{b}"), ("b", "no")][..], "{b}{b}"),
            ("{unknown} {a", &[("a", "x")][..], "{unknown} {a"),
            ("plain", &[][..], "plain"),
        ] {
            assert_eq!(interpolate(text, values), expected);
        }
    }
}
