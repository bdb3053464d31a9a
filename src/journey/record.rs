//! What NRG knows of this person: the record it opened, what was sent to open it, and what it
//! answered about identity, dates and credit. Each answer is kept with the inputs it answered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fields::{
    BillingAddress, BirthDate, Brand, Dollars, Email, EsiId, Guid, Language, NumberKey, OfferCode,
    PersonName, Phone, ProspectId, ServiceAddress, ServiceDate, TdspCode, Token, TrackingId, Transaction,
};

use super::{Advice, SafeHtml, Stop};

/// A result together with the inputs it answered. Where the inputs differ now, it counts as absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Memo<I, R> {
    pub inputs: I,
    pub result: R,
}

impl<I: PartialEq, R> Memo<I, R> {
    /// The result, if it answers `inputs`.
    pub fn get(&self, inputs: &I) -> Option<&R> {
        (self.inputs == *inputs).then_some(&self.result)
    }
}

/// The pair of ids `identity` brought (contract 5.11), and how far it has been used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The brand it was opened for; another brand needs another record.
    pub brand: Brand,
    /// Goes with every tracked call.
    pub tracking_id: TrackingId,
    /// Goes with every tracked call.
    pub guid: Guid,
    /// Repeats of `identity` so far; after [`Record::MAX_REPEATS`] another one always fails.
    pub repeats: u8,
    /// The address whose meter NRG resolved when dates were fetched; from then on it keeps that meter.
    pub meter_address: Option<ServiceAddress>,
}

impl Record {
    /// A record tolerates the first call plus three repeats (contract 8.1).
    pub const MAX_REPEATS: u8 = 3;

    /// Repeats left.
    pub fn repeats_left(&self) -> u8 {
        Self::MAX_REPEATS.saturating_sub(self.repeats)
    }
}

/// Which document proves who the person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// Social Security number.
    Ssn,
    /// Texas driver license or ID card.
    #[serde(rename = "licence")]
    DriverLicense,
    /// Neither (`noid`), only where the affiliate allows it.
    None,
}

/// A token NRG gave for a number that is gone. Tokens are not known to cross companies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct KeptToken {
    pub brand: Brand,
    pub document: Document,
    pub token: Token,
    /// Under which tries with the number are counted.
    #[serde(default)]
    pub number: Option<NumberKey>,
}

/// Everything one `identity` call carries about the person (contract 5.11), less the record's ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the wire's names")]
pub struct Applicant {
    pub brand: Brand,
    pub transaction: Transaction,
    pub first_name: PersonName,
    pub last_name: PersonName,
    pub birth_date: BirthDate,
    pub email: Email,
    pub phone: Phone,
    pub bill_language: Language,
    pub marketing_email: bool,
    pub proof: Proof,
    pub prospect: Option<ProspectId>,
    pub service: ServiceAddress,
    pub billing: BillingAddress,
}

/// What the applicant proves identity with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    Ssn(Token),
    #[serde(rename = "licence")]
    DriverLicense(Token),
    None,
}

/// What `identity` said, where it was not a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// How far NRG trusts the identity.
    #[serde(rename = "standing")]
    pub verification: Verification,
    /// `kbaSuggestionFlag` was set.
    pub quiz_suggested: bool,
    /// What the match with earlier customers found.
    #[serde(rename = "past")]
    pub prior_account: PriorAccount,
    /// The person's answer about the past: for past service yes or no, for a balance "go on".
    pub past_answer: Option<bool>,
    /// The questions, once asked for.
    pub quiz: Option<Quiz>,
}

/// How far NRG trusts the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// Verified.
    Verified,
    /// `POSID_FAIL`: correct and send again.
    NotVerified,
    /// `POSIDHOLD`, `POSID_PASTDUE`, `POSID_PASTSERVICE`: not verified, a hold is set.
    Held,
}

/// The match with earlier customers (contract 8.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorAccount {
    /// No match, or an exact one.
    None,
    /// Undecided: the account number may come later.
    Undecided,
    /// Service at an address before; the address is masked already.
    Service {
        /// For example `7 O** E** S*, Sampleton`.
        masked_address: Option<String>,
    },
    /// An old balance.
    Balance {
        /// As NRG writes it, dollars.
        amount: Option<String>,
    },
    /// A `02` with a code we have no words for: NRG's text is the question.
    Other {
        /// NRG's own words.
        message: Option<SafeHtml>,
    },
}

/// NRG's questions and how they ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quiz {
    /// Waiting for answers. `keyAnswer` never gets this far.
    Asked {
        /// One answer per key.
        transaction_key: String,
        /// In NRG's order.
        questions: Vec<QuizQuestion>,
    },
    /// `00`, no code, a verify date.
    Passed,
    /// `00` with `POSIDHOLD`.
    Failed,
    /// NRG had no questions.
    Unavailable,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the wire's names")]
pub struct QuizQuestion {
    pub question_id: i64,
    pub quiz_id: i64,
    pub text: String,
    pub options: Vec<QuizOption>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the wire's names")]
pub struct QuizOption {
    pub option_id: i64,
    pub text: String,
}

/// What `available-dates` was asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatesAsked {
    /// The record.
    pub tracking_id: TrackingId,
    /// Its address.
    pub address: ServiceAddress,
    /// Move-in or switch: holds and first dates differ.
    pub transaction: Transaction,
    /// `pastServiceMatchedFlag`.
    pub past_service: bool,
    /// How many refused submissions went before: dates of before a refusal do not count.
    pub refusals: u32,
}

/// What `available-dates` said, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatesFetched {
    /// Dates are good for an hour of the same Texas day.
    pub at: Timestamp,
    /// The dates, or why there are none.
    pub verdict: Result<Dates, Stop>,
}

/// Dates to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// In order, never empty.
    pub offered: Vec<ServiceDate>,
    /// The resolved meter.
    pub esi_id: Option<EsiId>,
    /// The utility.
    pub tdsp: Option<TdspCode>,
    /// The utility's fee, in NRG's words.
    pub fee: Option<SafeHtml>,
    /// Switch hold, no meter, several meters.
    pub advice: Option<Advice>,
}

/// What `check-credit` was asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditAsked {
    /// The record.
    pub tracking_id: TrackingId,
    /// The plan.
    pub offer: OfferCode,
    /// The date.
    pub date: ServiceDate,
    /// Whose credit: another number is another report.
    pub proof: Proof,
    /// As in [`DatesAsked`].
    pub transaction: Transaction,
    /// As in [`DatesAsked`].
    pub refusals: u32,
}

/// What the credit check said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Whole dollars; 0 means none is owed.
    pub deposit: Dollars,
    /// When and how it is due.
    pub due: Option<SafeHtml>,
    /// The legal notice, in full.
    pub reason: Option<SafeHtml>,
    /// The reasons behind the decision.
    pub factors: Vec<String>,
    /// `EQ` or `TU` style code.
    pub agency: Option<String>,
}
