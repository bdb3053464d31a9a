//! SECURITY.md: every point has its row, and every test that a row names is there.

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

/// The rows of the table, by point.
fn rows() -> BTreeMap<u32, String> {
    let text = include_str!("../../SECURITY.md");
    let mut rows = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("| D")) {
        let (number, row) = line.split_once(" |").unwrap();
        let twice = rows.insert(number.parse().unwrap(), row.to_owned());
        assert!(twice.is_none(), "D{number} has two rows");
    }
    rows
}

/// What stands in backticks: the names of tests have underscores and nothing but.
fn named(row: &str) -> BTreeSet<&str> {
    let quoted = row.split('`').skip(1).step_by(2);
    let name = |text: &&str| {
        text.contains('_')
            && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    quoted.filter(name).collect()
}

#[test]
fn every_security_point_has_a_row_and_names_existing_tests() {
    let (rows, tests) = (rows(), tests());
    assert!(tests.contains("every_security_point_has_a_row_and_names_existing_tests"));
    assert!(tests.len() > 250, "{}", tests.len());
    let points: Vec<u32> = (1..=40).filter(|point| *point != 34).collect();
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), points);
    let mut missing = Vec::new();
    for (point, row) in &rows {
        let named = named(row);
        assert!(!named.is_empty() || row.contains("issue "), "D{point} names nothing that shows it");
        missing.extend(
            named
                .difference(&tests.iter().map(String::as_str).collect())
                .map(|name| format!("D{point}: {name}")),
        );
    }
    assert!(missing.is_empty(), "named and not there: {missing:#?}");
}
