//! The position of a journey, which is computed, never stored: [`Journey::position`] goes through the steps in order and
//! returns the first that is not done. Which steps may be visited follows from the same evaluation.

use jiff::Timestamp;

use crate::fields::Dollars;

use super::{
    call::CallKind,
    outcome::{Stop, StopKind, StopScope},
    premise::Billing,
    question::Question,
    record::{Document, Quiz, Verification},
    site::Site,
    state::Journey,
    step::Step,
    submission::SubmissionState,
};

/// The context a journey is evaluated in: the affiliate's site and the time.
#[derive(Clone, Copy)]
pub struct EvalContext<'a> {
    /// The site.
    pub site: &'a Site,
    /// The current time.
    pub now: Timestamp,
}

/// The position of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// The step that has to be answered.
    Step(Step),
    /// A question that belongs to this step has to be answered.
    Ask(Step),
    /// The journey is at a stop.
    Stop,
    /// A submission is in progress, or its result is unknown.
    Processing,
    /// The submission was enrolled or accepted, or NRG had received it before.
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

/// The status of one step, if all steps before it are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The step is not needed.
    NotNeeded,
    /// The step is answered.
    Done,
    /// The step waits for an answer.
    Open,
    /// The step waits for the answer to a question.
    Asking,
    /// NRG's answer to the step is a stop.
    Stopped(Stop),
}

impl Status {
    fn open_unless(done: bool) -> Self {
        if done { Status::Done } else { Status::Open }
    }
}

impl Journey {
    /// The position of the journey.
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
                // Whatever an earlier call said: nothing goes on before this one is answered.
                status if status != Status::NotNeeded && self.is_answering(step) => {
                    return (step, Position::Step(step));
                }
                Status::NotNeeded | Status::Done => {}
                Status::Open => return (step, Position::Step(step)),
                Status::Asking => return (step, Position::Ask(step)),
                Status::Stopped(_) => return (step, Position::Stop),
            }
        }
        (Step::Review, Position::Step(Step::Review))
    }

    /// Whether the answer of `step` has been posted, and NRG is being asked about it.
    pub fn is_answering(&self, step: Step) -> bool {
        self.pending(step).is_some_and(|call| call.kind == CallKind::Answer)
    }

    /// Whether `step` may be shown and answered: all steps before it are done, and the journey has not ended.
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
        let (furthest, position) = self.first_unfinished(context);
        // The answer that led to a stop may always be changed.
        let stopped_here = position == Position::Stop && step == furthest;
        step <= furthest
            && self.status(step, context) != Status::NotNeeded
            && (stopped_here || self.is_answering(step) || !(self.locked() && step.carried_by_identity()))
    }

    /// The target of the Back link on the page of `step`.
    pub fn back(&self, step: Step, context: EvalContext<'_>) -> Option<Step> {
        // The box on the address page has answered it: its own page was never seen.
        let is_passed_over =
            |before: Step| before == Step::Billing && self.billing == Some(Billing::SameAsService);
        let mut before = Step::ALL.into_iter().rev().filter(|before| *before < step);
        before.find(|before| !is_passed_over(*before) && self.may_visit(*before, context))
    }

    /// The stop that the journey is at.
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

    /// The step whose answer led to the stop; changing it may leave the stop.
    pub fn stopped_step(&self, context: EvalContext<'_>) -> Step {
        self.first_unfinished(context).0
    }

    /// The question that has to be answered next.
    pub fn question(&self, context: EvalContext<'_>) -> Option<Question<'_>> {
        match self.position(context) {
            Position::Ask(step) => self.question_of(step),
            Position::Step(_) | Position::Stop | Position::Processing | Position::Confirmation => None,
        }
    }

    /// The status of `step`, without regard to the other steps.
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
            Step::Billing => Status::open_unless(self.has_settled_billing()),
            Step::Identity => self.identity_status(context.site),
            Step::Quiz => self.quiz_status(context.site),
            Step::StartDate => self.start_date_status(context.now),
            Step::Deposit => match (self.credit(), self.credit_asked()) {
                (Some(Ok(credit)), asked) if credit.deposit > Dollars::ZERO => {
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
        let without_number = self.without_number
            || self.person.as_ref().is_some_and(|person| person.document == Document::None);
        if without_number && !site.allow_no_id {
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

    /// The quiz is needed if it can still change "not verified" into "verified".
    fn quiz_status(&self, site: &Site) -> Status {
        let Some(identity) = self.identity() else { return Status::NotNeeded };
        let needed = match identity.verification {
            Verification::Verified => false,
            Verification::NotVerified => identity.quiz_suggested,
            // A hold needs the quiz (contract 8.3), unless the affiliate may submit under it.
            Verification::Held => identity.quiz_suggested || !site.allow_identity_hold,
        };
        if !(needed && site.quiz) {
            return Status::NotNeeded;
        }
        match &identity.quiz {
            None | Some(Quiz::Asked { .. }) => Status::Open,
            Some(Quiz::Passed) => Status::Done,
            // A failed quiz leaves a hold on the record (contract 8.3). Where that is not allowed, it ends the journey;
            // this is decided when the answer is recorded.
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

impl Step {
    /// Whether `identity` carries what this step answers.
    fn carried_by_identity(self) -> bool {
        match self {
            Step::Address | Step::Contact | Step::Billing | Step::Identity => true,
            Step::Zip | Step::Plans | Step::Quiz | Step::StartDate | Step::Deposit | Step::Review => false,
        }
    }
}
