//! What `nrg-enroll ledger` prints for people: tables, and everything about one submission.

use std::io::{self, Write};

use jiff::Timestamp;

use crate::{
    cli::output::{dash, in_a_line, or_dash, table, time},
    journey::order_id,
    ledger::{
        Amendment, Attempt, Break, Consent, PrivacyRecord, Records, Row, Settlement, Standing,
        SubmissionDetails, VerifyReport, erased_at, held_since,
    },
    postback,
    store::moment,
};

/// Submissions, one a line.
pub fn list(out: &mut impl Write, rows: &[Row], limit: u32) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "No submission.");
    }
    let head = [
        "TRACKING ID",
        "STATE",
        "SUBMITTED",
        "BRAND",
        "PLAN",
        "TYPE",
        "METER",
        "CODE",
        "SITE",
        "AMENDED",
        "JOURNEY",
    ];
    let cells = rows.iter().map(|row| {
        [
            row.tracking_id.clone(),
            row.state.word().to_owned(),
            time(row.submitted_at),
            row.brand.clone(),
            row.offer_code.clone(),
            row.transaction_type.clone(),
            or_dash(row.esi_id.as_deref()),
            or_dash(row.code.as_deref()),
            row.site.clone(),
            or_dash(row.amended_as.as_deref()),
            row.journey.clone(),
        ]
    });
    table(out, head, cells.collect())?;
    if u32::try_from(rows.len()).is_ok_and(|count| count == limit) {
        writeln!(out, "These are the newest {limit}; --limit shows more.")?;
    }
    Ok(())
}

/// Journeys, a line for each submission; a line for one that has none.
pub fn journeys(out: &mut impl Write, found: &[Records]) -> io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "No journey.");
    }
    let head = ["JOURNEY", "TRACKING ID", "STATE", "SUBMITTED", "BRAND", "SITE", "CONSENTED", "DATA"];
    let mut cells = Vec::new();
    for records in found {
        let consented = records.consents.last();
        let line = |row: Option<&Row>| {
            let brand = row.map(|row| &row.brand).or(consented.map(|consent| &consent.brand));
            [
                records.journey.clone(),
                row.map_or_else(dash, |row| row.tracking_id.clone()),
                row.map_or_else(dash, |row| row.state.word().to_owned()),
                row.map_or_else(dash, |row| time(row.submitted_at)),
                brand.map_or_else(dash, String::clone),
                row.map_or_else(dash, |row| row.site.clone()),
                consented.map_or_else(dash, |consent| time(moment(consent.given_at))),
                standing_of(&records.actions),
            ]
        };
        let rows = records.submissions.iter().map(|submission| Some(&submission.row));
        let none = records.submissions.is_empty().then_some(None);
        cells.extend(rows.chain(none).map(line));
    }
    table(out, head, cells)
}

/// Whether the data of a journey is on legal hold or erased.
fn standing_of(actions: &[PrivacyRecord]) -> String {
    match (held_since(actions), erased_at(actions)) {
        (Some(_), _) => "on hold".to_owned(),
        (None, Some(_)) => "erased".to_owned(),
        (None, None) => dash(),
    }
}

