//! Why a session was not loaded or saved.

use super::Error;

/// Why a session was not loaded or saved.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Another request saved it or replaced its id since it was loaded; where a change is tried several times, at each
    /// try.
    #[error("the session was changed by another request")]
    Conflict,
    /// The session has ended since: left, timed out, or deleted.
    #[error("the session has ended")]
    Ended,
    /// The session is encrypted with a key that this server does not have: one that does goes on with it.
    #[error("the session is encrypted with a key that is not in session.keys")]
    UnknownKey,
    /// There are as many sessions as there may be, and none that could make room for this one.
    #[error("there are too many sessions")]
    Full,
    /// The journey cannot be serialized: a defect of this program, which a retry does not mend.
    #[error("the journey cannot be serialized")]
    Unserializable(#[source] serde_json::Error),
    /// The session library refused what it was given: a defect of this program.
    #[error("the session library failed: {0}")]
    Library(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}
