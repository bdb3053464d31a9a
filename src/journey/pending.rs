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
            self.drop_advice(step, kind);
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
            CallKind::Answer | CallKind::Question => {
                self.note_post();
                self.revise(step);
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::{
        CallFailure, EvalContext, Outcome, Position, Submission, SubmissionState,
        tests::{answered_to, now, site},
    };

    fn position(journey: &Journey) -> Position {
        journey.position(EvalContext { site: &site(), now: now() })
    }

    #[test]
    fn pending_answer_is_the_position_whatever_was_answered_before() {
        for step in [Step::Zip, Step::Plans, Step::Address, Step::StartDate, Step::Deposit] {
            let mut journey = answered_to(Step::Review);
            assert_eq!(position(&journey), Position::Step(Step::Review));
            journey.call_begun(step, CallKind::Answer, now());
            assert_eq!(position(&journey), Position::Step(step));
            assert!(journey.may_visit(step, EvalContext { site: &site(), now: now() }));
            journey.answered(step);
            assert_eq!(journey.pending(step), None);
            assert_eq!(position(&journey), Position::Step(Step::Review));
        }
        let mut journey = answered_to(Step::Review);
        journey.call_begun(Step::StartDate, CallKind::Read, now());
        assert_eq!(position(&journey), Position::Step(Step::Review), "what is only read holds nothing up");
    }

    #[test]
    fn call_begun_twice_is_the_first_one_until_it_ends() {
        let later = now() + std::time::Duration::from_secs(9);
        let mut journey = answered_to(Step::Identity);
        journey.call_begun(Step::Identity, CallKind::Answer, now());
        journey.call_begun(Step::Identity, CallKind::Answer, later);
        assert_eq!(journey.pending(Step::Identity).unwrap().since, now());
        journey.call_failed(Step::Identity, CallKind::Answer, None);
        assert_eq!(journey.pending(Step::Identity), None);
        journey.call_begun(Step::Identity, CallKind::Answer, later);
        assert_eq!(journey.pending(Step::Identity).unwrap().since, later);
        assert_eq!(journey.revision(Step::Identity), 1);
    }

    #[test]
    fn failure_is_kept_until_the_step_is_tried_or_answered_again() {
        let failed = FailedCall { kind: CallKind::Answer, failure: CallFailure::NoAnswer, spent: true };
        let begin = |journey: &mut Journey| journey.call_begun(Step::Quiz, CallKind::Answer, now());
        for again in [begin, |journey: &mut Journey| journey.answered(Step::Quiz)] {
            let mut journey = answered_to(Step::Quiz);
            journey.call_failed(Step::Quiz, CallKind::Answer, Some(failed));
            assert_eq!(journey.failed_calls.get(&Step::Quiz), Some(&failed));
            again(&mut journey);
            assert_eq!(journey.failed_calls.get(&Step::Quiz), None);
        }
    }

    #[test]
    fn late_answer_already_submitted_hides_no_submission() {
        let mut journey = answered_to(Step::Review);
        let tracking_id = journey.record.as_ref().unwrap().tracking_id.clone();
        let (applicant, asked) = (journey.applicant().unwrap(), journey.credit_asked().unwrap());
        let state = SubmissionState::Accepted;
        journey.submission =
            Some(Submission { tracking_id, round: 1, since: now(), tries: 1, state, message: None });
        journey.credit_answered(&applicant, asked.clone(), Outcome::Done);
        assert_eq!(position(&journey), Position::Confirmation);
        journey.submission = None;
        journey.credit_answered(&applicant, asked, Outcome::Done);
        assert_eq!(position(&journey), Position::Stop);
    }
}
