//! Admin queries: operators list and show submissions, and settle what the program cannot know.

use jiff::Timestamp;

use super::{
    Error, Ledger, LedgerReader, Row, State, SubmissionResult,
    endings::{self, EndedSubmission},
    submission::{ANSWER, Stored, StoredAnswer, count, json, submission_columns},
};
use crate::store::{Durability, millis, moment, sql};

/// Filter of a list of submissions. `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// Submitted at this moment or later.
    pub since: Option<Timestamp>,
    /// Submitted before this moment.
    pub until: Option<Timestamp>,
    /// For this meter.
    pub esi_id: Option<String>,
}

/// All there is about one submission.
pub struct SubmissionDetails {
    /// The submission.
    pub row: Row,
    /// Each request, oldest first.
    pub attempts: Vec<Attempt>,
    /// What operators settled, oldest first.
    pub settlements: Vec<Settlement>,
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

/// An operator's decision on an `unknown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The submission's round.
    pub round: u32,
    /// When.
    pub settled_at: Timestamp,
    /// The word of the state it was settled as.
    pub settled_as: String,
    /// The operator's name.
    pub operator: String,
    /// The reason, in the operator's words.
    pub reason: String,
}

/// What an operator found out from NRG about an `unknown`: the states that it can be settled as, with their data.
#[derive(Clone)]
pub enum Resolution {
    /// It went through.
    Enrolled(SubmissionResult),
    /// NRG has it and follows up.
    Accepted,
    /// It did not go through.
    Refused {
        /// The record is still open: the customer may submit again.
        correctable: bool,
    },
}

/// Why a submission was not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// There is no submission with this tracking id.
    #[error("there is no submission with this tracking id")]
    NotFound,
    /// Only an `unknown` can be settled.
    #[error("this submission is {}, only an unknown one can be settled", .0.word())]
    NotUnknown(State),
    /// Settling needs a reason and a name.
    #[error("settling needs a reason and the operator's name")]
    NoReason,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

type AttemptColumns = (i64, i64, i64, Option<i64>, Option<String>, Option<i64>, Option<String>);

impl LedgerReader {
    /// The submissions that pass `filter`, newest first, at most `limit`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, filter: &Filter, limit: u32) -> Result<Vec<Row>, Error> {
        let rows: Vec<Stored> = sql!(self.store.reader().await?, submission_columns!(
            "WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR submitted_at >= $2)
                 AND ($3 IS NULL OR submitted_at < $3) AND ($4 IS NULL OR esi_id = $4)
             ORDER BY submitted_at DESC, tracking_id LIMIT $5"),
            filter.state.map(State::word), filter.since.map(millis), filter.until.map(millis), &filter.esi_id,
            i64::from(limit) => fetch_all)?;
        Ok(rows.into_iter().map(|stored| self.row(stored)).collect())
    }

