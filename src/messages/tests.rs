//! What holds for all messages of both catalogs.

use std::collections::{BTreeMap, BTreeSet};

use super::Catalogs;
use crate::{
    fields::Language,
    journey::{AdviceKind, RejectedParam, Step, StopKind},
};

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
fn journey_kinds_have_messages_of_their_own() {
    let catalogs = Catalogs::load().unwrap();
    for &language in Language::ALL {
        let text = catalogs.of(language);
        let stops: BTreeSet<_> =
            StopKind::ALL.iter().map(|kind| std::ptr::from_ref(text.stop(*kind))).collect();
        assert_eq!(stops.len(), StopKind::ALL.len(), "{language:?}");
        let titles: BTreeSet<_> = AdviceKind::ALL.iter().map(|kind| text.advice(*kind).0).collect();
        assert_eq!(titles.len(), AdviceKind::ALL.len(), "{language:?}");
        let params: BTreeSet<_> = RejectedParam::ALL.iter().map(|param| text.unused(*param)).collect();
        assert_eq!(params.len(), RejectedParam::ALL.len(), "{language:?}");
        let steps: BTreeSet<_> = Step::ALL.iter().map(|step| text.step(*step)).collect();
        assert_eq!(steps.len(), Step::ALL.len(), "{language:?}");
    }
}
