//! Problems of the settings. A problem names the key and the origin of its value, never the value: it may be a secret.

use std::fmt;

use super::environment::variable;
use crate::theme::Fault;

/// All problems of the settings, displayed one a line. The server does not start with any.
#[derive(Debug, PartialEq)]
pub struct Problems(pub Vec<Problem>);

/// One problem.
#[derive(Debug, PartialEq)]
pub struct Problem {
    /// The key, such as `server.listen`, or the path of a file that cannot be used.
    pub key: String,
    /// What is wrong.
    pub why: Why,
    /// The origin of the value: the path of a file, the name of an environment variable, or `the default`.
    pub origin: Option<String>,
}

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// It is required and not set.
    Missing,
    /// It still has the example value of `default.toml`.
    Example,
    /// There is no such key.
    Unknown,
    /// It has an invalid value; this says what it must be.
    MustBe(&'static str),
    /// A secret and its `…_file` are both set.
    Twice,
    /// The file cannot be read or written.
    File(std::io::ErrorKind),
    /// The contrast of two colors is too low.
    Contrast(Fault),
    /// It is an environment variable with one underscore where there must be two; this one is probably meant.
    Underscore(String),
    /// The file is not TOML.
    Toml {
        /// The line, from 1, where that is known.
        line: Option<usize>,
    },
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| writeln!(f, "{problem}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.why)?;
        if let Some(origin) = &self.origin {
            write!(f, " (from {origin})")?;
        }
        let variable = variable(&self.key);
        match self.why {
            Why::Missing | Why::Example | Why::MustBe(_) | Why::Twice
                if self.origin.as_ref() != Some(&variable) =>
            {
                write!(f, "; environment name {variable}")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("must be set"),
            Self::Example => f.write_str("still has its example value, set your own"),
            Self::Unknown => f.write_str("there is no such key"),
            Self::MustBe(what) => write!(f, "must be {what}"),
            Self::Twice => f.write_str("set either the value or the file, not both"),
            Self::File(kind) => write!(f, "cannot be used: {kind}"),
            Self::Contrast(fault) => write!(f, "{fault}"),
            Self::Underscore(meant) => write!(f, "is not read: two underscores are needed, as in {meant}"),
            Self::Toml { line: Some(line) } => write!(f, "is not TOML, see line {line}"),
            Self::Toml { line: None } => f.write_str("is not TOML"),
        }
    }
}