    /// A submission with its attempts and settlements.
    ///
    /// # Errors
    /// The database failed.
    pub async fn show(&self, tracking_id: &str) -> Result<Option<SubmissionDetails>, Error> {
        let Some(row) = self.find(tracking_id).await? else { return Ok(None) };
        let attempts: Vec<AttemptColumns> = sql!(self.store.reader().await?,
            "SELECT round, number, started_at, finished_at, outcome, http_status, codes
             FROM attempts WHERE tracking_id = $1 ORDER BY round, number", tracking_id => fetch_all)?;
        let settlements: Vec<(i64, i64, String, String, String)> = sql!(self.store.reader().await?,
            "SELECT round, settled_at, settled_as, operator, reason
             FROM settlements WHERE tracking_id = $1 ORDER BY round", tracking_id => fetch_all)?;
        let attempts =
            attempts.into_iter().map(|(round, number, started_at, finished_at, outcome, status, codes)| {
                Attempt {
                    round: count(round),
                    number: count(number),
                    started_at: moment(started_at),
                    finished_at: finished_at.map(moment),
                    outcome,
                    http_status: status.and_then(|status| u16::try_from(status).ok()),
                    codes,
                }
            });
        let settlements = settlements.into_iter().map(|(round, settled_at, settled_as, operator, reason)| {
            Settlement { round: count(round), settled_at: moment(settled_at), settled_as, operator, reason }
        });
        Ok(Some(SubmissionDetails { row, attempts: attempts.collect(), settlements: settlements.collect() }))
    }
}

impl Ledger {
    /// Settles an `unknown` as what an operator found out, and records the operator and the reason.
    ///
    /// # Errors
    /// [`SettleError`]; nothing was changed then.
    pub async fn settle(
        &self,
        tracking_id: &str,
        settled_as: Resolution,
        reason: &str,
        operator: &str,
    ) -> Result<(), SettleError> {
        if reason.trim().is_empty() || operator.trim().is_empty() {
            return Err(SettleError::NoReason);
        }
        let now = self.now();
        let (state, result) = match settled_as {
            Resolution::Enrolled(result) => (State::Enrolled, Some(result)),
            Resolution::Accepted => (State::Accepted, None),
            Resolution::Refused { correctable } => {
                (if correctable { State::Correctable } else { State::Refused }, None)
            }
        };
        let sealed = result.map(|result| {
            let answer = StoredAnswer { result: Some(result), message: None };
            self.keys.seal(&self.entropy, ANSWER, tracking_id.as_bytes(), &json(&answer))
        });
        let (key_id, blob) = sealed.map(|sealed| (sealed.key_id, sealed.blob)).unzip();
        let settled = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<bool, Error> {
            let ended: Option<EndedSubmission> = sql!(tx,
                "UPDATE submissions SET state = $1, finished_at = $2, answer_key_id = $3, answer = $4
                 WHERE tracking_id = $5 AND state = 'unknown'
                 RETURNING round, journey, state, site, facts, brand, offer_code, attribution, deposit",
                state.word(), now, &key_id, &blob, tracking_id => fetch_optional)?;
            let Some(ended) = ended else { return Ok(false) };
            sql!(tx,
                "INSERT INTO settlements (tracking_id, round, settled_at, settled_as, operator, reason)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                tracking_id, ended.round, now, state.word(), operator, reason => execute)?;
            if let Some(ending) = state.ending() {
                endings::record(tx, &ended.journey, ending, &ended.postbacks(self, ending, 1, now)).await?;
            }
            Ok(true)
        });
        if settled.await? {
            return Ok(());
        }
        match self.find(tracking_id).await? {
            Some(row) => Err(SettleError::NotUnknown(row.state)),
            None => Err(SettleError::NotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        ledger::testing::{ledger, submission},
        nrg::Enrollment,
        store::testing::{ManualClock, on_each_database},
    };

    #[tokio::test]
    async fn unknown_submission_is_settled_once_with_reason_and_operator() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            let refused = || Resolution::Refused { correctable: false };
            assert!(matches!(ledger.settle("1", refused(), "r", "o").await, Err(SettleError::NotFound)));
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let early = ledger.settle("1", refused(), "r", "o").await;
            assert!(matches!(early, Err(SettleError::NotUnknown(State::Ready))));
            let leased = ledger.lease_next("me").await.unwrap().unwrap();
            ledger.complete(&leased, &Enrollment::Unknown.into()).await.unwrap();
            for (reason, operator) in [("", "o"), (" ", "o"), ("r", "")] {
                let nameless = ledger.settle("1", refused(), reason, operator).await;
                assert!(matches!(nameless, Err(SettleError::NoReason)));
            }
            let result =
                SubmissionResult { account_number: Some("000099990001".to_owned()), ..Default::default() };
            ledger.settle("1", Resolution::Enrolled(result.clone()), "NRG says so", "Sam").await.unwrap();
            let SubmissionDetails { row, settlements, attempts } = ledger.show("1").await.unwrap().unwrap();
            assert!(row.state == State::Enrolled && row.result == Some(result));
            assert_eq!(attempts.len(), 1);
            assert_eq!(
                (settlements[0].operator.as_str(), settlements[0].reason.as_str()),
                ("Sam", "NRG says so")
            );
            let again = ledger.settle("1", refused(), "r", "o").await;
            assert!(matches!(again, Err(SettleError::NotUnknown(State::Enrolled))));
        })
        .await;
    }

    #[tokio::test]
    async fn ledger_list_filters_by_state_time_and_meter() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            for tracking_id in ["1", "2", "3"] {
                ledger.submit(&submission(&ledger, tracking_id), &[]).await.unwrap();
                manual.forward(Duration::from_secs(60));
            }
            ledger.lease_next("me").await.unwrap().unwrap();
            let minute = |number: i64| Some(clock.now() - jiff::Span::new().minutes(number));
            let all = Filter::default();
            let cases = [
                (all.clone(), 9, vec!["3", "2", "1"]),
                (all.clone(), 2, vec!["3", "2"]),
                (Filter { state: Some(State::Sent), ..all.clone() }, 9, vec!["1"]),
                (Filter { since: minute(2), ..all.clone() }, 9, vec!["3", "2"]),
                (Filter { until: minute(2), ..all.clone() }, 9, vec!["1"]),
                (Filter { since: minute(2), until: minute(1), ..all.clone() }, 9, vec!["2"]),
                (Filter { esi_id: Some("none".to_owned()), ..all }, 9, vec![]),
            ];
            for (filter, limit, expected) in cases {
                let rows = ledger.list(&filter, limit).await.unwrap();
                let found: Vec<_> = rows.iter().map(|row| row.tracking_id.as_str()).collect();
                assert_eq!(found, expected, "{filter:?}");
            }
        })
        .await;
    }
}
