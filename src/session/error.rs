//! Why a session was not saved or changed.

use super::Error;

/// Why a session was not saved, or its id not replaced.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Another request saved it or replaced its id since it was loaded: load again and decide anew.
    #[error("the session was changed by another request")]
    Conflict,
    /// The session does not exist any more.
    #[error("the session has ended")]
    Ended,
    /// There are as many sessions as there may be, and none that could make room for this one.
    #[error("there are too many sessions")]
    Full,
    /// The session library refused what it was given.
    #[error("the session library failed: {0}")]
    Library(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Why a session could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The session has ended since: left, timed out, or deleted.
    #[error("the session has ended")]
    Ended,
    /// Other requests changed it at each try.
    #[error("the session was changed by another request")]
    Conflict,
    /// The journey cannot be serialized: a defect of this program, which a retry does not mend.
    #[error("the journey cannot be serialized")]
    Unserializable(#[source] serde_json::Error),
    /// There are as many sessions as there may be.
    #[error("there are too many sessions")]
    Full,
    /// The session library refused what it was given: a defect of this program.
    #[error("the session library failed: {0}")]
    Library(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<SaveError> for SessionError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Conflict => Self::Conflict,
            SaveError::Ended => Self::Ended,
            SaveError::Full => Self::Full,
            SaveError::Library(error) => Self::Library(error),
            SaveError::Store(error) => Self::Store(error),
        }
    }
}
