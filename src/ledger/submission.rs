//! Submissions: one row for one record at NRG, and its state.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Error, LedgerReader, RepeatKeys};
use crate::{
    fields::{Phone, TrackingId, Zip},
    journey::Attribution,
    mail::PendingMail,
    nrg::{EnrollRequest, Enrollment},
    postback::{Ending, Facts},
    store::{Tx, moment, sql},
};

pub(super) const PAYLOAD: &str = "submission payload";
pub(super) const ANSWER: &str = "submission answer";

/// The state of a submission. Its word is used in the database, the log, the metrics and the operator's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// To be sent.
    Ready,
    /// Being sent; the answer is not here yet.
    Sent,
    /// NRG opened the account (contract 5.19 E1).
    Enrolled,
    /// NRG accepted it; the account number comes later (E2).
    Accepted,
    /// NRG refused it for good (E3, E4, E7).
    Refused,
    /// NRG refused it, and the record is still open: it may be submitted again once corrected (E5, E8).
    #[strum(serialize = "repairable")]
    Correctable,
    /// NRG had it already (E6), and does not say how that ended.
    Duplicate,
    /// Sent, without an answer that can be read. Never sent again by this program.
    Unknown,
}

impl State {
    /// Every state.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word for it, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Nothing more will happen by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Ready | Self::Sent)
    }

    /// The state that an answer leads to; `None` when nothing was sent, so that the submission may be sent again.
    pub(super) fn after(enrollment: &Enrollment) -> Option<Self> {
        Some(match enrollment {
            Enrollment::Enrolled { .. } => Self::Enrolled,
            Enrollment::Accepted { .. } => Self::Accepted,
            Enrollment::Refused { correctable: false, .. } => Self::Refused,
            Enrollment::Refused { correctable: true, .. } => Self::Correctable,
            Enrollment::Duplicate => Self::Duplicate,
            Enrollment::NotSent => return None,
            Enrollment::Unknown => Self::Unknown,
        })
    }

    /// The ending of a journey that this state is, where it is one at once.
    pub(super) fn ending(self) -> Option<Ending> {
        match self {
            Self::Enrolled => Some(Ending::Enrolled),
            Self::Accepted => Some(Ending::Accepted),
            Self::Refused | Self::Duplicate => Some(Ending::Stopped),
            // May still be corrected, or answered.
            Self::Correctable | Self::Unknown | Self::Ready | Self::Sent => None,
        }
    }
}

/// The outcome of an attempt in which nothing was sent.
pub(super) const NOTHING_SENT: &str = "not-sent";

/// The outcome of an attempt, as the attempts table and the metrics name it: the word of the state it leads to, or
/// `not-sent`.
pub fn outcome(enrollment: &Enrollment) -> &'static str {
    State::after(enrollment).map_or(NOTHING_SENT, State::word)
}

/// What NRG gave the new customer (contract 5.19), as it is stored. Personal: encrypted in the row, no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionResult {
    /// The contract account (`caNumber`), with its leading zeros. Absent when accepted only.
    pub account_number: Option<String>,
    /// Its check digit.
    pub check_digit: Option<String>,
    /// The customer's number.
    pub bpid: Option<String>,
    /// The submission document's number.
    pub idoc: Option<String>,
}

/// A submission to be written.
pub struct NewSubmission {
    /// The record at NRG.
    pub tracking_id: TrackingId,
    /// The round it is meant as: 1, or one more than the round whose refusal was corrected. A late second post of the
    /// same page is therefore never taken for a correction.
    pub round: u32,
    /// The journey it ends.
    pub journey: String,
    /// The person and the home.
    pub keys: RepeatKeys,
    /// A submission of the same person for the same home under another record within this time is asked about first. None:
    /// the person was asked about it and goes on.
    pub ask_within: Option<Duration>,
    /// `MVI` or `SWI`.
    pub transaction_type: String,
    /// The meter, where one was found.
    pub esi_id: Option<String>,
    /// The site's name.
    pub site: String,
    /// The click that led here. For the affiliate only.
    pub attribution: Attribution,
    /// Whether a deposit is owed. For the affiliate only.
    pub deposit: Option<bool>,
    /// What a postback may carry of the journey.
    pub facts: Facts,
    /// What to send.
    pub request: EnrollRequest,
    /// The ZIP code that bills go to, by which NRG tells later what became of it.
    pub billing_zip: Zip,
    /// The phone number, by which the person may look that up.
    pub phone: Phone,
    /// The mail with a copy of the confirmation, where mails are sent.
    pub confirmation: Option<ConfirmationMail>,
}

/// The mail that is sent once NRG has taken the enrollment.
pub struct ConfirmationMail {
    /// The mail.
    pub mail: PendingMail,
    /// The code of the status link in it, if it has one.
    pub status_code: Option<Zeroizing<String>>,
}

/// What is stored of a submission to be sent, encrypted.
#[derive(Serialize)]
pub(super) struct Payload<'a> {
    #[serde(flatten)]
    pub request: &'a EnrollRequest,
    /// Absent in rows of an earlier version.
    pub billing_zip: &'a Zip,
}

/// The outcome of [`Ledger::submit`](super::Ledger::submit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// The row was written and will be sent.
    New,
    /// The record was submitted before; nothing was written, no consents either.
    AlreadyThere,
    /// The submission had been refused and was corrected; it will be sent again.
    Resubmitted,
    /// The same person submitted for this home recently; nothing was written, no consents either.
    AskFirst,
}

