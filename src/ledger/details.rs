//! Details: everything about submissions, for operators.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    Amendment, Error, LedgerReader, Row, Settlement, Standing, amend::StoredAmendment,
    settle::StoredSettlement, submission::count,
};
use crate::store::{Store, moment, sql};

/// All there is about one submission.
pub struct SubmissionDetails {
    /// The submission.
    pub row: Row,
    /// Each request, oldest first.
    pub attempts: Vec<Attempt>,
    /// What operators settled, oldest first.
    pub settlements: Vec<Settlement>,
    /// What became of it later, and how settlements were corrected, oldest first.
    pub amendments: Vec<Amendment>,
    /// Where the account stood by NRG's holds, each change with the moment it was told, oldest first.
    pub standings: Vec<(Timestamp, Standing)>,
}

/// One request, or the attempt to make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The submission's round.
    pub round: u32,
    /// 1, 2, 3 within the round.
    pub number: u32,
    /// When the row was leased.
    pub started_at: Timestamp,
    /// When the answer was recorded; absent when none was.
    pub finished_at: Option<Timestamp>,
    /// The [`outcome`](super::outcome) of the attempt.
    pub outcome: Option<String>,
    /// The HTTP status, if there was one.
    pub http_status: Option<u16>,
    /// NRG's codes.
    pub codes: Option<String>,
}

#[derive(sqlx::FromRow)]
struct StoredAttempt {
    tracking_id: String,
    round: i64,
    number: i64,
    started_at: i64,
    finished_at: Option<i64>,
    outcome: Option<String>,
    http_status: Option<i64>,
    codes: Option<String>,
}

impl From<StoredAttempt> for Attempt {
    fn from(stored: StoredAttempt) -> Self {
        Self {
            round: count(stored.round),
            number: count(stored.number),
            started_at: moment(stored.started_at),
            finished_at: stored.finished_at.map(moment),
            outcome: stored.outcome,
            http_status: stored.http_status.and_then(|status| u16::try_from(status).ok()),
            codes: stored.codes,
        }
    }
}

#[derive(sqlx::FromRow)]
struct StoredStanding {
    tracking_id: String,
    known_at: i64,
    standing: String,
}

impl From<StoredStanding> for (Timestamp, Standing) {
    fn from(stored: StoredStanding) -> Self {
        (moment(stored.known_at), Standing::parse(&stored.standing))
    }
}

/// A statement on the rows of which a column is in a list. A list as one parameter is JSON in both databases.
macro_rules! in_list {
    ($store:expr, $($before:expr),+; $after:literal) => {
        match $store {
            Store::Sqlite { .. } => concat!($($before),+, " IN (SELECT value FROM json_each($1)) ", $after),
            Store::Postgres(_) => concat!($($before),+, " IN (SELECT json_array_elements_text($1::json)) ", $after),
        }
    };
}
pub(super) use in_list;

/// The rows of each submission, in their order.
fn by_submission<S, R: From<S>>(rows: Vec<S>, of: impl Fn(&S) -> &String) -> HashMap<String, Vec<R>> {
    let mut all: HashMap<String, Vec<R>> = HashMap::new();
    for row in rows {
        all.entry(of(&row).clone()).or_default().push(row.into());
    }
    all
}

impl LedgerReader {
    /// A submission with all there is about it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn show(&self, tracking_id: &str) -> Result<Option<SubmissionDetails>, Error> {
        let row = self.find(tracking_id).await?;
        Ok(self.details(row.into_iter().collect()).await?.pop())
    }

    /// Submissions with all there is about them: as many statements for many as for one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn details(&self, rows: Vec<Row>) -> Result<Vec<SubmissionDetails>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<&str> = rows.iter().map(|row| row.tracking_id.as_str()).collect();
        let list = serde_json::json!(ids).to_string();
        let attempts: Vec<StoredAttempt> = sql!(self.store.reader().await?, in_list!(&self.store,
            "SELECT tracking_id, round, number, started_at, finished_at, outcome, http_status, codes
             FROM attempts WHERE tracking_id"; "ORDER BY tracking_id, round, number"), &list => fetch_all)?;
        let settlements: Vec<StoredSettlement> = sql!(self.store.reader().await?, in_list!(&self.store,
            "SELECT * FROM settlements WHERE tracking_id"; "ORDER BY tracking_id, round"), &list => fetch_all)?;
        let amendments: Vec<StoredAmendment> = sql!(self.store.reader().await?, in_list!(&self.store,
            "SELECT * FROM amendments WHERE tracking_id"; "ORDER BY tracking_id, number"), &list => fetch_all)?;
        let standings: Vec<StoredStanding> = sql!(self.store.reader().await?, in_list!(&self.store,
            "SELECT tracking_id, known_at, standing FROM standings WHERE tracking_id"; "ORDER BY tracking_id, number"),
            &list => fetch_all)?;
        let mut attempts = by_submission(attempts, |row| &row.tracking_id);
        let mut settlements = by_submission(settlements, |row| &row.tracking_id);
        let mut amendments = by_submission(amendments, |row| &row.tracking_id);
        let mut standings = by_submission(standings, |row| &row.tracking_id);
        let details = |row: Row| SubmissionDetails {
            attempts: attempts.remove(&row.tracking_id).unwrap_or_default(),
            settlements: settlements.remove(&row.tracking_id).unwrap_or_default(),
            amendments: amendments.remove(&row.tracking_id).unwrap_or_default(),
            standings: standings.remove(&row.tracking_id).unwrap_or_default(),
            row,
        };
        Ok(rows.into_iter().map(details).collect())
    }
}
