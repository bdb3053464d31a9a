//! `docs/security-controls.md`: every control has its section, and every test that a section names exists.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The functions of the source that are tests, by name.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["src", "tests"] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut names);
    }
    names
}

fn read(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, names);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut test = false;
            for line in text.lines().map(str::trim) {
                let line = line.strip_prefix("pub ").unwrap_or(line);
                let function = line.strip_prefix("async fn ").or(line.strip_prefix("fn "));
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    test = true;
                } else if let Some(function) = function {
                    if std::mem::take(&mut test) {
                        names.insert(function.split('(').next().unwrap_or_default().to_owned());
                    }
                } else if line.ends_with('}') {
                    test = false;
                }
            }
        }
    }
}

/// The sections of the controls, by number.
fn controls() -> BTreeMap<u32, &'static str> {
    let text = include_str!("../../docs/security-controls.md");
    let mut controls = BTreeMap::new();
    for section in text.split("\n## ").filter_map(|section| section.strip_prefix('D')) {
        let (number, section) = section.split_once(": ").unwrap();
        let twice = controls.insert(number.parse().unwrap(), section);
        assert!(twice.is_none(), "D{number} has two sections");
    }
    controls
}

/// What stands in backticks: the names of tests have underscores and nothing but.
fn named(section: &str) -> BTreeSet<&str> {
    let quoted = section.split('`').skip(1).step_by(2);
    let name = |text: &&str| {
        text.contains('_')
            && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    quoted.filter(name).collect()
}

#[test]
fn every_security_point_has_a_section_and_names_existing_tests() {
    let (controls, tests) = (controls(), tests());
    assert!(tests.contains("every_security_point_has_a_section_and_names_existing_tests"));
    assert!(tests.len() > 250, "{}", tests.len());
    let points: Vec<u32> = (1..=43).filter(|point| *point != 34).collect();
    assert_eq!(controls.keys().copied().collect::<Vec<_>>(), points);
    let mut missing = Vec::new();
    for (point, section) in &controls {
        let named = named(section);
        assert!(!named.is_empty(), "D{point} names nothing that shows it");
        missing.extend(
            named
                .difference(&tests.iter().map(String::as_str).collect())
                .map(|name| format!("D{point}: {name}")),
        );
    }
    assert!(missing.is_empty(), "named and not there: {missing:#?}");
}
