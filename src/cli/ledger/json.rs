//! A line of JSON for each record. The names are a promise: programs read them.

mod kept;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use crate::{
    cli::postbacks,
    journey::{Attribution, order_id},
    ledger::{self, Break, PrivacyRecord, Records, Row, SubmissionDetails, VerifyReport},
    postback,
    store::moment,
};

pub use self::kept::Kept;

/// A submission, as it is listed.
#[derive(Serialize)]
pub struct Submission<'a> {
    tracking_id: &'a str,
    journey: &'a str,
    order_id: String,
    state: &'static str,
    amended_as: Option<&'a str>,
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
            order_id: order_id(&row.journey),
            state: row.state.word(),
            amended_as: row.amended_as.as_deref(),
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

#[derive(Serialize)]
struct Amendment<'a> {
    number: u32,
    round: u32,
    amended_at: Timestamp,
    /// `settled`: a settlement was corrected.
    amended_as: &'a str,
    settled_as: Option<&'a str>,
    /// The state before.
    replaced_state: &'a str,
    operator: &'a str,
    reason: &'a str,
}

/// Where the account stood by NRG's holds.
#[derive(Serialize)]
struct Standing {
    known_at: Timestamp,
    /// Words with blanks between them: `deposit_paid released`.
    standing: String,
}

/// A submission with everything that was done about it.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    submission: Submission<'a>,
    attempts: Vec<Attempt<'a>>,
    settlements: Vec<Settlement<'a>>,
    amendments: Vec<Amendment<'a>>,
    standings: Vec<Standing>,
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
        let amendments = dossier.amendments.iter().map(|amendment| Amendment {
            number: amendment.number,
            round: amendment.round,
            amended_at: amendment.amended_at,
            amended_as: &amendment.amended_as,
            settled_as: amendment.settled_as.as_deref(),
            replaced_state: &amendment.replaced_state,
            operator: &amendment.operator,
            reason: &amendment.reason,
        });
        let standings = dossier
            .standings
            .iter()
            .map(|(known_at, standing)| Standing { known_at: *known_at, standing: standing.words() });
        Self {
            submission: Submission::of(&dossier.row),
            attempts: attempts.collect(),
            settlements: settlements.collect(),
            amendments: amendments.collect(),
            standings: standings.collect(),
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

/// What was done about the data of a journey.
#[derive(Serialize)]
struct PrivacyAction<'a> {
    number: u32,
    acted_at: Timestamp,
    /// `access`, `erase`, `hold` or `release`.
    action: &'a str,
    operator: &'a str,
    reason: &'a str,
}

impl<'a> PrivacyAction<'a> {
    fn of(record: &'a PrivacyRecord) -> Self {
        Self {
            number: record.number,
            acted_at: record.acted_at,
            action: &record.action,
            operator: &record.operator,
            reason: &record.reason,
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
    postbacks: Vec<postbacks::Line<'a>>,
    consents: Vec<Consent<'a>>,
    actions: Vec<PrivacyAction<'a>>,
}

impl<'a> Sheet<'a> {
    pub fn of(dossier: &'a SubmissionDetails, postbacks: &'a [postback::Row], records: &'a Records) -> Self {
        let result = dossier.row.result.as_ref();
        Self {
            whole: Whole::of(dossier),
            account_number: result.and_then(|result| result.account_number.as_deref()),
            check_digit: result.and_then(|result| result.check_digit.as_deref()),
            document: result.and_then(|result| result.idoc.as_deref()),
            message: dossier.row.message.as_deref(),
            unopened: dossier.row.unopened,
            postbacks: postbacks.iter().map(postbacks::Line::of).collect(),
            consents: records.consents.iter().map(Consent::of).collect(),
            actions: records.actions.iter().map(PrivacyAction::of).collect(),
        }
    }
}

/// The records of one journey.
#[derive(Serialize)]
pub struct Journey<'a> {
    journey: &'a str,
    order_id: String,
    submissions: Vec<Whole<'a>>,
    consents: Vec<Consent<'a>>,
    actions: Vec<PrivacyAction<'a>>,
}

impl<'a> Journey<'a> {
    pub fn of(records: &'a Records) -> Self {
        Self {
            journey: &records.journey,
            order_id: order_id(&records.journey),
            submissions: records.submissions.iter().map(Whole::of).collect(),
            consents: records.consents.iter().map(Consent::of).collect(),
            actions: records.actions.iter().map(PrivacyAction::of).collect(),
        }
    }
}

/// What was found about the ledger.
#[derive(Serialize)]
pub struct Verified<'a> {
    journeys: u64,
    consents: u64,
    submissions: u64,
    settlements: u64,
    amendments: u64,
    actions: u64,
    counted: u64,
    unstamped: u64,
    breaks: Vec<Broken<'a>>,
}

#[derive(Serialize, Default)]
struct Broken<'a> {
    /// What is not as it was written: `consent`, `consents`, `submission`, `settlement`, `amendment`,
    /// `privacy_action`, `journey` or `day`.
    what: &'static str,
    journey: Option<&'a str>,
    /// The first consent that does not fit, the settlement's round, or the number of the amendment or privacy action.
    row: Option<i64>,
    tracking_id: Option<&'a str>,
    day: Option<Date>,
}

impl<'a> From<&'a Break> for Broken<'a> {
    fn from(found: &'a Break) -> Self {
        let (none, by_id) = (Self::default(), |what, tracking_id: &'a str| Self {
            what,
            tracking_id: Some(tracking_id),
            ..Self::default()
        });
        match found {
            Break::Consent { journey, number } => {
                Self { what: "consent", journey: Some(journey), row: Some(*number), ..none }
            }
            Break::Consents { journey, tracking_id } => {
                Self { journey: Some(journey), ..by_id("consents", tracking_id) }
            }
            Break::Submission { journey, tracking_id } => {
                Self { journey: Some(journey), ..by_id("submission", tracking_id) }
            }
            Break::Settlement { tracking_id, round } => {
                Self { row: Some(*round), ..by_id("settlement", tracking_id) }
            }
            Break::Amendment { tracking_id, number } => {
                Self { row: Some(*number), ..by_id("amendment", tracking_id) }
            }
            Break::PrivacyAction { journey, number } => {
                Self { what: "privacy_action", journey: Some(journey), row: Some(*number), ..none }
            }
            Break::Journey { journey } => Self { what: "journey", journey: Some(journey), ..none },
            Break::Day(day) => Self { what: "day", day: Some(*day), ..none },
        }
    }
}

impl<'a> Verified<'a> {
    pub fn of(report: &'a VerifyReport) -> Self {
        Self {
            journeys: report.journeys,
            consents: report.consents,
            submissions: report.submissions,
            settlements: report.settlements,
            amendments: report.amendments,
            actions: report.actions,
            counted: report.counted,
            unstamped: report.unstamped,
            breaks: report.breaks.iter().map(Broken::from).collect(),
        }
    }
}
