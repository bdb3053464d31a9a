//! The notices of what others wrote: every crate in the program, with its license, copyright and the texts of the licenses.
//!
//! A text that several crates have is printed once; what names their authors stands with the crates.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::parts::{Crate, parts};
use crate::documents::generated;

/// Words by which the name of a file says which license it holds, and the license.
const NAMED: [(&str, &str); 10] = [
    ("apache", "Apache-2.0"),
    ("mit", "MIT"),
    ("unlicense", "Unlicense"),
    ("zlib", "Zlib"),
    ("boost", "BSL-1.0"),
    ("0bsd", "0BSD"),
    ("unicode", "Unicode-3.0"),
    ("isc", "ISC"),
    ("bsd", "BSD-3-Clause"),
    ("mpl", "MPL-2.0"),
];

/// The reference `third-party-notices.md`.
pub fn page() -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut of_license: BTreeMap<BTreeSet<String>, usize> = BTreeMap::new();
    let mut crates = Vec::new();
    for part in parts().0 {
        let files = license_files(&part);
        let (mut own, mut authors) = (BTreeSet::new(), Vec::new());
        for file in &files {
            let (text, copyright) = taken_apart(&fs::read_to_string(file).unwrap());
            for line in copyright {
                if !authors.contains(&line) {
                    authors.push(line);
                }
            }
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let number = *numbers.entry(words).or_insert_with(|| {
                texts.push(text);
                texts.len()
            });
            own.insert(number);
        }
        if let Some(first) = own.first() {
            of_license.entry(part.used_under.clone()).or_insert(*first);
        }
        crates.push((part, own, authors));
    }
    // A few crates have no such file, or none that names somebody.
    for (part, own, authors) in &mut crates {
        if own.is_empty() {
            own.insert(of_license[&part.used_under]);
        }
        if authors.is_empty() {
            authors.clone_from(&part.authors);
        }
    }
    let listed: String = crates.iter().map(|(part, own, authors)| entry(part, own, authors)).collect();
    let texts: String = texts
        .iter()
        .enumerate()
        .map(|(index, text)| format!("\n## Text {}\n\n```text\n{text}\n```\n", index + 1))
        .collect();
    generated("Third-party notices", "`Cargo.lock` and the files of the crates")
        + "\nThe program contains these crates or what their macros wrote, for Linux on x86-64, with the feature `otel`. Each is\n\
           unchanged, and its source is at crates.io under its name and version. A crate is used under the license named last,\n\
           and the numbers are those of the texts below. Besides, the program contains the standard library of Rust (The Rust\n\
           Project Developers, MIT), SQLite and the time zone database, which are in the public domain.\n\n```text\n"
        + &listed
        + "```\n"
        + &texts
}

fn entry(part: &Crate, texts: &BTreeSet<usize>, authors: &[String]) -> String {
    let Crate { name, version, expression, used_under, .. } = part;
    let joined = |words: Vec<String>| words.join(", ");
    let used = used_under.iter().cloned().collect::<Vec<_>>().join(" AND ");
    let license = if *expression == used { used } else { format!("{expression}; {used}") };
    let numbers = joined(texts.iter().map(ToString::to_string).collect());
    let authors: String = authors.iter().map(|line| format!("    {line}\n")).collect();
    format!("{name} {version}: {license} ({numbers})\n{authors}")
}

/// The files of a crate about its license, except those that hold only a license it is not used under.
fn license_files(part: &Crate) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(&part.folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && is_about_license(path))
        .filter(|path| {
            holds(path).is_none_or(|license| part.used_under.iter().any(|used| used.starts_with(license)))
        })
        .collect();
    files.sort();
    files
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().to_lowercase()
}

fn is_about_license(path: &Path) -> bool {
    let name = file_name(path);
    ["license", "licence", "copying", "copyright", "notice", "unlicense"]
        .iter()
        .any(|begin| name.starts_with(begin))
}

/// The license that the name of a file says it holds.
fn holds(path: &Path) -> Option<&'static str> {
    let name = file_name(path);
    NAMED.iter().find(|(word, _)| name.contains(word)).map(|(_, license)| *license)
}

/// A text without the lines that name who holds the copyright, and those lines.
fn taken_apart(text: &str) -> (String, Vec<String>) {
    let is_copyright = |line: &&str| {
        let line = line.trim().to_lowercase();
        let is_form = line.contains("yyyy") || line.contains("<year>");
        let names_somebody =
            line.contains("(c)") || line.contains('©') || line.contains(|c: char| c.is_ascii_digit());
        (line.starts_with("copyright") || line.starts_with('©')) && names_somebody && !is_form
    };
    let (named, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(is_copyright);
    let named = named.into_iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let rest = rest.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n");
    (rest.trim_matches('\n').replace("```", "'''"), named)
}
