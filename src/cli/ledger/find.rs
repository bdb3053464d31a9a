//! Which submissions a command is about.

use clap::Args;
use jiff::{ToSpan, civil::Date};

use super::error::CommandError;
use crate::{
    ledger::{Filter, LedgerReader, Reference, Row, State, account_number, check_digit},
    texas_time,
};

/// What submissions are looked for by.
#[derive(Debug, Default, Args)]
pub struct Find {
    /// Only submissions in this state: ready, sent, enrolled, accepted, refused, repairable, duplicate or unknown.
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// Only of these days.
    #[command(flatten)]
    days: Days,
    /// Only for this meter (ESI ID).
    #[arg(long)]
    meter: Option<String>,
    /// Only of the click with this id, to the letter: `cid` of the link.
    #[arg(long, allow_hyphen_values = true)]
    cid: Option<String>,
    /// Only of the order with this id: `order_id` of the postbacks.
    #[arg(long)]
    order: Option<String>,
    /// Only by this site, by its name in the settings.
    #[arg(long)]
    site: Option<String>,
    /// Only of this brand, such as RE.
    #[arg(long)]
    brand: Option<String>,
    /// Only with this account number. Needs `session.keys`, and reads every submission that the other options leave.
    #[arg(long, value_parser = account)]
    account: Option<String>,
    /// Only with this tracking id: the second half of the reference on the pages.
    #[arg(long)]
    tracking_id: Option<String>,
    /// Only of this journey: the first half of the reference on the pages.
    #[arg(long, conflicts_with = "order")]
    journey: Option<String>,
}

/// A range of days.
#[derive(Debug, Default, Args)]
pub struct Days {
    /// Only from this day on, in Texas time, such as 2030-06-18.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Only up to this day, in Texas time, the day itself included.
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
}

impl Days {
    fn bounds(&self) -> (Option<jiff::Timestamp>, Option<jiff::Timestamp>) {
        let next = |day: Date| day.checked_add(1.day()).unwrap_or(Date::MAX);
        (self.from.map(texas_time::midnight), self.to.map(next).map(texas_time::midnight))
    }
}

impl Find {
    /// Whether the keys are needed to find it.
    pub fn needs_keys(&self) -> bool {
        self.account.is_some()
    }

    /// The filter; `None` where there is no journey with that order id.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn filter(self, ledger: &LedgerReader) -> Result<Option<Filter>, CommandError> {
        let Self { state, days, meter, cid, order, site, brand, account, tracking_id, journey } = self;
        let (since, until) = days.bounds();
        let journey = match order {
            Some(order) => match ledger.journey_of(&order).await? {
                Some(journey) => Some(journey),
                None => return Ok(None),
            },
            None => journey,
        };
        Ok(Some(Filter {
            state,
            since,
            until,
            esi_id: meter,
            tracking_id,
            journey,
            cid,
            site,
            brand,
            account,
        }))
    }
}

/// The submissions that `reference` names.
///
/// # Errors
/// There is none, or the ledger cannot be read.
pub async fn named(ledger: &LedgerReader, reference: &Reference) -> Result<Vec<Row>, CommandError> {
    let rows = ledger.referenced(reference).await?;
    if rows.is_empty() { Err(CommandError::NotFound(reference.to_string())) } else { Ok(rows) }
}

/// The one submission that `reference` names.
///
/// # Errors
/// As [`named`]; or there are several.
pub async fn one(ledger: &LedgerReader, reference: &Reference) -> Result<Row, CommandError> {
    let mut rows = named(ledger, reference).await?;
    match (rows.pop(), rows.len()) {
        (Some(row), 0) => Ok(row),
        (last, _) => {
            let ids: Vec<String> = rows.into_iter().chain(last).map(|row| row.tracking_id).collect();
            Err(CommandError::Several(ids.join(", ")))
        }
    }
}

fn state(word: &str) -> Result<State, String> {
    word.parse().map_err(|_| "no such state".to_owned())
}

/// Reads an account number.
pub fn account(text: &str) -> Result<String, &'static str> {
    account_number(text).ok_or("one to twelve digits")
}

/// Reads a check digit.
pub fn digit(text: &str) -> Result<String, &'static str> {
    check_digit(text).ok_or("one digit")
}