/// Everything about one submission. `why_unopened`: why an answer of NRG that is still encrypted could not be opened.
pub fn show(
    out: &mut impl Write,
    details: &SubmissionDetails,
    postbacks: &[postback::Row],
    records: &Records,
    why_unopened: &str,
) -> io::Result<()> {
    let SubmissionDetails { row, attempts, settlements, amendments, standings } = details;
    let result = row.result.clone().unwrap_or_default();
    let lines = [
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
    for (name, value) in lines {
        if let Some(value) = value {
            writeln!(out, "{name:<22}{}", in_a_line(&value))?;
        }
    }
    for (name, value) in row.attribution.iter() {
        writeln!(out, "{:<22}{}", format!("Click: {name}"), in_a_line(value))?;
    }
    attempts_table(out, attempts)?;
    settlements_table(out, settlements)?;
    amendments_table(out, amendments)?;
    standings_table(out, standings)?;
    postbacks_table(out, postbacks)?;
    consents_table(out, &records.consents)?;
    actions_table(out, &records.actions)
}

fn attempts_table(out: &mut impl Write, attempts: &[Attempt]) -> io::Result<()> {
    if attempts.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nRequests to NRG")?;
    let cells = attempts.iter().map(|attempt| {
        [
            format!("{}.{}", attempt.round, attempt.number),
            time(attempt.started_at),
            attempt.finished_at.map_or_else(dash, time),
            attempt.outcome.clone().unwrap_or_else(|| "no answer recorded".to_owned()),
            attempt.http_status.map_or_else(dash, |status| status.to_string()),
            or_dash(attempt.codes.as_deref()),
        ]
    });
    table(out, ["TRY", "BEGAN", "ENDED", "OUTCOME", "HTTP", "CODES"], cells.collect())
}

fn settlements_table(out: &mut impl Write, settlements: &[Settlement]) -> io::Result<()> {
    if settlements.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nSettled")?;
    let cells = settlements.iter().map(|settlement| {
        [
            settlement.round.to_string(),
            time(settlement.settled_at),
            settlement.settled_as.clone(),
            in_a_line(&settlement.operator),
            in_a_line(&settlement.reason),
        ]
    });
    table(out, ["ROUND", "WHEN", "AS", "BY", "REASON"], cells.collect())
}

fn amendments_table(out: &mut impl Write, amendments: &[Amendment]) -> io::Result<()> {
    if amendments.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nAmended")?;
    let cells = amendments.iter().map(|amendment| {
        let settled = amendment.settled_as.as_ref().map(|state| format!(" {state}")).unwrap_or_default();
        [
            amendment.number.to_string(),
            time(amendment.amended_at),
            format!("{}{settled}", amendment.amended_as),
            amendment.replaced_state.clone(),
            in_a_line(&amendment.operator),
            in_a_line(&amendment.reason),
        ]
    });
    table(out, ["NO", "WHEN", "AS", "WAS", "BY", "REASON"], cells.collect())
}

fn standings_table(out: &mut impl Write, standings: &[(Timestamp, Standing)]) -> io::Result<()> {
    if standings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nBy NRG's holds")?;
    let cells = standings.iter().map(|(known_at, standing)| [time(*known_at), standing.words()]);
    table(out, ["WHEN", "STANDING"], cells.collect())
}

fn postbacks_table(out: &mut impl Write, postbacks: &[postback::Row]) -> io::Result<()> {
    if postbacks.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nPostbacks of the journey")?;
    let cells = postbacks.iter().map(|row| {
        [
            row.id.clone(),
            row.target.clone(),
            row.ending().to_owned(),
            row.state().word().to_owned(),
            row.tries.to_string(),
            or_dash(row.outcome.as_deref()),
            time(row.created_at()),
            row.ended_at().map_or_else(dash, time),
        ]
    });
    let head = ["ID", "TO", "ENDING", "STATE", "TRIES", "LAST TRY", "ENDED", "SENT OR GIVEN UP"];
    table(out, head, cells.collect())
}

fn consents_table(out: &mut impl Write, consents: &[Consent]) -> io::Result<()> {
    if consents.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nConsents of the journey")?;
    let cells = consents.iter().map(|consent| {
        [
            consent.number.to_string(),
            time(moment(consent.given_at)),
            consent.kind.clone(),
            format!("{} v{}", consent.text_id, consent.text_version),
            consent.language.clone(),
            consent.brand.clone(),
        ]
    });
    table(out, ["NO", "GIVEN", "KIND", "TEXT", "LANGUAGE", "BRAND"], cells.collect())
}

fn actions_table(out: &mut impl Write, actions: &[PrivacyRecord]) -> io::Result<()> {
    if actions.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nPrivacy actions of the journey")?;
    let cells = actions.iter().map(|record| {
        [
            record.number.to_string(),
            time(record.acted_at),
            record.action.clone(),
            in_a_line(&record.operator),
            in_a_line(&record.reason),
        ]
    });
    table(out, ["NO", "WHEN", "ACTION", "BY", "REASON"], cells.collect())
}

/// The result of verifying the ledger.
pub fn verify(out: &mut impl Write, report: &VerifyReport) -> io::Result<()> {
    let VerifyReport {
        journeys,
        consents,
        submissions,
        settlements,
        amendments,
        actions,
        counted,
        unstamped,
        breaks,
    } = report;
    writeln!(out, "{consents} consents of {journeys} journeys and {submissions} submissions were read,")?;
    writeln!(
        out,
        "{settlements} settlements, {amendments} amendments and {actions} privacy actions. Journeys counted so far: {counted}."
    )?;
    if *unstamped > 0 {
        writeln!(out, "Written or changed by an earlier release, and not verified: {unstamped}.")?;
    }
    for found in breaks {
        match found {
            Break::Consent { journey, number } => {
                writeln!(
                    out,
                    "Journey {journey}: consent {number} is not as it was written, or the one before it."
                )?;
            }
            Break::Consents { journey, tracking_id } => {
                writeln!(out, "Journey {journey}: not all consents of submission {tracking_id} are there.")?;
            }
            Break::Submission { journey, tracking_id } => writeln!(
                out,
                "Journey {journey}: submission {tracking_id} is not as it was written, or a settlement or an amendment of \
                 it is gone."
            )?,
            Break::Settlement { tracking_id, round } => writeln!(
                out,
                "Submission {tracking_id}: the settlement of round {round} is not as it was written, or the one before it."
            )?,
            Break::Amendment { tracking_id, number } => writeln!(
                out,
                "Submission {tracking_id}: amendment {number} is not as it was written, or the one before it."
            )?,
            Break::PrivacyAction { journey, number } => writeln!(
                out,
                "Journey {journey}: privacy action {number} is not as it was written, or the one before it."
            )?,
            Break::Journey { journey } => {
                writeln!(out, "Journey {journey}: not all that was counted of it is there.")?;
            }
            Break::Day(day) => writeln!(
                out,
                "{day}: not all journeys that were counted on this day are there, or on the counted day before it."
            )?,
        }
    }
    if breaks.is_empty() { writeln!(out, "All is as it was written.") } else { Ok(()) }
}
