//! Licenses, bans and sources of the dependencies: `deny.toml`, checked without cargo-deny, which also knows advisories.

mod license;
pub mod notices;
mod parts;
pub mod sbom;

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;
use toml::Table;

fn rules() -> Table {
    include_str!("../../../deny.toml").parse().unwrap()
}

fn lockfile() -> Table {
    include_str!("../../../Cargo.lock").parse().unwrap()
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

/// What cargo says of all crates on the targets that `deny.toml` names, with every feature.
fn metadata(rules: &Table) -> Value {
    let graph = &rules["graph"];
    assert_eq!(graph["all-features"].as_bool(), Some(true));
    let targets = graph["targets"].as_array().unwrap().iter().map(|target| target.as_str().unwrap());
    let targets = targets.flat_map(|target| ["--filter-platform", target]);
    cargo(["metadata", "--format-version", "1", "--all-features"].into_iter().chain(targets)).parse().unwrap()
}

/// What a command of cargo prints about this project as it is locked.
fn cargo<'a>(command: impl IntoIterator<Item = &'a str>) -> String {
    let output = Command::new(env!("CARGO"))
        .args(command)
        .arg("--locked")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_crate_has_an_allowed_license() {
    let rules = rules();
    let allowed = list(&rules, ["licenses", "allow"]);
    let exceptions = list(&rules, ["licenses", "exceptions"]);
    let metadata = metadata(&rules);
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 200);
    for package in packages.iter().filter(|package| package["name"] != "nrg-enroll") {
        let name = package["name"].as_str().unwrap();
        let license = package["license"].as_str().unwrap_or_else(|| panic!("{name} has none"));
        let excepted = exceptions.contains(name) && license == "MPL-2.0";
        assert!(excepted || license::choice(license, &allowed).is_some(), "{name}: {license}");
    }
    let names: BTreeSet<_> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let needless: Vec<_> = exceptions.iter().filter(|name| !names.contains(name.as_str())).collect();
    assert!(needless.is_empty(), "exceptions for nothing: {needless:?}");
}
