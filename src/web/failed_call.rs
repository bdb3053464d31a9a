//! The notices of calls that failed: what the visitor can do, and what may have been used up.

use std::time::Duration;

use super::{notices::Notice, page_context::PageContext};
use crate::{
    journey::{CallFailure, CallKind, Step},
    messages::interpolate,
};

impl<'a> PageContext<'a> {
    /// The notices on the page of `step`, if its last call failed when no request waited for it.
    pub(super) fn failed_call(self, step: Step) -> Vec<Notice<'a>> {
        let failed = self.journey.failed_calls.get(&step).filter(|failed| failed.kind != CallKind::Read);
        let Some(failed) = failed else { return Vec::new() };
        let t = &self.messages().error;
        let text = match failed.failure {
            CallFailure::NoAnswer
            | CallFailure::Unavailable
            | CallFailure::TooLarge
            | CallFailure::Unusable => interpolate(&t.no_answer, &[("phone", &self.phone())]),
            CallFailure::Limited(until) => {
                self.too_many(until.duration_since(self.now).try_into().unwrap_or_default())
            }
            CallFailure::Internal => t.sorry.clone(),
        };
        let notice = Notice { title: t.busy_title.clone(), text: Some(text), message: None };
        let spent = failed.spent.then(|| self.spent_notice(step));
        [notice].into_iter().chain(spent).collect()
    }

    /// The notice that an inquiry about credit, or an attempt at an identity, may have been used up by a call of `step`.
    pub fn spent_notice(self, step: Step) -> Notice<'a> {
        let (title, t) = (self.messages().common.important.clone(), &self.messages().error);
        let text = match step {
            Step::StartDate | Step::Deposit => &t.credit_again,
            _ => &t.attempt_again,
        };
        Notice { title, text: Some(text.clone()), message: None }
    }

    /// The text about a try too many: how long to wait, and whether the answers are kept until then.
    pub fn too_many(self, wait: Duration) -> String {
        let t = &self.messages().error;
        let kept = if wait < self.idle { &t.too_many_kept } else { &t.too_many_not_kept };
        interpolate(&t.too_many, &[("wait", &self.messages().wait(wait)), ("kept", kept)])
    }
}
