//! A line of JSON for each record. The names are a promise: programs read them.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    journey::Attribution,
    ledger::{self, ChainBreak, Records, Row, SubmissionDetails, VerifyReport},
    store::moment,
};

/// A submission, as it is listed.
#[derive(Serialize)]
pub struct Submission<'a> {
    tracking_id: &'a str,
    journey: &'a str,
    state: &'static str,
    round: u32,
    tries: u32,
    code: Option<&'a str>,
    brand: &'a str,
    offer_code: &'a str,
    transaction_type: &'a str,
    esi_id: Option<&'a str>,
    site: &'a str,
    attribution: &'a Attribution,
    created_at: Timestamp,
    submitted_at: Timestamp,
    sent_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

impl<'a> Submission<'a> {
    pub fn of(row: &'a Row) -> Self {
        Self {
            tracking_id: &row.tracking_id,
            journey: &row.journey,
            state: row.state.word(),
            round: row.round,
            tries: row.tries,
            code: row.code.as_deref(),
            brand: &row.brand,
            offer_code: &row.offer_code,
            transaction_type: &row.transaction_type,
            esi_id: row.esi_id.as_deref(),
            site: &row.site,
            attribution: &row.attribution,
            created_at: row.created_at,
            submitted_at: row.submitted_at,
            sent_at: row.sent_at,
            finished_at: row.finished_at,
        }
    }
}

#[derive(Serialize)]
struct Attempt<'a> {
    round: u32,
    number: u32,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    outcome: Option<&'a str>,
    http_status: Option<u16>,
    codes: Option<&'a str>,
}

#[derive(Serialize)]
struct Settlement<'a> {
    round: u32,
    settled_at: Timestamp,
    settled_as: &'a str,
    operator: &'a str,
    reason: &'a str,
}

/// A submission with everything that was done about it.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    submission: Submission<'a>,
    attempts: Vec<Attempt<'a>>,
    settlements: Vec<Settlement<'a>>,
}

impl<'a> Whole<'a> {
    fn of(dossier: &'a SubmissionDetails) -> Self {
        let attempts = dossier.attempts.iter().map(|attempt| Attempt {
            round: attempt.round,
            number: attempt.number,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
            outcome: attempt.outcome.as_deref(),
            http_status: attempt.http_status,
            codes: attempt.codes.as_deref(),
        });
        let settlements = dossier.settlements.iter().map(|settlement| Settlement {
            round: settlement.round,
            settled_at: settlement.settled_at,
            settled_as: &settlement.settled_as,
            operator: &settlement.operator,
            reason: &settlement.reason,
        });
        Self {
            submission: Submission::of(&dossier.row),
            attempts: attempts.collect(),
            settlements: settlements.collect(),
        }
    }
}

#[derive(Serialize)]
struct Consent<'a> {
    number: i64,
    given_at: Timestamp,
    kind: &'a str,
    text_id: &'a str,
    text_version: &'a str,
    text_sha256: &'a str,
    language: &'a str,
    state: &'a str,
    brand: &'a str,
    offer_code: Option<&'a str>,
    documents: Vec<&'a str>,
    transaction_type: Option<&'a str>,
    esi_id: Option<&'a str>,
    tracking_id: Option<&'a str>,
    client_address: &'a str,
    user_agent: &'a str,
    build: &'a str,
    chain: String,
}

impl<'a> Consent<'a> {
    fn of(consent: &'a ledger::Consent) -> Self {
        Self {
            number: consent.number,
            given_at: moment(consent.given_at),
            kind: &consent.kind,
            text_id: &consent.text_id,
            text_version: &consent.text_version,
            text_sha256: &consent.text_hash,
            language: &consent.language,
            state: &consent.state,
            brand: &consent.brand,
            offer_code: consent.offer_code.as_deref(),
            documents: consent.documents.lines().collect(),
            transaction_type: consent.transaction_type.as_deref(),
            esi_id: consent.esi_id.as_deref(),
            tracking_id: consent.tracking_id.as_deref(),
            client_address: &consent.client_address,
            user_agent: &consent.user_agent,
            build: &consent.build,
            chain: consent.chain.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// What an operator sees of one submission.
#[derive(Serialize)]
pub struct Sheet<'a> {
    #[serde(flatten)]
    whole: Whole<'a>,
    account_number: Option<&'a str>,
    check_digit: Option<&'a str>,
    document: Option<&'a str>,
    message: Option<&'a str>,
    /// There is an answer of NRG, and the keys did not open it.
    unopened: bool,
    consents: Vec<Consent<'a>>,
}

impl<'a> Sheet<'a> {
    pub fn of(dossier: &'a SubmissionDetails, consents: &'a [ledger::Consent]) -> Self {
        let result = dossier.row.result.as_ref();
        Self {
            whole: Whole::of(dossier),
            account_number: result.and_then(|result| result.account_number.as_deref()),
            check_digit: result.and_then(|result| result.check_digit.as_deref()),
            document: result.and_then(|result| result.idoc.as_deref()),
            message: dossier.row.message.as_deref(),
            unopened: dossier.row.unopened,
            consents: consents.iter().map(Consent::of).collect(),
        }
    }
}

/// The records of one journey.
#[derive(Serialize)]
pub struct Journey<'a> {
    journey: &'a str,
    submissions: Vec<Whole<'a>>,
    consents: Vec<Consent<'a>>,
}

impl<'a> Journey<'a> {
    pub fn of(records: &'a Records) -> Self {
        Self {
            journey: &records.journey,
            submissions: records.submissions.iter().map(Whole::of).collect(),
            consents: records.consents.iter().map(Consent::of).collect(),
        }
    }
}

/// What was found about the chains.
#[derive(Serialize)]
pub struct Verified<'a> {
    journeys: u64,
    consents: u64,
    submissions: u64,
    breaks: Vec<Broken<'a>>,
}

#[derive(Serialize)]
struct Broken<'a> {
    journey: &'a str,
    /// The first row that does not fit.
    row: Option<i64>,
    /// The record whose consents are no longer all there.
    tracking_id: Option<&'a str>,
}

impl<'a> Verified<'a> {
    pub fn of(report: &'a VerifyReport) -> Self {
        let broken = |a_break: &'a ChainBreak| match a_break {
            ChainBreak::Row { journey, number } => Broken { journey, row: Some(*number), tracking_id: None },
            ChainBreak::End { journey, tracking_id } => {
                Broken { journey, row: None, tracking_id: Some(tracking_id) }
            }
        };
        Self {
            journeys: report.journeys,
            consents: report.consents,
            submissions: report.submissions,
            breaks: report.breaks.iter().map(broken).collect(),
        }
    }
}
