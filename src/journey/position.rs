//! Where a journey is. Position is computed, never stored: [`Journey::position`] walks the steps in
//! order while they are answered, and stops at the first that is not. What may be visited and what
//! lies behind follow from the same walk.

use jiff::{SignedDuration, Timestamp};

use crate::{fields::Dollars, texas_time};

use super::{
    Document, Journey, Question, Quiz, Site, Step, Stop, StopKind, StopScope, SubmissionState, Verification,
};

/// What a journey is seen in: the affiliate's site and the moment.
#[derive(Clone, Copy)]
pub struct EvalContext<'a> {
    /// The site.
    pub site: &'a Site,
    /// The present moment.
    pub now: Timestamp,
}

/// Where a journey stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// A step to answer.
    Step(Step),
    /// One question before going on; it belongs to this step.
    Ask(Step),
    /// A stop.
    Stop,
    /// A submission is under way, or its result is unknown.
    Processing,
    /// Enrolled, accepted, or known to have been submitted.
    Confirmation,
}

impl Position {
    /// The path of the page.
    pub fn path(self) -> &'static str {
        match self {
            Position::Step(step) => step.path(),
            Position::Ask(_) => "/ask",
            Position::Stop => "/stop",
            Position::Processing => "/processing",
            Position::Confirmation => "/confirmation",
        }
    }
}

/// How one step stands, with everything before it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Nothing to ask here.
    NotNeeded,
    /// Answered.
    Done,
    /// Waits for an answer.
    Open,
    /// Waits for the answer to a question.
    Asking,
    /// NRG's answer to it is a stop.
    Stopped(Stop),
}

impl Status {
    fn open_unless(done: bool) -> Self {
        if done { Status::Done } else { Status::Open }
    }
}

impl Journey {
    /// The one place where the journey is.
    pub fn position(&self, context: EvalContext<'_>) -> Position {
        if self.ending.is_some() {
            return Position::Stop;
        }
        if let Some(submission) = &self.submission {
            match submission.state {
                SubmissionState::Enrolled(_) | SubmissionState::Accepted | SubmissionState::Duplicate => {
                    return Position::Confirmation;
                }
                SubmissionState::Ready | SubmissionState::Sent | SubmissionState::Unknown => {
                    return Position::Processing;
                }
                SubmissionState::Refused { .. } | SubmissionState::NotSent => {
                    if !submission.correctable() || self.refusals_read < submission.refusals() {
                        return Position::Stop;
                    }
                }
            }
        }
        self.first_unfinished(context).1
    }

    fn first_unfinished(&self, context: EvalContext<'_>) -> (Step, Position) {
        for step in Step::ALL {
            match self.status(step, context) {
                Status::NotNeeded | Status::Done => {}
                Status::Open => return (step, Position::Step(step)),
                Status::Asking => return (step, Position::Ask(step)),
                Status::Stopped(_) => return (step, Position::Stop),
            }
        }
        (Step::Review, Position::Step(Step::Review))
    }

    /// Whether `step` may be shown and answered: everything before it stands, and nothing has ended.
    pub fn may_visit(&self, step: Step, context: EvalContext<'_>) -> bool {
        match self.position(context) {
            Position::Step(_) | Position::Ask(_) => self.reached(step, context),
            Position::Stop => {
                self.stop(context).is_some_and(|stop| stop.kind.scope() == StopScope::Recoverable)
                    && self.reached(step, context)
            }
            Position::Processing | Position::Confirmation => false,
        }
    }

    fn reached(&self, step: Step, context: EvalContext<'_>) -> bool {
        let (furthest, place) = self.first_unfinished(context);
        // A stop leads back to its answer, whatever else can be changed.
        let stopped_here = place == Position::Stop && step == furthest;
        step <= furthest
            && self.status(step, context) != Status::NotNeeded
            && (stopped_here || !(self.locked() && step.carried_by_identity()))
    }

    /// The steps of this journey as far as can be told, for "step 3 of 8".
    pub fn steps(&self, context: EvalContext<'_>) -> impl Iterator<Item = Step> {
        Step::ALL.into_iter().filter(move |step| match step {
            Step::Quiz | Step::Deposit => self.status(*step, context) != Status::NotNeeded,
            _ => true,
        })
    }

    /// The step a Back link on `step` leads to.
    pub fn back(&self, step: Step, context: EvalContext<'_>) -> Option<Step> {
        Step::ALL.into_iter().rev().find(|before| *before < step && self.may_visit(*before, context))
    }

    /// The stop the journey stands at.
    pub fn stop(&self, context: EvalContext<'_>) -> Option<Stop> {
        if let Some(ending) = &self.ending {
            return Some(ending.clone());
        }
        if let Some(submission) = &self.submission
            && let Some(stop) = submission.stop()
            && (!submission.correctable() || self.refusals_read < submission.refusals())
        {
            return Some(stop);
        }
        match self.status(self.first_unfinished(context).0, context) {
            Status::Stopped(stop) => Some(stop),
            Status::NotNeeded | Status::Done | Status::Open | Status::Asking => None,
        }
    }

