//! The record that NRG opened for the person, the inputs that opened it, and the answers about identity, dates and
//! credit. Each answer is stored with the inputs that it answered.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    fields::{
        BillingAddress, BirthDate, Brand, Dollars, Email, EsiId, Guid, Language, NumberKey, OfferCode,
        PersonName, Phone, ProspectId, ServiceAddress, ServiceDate, TdspCode, Token, TrackingId, Transaction,
    },
    texas_time,
};

use super::{
    outcome::{Advice, Stop},
    safe_html::SafeHtml,
};

/// A result together with the inputs that it answers. If the inputs differ now, it counts as absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
#[serde(deny_unknown_fields)]
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

/// The ids that `identity` returned (contract 5.11), and how they have been used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The brand of the record; another brand needs another record.
    pub brand: Brand,
    /// `trackingId`, sent with every tracked call.
    pub tracking_id: TrackingId,
    /// `guid`, sent with every tracked call.
    pub guid: Guid,
    /// Repeats of `identity` so far; after [`Record::MAX_REPEATS`] another one always fails.
    pub repeats: u8,
    /// The address whose meter NRG resolved when dates were requested; from then on NRG keeps that meter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter_address: Option<ServiceAddress>,
}

impl Record {
    /// The most repeats of a record after its first call (contract 8.1).
    pub const MAX_REPEATS: u8 = 3;

    /// How many repeats are left.
    pub fn repeats_left(&self) -> u8 {
        Self::MAX_REPEATS.saturating_sub(self.repeats)
    }
}

/// The document that proves the person's identity.
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

/// The token that NRG issued for a number, which is not stored. A token is not known to be valid for another company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
#[serde(deny_unknown_fields)]
pub struct KeptToken {
    pub brand: Brand,
    pub document: Document,
    pub token: Token,
    /// The key under which attempts with the number are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<NumberKey>,
}

/// Everything that an `identity` call sends about the person (contract 5.11), without the ids of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the wire's names")]
#[serde(deny_unknown_fields)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prospect: Option<ProspectId>,
    pub service: ServiceAddress,
    pub billing: BillingAddress,
}

/// The proof of the applicant's identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    Ssn(Token),
    #[serde(rename = "licence")]
    DriverLicense(Token),
    None,
}

/// The answer of `identity`, if it was not a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Whether NRG verified the identity.
    #[serde(rename = "standing")]
    pub verification: Verification,
    /// `kbaSuggestionFlag` was set.
    pub quiz_suggested: bool,
    /// What the match with earlier customers found.
    #[serde(rename = "past")]
    pub prior_account: PriorAccount,
    /// The person's answer about the prior account: for past service yes or no, for a balance `true` to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past_answer: Option<bool>,
    /// The quiz, once `kba-oe` was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiz: Option<Quiz>,
}

/// Whether NRG verified the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// Verified.
    Verified,
    /// `POSID_FAIL`: the person may correct the answers and send them again.
    NotVerified,
    /// `POSIDHOLD`, `POSID_PASTDUE`, `POSID_PASTSERVICE`: not verified, a hold is set.
    Held,
}

/// The match with earlier customers (contract 8.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[serde(deny_unknown_fields)]
pub enum PriorAccount {
    /// No match, or an exact one.
    None,
    /// NRG has not decided; the account number may be issued later.
    Undecided,
    /// The person had service at an address before.
    Service {
        /// The masked address, for example `7 O** E** S*, Sampleton`.
        #[serde(skip_serializing_if = "Option::is_none")]
        masked_address: Option<String>,
    },
    /// There is an unpaid balance.
    Balance {
        /// The amount in dollars as NRG writes it.
        #[serde(skip_serializing_if = "Option::is_none")]
        amount: Option<String>,
    },
    /// A `02` with an unknown code: NRG's text is the question.
    Other {
        /// NRG's own text.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<SafeHtml>,
    },
}

/// NRG's questions and their result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[serde(deny_unknown_fields)]
pub enum Quiz {
    /// NRG returned questions. `keyAnswer` is never stored.
    Asked {
        /// The key, valid for one set of answers.
        transaction_key: String,
        /// The questions in NRG's order.
        questions: Vec<QuizQuestion>,
        /// The language they were asked for in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    },
    /// `00` without a code and with a verify date.
    Passed,
    /// `00` with `POSIDHOLD`.
    Failed,
    /// NRG had no questions.
    Unavailable,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the wire's names")]
#[serde(deny_unknown_fields)]
pub struct QuizQuestion {
    pub question_id: i64,
    pub quiz_id: i64,
    pub text: String,
    pub options: Vec<QuizOption>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the wire's names")]
#[serde(deny_unknown_fields)]
pub struct QuizOption {
    pub option_id: i64,
    pub text: String,
}

/// The inputs of `available-dates`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatesAsked {
    /// The record.
    pub tracking_id: TrackingId,
    /// The service address.
    pub address: ServiceAddress,
    /// The transaction: holds and first dates differ between them.
    pub transaction: Transaction,
    /// `pastServiceMatchedFlag`.
    pub past_service: bool,
    /// How many submissions were refused before: dates from before a refusal do not count.
    pub refusals: u32,
}

/// The answer of `available-dates`, with its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatesFetched {
    /// The time of the answer.
    pub at: Timestamp,
    /// The dates, or the stop that NRG answered.
    pub verdict: Result<Dates, Stop>,
}

impl DatesFetched {
    /// Whether the dates may still be offered at `now`: for an hour of the same Texas day.
    pub fn fresh(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.at);
        age < SignedDuration::from_hours(1) && texas_time::day(now) == texas_time::day(self.at)
    }

    /// Whether a text that came with the dates was asked for in another language than `language`.
    pub fn speak_other_than(&self, language: Language) -> bool {
        let Ok(dates) = &self.verdict else { return false };
        let advice = dates.advice.as_ref().and_then(|advice| advice.message.as_ref());
        [dates.fee.as_ref(), advice]
            .into_iter()
            .flatten()
            .any(|text| text.language().is_some_and(|asked_in| asked_in != language))
    }
}

/// The dates to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// The dates in order; never empty.
    pub offered: Vec<ServiceDate>,
    /// The meter that NRG resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub esi_id: Option<EsiId>,
    /// The utility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tdsp: Option<TdspCode>,
    /// NRG's text about the utility's fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<SafeHtml>,
    /// Advice about a switch hold, no meter or several meters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<Advice>,
}

/// The inputs of `check-credit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditAsked {
    /// The record.
    pub tracking_id: TrackingId,
    /// The plan.
    pub offer: OfferCode,
    /// The date.
    pub date: ServiceDate,
    /// The proof: another number means another credit report.
    pub proof: Proof,
    /// The transaction, as in [`DatesAsked`].
    pub transaction: Transaction,
    /// The refused submissions, as in [`DatesAsked`].
    pub refusals: u32,
}

/// The answer of the credit check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// The deposit in whole dollars; 0 means that none is owed.
    pub deposit: Dollars,
    /// NRG's text about when and how it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<SafeHtml>,
    /// The legal notice in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<SafeHtml>,
    /// The reasons behind the decision.
    pub factors: Vec<String>,
    /// The code of the credit bureau, such as `EQ` or `TU`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// The language that the factors were asked for in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}
