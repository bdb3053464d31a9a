//! Messages that nothing uses, and messages that no state of the browser shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use scraper::Html;

use super::text;

/// Messages whose page no state of `tests/browser/states.mjs` can reach, and why.
const NOT_SHOWN: [(&str, &str); 6] = [
    ("advice.several_meters_found", "comes after a question: tests/all/nrg_contract/after.rs"),
    ("ask.other_title", "the sandbox knows every code it asks with: tests/all/nrg_contract/person.rs"),
    ("stop.already_submitted", "the ledger would have to lose what it sent: tests/all/nrg_contract/after.rs"),
    ("stop.identity_hold", "only under a setting that is off here: tests/all/nrg_contract/person.rs"),
    ("stop.not_sent", "comes after minutes without a connection: tests/all/exactly_once/scenarios.rs"),
    (
        "stop.other_area",
        "the sandbox knows every code it refuses an area with: tests/all/nrg_contract/before.rs",
    ),
];

/// All messages of a catalog by their keys with dots.
fn messages(language: &str) -> BTreeMap<String, String> {
    fn below(table: &toml::Table, before: &str, found: &mut BTreeMap<String, String>) {
        for (key, value) in table {
            let key = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
            match value {
                toml::Value::Table(inner) => below(inner, &key, found),
                value => {
                    found.insert(key, value.as_str().unwrap().to_owned());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    below(&text(&format!("src/messages/{language}.toml")).parse().unwrap(), "", &mut found);
    found
}

/// The names behind a dot in each template and each source that is not the shape of the messages itself.
fn accesses() -> Vec<BTreeSet<String>> {
    fn below(folder: &Path, found: &mut Vec<BTreeSet<String>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if !path.ends_with("messages/sections.rs")
                && path.extension().is_some_and(|extension| extension == "rs" || extension == "html")
            {
                let text = fs::read_to_string(&path).unwrap();
                let names = text.split('.').skip(1).map(|after| {
                    let after = after.trim_start().chars();
                    after.take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
                });
                found.push(names.collect());
            }
        }
    }
    let mut found = Vec::new();
    for folder in ["src", "templates"] {
        below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    found
}

#[test]
fn every_message_is_used() {
    let accesses = accesses();
    let keys = messages("en");
    assert!(keys.len() > 500, "{}", keys.len());
    for key in keys.keys() {
        let mut names: Vec<_> = key.split('.').collect();
        // The words of a field are read by what shows any field.
        if names.len() == 3 && ["label", "missing"].contains(&names[2]) {
            names.pop();
        }
        let used = accesses
            .iter()
            .any(|file| [names[0], names[names.len() - 1]].into_iter().all(|name| file.contains(name)));
        assert!(used, "no page says {key}");
    }
}

/// Whether every stop, notice and question is on one of the pages in `folder`, `NAME.LANGUAGE.html`.
pub fn every_shown(folder: &Path) {
    let mut missing = Vec::new();
    for language in ["en", "es"] {
        let mut pages = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.to_str().unwrap().ends_with(&format!(".{language}.html")) {
                pages.push(plain(
                    &Html::parse_document(&fs::read_to_string(path).unwrap())
                        .root_element()
                        .text()
                        .collect::<String>(),
                ));
            }
        }
        assert!(pages.len() > 100, "{} pages in {language}", pages.len());
        for (key, message) in messages(language) {
            let title = key.ends_with("title")
                && ["stop.", "advice.", "ask."].iter().any(|section| key.starts_with(section));
            if !(title || key.starts_with("link."))
                || NOT_SHOWN.iter().any(|(known, _)| key.starts_with(known))
            {
                continue;
            }
            // What stands between the placeholders.
            let parts: Vec<_> = message.split(['{', '}']).step_by(2).map(plain).collect();
            let shown = pages.iter().any(|page| parts.iter().all(|part| page.contains(part)));
            if !shown {
                missing.push(format!("\n  {key} in {language}: {message}"));
            }
        }
    }
    assert!(missing.is_empty(), "no state of tests/browser/states.mjs shows{}", missing.concat());
}

/// With single spaces.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
