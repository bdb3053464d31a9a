//! The calls of a journey: begun, ended, failed.

use jiff::Timestamp;

use super::{
    call::{CallKind, FailedCall, PendingCall},
    state::Journey,
    step::Step,
};

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

    /// Records that the call of `step` failed: it may be made again. `failed`: how, if no request waited for it.
    pub fn call_failed(&mut self, step: Step, kind: CallKind, failed: Option<FailedCall>) {
        match kind {
            CallKind::Read => self.read_ended(step),
            // With a new revision, waiting requests go on.
            CallKind::Answer | CallKind::Question => self.answer_failed(step),
        }
        if let Some(failed) = failed {
            self.failed_calls.insert(step, failed);
        }
    }

    /// Forgets how the last call of `step` failed: the visitor has read it.
    pub fn forget_failure(&mut self, step: Step) {
        self.failed_calls.remove(&step);
    }
}
