//! Privacy actions: what was done about the data of a journey, by whom, when and why. Append-only, with stamps that are
//! chained; the count of the journey says how many there are, so that none can be removed.
//!
//! A legal hold is such an action, and lasts until it is released: retention and erasing leave its journey alone.

use jiff::Timestamp;

use super::{
    Error, Ledger, LedgerKey, LedgerReader, Reference, State,
    amend::Signature,
    count::{self, CountedJourney},
    submission::count as counter,
};
use crate::store::{Durability, Tx, moment, sql};

/// What was done about the data of a journey. Its word is used in the database and in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum PrivacyAction {
    /// All that is kept was printed, for the person.
    Access,
    /// What need not be kept was erased.
    Erase,
    /// It was put on legal hold.
    Hold,
    /// The legal hold was released.
    Release,
    /// An operator looked at it, at the desk.
    Show,
    /// An operator found it at the desk, by what belongs to the person.
    Find,
}

impl PrivacyAction {
    /// The word for it, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A privacy action, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyRecord {
    /// 1, 2, 3 within the journey.
    pub number: u32,
    /// When.
    pub acted_at: Timestamp,
    /// The word of [`PrivacyAction`].
    pub action: String,
    /// The operator's name.
    pub operator: String,
    /// The reason, in the operator's words.
    pub reason: String,
}

/// The latest of `actions` that is the `wanted` one.
fn latest(actions: &[PrivacyRecord], wanted: PrivacyAction) -> Option<&PrivacyRecord> {
    actions.iter().rfind(|record| record.action == wanted.word())
}

/// Since when a journey with these `actions` has been on legal hold, if it is.
pub fn held_since(actions: &[PrivacyRecord]) -> Option<Timestamp> {
    let held = latest(actions, PrivacyAction::Hold)?;
    let released =
        latest(actions, PrivacyAction::Release).is_some_and(|release| release.number > held.number);
    (!released).then_some(held.acted_at)
}

/// When a journey with these `actions` was last erased, if it was.
pub fn erased_at(actions: &[PrivacyRecord]) -> Option<Timestamp> {
    Some(latest(actions, PrivacyAction::Erase)?.acted_at)
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The ledger has no record of this journey.
    #[error("the ledger has no record of this journey")]
    NotFound,
    /// It needs a reason and a name.
    #[error("this needs a reason and the operator's name")]
    NoReason,
    /// The journey is on legal hold.
    #[error("this journey is on legal hold: release it first (ledger hold --release)")]
    OnHold,
    /// There is no legal hold to release.
    #[error("this journey is not on legal hold")]
    NotOnHold,
    /// A submission of it has no final state yet, or none that is known.
    #[error("submission {tracking_id} is {}: wait for its answer, or settle it first", .state.word())]
    UnderWay {
        /// The submission.
        tracking_id: String,
        /// Its state.
        state: State,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// A stored privacy action.
#[derive(sqlx::FromRow)]
pub(super) struct StoredAction {
    pub(super) journey: String,
    pub(super) number: i64,
    acted_at: i64,
    action: String,
    operator: String,
    reason: String,
    pub(super) stamp: Vec<u8>,
}

/// Selects a [`StoredAction`], with the rest of the statement.
macro_rules! action_columns {
    ($rest:literal) => {
        concat!(
            "SELECT journey, number, acted_at, action, operator, reason, stamp FROM privacy_actions ",
            $rest
        )
    };
}
pub(super) use action_columns;

impl StoredAction {
    /// The stamp that the row would have after the one with the stamp `previous`.
    pub(super) fn expected(&self, key: &LedgerKey, previous: Option<Vec<u8>>) -> [u8; 32] {
        key.stamp(
            "stamp of a privacy action",
            &[
                &self.journey,
                &self.number,
                &self.acted_at,
                &self.action,
                &self.operator,
                &self.reason,
                &previous,
            ],
        )
    }
}

impl From<StoredAction> for PrivacyRecord {
    fn from(stored: StoredAction) -> Self {
        Self {
            number: counter(stored.number),
            acted_at: moment(stored.acted_at),
            action: stored.action,
            operator: stored.operator,
            reason: stored.reason,
        }
    }
}

/// The condition that the journey in a column is not on legal hold.
macro_rules! not_on_hold {
    ($journey:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM privacy_actions h WHERE h.journey = ",
            $journey,
            " AND h.action = 'hold' AND NOT EXISTS (SELECT 1 FROM privacy_actions r
                 WHERE r.journey = h.journey AND r.action = 'release' AND r.number > h.number))"
        )
    };
}
pub(super) use not_on_hold;

