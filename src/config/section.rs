//! Typed reading of a section: each key is removed by the function that knows its type, and keys that are left are unknown.
//! Problems are collected; none ends the reading.

use std::{net::IpAddr, time::Duration};

use config::{Map, Value, ValueKind};
use jiff::SignedDuration;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::{
    layers::DEFAULT,
    problem::{Problem, Problems, Why},
};
use crate::theme::Fault;

/// A table of the settings while it is read. Reading functions return `None` after they have added a problem.
pub(super) struct Section<'a> {
    path: String,
    keys: Map<String, Value>,
    problems: &'a mut Vec<Problem>,
    /// Whether example values are accepted, as in the demo.
    examples: bool,
    /// Whether problems of values are ignored, as for a brand that is not enabled. Unknown keys are still reported.
    idle: bool,
}

/// A text and its origin.
struct Text {
    value: Zeroizing<String>,
    origin: Option<String>,
}

/// Reads all settings with `read`.
///
/// # Errors
/// All their problems.
pub(super) fn read_all<T>(
    keys: Map<String, Value>,
    examples: bool,
    read: impl FnOnce(&mut Section<'_>) -> Option<T>,
) -> Result<T, Problems> {
    let mut problems = Vec::new();
    let mut root = Section { path: String::new(), keys, problems: &mut problems, examples, idle: false };
    let settings = read(&mut root);
    root.finish();
    match settings {
        Some(settings) if problems.is_empty() => Ok(settings),
        _ => Err(Problems(problems)),
    }
}

impl Section<'_> {
    /// Reads the table `key` with `read`.
    pub(super) fn section<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Option<T> {
        self.section_over(key, |keys| keys, read)
    }

    /// As [`section`](Self::section), but reads what `complete` makes of the table.
    pub(super) fn section_over<T>(
        &mut self,
        key: &str,
        complete: impl FnOnce(Map<String, Value>) -> Map<String, Value>,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let path = self.path(key);
        let keys = match self.keys.remove(key) {
            Some(Value { kind: ValueKind::Table(keys), .. }) => complete(keys),
            Some(other) => return self.must_be(key, "a section", origin(&other)),
            None => return self.missing(key),
        };
        let (examples, idle) = (self.examples, self.idle);
        let mut section = Section { path, keys, problems: self.problems, examples, idle };
        let value = read(&mut section);
        section.finish();
        value
    }

    /// The names of the keys that have not been read yet, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.keys.keys().cloned().collect();
        names.sort();
        names
    }

    /// A copy of the tables `names`, which stay to be read.
    pub(super) fn copy(&self, names: &[&str]) -> Map<String, Value> {
        let tables =
            names.iter().filter_map(|name| Some(((*name).to_owned(), self.keys.get(*name)?.clone())));
        tables.collect()
    }

    /// If `unused`, ignores the problems of values that are read from this section from now on.
    pub(super) fn unused_if(&mut self, unused: bool) {
        self.idle |= unused;
    }

    /// A text that `parse` accepts; `what` says in problems what it must be.
    pub(super) fn parse<T>(
        &mut self,
        key: &str,
        what: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        match self.optional(key, what, parse)? {
            Some(value) => Some(value),
            None => self.missing(key),
        }
    }

    /// As [`parse`](Self::parse); a blank text is `Some(None)`.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        what: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Option<T>> {
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            return Some(None);
        }
        match parse(text.value.trim()) {
            Some(value) => Some(Some(value)),
            None => self.must_be(key, what, text.origin),
        }
    }

    /// Whether `key` has an example value, and may have one, as in the demo.
    pub(super) fn has_example(&self, key: &str) -> bool {
        let text = self.keys.get(key).and_then(|value| value.clone().into_string().ok());
        self.examples && text.is_some_and(|text| text.contains("example"))
    }

    /// A text for people, which must not be blank.
    pub(super) fn words(&mut self, key: &str) -> Option<String> {
        self.parse(key, "a text", |text| Some(text.to_owned()))
    }

    /// A whole number. In the environment, or in quotes, its digits.
    pub(super) fn number<T: TryFrom<u64>>(&mut self, key: &str, what: &'static str) -> Option<T> {
        let value = self.take(key)?;
        let number = match &value.kind {
            ValueKind::I64(number) => u64::try_from(*number).ok(),
            ValueKind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number.and_then(|number| T::try_from(number).ok()) {
            Some(number) => Some(number),
            None => self.must_be(key, what, origin(&value)),
        }
    }

    /// `true` or `false`. In the environment, or in quotes, the word.
    pub(super) fn switch(&mut self, key: &str) -> Option<bool> {
        let value = self.take(key)?;
        match &value.kind {
            ValueKind::Boolean(on) => Some(*on),
            ValueKind::String(text) if text.trim() == "true" => Some(true),
            ValueKind::String(text) if text.trim() == "false" => Some(false),
            _ => self.must_be(key, "true or false", origin(&value)),
        }
    }

    /// A duration with its unit, above zero: "30m", "12h", "1h 30m".
    pub(super) fn duration(&mut self, key: &str) -> Option<Duration> {
        self.parse(key, "a length of time with its unit, such as \"30m\"", |text| {
            let length = text.parse::<SignedDuration>().ok()?;
            Duration::try_from(length).ok().filter(|length| !length.is_zero())
        })
    }

    /// A list, whose entries `parse` reads; a text is a list with commas. It may be empty.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        what: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.take(key)?;
        let from = origin(&value);
        let texts = match value.kind {
            ValueKind::Array(values) => values
                .into_iter()
                .map(|value| match value.kind {
                    ValueKind::String(text) => Some(text),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>(),
            ValueKind::String(text) => {
                Some(text.split(',').filter(|entry| !entry.trim().is_empty()).map(str::to_owned).collect())
            }
            _ => None,
        };
        let Some(texts) = texts else { return self.must_be(key, "a list of texts", from) };
        if texts.iter().any(|text| self.is_example(text)) {
            return self.problem(key, Why::Example, from);
        }
        match texts.iter().map(|text| parse(text.trim())).collect() {
            Some(list) => Some(list),
            None => self.must_be(key, what, from),
        }
    }

    /// Host names; there may be none.
    pub(super) fn any_hosts(&mut self, key: &str) -> Option<Vec<String>> {
        self.list(key, "a list of host names, in small letters, without scheme or path", host)
    }

    /// Host names, at least one.
    pub(super) fn hosts(&mut self, key: &str) -> Option<Vec<String>> {
        let hosts = self.any_hosts(key)?;
        if hosts.is_empty() { self.missing(key) } else { Some(hosts) }
    }

    /// A required secret: the value of `key`, or the content of the file that `key_file` names.
    pub(super) fn secret<T>(
        &mut self,
        key: &str,
        what: &'static str,
        parse: impl FnOnce(Zeroizing<String>) -> Option<T>,
    ) -> Option<T> {
        match self.optional_secret(key, what, parse)? {
            Some(secret) => Some(secret),
            None => self.missing(key),
        }
    }

    /// As [`secret`](Self::secret); if neither is set, `Some(None)`.
    pub(super) fn optional_secret<T>(
        &mut self,
        key: &str,
        what: &'static str,
        parse: impl FnOnce(Zeroizing<String>) -> Option<T>,
    ) -> Option<Option<T>> {
        let file_key = format!("{key}_file");
        // Both are read before either is judged, so that neither is reported as unknown.
        let (value, file) = (self.text(key), self.text(&file_key));
        let (value, file) = (value?, file?);
        let secret = if file.value.is_empty() {
            value
        } else if !value.value.is_empty() && value.origin.as_deref() != Some(DEFAULT) {
            return self.problem(key, Why::Twice, value.origin);
        } else {
            self.secret_file(&file_key, file)?
        };
        if secret.value.is_empty() {
            return Some(None);
        }
        match parse(secret.value) {
            Some(secret) => Some(Some(secret)),
            None => self.must_be(key, what, secret.origin),
        }
    }

    /// What `parse` makes of the content of the file that `key` names; a blank name is `Some(None)`.
    pub(super) fn file<T>(
        &mut self,
        key: &str,
        what: &'static str,
        parse: impl FnOnce(Vec<u8>) -> Option<T>,
    ) -> Option<Option<T>> {
        let path = self.text(key)?;
        if path.value.is_empty() {
            return Some(None);
        }
        match std::fs::read(path.value.as_str()).map(parse) {
            Ok(Some(value)) => Some(Some(value)),
            Ok(None) => self.must_be(key, what, path.origin),
            Err(error) => self.problem(key, Why::File(error.kind()), path.origin),
        }
    }

    fn secret_file(&mut self, key: &str, path: Text) -> Option<Text> {
        if self.idle {
            return None;
        }
        let value = match std::fs::read_to_string(path.value.as_str()).map(Zeroizing::new) {
            // Editors add a line break at the end of a file; it is not part of the secret.
            Ok(text) => Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => return self.problem(key, Why::File(error.kind()), path.origin),
        };
        if value.is_empty() {
            return self.must_be(key, "the path of a file that is not empty", path.origin);
        }
        if self.is_example(&value) {
            return self.problem(key, Why::Example, Some(path.value.to_string()));
        }
        Some(Text { value, origin: Some(path.value.to_string()) })
    }

    fn text(&mut self, key: &str) -> Option<Text> {
        let value = self.take(key)?;
        let origin = origin(&value);
        let ValueKind::String(text) = value.kind else {
            return self.must_be(key, "a text in quotes", origin);
        };
        let value = Zeroizing::new(text);
        if self.is_example(&value) {
            return self.problem(key, Why::Example, origin);
        }
        Some(Text { value, origin })
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        match self.keys.remove(key) {
            Some(value) => Some(value),
            None => self.missing(key),
        }
    }

    /// Every example value of `default.toml` contains the word, also in host names.
    fn is_example(&self, text: &str) -> bool {
        !self.examples && text.to_ascii_lowercase().contains("example")
    }

    /// Adds the problem that `key` must be set.
    pub(super) fn missing<T>(&mut self, key: &str) -> Option<T> {
        self.problem(key, Why::Missing, None)
    }

    /// Adds the problem that `key` must be something else: `what`.
    pub(super) fn must_be<T>(&mut self, key: &str, what: &'static str, origin: Option<String>) -> Option<T> {
        self.problem(key, Why::MustBe(what), origin)
    }

    /// Adds the problem that the contrast of two colors of `key` is too low.
    pub(super) fn contrast(&mut self, key: &str, fault: Fault) {
        let _: Option<()> = self.problem(key, Why::Contrast(fault), None);
    }

    fn problem<T>(&mut self, key: &str, why: Why, origin: Option<String>) -> Option<T> {
        if !self.idle {
            self.problems.push(Problem { key: self.path(key), why, origin });
        }
        None
    }

    fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn finish(self) {
        let mut unknown: Vec<_> = self.keys.iter().collect();
        unknown.sort_by_key(|(key, _)| *key);
        for (key, value) in unknown {
            let problem = Problem { key: self.path(key), why: Why::Unknown, origin: origin(value) };
            self.problems.push(problem);
        }
    }
}

/// The origin of a value; of a table, that of its first value.
fn origin(value: &Value) -> Option<String> {
    match &value.kind {
        ValueKind::Table(keys) => keys.values().find_map(origin),
        _ => value.origin().map(str::to_owned),
    }
}

/// What [`safe_url`] accepts.
pub(super) const SAFE_URL: &str = "an https address (http only on this machine)";

/// A URL whose traffic nobody on the network can read: https, or http on this machine.
pub(super) fn safe_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| match url.scheme() {
        "https" => true,
        "http" => match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        },
        _ => false,
    })
}

/// What [`root_url`] accepts.
pub(super) const ROOT_URL: &str = "an https address without a path (http only on this machine)";

/// As [`safe_url`], without path, query and fragment.
pub(super) fn root_url(text: &str) -> Option<Url> {
    safe_url(text).filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
}

/// A host name or an address, that of IPv6 in brackets; without scheme, port and path. It is written as in a [`Url`].
fn host(text: &str) -> Option<String> {
    if let Some(address) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return Some(Host::<String>::Ipv6(address.parse().ok()?).to_string());
    }
    let named = !text.is_empty() && !text.ends_with('.') && !text.contains("..");
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-');
    (named && plain).then(|| text.to_owned())
}