/// A stored submission. No `Debug`: it holds what NRG answered.
#[derive(Clone)]
pub struct Row {
    /// The record at NRG.
    pub tracking_id: String,
    /// The journey it ended.
    pub journey: String,
    /// Its state.
    pub state: State,
    /// The state is one that only a newer version knows; `state` is `Unknown` then.
    pub newer: bool,
    /// 1, and one more with each correction.
    pub round: u32,
    /// How often it was sent, or tried to, in this round.
    pub tries: u32,
    /// What NRG gave, when enrolled or accepted.
    pub result: Option<SubmissionResult>,
    /// NRG's text for the customer, when refused; clean text.
    pub message: Option<String>,
    /// There are both or one of these, and the keys do not open them.
    pub unopened: bool,
    /// The code of a refusal.
    pub code: Option<String>,
    /// The brand's id.
    pub brand: String,
    /// The chosen offer.
    pub offer_code: String,
    /// `MVI` or `SWI`.
    pub transaction_type: String,
    /// The meter.
    pub esi_id: Option<String>,
    /// The site's name.
    pub site: String,
    /// The click that led here.
    pub attribution: Attribution,
    /// First submitted.
    pub created_at: Timestamp,
    /// Last submitted: the beginning of the present round.
    pub submitted_at: Timestamp,
    /// Last sent.
    pub sent_at: Option<Timestamp>,
    /// When it became final.
    pub finished_at: Option<Timestamp>,
    /// What a postback may carry of its journey.
    pub facts: Facts,
    /// The word of what became of it later ([`AmendedAs`](super::AmendedAs)), if an operator recorded that.
    pub amended_as: Option<String>,
}

/// What is stored of NRG's answer, encrypted.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct StoredAnswer {
    pub result: Option<SubmissionResult>,
    pub message: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Stored {
    tracking_id: String,
    journey: String,
    state: String,
    round: i64,
    tries: i64,
    pub(super) answer_key_id: Option<String>,
    pub(super) answer: Option<Vec<u8>>,
    code: Option<String>,
    brand: String,
    offer_code: String,
    transaction_type: String,
    esi_id: Option<String>,
    site: String,
    attribution: Option<String>,
    created_at: i64,
    submitted_at: i64,
    sent_at: Option<i64>,
    finished_at: Option<i64>,
    facts: Option<String>,
    amended_as: Option<String>,
}

/// Selects what [`LedgerReader::row`] reads, with the rest of the statement.
macro_rules! submission_columns {
    () => {
        "tracking_id, journey, state, round, tries, answer_key_id, answer, code, brand, offer_code, transaction_type,
         esi_id, site, attribution, created_at, submitted_at, sent_at, finished_at, facts, amended_as"
    };
    ($rest:literal) => {
        concat!("SELECT ", submission_columns!(), " FROM submissions ", $rest)
    };
}
pub(super) use submission_columns;

impl LedgerReader {
    /// The submission of a record, if there is one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, tracking_id: &str) -> Result<Option<Row>, Error> {
        let stored: Option<Stored> = sql!(self.store.reader().await?,
            submission_columns!("WHERE tracking_id = $1"), tracking_id => fetch_optional)?;
        Ok(stored.map(|stored| self.row(stored)))
    }

    /// The row with its answer decrypted. An answer whose key is not there, or that was tampered with, is left out.
    pub(super) fn row(&self, stored: Stored) -> Row {
        let sealed = stored.answer_key_id.zip(stored.answer);
        let answer: Option<StoredAnswer> = sealed
            .as_ref()
            .zip(self.keys.as_ref())
            .and_then(|((key_id, blob), keys)| keys.open(ANSWER, stored.tracking_id.as_bytes(), key_id, blob))
            .and_then(|plain| serde_json::from_slice(&plain).ok());
        let unopened = sealed.is_some() && answer.is_none();
        let answer = answer.unwrap_or_default();
        Row {
            newer: stored.state.parse::<State>().is_err(),
            // Nobody acts on it.
            state: stored.state.parse().unwrap_or(State::Unknown),
            tracking_id: stored.tracking_id,
            journey: stored.journey,
            round: count(stored.round),
            tries: count(stored.tries),
            result: answer.result,
            message: answer.message,
            unopened,
            code: stored.code,
            brand: stored.brand,
            offer_code: stored.offer_code,
            transaction_type: stored.transaction_type,
            esi_id: stored.esi_id,
            site: stored.site,
            attribution: stored
                .attribution
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default(),
            created_at: moment(stored.created_at),
            submitted_at: moment(stored.submitted_at),
            sent_at: stored.sent_at.map(moment),
            finished_at: stored.finished_at.map(moment),
            facts: stored.facts.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default(),
            amended_as: stored.amended_as,
        }
    }
}

/// Locks the submission until the end of the transaction, if there is one.
pub(super) async fn lock(tx: &mut Tx<'_>, tracking_id: &str) -> Result<Option<Stored>, Error> {
    sql!(tx, concat!("UPDATE submissions SET round = round WHERE tracking_id = $1 RETURNING ", submission_columns!()),
        tracking_id => fetch_optional)
}

/// A counter's column, which is never negative.
pub(super) fn count(column: i64) -> u32 {
    u32::try_from(column).unwrap_or(u32::MAX)
}

/// The plain text of a value to be encrypted.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    #[allow(clippy::expect_used, reason = "strings and flags always have a JSON form")]
    serde_json::to_vec(value).expect("a struct of strings and flags has a JSON form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_word_parses_back_to_state() {
        for word in ["ready", "sent", "enrolled", "accepted", "refused", "repairable", "duplicate", "unknown"]
        {
            assert_eq!(word.parse::<State>().unwrap().word(), word);
        }
        assert!("READY".parse::<State>().is_err());
    }
}
