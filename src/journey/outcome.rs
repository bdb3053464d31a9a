//! What an answer of NRG means for the journey. Decided beside the call that produced it, kept
//! here, read by `position()`. Business refusals are outcomes; only failures to talk are errors.

use serde::{Deserialize, Serialize};

use crate::fields::TdspCode;

use super::Step;

/// The meaning of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// Go on with what was learnt. Questions (`02`) travel inside `T`, and so does advice.
    Accepted(T),
    /// A refusal that is repaired without a call to the brand.
    Correct(Correction),
    /// `01`: never a continue.
    Stop(Stop),
    /// The record was already submitted (`ENROLLMENT_ALREADY_REQUESTED`): our own ledger knows how it ended.
    Done,
}

/// The refusals that lead back to a step instead of to the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// `TDSP_MISMATCH`: the address belongs to another utility; choose a plan again, new record.
    OtherUtility(TdspCode),
    /// `NO_PROSPECT_MATCH_FOUND`: go on without the invitation number.
    ProspectUnknown,
    /// `NO_MATCH_FOUND`: NRG does not know the record; identity anew.
    RecordUnknown,
    /// `RETRY_NOT_ALLOWED`: the questions were used up; ask for new ones.
    NewQuestions,
    /// `INVALID_DOB`: NRG does not accept the birth date.
    BirthDate,
    /// `TOKEN_SERVER_DOWN`: the token was not usable; the number has to be given again.
    TokenUnusable,
    /// Our own: nothing `identity` carries has changed, so it is not called.
    NothingChanged,
    /// Our own: the chosen plan is no longer sold.
    PlanGone,
    /// Our own: price or documents of the chosen plan have changed.
    PlanChanged,
}

impl Correction {
    /// The step whose page tells about it.
    pub fn step(&self) -> Step {
        match self {
            Correction::OtherUtility(_) | Correction::PlanGone | Correction::PlanChanged => Step::Plans,
            Correction::ProspectUnknown
            | Correction::RecordUnknown
            | Correction::BirthDate
            | Correction::TokenUnusable
            | Correction::NothingChanged => Step::Identity,
            Correction::NewQuestions => Step::Quiz,
        }
    }
}

/// A stop: the page with the reason, the brand's number and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Which words of ours the page says.
    pub kind: StopKind,
    /// NRG's own words (`messageText`), already reduced to safe HTML.
    pub message: Option<SafeHtml>,
    /// NRG's code, for the log and the operator. Never shown.
    pub code: Option<String>,
}

impl Stop {
    /// A stop with our own words only.
    pub fn new(kind: StopKind) -> Self {
        Self { kind, message: None, code: None }
    }
}

/// Why the journey stops. Each has its own words in `text`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// `AREA_NOT_SERVICED`.
    AreaNotServed,
    /// What `tdsp` refuses with a code we have no words for: no record is touched, another ZIP may do.
    OtherArea,
    /// `BUSINESS_METER`, or only non-residential meters at the address.
    BusinessMeter,
    /// `SWITCH_HOLD` on a switch.
    SwitchHold,
    /// `ESID_ACTIVE`: the brand's company already serves this meter.
    OwnCustomer,
    /// `NESID`/`MESID` with `01`: no meter and no utility.
    NoMeter,
    /// `CREDIT_FREEZE`.
    CreditFreeze,
    /// `CREDIT_FRAUD`.
    CreditFraud,
    /// `POSID_FAIL_MAX`.
    AttemptsUsedUp,
    /// `POSIDHOLD` where the affiliate may not submit under an identity hold.
    IdentityHold,
    /// The questions were not passed, and no hold is allowed.
    QuizFailed,
    /// `CURRENT_CUSTOMER`. The text of NRG ends with an address on file and is never shown.
    CurrentCustomer,
    /// `BP_RESTRICTION`.
    Restricted,
    /// Neither an SSN nor a Texas license, and `allow_no_id` is off.
    NoId,
    /// `enroll` was refused.
    Refused,
    /// `enroll` could not be sent.
    NotSent,
    /// NRG says the record was submitted, but our ledger knows nothing of it.
    AlreadySubmitted,
    /// A `01` with a code we have no words for.
    Other,
}

/// How far a stop reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopScope {
    /// Belongs to an answer: change it, or come back.
    Recoverable,
    /// Ends the journey: only starting over leaves it.
    Terminal,
}

impl StopKind {
    /// The one place that says which stops can be left by changing an answer.
    pub fn scope(self) -> StopScope {
        match self {
            StopKind::AreaNotServed
            | StopKind::OtherArea
            | StopKind::BusinessMeter
            | StopKind::SwitchHold
            | StopKind::OwnCustomer
            | StopKind::NoMeter
            | StopKind::CreditFreeze
            | StopKind::NoId => StopScope::Recoverable,
            StopKind::CreditFraud
            | StopKind::AttemptsUsedUp
            | StopKind::IdentityHold
            | StopKind::QuizFailed
            | StopKind::CurrentCustomer
            | StopKind::Restricted
            | StopKind::Refused
            | StopKind::NotSent
            | StopKind::AlreadySubmitted
            | StopKind::Other => StopScope::Terminal,
        }
    }

    /// The word in metrics and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::AreaNotServed => "area_not_served",
            Self::OtherArea => "other_area",
            Self::BusinessMeter => "business_meter",
            Self::SwitchHold => "switch_hold",
            Self::OwnCustomer => "own_customer",
            Self::NoMeter => "no_meter",
            Self::CreditFreeze => "credit_freeze",
            Self::CreditFraud => "credit_fraud",
            Self::AttemptsUsedUp => "attempts_used_up",
            Self::IdentityHold => "identity_hold",
            Self::QuizFailed => "quiz_failed",
            Self::CurrentCustomer => "current_customer",
            Self::Restricted => "restricted",
            Self::NoId => "no_id",
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::AlreadySubmitted => "already_submitted",
            Self::Other => "other",
        }
    }

    /// Whether NRG's own words may be shown. Those for an existing customer end with an address
    /// that may be another person's (contract 10, rule 2).
    pub fn shows_message(self) -> bool {
        self != StopKind::CurrentCustomer
    }
}

/// HTML that has been reduced to text, line breaks and allow-listed https links by `nrg`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Wraps HTML that has just been cleaned. Only the cleaner calls this.
    pub fn from_cleaner(html: String) -> Option<Self> {
        (!html.trim().is_empty()).then_some(Self(html))
    }

    /// The HTML, safe to print unescaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `00` with something to tell: shown where it matters, and again on review and confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// Which words of ours.
    pub kind: AdviceKind,
    /// NRG's own words, already safe.
    pub message: Option<SafeHtml>,
}

/// What the advice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdviceKind {
    /// `NOTIFY_SWITCH_HOLD`: a new-occupant form is needed, dates are later.
    SwitchHoldNotify,
    /// `NESID`: no meter was found; dates are later.
    NoMeterFound,
    /// `MESID`: several meters were found; dates are later.
    SeveralMetersFound,
    /// `PROMO_INVALID` with `00`: these are the default plans.
    DefaultOffers,
    /// The match with earlier customers is undecided: the account number may come later.
    UndecidedMatch,
    /// A code we have no words for.
    Other,
}
