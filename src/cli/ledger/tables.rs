//! What `nrg-enroll ledger` prints for people: tables, and everything about one submission.

use std::io::{self, Write};

use crate::{
    cli::output::{dash, in_a_line, or_dash, table, time},
    ledger::{Attempt, ChainBreak, Consent, Row, Settlement, SubmissionDetails, VerifyReport},
    store::moment,
};

/// Submissions, one a line.
pub fn list(out: &mut impl Write, rows: &[Row], limit: u32) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "No submission.");
    }
    let head = ["TRACKING ID", "STATE", "SUBMITTED", "BRAND", "PLAN", "TYPE", "METER", "CODE", "JOURNEY"];
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
            row.journey.clone(),
        ]
    });
    table(out, head, cells.collect())?;
    if u32::try_from(rows.len()).is_ok_and(|count| count == limit) {
        writeln!(out, "These are the newest {limit}; --limit shows more.")?;
    }
    Ok(())
}

/// Everything about one submission. `why_unopened`: why an answer of NRG that is still encrypted could not be opened.
pub fn show(
    out: &mut impl Write,
    details: &SubmissionDetails,
    consents: &[Consent],
    why_unopened: &str,
) -> io::Result<()> {
    let SubmissionDetails { row, attempts, settlements } = details;
    let result = row.result.clone().unwrap_or_default();
    let lines = [
        ("Tracking id", Some(row.tracking_id.clone())),
        ("Reference", Some(format!("{} / {}", row.journey, row.tracking_id))),
        ("State", Some(row.state.word().to_owned())),
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
    consents_table(out, consents)
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

/// The result of verifying the chains of consents.
pub fn verify(out: &mut impl Write, report: &VerifyReport) -> io::Result<()> {
    let VerifyReport { journeys, consents, submissions, breaks } = report;
    writeln!(out, "{consents} consents of {journeys} journeys and {submissions} submissions were read.")?;
    for a_break in breaks {
        match a_break {
            ChainBreak::Row { journey, number } => {
                writeln!(
                    out,
                    "Journey {journey}: consent {number} is not as it was written, or the one before it."
                )?;
            }
            ChainBreak::End { journey, tracking_id } => {
                writeln!(out, "Journey {journey}: not all consents of submission {tracking_id} are there.")?;
            }
        }
    }
    if breaks.is_empty() { writeln!(out, "Every chain is as it was written.") } else { Ok(()) }
}
