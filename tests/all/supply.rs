//! Licenses, bans and sources of the dependencies: `deny.toml`, checked without cargo-deny, which also knows advisories.

use std::{
    collections::{BTreeSet, VecDeque},
    process::Command,
};

use serde_json::Value;
use toml::Table;

fn rules() -> Table {
    include_str!("../../deny.toml").parse().unwrap()
}

fn lockfile() -> Table {
    include_str!("../../Cargo.lock").parse().unwrap()
}

/// The entries of the list at `path`; of tables in it, their `crate`.
fn list(rules: &Table, path: [&str; 2]) -> BTreeSet<String> {
    let text =
        |value: &toml::Value| value.as_str().or_else(|| value.get("crate")?.as_str()).map(str::to_owned);
    let entries: BTreeSet<_> = rules[path[0]][path[1]].as_array().unwrap().iter().filter_map(text).collect();
    assert!(!entries.is_empty(), "{path:?}");
    entries
}

#[test]
fn lockfile_contains_no_banned_crate_and_no_other_source() {
    let (rules, lockfile) = (rules(), lockfile());
    let banned = list(&rules, ["bans", "deny"]);
    assert!(banned.contains("openssl") && banned.contains("native-tls"));
    for rule in ["unknown-registry", "unknown-git"] {
        assert_eq!(rules["sources"][rule].as_str(), Some("deny"));
    }
    let packages = lockfile["package"].as_array().unwrap();
    assert!(packages.len() > 200);
    for package in packages {
        let name = package["name"].as_str().unwrap();
        assert!(!banned.contains(name), "{name} is banned");
        let public = "registry+https://github.com/rust-lang/crates.io-index";
        match package.get("source").and_then(toml::Value::as_str) {
            Some(source) => {
                assert_eq!(source, public, "{name}");
                assert_eq!(package["checksum"].as_str().map(str::len), Some(64), "{name}");
            }
            None => assert_eq!(name, "nrg-enroll"),
        }
    }
}

#[test]
fn every_crate_has_an_allowed_license() {
    let rules = rules();
    let allowed = list(&rules, ["licenses", "allow"]);
    let exceptions = list(&rules, ["licenses", "exceptions"]);
    let version = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", &host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 200);
    for package in packages.iter().filter(|package| package["name"] != "nrg-enroll") {
        let name = package["name"].as_str().unwrap();
        let license = package["license"].as_str().unwrap_or_else(|| panic!("{name} has none"));
        let excepted = exceptions.contains(name) && license == "MPL-2.0";
        assert!(excepted || may_use(license, &allowed), "{name}: {license}");
    }
}

#[test]
fn license_expression_is_evaluated_by_its_operators() {
    let allowed: BTreeSet<String> =
        ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for (expression, good) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("(GPL-3.0 OR MIT) AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("", false),
    ] {
        assert_eq!(may_use(expression, &allowed), good, "{expression}");
    }
}

/// Whether an SPDX expression leaves a choice of licenses that are all in `allowed`.
fn may_use(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(" WITH ", "\u{0}WITH\u{0}");
    let tokens: Vec<String> = spaced
        .split(' ')
        .filter(|token| !token.is_empty())
        .map(|token| token.replace('\u{0}', " "))
        .collect();
    let mut rest = tokens.iter().map(String::as_str).collect::<VecDeque<_>>();
    any_of(&mut rest, allowed) && rest.is_empty()
}

fn took(rest: &mut VecDeque<&str>, word: &str) -> bool {
    rest.pop_front_if(|next| *next == word).is_some()
}

fn any_of(rest: &mut VecDeque<&str>, allowed: &BTreeSet<String>) -> bool {
    let mut good = all_of(rest, allowed);
    while took(rest, "OR") {
        good |= all_of(rest, allowed);
    }
    good
}

fn all_of(rest: &mut VecDeque<&str>, allowed: &BTreeSet<String>) -> bool {
    let mut good = one(rest, allowed);
    while took(rest, "AND") {
        good &= one(rest, allowed);
    }
    good
}

fn one(rest: &mut VecDeque<&str>, allowed: &BTreeSet<String>) -> bool {
    match rest.pop_front() {
        Some("(") => {
            let good = any_of(rest, allowed);
            took(rest, ")") && good
        }
        Some(license) => allowed.contains(license),
        None => false,
    }
}
