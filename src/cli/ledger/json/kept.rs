//! All that is kept of a journey, as a line of JSON that the person can take elsewhere.

use serde::Serialize;

use super::Journey;
use crate::{
    cli::postbacks,
    ledger,
    postback::{self, Facts},
};

/// All that is kept of a journey, for the person.
#[derive(Serialize)]
pub struct Kept<'a> {
    #[serde(flatten)]
    journey: Journey<'a>,
    /// What is encrypted in them, by tracking id.
    opened: Vec<Opened<'a>>,
    postbacks: Vec<Posted<'a>>,
    /// Whether hashes are kept by which the person is found.
    findable: bool,
}

#[derive(Serialize)]
struct Opened<'a> {
    tracking_id: &'a str,
    account_number: Option<&'a str>,
    check_digit: Option<&'a str>,
    customer_number: Option<&'a str>,
    document: Option<&'a str>,
    message: Option<&'a str>,
    facts: &'a Facts,
    #[serde(flatten)]
    sent: Option<&'a ledger::Sent>,
}

/// What a target was sent.
#[derive(Serialize)]
struct Posted<'a> {
    #[serde(flatten)]
    line: postbacks::Line<'a>,
    facts: Facts,
}

impl<'a> Kept<'a> {
    pub fn of(kept: &'a ledger::Kept) -> Self {
        let opened = kept.records.submissions.iter().map(|submission| {
            let (row, result) = (&submission.row, submission.row.result.as_ref());
            Opened {
                tracking_id: &row.tracking_id,
                account_number: result.and_then(|result| result.account_number.as_deref()),
                check_digit: result.and_then(|result| result.check_digit.as_deref()),
                customer_number: result.and_then(|result| result.bpid.as_deref()),
                document: result.and_then(|result| result.idoc.as_deref()),
                message: row.message.as_deref(),
                facts: &row.facts,
                sent: kept.sent.iter().find(|(id, _)| *id == row.tracking_id).map(|(_, sent)| sent),
            }
        });
        let posted = |row: &'a postback::Row| Posted { line: postbacks::Line::of(row), facts: row.facts() };
        Self {
            journey: Journey::of(&kept.records),
            opened: opened.collect(),
            postbacks: kept.postbacks.iter().map(posted).collect(),
            findable: kept.findable,
        }
    }
}
