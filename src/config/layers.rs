//! Layers of keys and values, each value with its origin. A later layer overrides an earlier one.
//!
//! Nothing is interpreted here. An environment value stays the text it is: the password `00123` must not become a number.

use std::{fmt, path::Path};

use config::{ConfigError, FileFormat, Format, Map, Source, Value, ValueKind};
use zeroize::Zeroizing;

use super::{
    environment::PREFIX,
    problem::{Problem, Why},
};

/// The origin of a value that is not set anywhere.
pub(super) const DEFAULT: &str = "the default";

/// Keys and values. They may be secrets, so `Debug` prints none of them.
#[derive(Clone)]
pub(super) struct Layer(Map<String, Value>);

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Layer(hidden)")
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

impl Layer {
    /// Parses TOML text. `origin` names the text in problems.
    ///
    /// # Errors
    /// [`Why::Toml`].
    pub(super) fn toml(origin: &str, text: &str) -> Result<Self, Problem> {
        FileFormat::Toml.parse(Some(&origin.to_owned()), text).map(Self).map_err(|cause| {
            // The parser's own message quotes the line, and a password may stand on it.
            let at = cause.downcast_ref().and_then(toml::de::Error::span).map(|span| span.start);
            let line = at.and_then(|at| text.get(..at)).map(|before| before.matches('\n').count() + 1);
            Problem { key: origin.to_owned(), why: Why::Toml { line }, origin: None }
        })
    }

    /// Reads a TOML file.
    ///
    /// # Errors
    /// [`Why::File`], [`Why::Toml`].
    pub(super) fn file(path: &Path) -> Result<Self, Problem> {
        let origin = path.display().to_string();
        match std::fs::read_to_string(path).map(Zeroizing::new) {
            Ok(text) => Self::toml(&origin, &text),
            Err(error) => Err(Problem { key: origin, why: Why::File(error.kind()), origin: None }),
        }
    }

    /// The layer of one environment variable; `None` if it is not a setting.
    pub(super) fn variable(name: &str, value: String) -> Option<Self> {
        let mut path: Vec<String> =
            name.strip_prefix(PREFIX)?.split("__").map(str::to_ascii_lowercase).collect();
        // Only a brand's id has capital letters, in the main site and in others.
        let section = if path.first().is_some_and(|first| first == "sites") { 2 } else { 0 };
        if let Some([brands, brand, ..]) = path.get_mut(section..)
            && brands == "brands"
        {
            brand.make_ascii_uppercase();
        }
        Some(Self::one(name, &path, value))
    }

    /// A layer of one value, at `path`.
    pub(super) fn one(origin: &str, path: &[impl AsRef<str>], value: String) -> Self {
        let value = Value::new(Some(&origin.to_owned()), value);
        let nest = |inner, key: &str| Value::from(Map::from_iter([(key.to_owned(), inner)]));
        match path.iter().rev().fold(value, |inner, key| nest(inner, key.as_ref())).kind {
            ValueKind::Table(keys) => Self(keys),
            _ => Self(Map::new()),
        }
    }
}

/// `keys`, overridden by `over`.
pub(super) fn over(keys: Map<String, Value>, over: Map<String, Value>) -> Map<String, Value> {
    merge(vec![Layer(keys), Layer(over)])
}

/// Merges the layers; a later one overrides an earlier one.
pub(super) fn merge(layers: Vec<Layer>) -> Map<String, Value> {
    // Collecting a `Layer` never fails. If it did, every key would be reported as missing.
    layers.collect().unwrap_or_default()
}
