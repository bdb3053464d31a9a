//! Find: the submissions that an operator asks for, newest first, a page at a time.

use std::{convert::Infallible, fmt, str::FromStr};

use jiff::Timestamp;

use super::{
    Error, LedgerReader, Row, State,
    submission::{Stored, submission_columns},
};
use crate::{
    journey::order_id,
    store::{Store, millis, sql},
};

/// Rows read at a time.
const PAGE: i64 = 500;
/// Journeys read at a time, where the id is all that is read.
const JOURNEYS: i64 = 5_000;

/// What is asked for. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// Submitted at this moment or later; of consents: given.
    pub since: Option<Timestamp>,
    /// Submitted before this moment; of consents: given.
    pub until: Option<Timestamp>,
    /// For this meter.
    pub esi_id: Option<String>,
    /// Of this record at NRG.
    pub tracking_id: Option<String>,
    /// Of this journey: the reference its pages name.
    pub journey: Option<String>,
    /// That a click with this `cid` led to.
    pub cid: Option<String>,
    /// By the site of this name.
    pub site: Option<String>,
    /// Of the brand with this id.
    pub brand: Option<String>,
    /// With this account number, leading zeros or not. Needs the keys; without them there is none.
    pub account: Option<String>,
}

impl Filter {
    /// Whether it asks for what a consent does not have.
    pub(super) fn needs_submission(&self) -> bool {
        let Self { state, cid, site, account, .. } = self;
        state.is_some() || cid.is_some() || site.is_some() || account.is_some()
    }

    fn has_account(&self, row: &Row) -> bool {
        let digits = |number: &str| number.trim_start_matches('0').to_owned();
        self.account.as_ref().is_none_or(|wanted| {
            let number = row.result.as_ref().and_then(|result| result.account_number.as_ref());
            number.is_some_and(|number| digits(number) == digits(wanted))
        })
    }
}

/// Selects a page, with the expression that takes the click's id out of the attribution.
macro_rules! page {
    ($cid:literal) => {
        concat!(
            "SELECT ",
            submission_columns!(),
            " FROM submissions
             WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR submitted_at >= $2)
                 AND ($3 IS NULL OR submitted_at < $3) AND ($4 IS NULL OR esi_id = $4)
                 AND ($5 IS NULL OR tracking_id = $5) AND ($6 IS NULL OR journey = $6)
                 AND ($7 IS NULL OR ",
            $cid,
            " = $7) AND ($8 IS NULL OR site = $8) AND ($9 IS NULL OR brand = $9)
                 AND submitted_at <= $10 AND (submitted_at < $10 OR tracking_id > $11)
             ORDER BY submitted_at DESC, tracking_id LIMIT $12"
        )
    };
}

/// The submissions that pass a filter, newest first.
pub struct Pages<'a> {
    reader: &'a LedgerReader,
    filter: &'a Filter,
    /// Time and tracking id of the last row that was read.
    after: (i64, String),
    ended: bool,
    unopened: u64,
}

impl Pages<'_> {
    /// The next ones; none at the end.
    ///
    /// # Errors
    /// The database failed.
    pub async fn next(&mut self) -> Result<Vec<Row>, Error> {
        let statement = match &self.reader.store {
            Store::Sqlite { .. } => page!("attribution ->> '$.cid'"),
            Store::Postgres(_) => page!("attribution::json ->> 'cid'"),
        };
        let filter = self.filter;
        while !self.ended {
            let rows: Vec<Stored> = sql!(self.reader.store.reader().await?, statement,
                filter.state.map(State::word), filter.since.map(millis), filter.until.map(millis), &filter.esi_id,
                &filter.tracking_id, &filter.journey, &filter.cid, &filter.site, &filter.brand, self.after.0,
                &self.after.1, PAGE => fetch_all)?;
            self.ended = i64::try_from(rows.len()).is_ok_and(|rows| rows < PAGE);
            let rows: Vec<Row> = rows.into_iter().map(|stored| self.reader.row(stored)).collect();
            if let Some(last) = rows.last() {
                self.after = (millis(last.submitted_at), last.tracking_id.clone());
            }
            self.unopened += rows.iter().filter(|row| row.unopened).count() as u64;
            let found: Vec<Row> = rows.into_iter().filter(|row| filter.has_account(row)).collect();
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// The next ones, at most `limit`; fewer at the end. What it has read beyond them is not read again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn take(&mut self, limit: u32) -> Result<Vec<Row>, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        while rows.len() < limit {
            let page = self.next().await?;
            if page.is_empty() {
                break;
            }
            rows.extend(page);
        }
        rows.truncate(limit);
        Ok(rows)
    }

    /// How many of those that were read have an answer of NRG that the keys did not open.
    pub fn unopened(&self) -> u64 {
        self.unopened
    }
}

/// What names a submission: either half of the reference on the pages, or `JOURNEY / TRACKING-ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The journey or the tracking id.
    Half(String),
    /// Both.
    #[allow(missing_docs, reason = "the names say it")]
    Whole { journey: String, tracking_id: String },
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Half(half) => f.write_str(half),
            Self::Whole { journey, tracking_id } => write!(f, "{journey} / {tracking_id}"),
        }
    }
}

impl FromStr for Reference {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once('/') {
            Some((journey, tracking_id)) => {
                Self::Whole { journey: journey.trim().to_owned(), tracking_id: tracking_id.trim().to_owned() }
            }
            None => Self::Half(text.trim().to_owned()),
        })
    }
}

impl LedgerReader {
    /// The submissions that pass `filter`, newest first.
    pub fn pages<'a>(&'a self, filter: &'a Filter) -> Pages<'a> {
        Pages { reader: self, filter, after: (i64::MAX, String::new()), ended: false, unopened: 0 }
    }

    /// The submissions that pass `filter`, newest first, at most `limit`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<Row>, Error> {
        self.pages(filter).take(limit).await
    }

    /// The submissions that `reference` names, oldest first: several where it is a journey that has several. A journey may
    /// be written in small letters.
    ///
    /// # Errors
    /// The database failed.
    pub async fn referenced(&self, reference: &Reference) -> Result<Vec<Row>, Error> {
        let (journey, tracking_id, both) = match reference {
            Reference::Half(half) => (half, half, false),
            Reference::Whole { journey, tracking_id } => (journey, tracking_id, true),
        };
        let rows: Vec<Stored> = sql!(self.store.reader().await?, submission_columns!(
            "WHERE (tracking_id = $1 OR journey IN ($2, $3)) AND (NOT $4 OR (tracking_id = $1 AND journey IN ($2, $3)))
             ORDER BY created_at, tracking_id"),
            tracking_id, journey, journey.to_uppercase(), both => fetch_all)?;
        Ok(rows.into_iter().map(|stored| self.row(stored)).collect())
    }

    /// The journey of an order id, if the ledger has a record of it. Order ids are not stored: those of all journeys are
    /// computed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn journey_of(&self, order: &str) -> Result<Option<String>, Error> {
        let (order, mut read_to) = (order.trim().to_lowercase(), String::new());
        loop {
            let page: Vec<(String,)> = sql!(self.store.reader().await?,
                "SELECT journey FROM submissions WHERE journey > $1 UNION SELECT journey FROM consents WHERE journey > $1
                 ORDER BY journey LIMIT $2", &read_to, JOURNEYS => fetch_all)?;
            let Some((last,)) = page.last() else { return Ok(None) };
            read_to.clone_from(last);
            if let Some((journey,)) = page.into_iter().find(|(journey,)| order_id(journey) == order) {
                return Ok(Some(journey));
            }
        }
    }
}

#[cfg(test)]
mod tests;
