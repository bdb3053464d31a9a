//! `default.toml` read as the manual it is: each key with its default and what is said about it. For the explanations
//! of `nrg-enroll check`, for `nrg-enroll config`, and for the reference in `docs/`.

use std::fmt::Write;

use super::{
    problem::{Problem, Problems},
    sites::OWN,
};

const MANUAL: &str = include_str!("default.toml");

/// One key.
pub(super) struct Entry {
    /// As `server.listen`.
    pub key: String,
    /// As it stands in the file.
    pub default: &'static str,
    /// The comment above it, in one line. Keys that share a comment all have it.
    pub says: String,
}

/// A section: what is said about it, and its keys.
pub(super) struct Chapter {
    /// As `server`.
    pub name: &'static str,
    /// The comment above its header, in one line.
    pub says: String,
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

/// The manual, in the order of the file.
pub(super) fn chapters() -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    let (mut comment, mut says) = (String::new(), String::new());
    for line in MANUAL.lines() {
        if let Some(text) = line.strip_prefix('#') {
            let space = if comment.is_empty() { "" } else { " " };
            comment = format!("{comment}{space}{}", text.trim());
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            chapters.push(Chapter { name, says: std::mem::take(&mut comment), entries: Vec::new() });
            says.clear();
        } else if let (Some((key, value)), Some(chapter)) = (line.split_once(" = "), chapters.last_mut()) {
            if !comment.is_empty() {
                says = std::mem::take(&mut comment);
            }
            let default = value.split_once(" # ENROLL").map_or(value, |(value, _)| value).trim();
            let key = format!("{}.{key}", chapter.name);
            chapter.entries.push(Entry { key, default, says: says.clone() });
        } else {
            comment.clear();
        }
    }
    chapters
}

/// The key of the manual that stands for `key`: targets and sites have names of the affiliate's, and a site says
/// differently what is said of the main one.
fn as_written(key: &str) -> String {
    match key.split('.').collect::<Vec<_>>().as_slice() {
        ["postbacks", _, rest] => format!("postbacks.NAME.{rest}"),
        ["sites", _, "public_url"] => "server.public_url".to_owned(),
        ["sites", _, section, rest @ ..] if OWN.contains(section) => format!("{section}.{}", rest.join(".")),
        _ => key.to_owned(),
    }
}

/// Whether `key` is a secret: one that may stand in a file of its own.
pub(super) fn is_secret(key: &str) -> bool {
    find(&format!("{key}_file")).is_some()
}

/// Whether there is such a key.
pub(super) fn knows(key: &str) -> bool {
    find(key).is_some()
}

/// What the manual says about `key`; of a brand, what it says about the first one.
fn says(key: &str) -> Option<String> {
    let key = as_written(key);
    let key = match key.split('.').collect::<Vec<_>>().as_slice() {
        ["brands", _, rest @ ..] => format!("brands.RE.{}", rest.join(".")),
        _ => key,
    };
    find(&key).map(|entry| entry.says)
}

fn find(key: &str) -> Option<Entry> {
    let key = as_written(key);
    chapters().into_iter().flat_map(|chapter| chapter.entries).find(|entry| entry.key == key)
}

impl Problems {
    /// Each problem with what the manual says about its key.
    pub fn explained(&self) -> String {
        let mut text = String::new();
        for problem @ Problem { key, .. } in &self.0 {
            // A `String` takes everything.
            let _ = writeln!(text, "{problem}");
            if let Some(says) = says(key).filter(|says| !says.is_empty()) {
                let _ = writeln!(text, "    {says}");
            }
        }
        text
    }
}

/// The reference in Markdown: a list for each section. Keys that share an explanation share an item.
pub fn reference() -> String {
    let mut page = String::from(
        "# Settings\n\nGenerated from `src/config/default.toml` by `nrg-enroll config --reference`. Do not edit by hand.\n\n\
         The environment variable of `server.listen` is `ENROLL__SERVER__LISTEN`, and so on: capital letters, and `__` for each\n\
         dot. A key that ends in `_file` takes the path of a file with the secret instead. The sections `brands.GM`,\n\
         `brands.CE`, `brands.PW` and `brands.DE` have the keys of `brands.RE`.\n",
    );
    let later_brand = |name: &str| name.starts_with("brands.") && !name.starts_with("brands.RE");
    for chapter in chapters().iter().filter(|chapter| !later_brand(chapter.name)) {
        let _ = write!(page, "\n## {}\n\n", chapter.name);
        if !chapter.says.is_empty() {
            let _ = writeln!(page, "{}", wrapped(&chapter.says, ""));
        }
        if !chapter.says.is_empty() && !chapter.entries.is_empty() {
            page.push('\n');
        }
        for group in chapter.entries.chunk_by(|a, b| a.says == b.says && !a.says.is_empty()) {
            let keys: Vec<_> =
                group.iter().map(|entry| format!("`{}` = `{}`", entry.key, entry.default)).collect();
            let says = group.first().map_or("", |entry| &entry.says);
            let colon = if says.is_empty() { "" } else { ": " };
            let _ = writeln!(page, "{}", wrapped(&format!("- {}{colon}{says}", keys.join(", ")), "  "));
        }
    }
    page
}

/// Lines of at most 120 characters; the second and later ones begin with `indent`.
fn wrapped(text: &str, indent: &str) -> String {
    let (mut lines, mut width) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 120 {
            lines = lines + "\n" + indent;
            width = indent.len();
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_toml_keys_are_all_parsed_with_default_and_explanation() {
        let chapters = chapters();
        let keys = chapters.iter().flat_map(|chapter| &chapter.entries).count();
        assert_eq!(keys, MANUAL.lines().filter(|line| line.contains("# ENROLL__")).count());
        for entry in chapters.iter().flat_map(|chapter| &chapter.entries) {
            assert!(MANUAL.contains(&super::super::layers::variable(&entry.key)), "{}", entry.key);
            assert!(!entry.default.contains("# ENROLL"), "{}", entry.key);
        }
        assert!(says("store.url").unwrap().starts_with("The database."));
        assert!(says("brands.DE.promo_code").unwrap().starts_with("CHANGE. The promotion"));
        assert_eq!(says("sites.beta.brands.GM.phone.en"), says("brands.RE.phone.en"));
        assert!(is_secret("sites.beta.brands.DE.deposit.hmac_key") && knows("sites.beta.public_url"));
        assert!(!knows("sites.beta.nrg.password"));
        assert!(is_secret("nrg.password") && is_secret("store.url") && !is_secret("nrg.base_url"));
    }
}