    /// The step whose answer led to the stop, and may be changed to leave it.
    pub fn stopped_step(&self, context: EvalContext<'_>) -> Step {
        self.first_unfinished(context).0
    }

    /// The question the journey waits for.
    pub fn question(&self, context: EvalContext<'_>) -> Option<Question<'_>> {
        match self.position(context) {
            Position::Ask(step) => self.question_of(step),
            Position::Step(_) | Position::Stop | Position::Processing | Position::Confirmation => None,
        }
    }

    /// How `step` stands, read on its own.
    pub fn status(&self, step: Step, context: EvalContext<'_>) -> Status {
        if self.question_of(step).is_some() && step != Step::Identity {
            return Status::Asking;
        }
        match step {
            Step::Zip => match self.area() {
                Some(Err(stop)) => Status::Stopped(stop.clone()),
                Some(Ok(_)) => Status::open_unless(self.tdsp().is_some()),
                None => Status::Open,
            },
            Step::Plans => Status::open_unless(self.chosen().is_some()),
            Step::Address => self.address_status(),
            Step::Contact => Status::open_unless(self.contact.is_some()),
            Step::Billing => Status::open_unless(self.settled_billing().is_some()),
            Step::Identity => self.identity_status(context.site),
            Step::Quiz => self.quiz_status(context.site),
            Step::StartDate => self.start_date_status(context.now),
            Step::Deposit => match (self.credit(), self.credit_asked()) {
                (Some(Ok(credit)), asked) if credit.deposit > Dollars(0) => {
                    Status::open_unless(self.deposit_accepted == asked)
                }
                _ => Status::NotNeeded,
            },
            Step::Review => Status::Open,
        }
    }

    fn address_status(&self) -> Status {
        let Some(premise) = self.premise() else { return Status::Open };
        let transaction = self.service.as_ref().map(|service| service.transaction);
        if let Some(stop) = transaction.and_then(|transaction| premise.early_stop(transaction)) {
            return Status::Stopped(stop);
        }
        Status::open_unless(premise.settled.is_some() && premise.meters.is_some())
    }

    fn identity_status(&self, site: &Site) -> Status {
        if self.person.as_ref().is_some_and(|person| person.document == Document::None) && !site.allow_no_id {
            return Status::Stopped(Stop::new(StopKind::NoId));
        }
        let Some(identity) = self.identity() else { return Status::Open };
        if self.question_of(Step::Identity).is_some() {
            return Status::Asking;
        }
        let quiz_is_open = self.quiz_status(site) == Status::Open;
        let quiz_passed = identity.quiz == Some(Quiz::Passed);
        match identity.verification {
            Verification::Verified => Status::Done,
            Verification::NotVerified | Verification::Held if quiz_is_open || quiz_passed => Status::Done,
            Verification::NotVerified if self.no_repeat_left() => {
                Status::Stopped(Stop::new(StopKind::AttemptsUsedUp))
            }
            Verification::NotVerified => Status::Open,
            Verification::Held if site.allow_identity_hold => Status::Done,
            Verification::Held => Status::Stopped(Stop::new(StopKind::IdentityHold)),
        }
    }

    /// The questions are asked where they can still turn "not verified" into "verified".
    fn quiz_status(&self, site: &Site) -> Status {
        let Some(identity) = self.identity() else { return Status::NotNeeded };
        let wanted = match identity.verification {
            Verification::Verified => false,
            Verification::NotVerified => identity.quiz_suggested,
            // A hold is itself the cue (contract 8.3), unless it may simply be submitted.
            Verification::Held => identity.quiz_suggested || !site.allow_identity_hold,
        };
        if !(wanted && site.quiz) {
            return Status::NotNeeded;
        }
        match &identity.quiz {
            None | Some(Quiz::Asked { .. }) => Status::Open,
            Some(Quiz::Passed) => Status::Done,
            // A failed quiz leaves a hold on the record (contract 8.3); it is an ending where that is not allowed,
            // which is decided when the answer is recorded.
            Some(Quiz::Failed | Quiz::Unavailable) => Status::NotNeeded,
        }
    }

    fn start_date_status(&self, now: Timestamp) -> Status {
        let Some(dates) = self.dates().filter(|dates| dates.fresh(now)) else { return Status::Open };
        match (&dates.verdict, self.credit()) {
            (Err(stop), _) | (Ok(_), Some(Err(stop))) => Status::Stopped(stop.clone()),
            (Ok(_), Some(Ok(_))) => Status::Done,
            (Ok(_), None) => Status::Open,
        }
    }
}

impl super::DatesFetched {
    /// Dates are good for an hour of the same Texas day.
    pub fn fresh(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.at);
        age < SignedDuration::from_hours(1) && texas_time::day(now) == texas_time::day(self.at)
    }
}

impl Step {
    /// Whether `identity` carries what this step answers.
    fn carried_by_identity(self) -> bool {
        match self {
            Step::Address | Step::Contact | Step::Billing | Step::Identity => true,
            Step::Zip | Step::Plans | Step::Quiz | Step::StartDate | Step::Deposit | Step::Review => false,
        }
    }
}
