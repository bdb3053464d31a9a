//! What holds for all messages of both catalogs.

use std::collections::{BTreeMap, BTreeSet};

use strum::VariantArray as _;

use super::Catalogs;
use crate::{
    fields::Language,
    journey::{AdviceKind, Obstacle, RejectedParam, Step, StopKind, WayOut},
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

/// The messages about e-mail. Those that promise one are said only where a setting says that NRG sends it.
const ABOUT_EMAIL: [&str; 20] = [
    ".common.email",
    ".problem.email_shape",
    ".contact.email.label",
    ".contact.email.missing",
    ".contact.marketing_email",
    ".plans.paperless",
    ".plans.prepaid_notices",
    ".review.email",
    ".review.marketing_email",
    ".review.paperless_yes",
    ".review.consent_records",
    ".how.home",
    ".resume.mail",
    ".access.findable",
    ".link_builder.lead",
    // With `confirmation_email` alone.
    ".contact.email_hint",
    ".confirmation.accepted_lead",
    ".confirmation.duplicate_lead",
    ".confirmation.next_email",
    ".session_ended.submitted_mail",
];

#[test]
fn messages_that_speak_of_email_are_listed() {
    let spanish = sentences(include_str!("es.toml"));
    for (key, text) in sentences(include_str!("en.toml")) {
        let speaks = |text: &str, word: &str| text.to_lowercase().replace("e-mail", "email").contains(word);
        let either = speaks(&text, "email") || speaks(&spanish[&key], "correo electrónico");
        assert_eq!(either, ABOUT_EMAIL.contains(&key.as_str()), "{key}: {text}");
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
        let obstacles: BTreeSet<_> =
            Obstacle::VARIANTS.iter().map(|obstacle| text.obstacle(*obstacle)).collect();
        assert_eq!(obstacles.len(), Obstacle::VARIANTS.len(), "{language:?}");
        let ways: BTreeSet<_> = WayOut::VARIANTS.iter().map(|way| text.way_out(*way)).collect();
        assert_eq!(ways.len(), WayOut::VARIANTS.len(), "{language:?}");
        let steps: BTreeSet<_> = Step::ALL.iter().map(|step| text.step(*step)).collect();
        assert_eq!(steps.len(), Step::ALL.len(), "{language:?}");
    }
}
