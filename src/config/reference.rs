//! The reference of all settings, parsed from `default.toml`: each key with its default and its comment. It serves the
//! explanations of `nrg-enroll check`, `nrg-enroll config`, and `docs/reference/settings.md`.

use std::fmt::Write;

use super::{
    problem::{Problem, Problems},
    sites::OWN,
};

const DEFAULT_TOML: &str = include_str!("default.toml");

/// One key.
struct Entry {
    /// The whole key, such as `server.listen`.
    key: String,
    /// The default, as written in the file.
    default: &'static str,
    /// The comment above the key, in one line. Keys below one comment share it.
    comment: String,
}

/// A section and its keys.
struct Section {
    /// The name, such as `server`.
    name: &'static str,
    /// The comment above the header, in one line.
    comment: String,
    /// The keys, in the order of the file.
    entries: Vec<Entry>,
}

/// The sections, in the order of the file.
fn sections() -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let (mut comment, mut shared) = (String::new(), String::new());
    for line in DEFAULT_TOML.lines() {
        if let Some(text) = line.strip_prefix('#') {
            let space = if comment.is_empty() { "" } else { " " };
            comment = format!("{comment}{space}{}", text.trim());
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sections.push(Section { name, comment: std::mem::take(&mut comment), entries: Vec::new() });
            shared.clear();
        } else if let (Some((key, value)), Some(section)) = (line.split_once(" = "), sections.last_mut()) {
            if !comment.is_empty() {
                shared = std::mem::take(&mut comment);
            }
            let default = value.split_once(" # ENROLL").map_or(value, |(value, _)| value).trim();
            let key = format!("{}.{key}", section.name);
            section.entries.push(Entry { key, default, comment: shared.clone() });
        } else {
            comment.clear();
        }
    }
    sections
}

/// The key of `default.toml` that documents `key`: names of targets and sites are the affiliate's own, and a site has the
/// keys of the main one.
fn documented_key(key: &str) -> String {
    match key.split('.').collect::<Vec<_>>().as_slice() {
        ["postbacks", _, rest] => format!("postbacks.NAME.{rest}"),
        ["sites", _, "public_url"] => "server.public_url".to_owned(),
        ["sites", _, section, rest @ ..] if OWN.contains(section) => format!("{section}.{}", rest.join(".")),
        _ => key.to_owned(),
    }
}

/// Whether `key` is a secret: it can be read from a file of its own.
pub(super) fn is_secret(key: &str) -> bool {
    find(&format!("{key}_file")).is_some()
}

/// Whether there is such a key.
pub(super) fn knows(key: &str) -> bool {
    find(key).is_some()
}

/// Every key, as the file has it.
pub(super) fn keys() -> impl Iterator<Item = String> {
    sections().into_iter().flat_map(|section| section.entries).map(|entry| entry.key)
}

/// The comment on `key`; those on the keys of all brands are at the first one.
fn comment_on(key: &str) -> Option<String> {
    let key = documented_key(key);
    let key = match key.split('.').collect::<Vec<_>>().as_slice() {
        ["brands", _, rest @ ..] => format!("brands.RE.{}", rest.join(".")),
        _ => key,
    };
    find(&key).map(|entry| entry.comment)
}

fn find(key: &str) -> Option<Entry> {
    let key = documented_key(key);
    sections().into_iter().flat_map(|section| section.entries).find(|entry| entry.key == key)
}

impl Problems {
    /// Each problem, with the comment of `default.toml` on its key.
    pub fn explained(&self) -> String {
        let mut text = String::new();
        for problem @ Problem { key, .. } in &self.0 {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{problem}");
            if let Some(comment) = comment_on(key).filter(|comment| !comment.is_empty()) {
                let _ = writeln!(text, "    {comment}");
            }
        }
        text
    }
}

/// The reference in Markdown: a list for each section. Keys that share a comment share an item.
pub fn reference() -> String {
    let mut page = String::from(
        "# Settings\n\nGenerated from `src/config/default.toml` by `nrg-enroll config --reference`. Do not edit by hand.\n\n\
         The environment variable of `server.listen` is `ENROLL__SERVER__LISTEN`, and so on: capital letters, and `__` for each\n\
         dot. A key that ends in `_file` takes the path of a file with the secret instead. The sections `brands.GM`,\n\
         `brands.CE`, `brands.PW` and `brands.DE` have the keys of `brands.RE`.\n",
    );
    let later_brand = |name: &str| name.starts_with("brands.") && !name.starts_with("brands.RE");
    for section in sections().iter().filter(|section| !later_brand(section.name)) {
        let _ = write!(page, "\n## {}\n\n", section.name);
        if !section.comment.is_empty() {
            let _ = writeln!(page, "{}", wrapped(&section.comment, ""));
        }
        if !section.comment.is_empty() && !section.entries.is_empty() {
            page.push('\n');
        }
        for group in section.entries.chunk_by(|a, b| a.comment == b.comment && !a.comment.is_empty()) {
            let keys: Vec<_> =
                group.iter().map(|entry| format!("`{}` = `{}`", entry.key, entry.default)).collect();
            let comment = group.first().map_or("", |entry| &entry.comment);
            let colon = if comment.is_empty() { "" } else { ": " };
            let _ = writeln!(page, "{}", wrapped(&format!("- {}{colon}{comment}", keys.join(", ")), "  "));
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
    use crate::config::environment::variable;

    #[test]
    fn default_toml_keys_are_all_parsed_with_default_and_explanation() {
        let sections = sections();
        let keys = sections.iter().flat_map(|section| &section.entries).count();
        assert_eq!(keys, DEFAULT_TOML.lines().filter(|line| line.contains("# ENROLL__")).count());
        for entry in sections.iter().flat_map(|section| &section.entries) {
            assert!(DEFAULT_TOML.contains(&variable(&entry.key)), "{}", entry.key);
            assert!(!entry.default.contains("# ENROLL"), "{}", entry.key);
        }
        assert!(comment_on("store.url").unwrap().starts_with("The database."));
        assert!(comment_on("brands.DE.promo_code").unwrap().starts_with("CHANGE. The promotion"));
        assert_eq!(comment_on("sites.beta.brands.GM.phone.en"), comment_on("brands.RE.phone.en"));
        assert!(is_secret("sites.beta.brands.DE.deposit.hmac_key") && knows("sites.beta.public_url"));
        assert!(!knows("sites.beta.nrg.password"));
        assert!(is_secret("nrg.password") && is_secret("store.url") && !is_secret("nrg.base_url"));
    }
}