/// A journey whose privacy actions no other server can change until the transaction ends.
pub(super) struct Locked {
    journey: String,
    pub(super) actions: Vec<PrivacyRecord>,
    last: Option<(i64, Vec<u8>)>,
}

impl Locked {
    /// Locks `journey`. [`PrivacyError::NotFound`]: the ledger has no record of it.
    pub(super) async fn lock(
        tx: &mut Tx<'_>,
        key: &LedgerKey,
        journey: &str,
        now: i64,
    ) -> Result<Self, PrivacyError> {
        if CountedJourney::lock(tx, journey).await?.is_none() {
            // One that an earlier release wrote is not counted yet.
            let there: Option<(i32,)> = sql!(tx,
                "SELECT 1 FROM consents WHERE journey = $1
                 UNION ALL SELECT 1 FROM submissions WHERE journey = $1 LIMIT 1", journey => fetch_optional)?;
            there.ok_or(PrivacyError::NotFound)?;
            count::add(tx, key, journey, 0, now).await?;
        }
        let stored: Vec<StoredAction> =
            sql!(tx, action_columns!("WHERE journey = $1 ORDER BY number"), journey => fetch_all)?;
        let last = stored.last().map(|row| (row.number, row.stamp.clone()));
        let actions = stored.into_iter().map(PrivacyRecord::from).collect();
        Ok(Self { journey: journey.to_owned(), actions, last })
    }

    /// Records `action` behind the last one.
    pub(super) async fn record(
        self,
        tx: &mut Tx<'_>,
        key: &LedgerKey,
        action: PrivacyAction,
        by: Signature<'_>,
    ) -> Result<(), Error> {
        let (number, previous) = self.last.unzip();
        let row = StoredAction {
            journey: self.journey,
            number: number.unwrap_or_default() + 1,
            acted_at: by.at,
            action: action.word().to_owned(),
            operator: by.operator.to_owned(),
            reason: by.reason.to_owned(),
            stamp: Vec::new(),
        };
        sql!(tx,
            "INSERT INTO privacy_actions (journey, number, acted_at, action, operator, reason, stamp)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &row.journey, row.number, row.acted_at, &row.action, &row.operator, &row.reason,
            &row.expected(key, previous)[..] => execute)?;
        count::add_action(tx, key, &row.journey).await
    }
}

impl Ledger {
    /// Puts `journey` on legal hold: until it is released, retention and erasing leave it alone.
    ///
    /// # Errors
    /// [`PrivacyError`]; nothing was changed then.
    pub async fn hold(&self, journey: &str, reason: &str, operator: &str) -> Result<(), PrivacyError> {
        self.change_hold(journey, PrivacyAction::Hold, reason, operator).await
    }

    /// Releases the legal hold on `journey`.
    ///
    /// # Errors
    /// [`PrivacyError`]; nothing was changed then.
    pub async fn release_hold(
        &self,
        journey: &str,
        reason: &str,
        operator: &str,
    ) -> Result<(), PrivacyError> {
        self.change_hold(journey, PrivacyAction::Release, reason, operator).await
    }

