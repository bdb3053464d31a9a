//! The kinds of a call that NRG has not answered yet, and of one that failed when no request waited for it any more.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fields::Language;

/// A call, or several one after the other, whose answer is not recorded yet. A task makes it; the request that began it
/// may have been answered long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingCall {
    /// What it is made for.
    pub kind: CallKind,
    /// The revision of the step it was begun at. If the step has another one by now, the call is not pending any more.
    pub revision: u64,
    /// When it was begun.
    pub since: Timestamp,
}

/// What a call is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// The answer of a step.
    Answer,
    /// The answer to the question of a step.
    Question,
    /// What the page of a step shows.
    Read,
}

/// A call that failed when no request waited for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedCall {
    /// What it was made for.
    pub kind: CallKind,
    /// How it failed.
    pub failure: CallFailure,
    /// Whether an attempt at an identity, or an inquiry about credit, may have been used up.
    pub spent: bool,
}

/// How a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallFailure {
    /// No answer came, or nobody was left to take it: the server that had made the call ended.
    NoAnswer,
    /// NRG could not be reached, or failed itself.
    Unavailable,
    /// NRG's answer was too large.
    TooLarge,
    /// NRG's answer could not be used.
    Unusable,
    /// It would have been one try too many; after this moment there may be another.
    Limited(Timestamp),
    /// A failure on this side.
    Internal,
}

/// A call of `holds`, for which nobody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldsAsked {
    /// When it was made.
    pub at: Timestamp,
    /// Whether it failed.
    pub failed: bool,
    /// The language that the holds are asked for in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}
