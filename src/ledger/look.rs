//! Look: an operator saw at the desk what is kept of a journey, or found it by what belongs to the person. That is a record
//! among the privacy actions of the journey.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Ledger, PrivacyRecord,
    amend::Signature,
    privacy::{Locked, PrivacyAction, PrivacyError},
};
use crate::store::{Durability, moment};

/// The same look of the same operator within this time is no other record.
const SAME: Duration = Duration::from_secs(15 * 60);

impl Ledger {
    /// Records that `operator` looks at what is kept of `journey`.
    ///
    /// # Errors
    /// [`PrivacyError`]; then nothing may be shown.
    pub async fn shown(&self, journey: &str, operator: &str) -> Result<(), PrivacyError> {
        self.looked(PrivacyAction::Show, &[journey.to_owned()], "at the desk", operator).await
    }

    /// Records that `operator` found `journeys` by what `by` says, such as a phone number. The value itself is not recorded.
    ///
    /// # Errors
    /// [`PrivacyError`]; then nothing may be shown.
    pub async fn found(&self, journeys: &[String], by: &str, operator: &str) -> Result<(), PrivacyError> {
        self.looked(PrivacyAction::Find, journeys, &format!("by {by}"), operator).await
    }

    async fn looked(
        &self,
        action: PrivacyAction,
        journeys: &[String],
        reason: &str,
        operator: &str,
    ) -> Result<(), PrivacyError> {
        let by = Signature::new(operator, reason, self.now()).ok_or(PrivacyError::NoReason)?;
        // Two servers that lock several lock them in the same order.
        let mut journeys = journeys.to_vec();
        journeys.sort_unstable();
        self.store
            .transaction(Durability::PowerLoss, async |tx| -> Result<(), PrivacyError> {
                for journey in &journeys {
                    let locked = Locked::lock(tx, &self.key, journey, by.at).await?;
                    let same = |record: &PrivacyRecord| is_same(record, action, by);
                    if !locked.actions.iter().any(same) {
                        locked.record(tx, &self.key, action, by).await?;
                    }
                }
                Ok(())
            })
            .await
    }
}

/// Whether `record` is of the same look, a short time ago.
fn is_same(record: &PrivacyRecord, action: PrivacyAction, by: Signature<'_>) -> bool {
    let now: Timestamp = moment(by.at);
    let recent = record.acted_at <= now && now < record.acted_at + SAME;
    recent && record.action == action.word() && record.operator == by.operator && record.reason == by.reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::testing::{consent, ledger},
        store::{
            sql,
            testing::{ManualClock, on_each_database},
        },
    };

    #[tokio::test]
    async fn look_is_recorded_once_in_a_while_for_each_operator() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            for journey in ["one", "two"] {
                ledger.consent(&consent(journey)).await.unwrap();
            }
            let both = ["two".to_owned(), "one".to_owned()];
            ledger.found(&both, "phone number", "ana").await.unwrap();
            ledger.shown("one", "ana").await.unwrap();
            manual.forward(SAME - Duration::from_millis(1));
            ledger.shown("one", "ana").await.unwrap();
            ledger.found(&both, "phone number", "ana").await.unwrap();
            ledger.found(&both, "name", "ana").await.unwrap();
            ledger.shown("one", "ben").await.unwrap();
            manual.forward(Duration::from_millis(1));
            ledger.shown("one", "ana").await.unwrap();
            let records = ledger.records("one").await.unwrap().actions;
            let all: Vec<_> = records
                .iter()
                .map(|record| (record.action.as_str(), record.operator.as_str(), record.reason.as_str()))
                .collect();
            assert_eq!(
                all,
                [
                    ("find", "ana", "by phone number"),
                    ("show", "ana", "at the desk"),
                    ("find", "ana", "by name"),
                    ("show", "ben", "at the desk"),
                    ("show", "ana", "at the desk"),
                ]
            );
            assert_eq!(ledger.records("two").await.unwrap().actions.len(), 2);
            let unknown = ledger.shown("three", "ana").await;
            assert!(matches!(unknown, Err(PrivacyError::NotFound)));
            assert!(matches!(ledger.shown("one", " ").await, Err(PrivacyError::NoReason)));
            assert_eq!(ledger.verify().await.unwrap().breaks, []);
            sql!(store.writer().await.unwrap(),
                "DELETE FROM privacy_actions WHERE journey = 'one' AND number = 5" => execute)
            .unwrap();
            assert_eq!(ledger.verify().await.unwrap().breaks.len(), 1);
        })
        .await;
    }
}
