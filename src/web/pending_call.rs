//! Waiting for a call: what a request sees of a task, of its own or of another server.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{
    context::RequestContext,
    error::PageError,
    patience::{Awaited, CallState, Patience},
};
use crate::journey::{CallFailure, CallKind, FailedCall, Journey, PendingCall, Step};

impl RequestContext {
    /// The whole patience again: a form has arrived, which took as long as its sender needed.
    pub fn renew_patience(&mut self) {
        self.patience = Patience::of(self.app.patience);
    }

    /// Waits for the pending call of `step`, whichever server makes it, as long as this request waits and the person has
    /// not waited that long already. A call whose server has ended is recorded as failed.
    ///
    /// # Errors
    /// The session could not be loaded or saved.
    pub async fn wait_for_call(&mut self, step: Step) -> Result<CallState, PageError> {
        /// How often the database is asked for an answer that another server gets.
        const LOOK: Duration = Duration::from_millis(250);
        loop {
            let Some(call) = self.journey().pending(step) else { return Ok(CallState::Ended) };
            let waited = self.app.clock.now().duration_since(call.since).unsigned_abs();
            let left = self.app.patience.saturating_sub(waited);
            let here = self.app.calls.end_of(&self.journey().id, step);
            if here.is_none() {
                // It is another server's, or has ended since the journey was loaded.
                self.refresh().await?;
                if self.journey().pending(step) != Some(call) {
                    continue;
                }
                if !self.is_claimed(step, call).await? {
                    self.lose_call(step, call).await?;
                    return Ok(CallState::Ended);
                }
            }
            if self.patience.is_over() || left.is_zero() {
                return Ok(CallState::UnderWay(Awaited { step, kind: call.kind, since: call.since }));
            }
            match here {
                Some(end) => {
                    let _ = self.patience.wait(timeout(left, end.cancelled())).await;
                }
                None => {
                    let _ = self.patience.wait(sleep(left.min(LOOK))).await;
                }
            }
            self.refresh().await?;
        }
    }

    /// Whether some server is making the call; one that has just begun may not have its claim yet.
    async fn is_claimed(&self, step: Step, call: PendingCall) -> Result<bool, PageError> {
        let held =
            self.app.claims.is_held(&self.journey().id, &claim_name(step, call.kind), call.revision).await?;
        let age = self.app.clock.now().duration_since(call.since);
        Ok(held || age.unsigned_abs() < self.app.claims.lease())
    }

    async fn lose_call(&mut self, step: Step, call: PendingCall) -> Result<(), PageError> {
        let spent = call.kind == CallKind::Answer
            && matches!(step, Step::Identity | Step::Quiz | Step::StartDate | Step::Deposit);
        let failed = FailedCall { kind: call.kind, failure: CallFailure::NoAnswer, spent };
        tracing::warn!(step = step.slug(), "page: the server that made a call has ended");
        let lose = |journey: &mut Journey| {
            if journey.pending(step) == Some(call) {
                journey.call_failed(step, call.kind, Some(failed));
            }
        };
        Ok(self.session.change(lose).await?)
    }
}

/// The name of the claim to make a call for `step`.
pub fn claim_name(step: Step, kind: CallKind) -> String {
    match kind {
        CallKind::Answer => step.slug().to_owned(),
        CallKind::Question => format!("{} question", step.slug()),
        CallKind::Read => format!("{} read", step.slug()),
    }
}