    async fn change_hold(
        &self,
        journey: &str,
        action: PrivacyAction,
        reason: &str,
        operator: &str,
    ) -> Result<(), PrivacyError> {
        let by = Signature::new(operator, reason, self.now()).ok_or(PrivacyError::NoReason)?;
        self.store
            .transaction(Durability::PowerLoss, async |tx| -> Result<(), PrivacyError> {
                let locked = Locked::lock(tx, &self.key, journey, by.at).await?;
                let on_hold = held_since(&locked.actions).is_some();
                if on_hold == (action == PrivacyAction::Hold) {
                    return Err(if on_hold { PrivacyError::OnHold } else { PrivacyError::NotOnHold });
                }
                Ok(locked.record(tx, &self.key, action, by).await?)
            })
            .await
    }
}

impl LedgerReader {
    /// The journeys that `reference` names, with a submission or without. It may be written in small letters.
    ///
    /// # Errors
    /// The database failed.
    pub async fn journeys_named(&self, reference: &Reference) -> Result<Vec<String>, Error> {
        let (journey, tracking_id, both) = match reference {
            Reference::Half(half) => (half, half, false),
            Reference::Whole { journey, tracking_id } => (journey, tracking_id, true),
        };
        let rows: Vec<(String,)> = sql!(self.store.reader().await?,
            "SELECT journey FROM submissions
             WHERE (tracking_id = $1 OR journey IN ($2, $3)) AND (NOT $4 OR (tracking_id = $1 AND journey IN ($2, $3)))
             UNION SELECT journey FROM consents
             WHERE (tracking_id = $1 OR journey IN ($2, $3)) AND (NOT $4 OR (tracking_id = $1 AND journey IN ($2, $3)))
             ORDER BY journey",
            tracking_id, journey, journey.to_uppercase(), both => fetch_all)?;
        Ok(rows.into_iter().map(|(journey,)| journey).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        ledger::{
            Retention,
            testing::{consent, enrolled, ledger, submission},
        },
        store::testing::{ManualClock, on_each_database},
    };

    const DAY: Duration = Duration::from_secs(24 * 3600);
    const RETENTION: Retention =
        Retention { records: Duration::from_secs(10 * 24 * 3600), attempts: DAY, repeats: DAY };

    #[tokio::test]
    async fn legal_hold_keeps_journey_until_it_is_released() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            let new = submission(&ledger, "1");
            ledger.submit(&new, &[consent(&new.journey)]).await.unwrap();
            let leased = ledger.lease_next("me").await.unwrap().unwrap();
            ledger.complete(&leased, &enrolled().into()).await.unwrap();
            let journey = new.journey.as_str();
            assert!(matches!(ledger.hold("none", "r", "o").await, Err(PrivacyError::NotFound)));
            assert!(matches!(ledger.hold(journey, " ", "o").await, Err(PrivacyError::NoReason)));
            let not_held = ledger.release_hold(journey, "r", "o").await;
            assert!(matches!(not_held, Err(PrivacyError::NotOnHold)));
            ledger.hold(journey, "a case", "Sam").await.unwrap();
            assert!(matches!(ledger.hold(journey, "r", "o").await, Err(PrivacyError::OnHold)));
            assert!(matches!(ledger.erase(journey, "r", "o").await, Err(PrivacyError::OnHold)));

            manual.forward(20 * DAY);
            let kept = "SELECT (SELECT COUNT(*) FROM submissions WHERE name_key IS NOT NULL), (SELECT COUNT(*) FROM attempts),
                (SELECT COUNT(*) FROM consents), (SELECT COUNT(*) FROM privacy_actions),
                (SELECT COUNT(*) FROM counted_journeys)";
            let kept = async || -> (i64, i64, i64, i64, i64) {
                sql!(store.reader().await.unwrap(), kept => fetch_one).unwrap()
            };
            ledger.cleanup(RETENTION).await.unwrap();
            assert_eq!(kept().await, (1, 1, 1, 1, 1));
            ledger.release_hold(journey, "it is over", "Sam").await.unwrap();
            let records = ledger.records(journey).await.unwrap();
            let actions: Vec<_> =
                records.actions.iter().map(|record| (record.number, record.action.as_str())).collect();
            assert_eq!(actions, [(1, "hold"), (2, "release")]);
            ledger.cleanup(RETENTION).await.unwrap();
            assert_eq!(kept().await, (0, 0, 0, 0, 0));
            assert_eq!(ledger.verify().await.unwrap().breaks, []);
        })
        .await;
    }

    #[tokio::test]
    async fn journey_is_named_by_reference_with_submission_or_without() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            ledger.consent(&consent("STOPPED")).await.unwrap();
            let mut new = submission(&ledger, "1");
            new.journey = "J1".to_owned();
            ledger.submit(&new, &[]).await.unwrap();
            for (reference, expected) in [
                ("stopped", vec!["STOPPED"]),
                ("j1", vec!["J1"]),
                ("1", vec!["J1"]),
                ("J1 / 1", vec!["J1"]),
                ("J1 / 2", vec![]),
                ("STOPPED / 1", vec![]),
                ("2", vec![]),
            ] {
                let named = ledger.journeys_named(&reference.parse().unwrap()).await.unwrap();
                assert_eq!(named, expected, "{reference}");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn journey_of_an_earlier_release_is_counted_with_its_first_action() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            ledger.consent(&consent("j")).await.unwrap();
            for table in ["counted_journeys", "counted_days"] {
                let delete = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
                sql!(store.writer().await.unwrap(), delete => execute).unwrap();
            }
            ledger.hold("j", "a case", "Sam").await.unwrap();
            let report = ledger.verify().await.unwrap();
            assert_eq!((report.breaks, report.counted, report.actions), (vec![], 1, 1));
        })
        .await;
    }
}
