//! The sheet: everything about a journey in words, for the command line and the desk.

use super::{PrivacyRecord, Records, Row, SubmissionDetails, erased_at, held_since};
use crate::{journey::order_id, postback, store::moment, texas_time::time};

/// A part of the sheet, as a table.
pub struct Section {
    /// What it is.
    pub title: &'static str,
    /// The names of its columns.
    pub head: Vec<&'static str>,
    /// Its rows. `None`: there is no value.
    pub rows: Vec<Vec<Option<String>>>,
}

impl Section {
    fn new<const N: usize>(
        title: &'static str,
        head: [&'static str; N],
        rows: impl Iterator<Item = [Option<String>; N]>,
    ) -> Self {
        Self { title, head: head.into(), rows: rows.map(Vec::from).collect() }
    }
}

/// The facts of a submission, each with its name. `why_unopened`: why an answer of NRG that is still encrypted could not be
/// opened.
pub fn facts(details: &SubmissionDetails, why_unopened: &str) -> Vec<(String, String)> {
    let row = &details.row;
    let result = row.result.clone().unwrap_or_default();
    let facts = [
        ("Tracking id", Some(row.tracking_id.clone())),
        ("Reference", Some(format!("{} / {}", row.journey, row.tracking_id))),
        ("Order id", Some(order_id(&row.journey))),
        ("State", Some(row.state.word().to_owned())),
        ("Amended as", row.amended_as.clone()),
        ("Round", Some(row.round.to_string())),
        ("First submitted", Some(time(row.created_at))),
        ("This round submitted", Some(time(row.submitted_at))),
        ("Sent", row.sent_at.map(time)),
        ("Finished", row.finished_at.map(time)),
        ("Brand", Some(row.brand.clone())),
        ("Plan", Some(row.offer_code.clone())),
        ("Type", Some(row.transaction_type.clone())),
        ("Meter", row.esi_id.clone()),
        ("Site", Some(row.site.clone())),
        ("Account number", result.account_number),
        ("Check digit", result.check_digit),
        ("NRG's document", result.idoc),
        ("NRG's code", row.code.clone()),
        ("NRG's words", row.message.clone()),
        ("NRG's answer", row.unopened.then(|| format!("encrypted, not opened: {why_unopened}"))),
    ];
    let clicks = row.attribution.iter().map(|(name, value)| (format!("Click: {name}"), value.to_owned()));
    let known = facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    known.chain(clicks).collect()
}

/// What happened to a submission; sections without a row are left out.
pub fn of_submission(details: &SubmissionDetails) -> Vec<Section> {
    let SubmissionDetails { row: _, attempts, settlements, amendments, standings } = details;
    let attempts = attempts.iter().map(|attempt| {
        [
            Some(format!("{}.{}", attempt.round, attempt.number)),
            Some(time(attempt.started_at)),
            attempt.finished_at.map(time),
            Some(attempt.outcome.clone().unwrap_or_else(|| "no answer recorded".to_owned())),
            attempt.http_status.map(|status| status.to_string()),
            attempt.codes.clone(),
        ]
    });
    let settlements = settlements.iter().map(|settlement| {
        [
            Some(settlement.round.to_string()),
            Some(time(settlement.settled_at)),
            Some(settlement.settled_as.clone()),
            Some(settlement.operator.clone()),
            Some(settlement.reason.clone()),
        ]
    });
    let amendments = amendments.iter().map(|amendment| {
        let settled = amendment.settled_as.as_ref().map(|state| format!(" {state}")).unwrap_or_default();
        [
            Some(amendment.number.to_string()),
            Some(time(amendment.amended_at)),
            Some(format!("{}{settled}", amendment.amended_as)),
            Some(amendment.replaced_state.clone()),
            Some(amendment.operator.clone()),
            Some(amendment.reason.clone()),
        ]
    });
    let standings =
        standings.iter().map(|(known_at, standing)| [Some(time(*known_at)), Some(standing.words())]);
    filled([
        Section::new("Requests to NRG", ["Try", "Began", "Ended", "Outcome", "HTTP", "Codes"], attempts),
        Section::new("Settled", ["Round", "When", "As", "By", "Reason"], settlements),
        Section::new("Amended", ["No", "When", "As", "Was", "By", "Reason"], amendments),
        Section::new("By NRG's holds", ["When", "Standing"], standings),
    ])
}

/// What belongs to the journey as a whole; sections without a row are left out.
pub fn of_journey(postbacks: &[postback::Row], records: &Records) -> Vec<Section> {
    let postbacks = postbacks.iter().map(|row| {
        [
            Some(row.id.clone()),
            Some(row.target.clone()),
            Some(row.ending().to_owned()),
            Some(row.state().word().to_owned()),
            Some(row.tries.to_string()),
            row.outcome.clone(),
            Some(time(row.created_at())),
            row.ended_at().map(time),
        ]
    });
    let consents = records.consents.iter().map(|consent| {
        [
            Some(consent.number.to_string()),
            Some(time(moment(consent.given_at))),
            Some(consent.kind.clone()),
            Some(format!("{} v{}", consent.text_id, consent.text_version)),
            Some(consent.language.clone()),
            Some(consent.brand.clone()),
        ]
    });
    let actions = records.actions.iter().map(|record| {
        [
            Some(record.number.to_string()),
            Some(time(record.acted_at)),
            Some(record.action.clone()),
            Some(record.operator.clone()),
            Some(record.reason.clone()),
        ]
    });
    filled([
        Section::new(
            "Postbacks of the journey",
            ["Id", "To", "Ending", "State", "Tries", "Last try", "Ended", "Sent or given up"],
            postbacks,
        ),
        Section::new(
            "Consents of the journey",
            ["No", "Given", "Kind", "Text", "Language", "Brand"],
            consents,
        ),
        Section::new("Privacy actions of the journey", ["No", "When", "Action", "By", "Reason"], actions),
    ])
}

/// Journeys, a row for each submission; a row for one that has none.
pub fn journeys(found: &[Records]) -> Section {
    let mut rows = Vec::new();
    for records in found {
        let consented = records.consents.last();
        let line = |row: Option<&Row>| {
            let brand = row.map(|row| &row.brand).or(consented.map(|consent| &consent.brand));
            [
                Some(records.journey.clone()),
                row.map(|row| row.tracking_id.clone()),
                row.map(|row| row.state.word().to_owned()),
                row.map(|row| time(row.submitted_at)),
                brand.cloned(),
                row.map(|row| row.site.clone()),
                consented.map(|consent| time(moment(consent.given_at))),
                data_of(&records.actions).map(str::to_owned),
            ]
        };
        let submitted = records.submissions.iter().map(|submission| Some(&submission.row));
        let none = records.submissions.is_empty().then_some(None);
        rows.extend(submitted.chain(none).map(line));
    }
    let head = ["Journey", "Tracking id", "State", "Submitted", "Brand", "Site", "Consented", "Data"];
    Section::new("Journeys", head, rows.into_iter())
}

/// Whether the data of a journey with these `actions` is on legal hold or erased, in words.
pub fn data_of(actions: &[PrivacyRecord]) -> Option<&'static str> {
    match (held_since(actions), erased_at(actions)) {
        (Some(_), _) => Some("on hold"),
        (None, Some(_)) => Some("erased"),
        (None, None) => None,
    }
}

fn filled(sections: impl IntoIterator<Item = Section>) -> Vec<Section> {
    sections.into_iter().filter(|section| !section.rows.is_empty()).collect()
}
