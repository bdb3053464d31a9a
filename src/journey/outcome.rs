//! What an answer of NRG means for the journey. The call that produced the answer decides it, the journey stores it, and
//! `position()` evaluates it. Business refusals are outcomes; an error is a call without an answer that can be used.

use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use crate::fields::TdspCode;

use super::{safe_html::SafeHtml, step::Step};

/// The meaning of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// The journey goes on with this result. It contains the questions (`02`) and the advice of the answer.
    Accepted(T),
    /// A refusal that the person can correct without phoning the brand.
    Correct(Correction),
    /// `01`: the journey does not go on.
    Stop(Stop),
    /// The record was submitted before (`ENROLLMENT_ALREADY_REQUESTED`); the ledger has the result.
    Done,
}

/// A refusal that leads back to a step, where the person can correct an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// `TDSP_MISMATCH`: the address belongs to another utility; choose a plan again, new record.
    OtherUtility(TdspCode),
    /// `NO_PROSPECT_MATCH_FOUND`: the journey goes on without the invitation number.
    ProspectUnknown,
    /// `NO_MATCH_FOUND`: NRG does not know the record; identity has to be answered again.
    RecordUnknown,
    /// `RETRY_NOT_ALLOWED`: the questions were answered before; new ones are needed.
    NewQuestions,
    /// `INVALID_DOB`: NRG does not accept the birth date.
    BirthDate,
    /// `TOKEN_SERVER_DOWN`: the token was not usable; the number has to be given again.
    TokenUnusable,
    /// Decided here: no input of `identity` has changed, so it is not called.
    NothingChanged,
    /// Decided here: nothing has changed, and that was said before.
    NothingChangedAgain,
    /// Decided here: the SSN for another credit check is the one that was checked.
    SameNumber,
    /// Decided here: the chosen plan is no longer sold.
    PlanGone,
    /// Decided here: the price or the documents of the chosen plan have changed.
    PlanChanged,
}

impl Correction {
    /// The step whose page shows it.
    pub fn step(&self) -> Step {
        match self {
            Correction::OtherUtility(_) | Correction::PlanGone | Correction::PlanChanged => Step::Plans,
            Correction::ProspectUnknown
            | Correction::RecordUnknown
            | Correction::BirthDate
            | Correction::TokenUnusable
            | Correction::NothingChanged
            | Correction::NothingChangedAgain => Step::Identity,
            Correction::SameNumber => Step::Deposit,
            Correction::NewQuestions => Step::Quiz,
        }
    }
}

/// A stop: the page with the reason, the brand's number and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The kind, which selects the message of the page.
    pub kind: StopKind,
    /// NRG's own text (`messageText`), reduced to safe HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<SafeHtml>,
    /// NRG's code, for logs and operators. It is never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Stop {
    /// A stop without a text or a code of NRG's.
    pub fn new(kind: StopKind) -> Self {
        Self { kind, message: None, code: None }
    }
}

/// Why the journey stops. Each kind has its own message.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StopKind {
    /// `AREA_NOT_SERVICED`.
    AreaNotServed,
    /// `tdsp` refused with an unknown code. No record is affected, so another ZIP may be possible.
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
    /// The deposit cannot be read; asking again would be another inquiry.
    DepositUnknown,
    /// `POSID_FAIL_MAX`.
    AttemptsUsedUp,
    /// `POSIDHOLD` where the affiliate may not submit under an identity hold.
    IdentityHold,
    /// The questions were not passed, and no hold is allowed.
    QuizFailed,
    /// `CURRENT_CUSTOMER`. NRG's text ends with an address on file and is never shown.
    CurrentCustomer,
    /// `BP_RESTRICTION`.
    Restricted,
    /// Neither an SSN nor a Texas license, and `allow_no_id` is off.
    NoId,
    /// `enroll` was refused.
    Refused,
    /// `enroll` could not be sent.
    NotSent,
    /// NRG says that the record was submitted, but the ledger has no row for it.
    AlreadySubmitted,
    /// A `01` with an unknown code.
    Other,
}

/// How far a stop reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopScope {
    /// It belongs to an answer: changing the answer can leave it.
    Recoverable,
    /// It ends the journey: only starting over leaves it.
    Terminal,
}

impl StopKind {
    /// Every kind.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.as_array().unwrap();

    /// How far the stop reaches: whether changing an answer can leave it.
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
            | StopKind::DepositUnknown
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

    /// The name in metrics and reports.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Whether NRG's own text may be shown. The text for an existing customer ends with an address that may be another
    /// person's (contract 10, rule 2).
    pub fn shows_message(self) -> bool {
        self != StopKind::CurrentCustomer
    }
}

/// A `00` with a message: shown on the page concerned, and again on review and confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// The kind, which selects the message.
    pub kind: AdviceKind,
    /// NRG's own text, reduced to safe HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<SafeHtml>,
}

/// What the advice is about. Each kind has its own message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumCount, VariantArray)]
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
    /// An unknown code, with NRG's text only.
    Other,
}

impl AdviceKind {
    /// Every kind.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.as_array().unwrap();
}
