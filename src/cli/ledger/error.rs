//! Why a command on the ledger failed.

use std::io;

use crate::{
    config::Problems,
    ledger::{AccountError, AmendError, Error, PrivacyError, SettleError},
    messages,
};

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no such submission.
    #[error("there is no submission with the reference {0}")]
    NotFound(String),
    /// The reference names several submissions: their tracking ids.
    #[error("this journey has several submissions, name one: {0}")]
    Several(String),
    /// There is no such journey.
    #[error("the ledger has no record of a journey with the reference {0}")]
    NoJourney(String),
    /// The reference names several journeys.
    #[error("this reference names several journeys: give the journey's half of it")]
    SeveralJourneys,
    /// Nothing was given out, erased or held.
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
    /// The words for a person cannot be read.
    #[error(transparent)]
    Messages(#[from] messages::Error),
    /// The submission was not settled.
    #[error(transparent)]
    NotSettled(#[from] SettleError),
    /// The submission was not amended.
    #[error(transparent)]
    NotAmended(#[from] AmendError),
    /// The account number does not go with the result.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// What was given is not one of these.
    #[error("what was given is no {0}")]
    NotRead(&'static str),
    /// So many records are not as they were written.
    #[error("the ledger is not as it was written, in {0} places")]
    Broken(usize),
    /// The ledger cannot be read.
    #[error("the ledger cannot be read: the database must be a server's, and up to date")]
    Ledger(#[from] Error),
    /// A key that the inquiry needs is not in the settings.
    #[error(transparent)]
    Settings(#[from] Problems),
    /// The answer cannot be written.
    #[error("the answer cannot be written")]
    Write(#[from] io::Error),
}
