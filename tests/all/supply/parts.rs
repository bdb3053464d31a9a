//! The crates that the program is made of.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{cargo, license, list, lockfile, metadata, rules};

/// The program's own platform, as the container image has it.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A crate in the program.
pub struct Crate {
    pub name: String,
    pub version: String,
    /// As the crate itself says it.
    pub expression: String,
    /// The licenses chosen of it.
    pub used_under: BTreeSet<String>,
    pub folder: PathBuf,
    pub authors: Vec<String>,
    /// The SHA-256 of its package.
    pub checksum: String,
    /// Whether it is there without any feature, too.
    pub is_plain: bool,
    /// Names and versions of those among the others that it uses.
    pub uses: BTreeSet<(String, String)>,
}

/// The crates that are compiled into the program or write a part of it (macros), by name and version; and which of them the
/// program itself uses.
pub fn parts() -> (Vec<Crate>, BTreeSet<(String, String)>) {
    let rules = rules();
    let allowed = &list(&rules, ["licenses", "allow"]) | &BTreeSet::from(["MPL-2.0".to_owned()]);
    let (all, plain) = (tree(&["--all-features"]), tree(&[]));
    let checksums = checksums();
    let metadata = metadata(&rules);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let named = |package: &Value| (text(&package["name"]), text(&package["version"]));
    let packages = metadata["packages"].as_array().unwrap();
    let by_id: BTreeMap<&str, (String, String)> =
        packages.iter().map(|package| (package["id"].as_str().unwrap(), named(package))).collect();
    let used: BTreeMap<(String, String), BTreeSet<(String, String)>> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            let uses = node["deps"].as_array().unwrap().iter().filter(|dep| is_normal(dep));
            let uses = uses.map(|dep| by_id[dep["pkg"].as_str().unwrap()].clone());
            (by_id[node["id"].as_str().unwrap()].clone(), uses.filter(|name| all.contains(name)).collect())
        })
        .collect();
    let mut parts: Vec<Crate> = packages
        .iter()
        .filter(|package| all.contains(&named(package)))
        .map(|package| {
            let (name, expression) = (named(package), text(&package["license"]));
            Crate {
                used_under: license::choice(&expression, &allowed).unwrap(),
                expression,
                folder: Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned(),
                authors: package["authors"].as_array().unwrap().iter().map(text).collect(),
                checksum: checksums[&name].clone(),
                is_plain: plain.contains(&name),
                uses: used[&name].clone(),
                name: name.0,
                version: name.1,
            }
        })
        .collect();
    assert_eq!(parts.len(), all.len(), "cargo names the same crates both ways");
    parts.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    let own = (env!("CARGO_PKG_NAME").to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    (parts, used[&own].clone())
}

fn is_normal(dep: &Value) -> bool {
    dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null())
}

/// Names and versions of what the program depends on. What only tests need turns features of other crates on, which this
/// leaves off, unlike `cargo metadata`.
fn tree(features: &[&str]) -> BTreeSet<(String, String)> {
    let tree = ["tree", "--target", TARGET, "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    cargo(tree.into_iter().chain(features.iter().copied()))
        .lines()
        .filter_map(|line| line.split_once(" v"))
        .map(|(name, rest)| (name.to_owned(), rest.split(' ').next().unwrap().to_owned()))
        .filter(|(name, _)| name != env!("CARGO_PKG_NAME"))
        .collect()
}

fn checksums() -> BTreeMap<(String, String), String> {
    let lockfile = lockfile();
    let text = |package: &toml::Value, key| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let packages = lockfile["package"].as_array().unwrap().iter();
    packages
        .filter_map(|package| {
            let named = (text(package, "name")?, text(package, "version")?);
            Some((named, text(package, "checksum")?))
        })
        .collect()
}
