//! The calls of a journey that NRG has not answered yet, and those that failed when no request waited for them any more.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{state::Journey, step::Step};

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
    /// NRG could not be reached, or did not do what it was asked.
    Unavailable,
    /// It would have been one try too many; after this moment there may be another.
    Limited(Timestamp),
    /// A failure on this side.
    Internal,
}

impl Journey {
    /// Notes that a call of `step` begins. If one is pending already, it stays that one.
    pub fn call_begun(&mut self, step: Step, kind: CallKind, now: Timestamp) {
        let revision = self.revision(step);
        if self.pending(step).is_none() {
            self.pending_calls.insert(step, PendingCall { kind, revision, since: now });
        }
        if kind != CallKind::Read {
            self.note_post();
        }
        self.failed_calls.remove(&step);
    }

    /// The call of `step` that has not been answered.
    pub fn pending(&self, step: Step) -> Option<PendingCall> {
        self.pending_calls.get(&step).copied().filter(|call| call.revision == self.revision(step))
    }

    /// Records that what the page of `step` shows has been read. The step itself is not answered by that.
    pub fn read_ended(&mut self, step: Step) {
        self.pending_calls.remove(&step);
    }

    /// Records that the call of `step` failed: it may be made again. `untold`: how, if no request waited for it.
    pub fn call_failed(&mut self, step: Step, kind: CallKind, untold: Option<FailedCall>) {
        match kind {
            CallKind::Read => self.read_ended(step),
            // With a new revision, waiting requests go on.
            CallKind::Answer | CallKind::Question => self.answer_failed(step),
        }
        if let Some(failed) = untold {
            self.failed_calls.insert(step, failed);
        }
    }

    /// Forgets how the last call of `step` failed: the visitor has read it.
    pub fn forget_failure(&mut self, step: Step) {
        self.failed_calls.remove(&step);
    }
}
