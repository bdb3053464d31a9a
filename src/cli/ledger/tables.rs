//! What `nrg-enroll ledger` prints for people: tables, and everything about one submission.

use std::io::{self, Write};

use crate::{
    cli::output::{dash, in_a_line, or_dash, table},
    ledger::{
        Break, Records, Row, SubmissionDetails, VerifyReport,
        sheet::{self, Section},
    },
    postback,
    texas_time::time,
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
    section(out, sheet::journeys(found))
}

fn section(out: &mut impl Write, Section { title: _, head, rows }: Section) -> io::Result<()> {
    let head: Vec<String> = head.iter().map(|name| name.to_uppercase()).collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let cell = |value: Option<String>| value.map_or_else(dash, |value| in_a_line(&value));
    let rows = rows.into_iter().map(|row| row.into_iter().map(cell).collect::<Vec<_>>());
    table(out, head, rows.collect())
}

/// Everything about one submission. `why_unopened`: why an answer of NRG that is still encrypted could not be opened.
pub fn show(
    out: &mut impl Write,
    details: &SubmissionDetails,
    postbacks: &[postback::Row],
    records: &Records,
    why_unopened: &str,
) -> io::Result<()> {
    for (name, value) in sheet::facts(details, why_unopened) {
        writeln!(out, "{name:<22}{}", in_a_line(&value))?;
    }
    let sections = sheet::of_submission(details).into_iter().chain(sheet::of_journey(postbacks, records));
    for one in sections {
        writeln!(out, "\n{}", one.title)?;
        section(out, one)?;
    }
    Ok(())
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
