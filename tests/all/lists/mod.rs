//! Lists that the compiler cannot see: what is added to an enum, to the messages or to the pages must be in the
//! properties, the documentation, the browser's states and the style sheet, too.

mod messages;
mod sheet;
pub mod variants;

use std::{fs, path::Path};

use crate::architecture::source::Module;
use variants::{kebab, snake, variants};

pub use messages::every_shown;

/// The text of a file of the repository.
fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn properties_try_every_variant_that_nrg_or_a_person_can_give() {
    let properties = Module::read(&text("src/journey/properties.rs"));
    for kind in [
        "StopKind",
        "Correction",
        "Document",
        "Verification",
        "PriorAccount",
        "Quiz",
        "SubmissionState",
        "Meters",
        "Transaction",
    ] {
        // A derived list is whole by itself.
        let listed = |list: &str| properties.paths.contains(&vec![kind.to_owned(), list.to_owned()]);
        if ["VARIANTS", "ALL", "iter"].into_iter().any(listed) {
            continue;
        }
        for variant in variants(kind) {
            assert!(listed(&variant), "src/journey/properties.rs never tries {kind}::{variant}");
        }
    }
}

#[test]
fn properties_answer_every_step() {
    let properties = Module::read(&text("src/journey/properties.rs"));
    for step in variants("Step") {
        let named = properties.paths.contains(&vec!["Step".to_owned(), step.clone()]);
        assert!(named, "src/journey/properties.rs has no event on Step::{step}");
    }
}

#[test]
fn browser_states_hold_every_step_and_its_errors() {
    let states = text("tests/browser/states.mjs");
    let walked = text("tests/browser/lib.mjs");
    for step in variants("Step") {
        let name = kebab(&step);
        assert!(states.contains(&format!("\n  \"{name}\": ")), "states.mjs does not show {name}");
        let wrong = |key: &str| key.starts_with(&name) && key.ends_with("-wrong");
        assert!(states.split('"').any(wrong), "states.mjs does not show what is wrong at {name}");
        let path = if step == "Zip" { "/?".to_owned() } else { format!("/{name}") };
        // Questions of NRG's come only to some persons, and the billing address to those who have another one.
        assert!(
            ["Quiz", "Billing"].contains(&step.as_str())
                || walked.contains(&format!("post(\"{path}\""))
                || walked.contains(&format!("post(`{path}")),
            "lib.mjs never posts {path}"
        );
    }
}

#[test]
fn journey_document_lists_every_step_and_nrg_call() {
    let document = text("docs/journey.md");
    let table: String = document.lines().filter(|line| line.starts_with('|')).collect();
    let plain = |name: &str| name.replace(['-', '/'], "").to_lowercase();
    let quoted = quoted(&table);
    for step in variants("Step") {
        let path = if step == "Zip" { "/".to_owned() } else { format!("/{}", kebab(&step)) };
        assert!(quoted.contains(&path.as_str()), "docs/journey.md has no row for {path}");
    }
    for call in variants("Endpoint") {
        let named = quoted.iter().any(|quoted| plain(quoted) == call.to_lowercase());
        assert!(named, "docs/journey.md does not name the call {call}");
    }
}

#[test]
fn ledger_and_postback_documents_name_every_state_ending_and_field() {
    let fields: Vec<_> = nrg_enroll::postback::Field::all().collect();
    for (document, words) in [
        (
            "docs/ledger.md",
            nrg_enroll::ledger::State::ALL.iter().map(|state| state.word()).collect::<Vec<_>>(),
        ),
        (
            "docs/postbacks.md",
            nrg_enroll::postback::Ending::ALL.iter().map(|ending| ending.word()).collect::<Vec<_>>(),
        ),
        ("docs/postbacks.md", fields.iter().map(|field| field.word()).collect::<Vec<_>>()),
    ] {
        let text = text(document);
        for word in words {
            let named = [format!("`{word}`"), format!("{{{word}}}"), format!("\"{word}\"")];
            assert!(named.iter().any(|word| text.contains(word)), "{document} does not name {word}");
        }
    }
}

#[test]
fn every_stop_has_a_section_of_messages() {
    let messages: toml::Table = text("src/messages/en.toml").parse().unwrap();
    let sections = messages["stop"].as_table().unwrap();
    for stop in variants("StopKind") {
        assert!(sections.contains_key(&snake(&stop)), "no message says {stop}");
    }
    for advice in variants("AdviceKind") {
        let title = format!("{}_title", snake(&advice));
        assert!(messages["advice"].get(&title).is_some(), "no notice says {advice}");
    }
}
