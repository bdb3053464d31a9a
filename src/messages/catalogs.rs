//! The catalogs of both languages, parsed from the files that are compiled in.

use super::sections::Messages;
use crate::fields::Language;

/// Why the catalogs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A translation lacks a key, has one too many, or is not TOML.
    #[error("the messages in {language:?} cannot be parsed")]
    Unreadable {
        /// The language of the catalog.
        language: Language,
        /// The error, with its line.
        source: toml::de::Error,
    },
}

/// The messages of both languages.
#[derive(Debug)]
pub struct Catalogs {
    english: Messages,
    spanish: Messages,
}

impl Catalogs {
    /// Parses the catalogs that are compiled in.
    ///
    /// # Errors
    /// [`Error::Unreadable`] names the language and the line.
    pub fn load() -> Result<Self, Error> {
        Ok(Self {
            english: read(Language::English, include_str!("en.toml"))?,
            spanish: read(Language::Spanish, include_str!("es.toml"))?,
        })
    }

    /// The messages in `language`.
    #[must_use]
    pub fn of(&self, language: Language) -> &Messages {
        match language {
            Language::English => &self.english,
            Language::Spanish => &self.spanish,
        }
    }
}

fn read(language: Language, source: &str) -> Result<Messages, Error> {
    toml::from_str(source).map_err(|source| Error::Unreadable { language, source })
}
