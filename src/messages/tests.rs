//! What holds for all messages of both catalogs.

use std::collections::{BTreeMap, BTreeSet};

use super::Catalogs;

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
