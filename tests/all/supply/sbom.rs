//! The list of the program's parts in CycloneDX, for scanners (SBOM).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::parts::{Crate, parts};

/// The reference `sbom.cdx.json`.
pub fn file() -> String {
    let (crates, own) = parts();
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let program = format!("{name}@{version}");
    let depends = |part: &str, uses: &BTreeSet<(String, String)>| {
        let uses: Vec<String> = uses.iter().map(|(name, version)| purl(name, version)).collect();
        json!({ "ref": part, "dependsOn": uses })
    };
    let mut dependencies = vec![depends(&program, &own)];
    dependencies.extend(crates.iter().map(|part| depends(&purl(&part.name, &part.version), &part.uses)));
    let file = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application", "bom-ref": program, "name": name, "version": version,
        } },
        "components": crates.iter().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies,
    });
    format!("{file:#}\n")
}

/// What only a build with a feature has is optional.
fn component(part: &Crate) -> Value {
    let purl = purl(&part.name, &part.version);
    json!({
        "type": "library",
        "bom-ref": purl,
        "name": part.name,
        "version": part.version,
        "scope": if part.is_plain { "required" } else { "optional" },
        "hashes": [{ "alg": "SHA-256", "content": part.checksum }],
        "licenses": [{ "expression": part.expression.replace('/', " OR ") }],
        "purl": purl,
    })
}

/// The name of a crate in lists of packages of any kind.
fn purl(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{version}").replace('+', "%2B")
}
