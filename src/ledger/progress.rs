//! How far the submission of a journey has come, for who may know nothing else of it.

use super::{Error, LedgerReader, Standing, State};
use crate::store::sql;

/// How far a submission has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What NRG answered.
    pub state: State,
    /// What became of it later: the word of the latest [`AmendedAs`](super::AmendedAs).
    pub amended_as: Option<String>,
    /// Whether NRG holds the account back, if NRG has told.
    pub held: Option<bool>,
}

impl LedgerReader {
    /// How far the latest submission of `journey` has come; `None`: it has none that this version can read.
    ///
    /// # Errors
    /// The database failed.
    pub async fn progress(&self, journey: &str) -> Result<Option<Progress>, Error> {
        let row: Option<(String, Option<String>, Option<String>)> = sql!(self.store.reader().await?,
            "SELECT s.state, s.amended_as, f.standing FROM submissions s
             LEFT JOIN follow_ups f ON f.tracking_id = s.tracking_id
             WHERE s.journey = $1 ORDER BY s.submitted_at DESC, s.tracking_id LIMIT 1", journey => fetch_optional)?;
        Ok(row.and_then(|(state, amended_as, standing)| {
            let held = standing.map(|words| Standing::parse(&words).is_held());
            Some(Progress { state: state.parse().ok()?, amended_as, held })
        }))
    }
}
