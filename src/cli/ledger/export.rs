//! The export: journeys with all that is kept of them as lines of JSON, or submissions as rows of CSV.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{error::CommandError, json};
use crate::{
    cli::output::json_line,
    journey::{Attribution, order_id},
    ledger::{Filter, LedgerReader, Row},
    postback::Fact,
    report::csv::no_formula,
    texas_time,
};

/// Journeys read at a time.
const JOURNEYS: usize = 200;

/// The columns before those of the link. Programs read the names.
const BEFORE: [&str; 10] = [
    "order_id",
    "submitted",
    "finished",
    "state",
    "amended_as",
    "amount",
    "currency",
    "site",
    "brand",
    "offer_code",
];
/// The columns behind them: first the parameters of the link that have no column, as JSON.
const AFTER: [&str; 7] =
    ["other", "transaction_type", "esi_id", "account_number", "check_digit", "tracking_id", "journey"];

/// Writes a line of JSON for each journey that passes `filter`.
///
/// # Errors
/// [`CommandError`].
pub async fn journeys(
    ledger: &LedgerReader,
    filter: &Filter,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    for some in ledger.journeys(filter).await?.chunks(JOURNEYS) {
        for records in ledger.records_of(some).await? {
            json_line(out, &json::Journey::of(&records))?;
        }
    }
    Ok(())
}

/// Writes a row of CSV for each submission that passes `filter` (none where there is no filter), newest first, under a head. Returns how many have an answer of NRG that
/// the keys did not open: their account number is blank.
///
/// # Errors
/// [`CommandError`].
pub async fn submissions(
    ledger: &LedgerReader,
    filter: Option<&Filter>,
    out: &mut impl Write,
) -> Result<u64, CommandError> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(BEFORE.into_iter().chain(Attribution::NAMES).chain(AFTER)).map_err(io::Error::from)?;
    let mut unopened = 0;
    if let Some(filter) = filter {
        let mut pages = ledger.pages(filter);
        loop {
            let page = pages.next().await?;
            if page.is_empty() {
                break;
            }
            for row in &page {
                csv.write_record(cells(row)).map_err(io::Error::from)?;
            }
        }
        unopened = pages.unopened();
    }
    csv.flush()?;
    Ok(unopened)
}

/// The cells of a submission, in the order of the columns. Days are days in Texas.
fn cells(row: &Row) -> impl Iterator<Item = Vec<u8>> {
    let day = |moment| texas_time::day(moment).to_string();
    let fact = |fact| row.facts.fact(fact).unwrap_or_default().to_owned();
    let result = row.result.clone().unwrap_or_default();
    let before = [
        order_id(&row.journey),
        day(row.submitted_at),
        row.finished_at.map(day).unwrap_or_default(),
        row.state.word().to_owned(),
        row.amended_as.clone().unwrap_or_default(),
        fact(Fact::Amount),
        fact(Fact::Currency),
        row.site.clone(),
        row.brand.clone(),
        row.offer_code.clone(),
    ];
    let link =
        Attribution::NAMES.into_iter().map(|name| row.attribution.get(name).unwrap_or_default().to_owned());
    let others: BTreeMap<_, _> =
        row.attribution.iter().filter(|(name, _)| !Attribution::NAMES.contains(name)).collect();
    let other = if others.is_empty() { String::new() } else { serde_json::json!(others).to_string() };
    let after = [
        other,
        row.transaction_type.clone(),
        row.esi_id.clone().unwrap_or_default(),
        result.account_number.unwrap_or_default(),
        result.check_digit.unwrap_or_default(),
        row.tracking_id.clone(),
        row.journey.clone(),
    ];
    before.into_iter().chain(link).chain(after).map(|cell| no_formula(&cell).into_owned().into_bytes())
}
