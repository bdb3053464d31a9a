//! The events of a journey for the funnel: each step that it reaches and each stop that it meets, once.

use jiff::SignedDuration;

use super::{
    outcome::StopKind,
    position::{EvalContext, Status},
    state::Journey,
    step::Step,
};

/// An event to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressEvent {
    /// The journey reached this step.
    Reached(Step),
    /// This step was answered for the first time, so long after its page was reached.
    Answered(Step, SignedDuration),
    /// The journey is at a stop of this kind. The ledger counts the stops of submissions.
    Stopped(StopKind),
    /// A stop ended the journey.
    Ended,
    /// The person submitted the journey.
    Submitted,
}

impl Journey {
    /// Marks the journey as abandoned. Returns whether it was before.
    pub fn mark_abandoned(&mut self) -> bool {
        std::mem::replace(&mut self.counted.abandoned, true)
    }

    /// Whether the journey was marked as abandoned, and has been resumed since.
    pub fn was_abandoned(&self) -> bool {
        self.counted.abandoned
    }

    /// Whether a link was followed and nothing else: nobody has posted a form, and no step was counted.
    pub fn is_link_alone(&self) -> bool {
        !self.has_posted() && self.ending.is_none() && self.counted.steps.is_empty()
    }

    /// The events that have not been counted yet; this marks them as counted. A journey in which nobody has posted a form
    /// has none: a link alone began it, which a program may have followed. Its first form tells of the steps before as well.
    pub fn new_events(&mut self, context: EvalContext<'_>) -> Vec<ProgressEvent> {
        if self.is_link_alone() {
            self.counted.since.get_or_insert(self.started);
            return Vec::new();
        }
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
        let mut events = Vec::new();
        let counted = &mut self.counted;
        events.extend(reached.iter().copied().map(ProgressEvent::Reached));
        let before = counted.steps.last().copied();
        // A link may have answered the steps before the one that was answered now.
        let before = before.or_else(|| reached.iter().rev().nth(1).copied());
        let leaves = reached.last().copied() > before || submitted && !counted.submitted;
        if let Some((step, since)) = before.filter(|_| leaves).zip(counted.since) {
            events.push(ProgressEvent::Answered(step, context.now.duration_since(since)));
        }
        let first = counted.steps.is_empty() && reached.len() == 1;
        if !reached.is_empty() && !first {
            counted.since = Some(context.now);
        }
        counted.steps.extend(reached);
        if let Some(kind) = stop.filter(|kind| !counted.stops.contains(kind)) {
            counted.stops.push(kind);
            events.push(ProgressEvent::Stopped(kind));
        }
        if ended && !std::mem::replace(&mut counted.ended, ended) {
            events.push(ProgressEvent::Ended);
        }
        if submitted && !std::mem::replace(&mut counted.submitted, submitted) {
            events.push(ProgressEvent::Submitted);
        }
        events
    }

    /// The last step that the journey ever reached.
    pub fn furthest(&self) -> Step {
        self.counted.steps.last().copied().unwrap_or(Step::Zip)
    }
}
