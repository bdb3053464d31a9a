//! What is wrong with the settings. Names keys and where a value came from, never the value: it
//! may be a secret.

use std::fmt;

use crate::theme::Fault;

/// Everything that keeps the server from starting, displayed one problem a line.
#[derive(Debug, PartialEq)]
pub struct Problems(pub Vec<Problem>);

/// One problem.
#[derive(Debug, PartialEq)]
pub struct Problem {
    /// The key, as `server.listen`; of a file that cannot be used, its path.
    pub key: String,
    /// What is wrong.
    pub why: Why,
    /// Where the value came from: a file's path, the name of an environment variable, or the default.
    pub origin: Option<String>,
}

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// It must be set, and is not.
    Missing,
    /// The example of the manual was left in place.
    Example,
    /// There is no such key.
    Unknown,
    /// It must be something else.
    MustBe(&'static str),
    /// A secret and its `…_file` were both given.
    Twice,
    /// The file cannot be read or written.
    File(std::io::ErrorKind),
    /// Two colors that meet on a page cannot be told apart well enough.
    Contrast(Fault),
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
        let variable = super::layers::variable(&self.key);
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
            Self::Toml { line: Some(line) } => write!(f, "is not TOML, see line {line}"),
            Self::Toml { line: None } => f.write_str("is not TOML"),
        }
    }
}
