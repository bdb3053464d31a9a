//! What of a journey has been counted: each step it reached and each stop it met, once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{EvalContext, Journey, Status, Step, StopKind};

/// What has been counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    steps: BTreeSet<Step>,
    stops: Vec<StopKind>,
    ended: bool,
    submitted: bool,
}

/// Something to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressEvent {
    /// The step was reached.
    Reached(Step),
    /// It stood at a stop of that kind. Those of a submission are the ledger's to count.
    Stopped(StopKind),
    /// A stop ended it.
    Ended,
    /// Everything was answered, looked over and sent off.
    Submitted,
}

impl Journey {
    /// What is to be counted of it now; it is marked as counted.
    pub fn new_events(&mut self, context: EvalContext<'_>) -> Vec<ProgressEvent> {
        let furthest = self.stopped_step(context);
        let reached: Vec<Step> = Step::ALL
            .into_iter()
            .filter(|step| *step <= furthest && !self.counted.steps.contains(step))
            .filter(|step| match step {
                Step::Quiz | Step::Deposit => self.status(*step, context) != Status::NotNeeded,
                _ => true,
            })
            .collect();
        let stop = match (&self.ending, &self.submission) {
            (Some(stop), _) => Some(stop.kind),
            (None, Some(_)) => None,
            (None, None) => match self.status(furthest, context) {
                Status::Stopped(stop) => Some(stop.kind),
                Status::NotNeeded | Status::Done | Status::Open | Status::Asking => None,
            },
        };
        let (ended, submitted) = (self.ending.is_some(), self.submitting);
        let mut news = Vec::new();
        let counted = &mut self.counted;
        news.extend(reached.iter().copied().map(ProgressEvent::Reached));
        counted.steps.extend(reached);
        if let Some(kind) = stop.filter(|kind| !counted.stops.contains(kind)) {
            counted.stops.push(kind);
            news.push(ProgressEvent::Stopped(kind));
        }
        if ended && !std::mem::replace(&mut counted.ended, ended) {
            news.push(ProgressEvent::Ended);
        }
        if submitted && !std::mem::replace(&mut counted.submitted, submitted) {
            news.push(ProgressEvent::Submitted);
        }
        news
    }

    /// The last step it ever reached.
    pub fn furthest(&self) -> Step {
        self.counted.steps.last().copied().unwrap_or(Step::Zip)
    }
}
