//! Retention: records are kept for years, the log of attempts for days, and then deleted; what tells that a person submits
//! again is kept for as long as it is compared. A journey on legal hold is left alone.
//!
//! Consents are deleted by whole journeys, so that every remaining chain is complete.

use std::{collections::BTreeMap, time::Duration};

use super::{Error, Ledger, count, privacy::not_on_hold};
use crate::store::{Durability, span, sql};

/// How long the ledger keeps what it holds.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Submissions, settlements, amendments and consents. The law asks for two years and more.
    pub records: Duration,
    /// Attempts.
    pub attempts: Duration,
    /// The keyed hashes of number, name and home: as long as a second submission is asked about first.
    pub repeats: Duration,
}

/// How many rows a cleanup deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanupReport {
    /// Submissions, with their attempts, settlements and amendments.
    pub submissions: u64,
    /// Consents.
    pub consents: u64,
    /// Attempts of submissions that stay.
    pub attempts: u64,
}

/// Deletes what goes with the last record of a journey from the table `$table`.
macro_rules! without_records {
    ($table:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE journey = $1 AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.journey = $1)
                 AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.journey = $1)"
        )
    };
}

impl Ledger {
    /// Deletes what has been kept long enough. What is still to be sent, or being sent, stays.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cleanup(&self, retention: Retention) -> Result<CleanupReport, Error> {
        let records = self.now() - span(retention.records);
        let attempts = self.now() - span(retention.attempts);
        sql!(self.store.writer().await?,
            concat!("UPDATE submissions SET number_key = NULL, name_key = NULL, home_key = NULL
             WHERE submitted_at <= $1 AND name_key IS NOT NULL AND ", not_on_hold!("submissions.journey")), self.now() - span(retention.repeats) => execute)?;
        let (submissions, consents) = self
            .store
            .transaction(Durability::ProcessCrash, async |tx| -> Result<_, Error> {
                let consents: Vec<(String,)> = sql!(tx,
                    concat!("DELETE FROM consents
                     WHERE journey IN (SELECT journey FROM consents GROUP BY journey HAVING MAX(given_at) <= $1)
                         AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.journey = consents.journey
                             AND (s.submitted_at > $1 OR s.state IN ('ready', 'sent')))
                         AND ", not_on_hold!("consents.journey"), " RETURNING journey"), records => fetch_all)?;
                let submissions: Vec<(String, bool)> = sql!(tx,
                    concat!("DELETE FROM submissions
                     WHERE submitted_at <= $1 AND state NOT IN ('ready', 'sent')
                         AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.journey = submissions.journey)
                         AND ", not_on_hold!("submissions.journey"), " RETURNING journey, stamp IS NOT NULL"), records => fetch_all)?;
                let rows = (submissions.len() as u64, consents.len() as u64);
                let mut deleted: BTreeMap<String, i64> =
                    consents.into_iter().map(|(journey,)| (journey, 0)).collect();
                for (journey, stamped) in submissions {
                    *deleted.entry(journey).or_default() += i64::from(stamped);
                }
                for journey in deleted.keys() {
                    for statement in [without_records!("person_hashes"), without_records!("privacy_actions")] {
                        sql!(tx, statement, journey => execute)?;
                    }
                }
                count::take(tx, &self.key, &deleted).await?;
                Ok(rows)
            })
            .await?;
        let attempts = sql!(self.store.writer().await?,
            concat!("DELETE FROM attempts WHERE started_at <= $1 AND NOT EXISTS (SELECT 1 FROM submissions s
                 WHERE s.tracking_id = attempts.tracking_id AND NOT ", not_on_hold!("s.journey"), ")"), attempts
            => execute)?;
        Ok(CleanupReport { submissions, consents, attempts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::testing::{consent, ledger, submission},
        nrg::Enrollment,
        store::testing::{ManualClock, on_each_database},
    };

    #[tokio::test]
    async fn hashes_of_number_name_and_home_are_kept_for_the_window_only() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            let day = Duration::from_secs(24 * 3600);
            let retention = Retention { records: 730 * day, attempts: 30 * day, repeats: day };
            let kept = async || {
                let count = "SELECT COUNT(number_key), COUNT(name_key), COUNT(home_key), COUNT(person_key)
                    FROM submissions";
                let kept: (i64, i64, i64, i64) =
                    sql!(store.reader().await.unwrap(), count => fetch_one).unwrap();
                kept
            };
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            manual.forward(day - Duration::from_millis(1));
            ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
            ledger.cleanup(retention).await.unwrap();
            assert_eq!(kept().await, (2, 2, 2, 2));
            manual.forward(Duration::from_millis(1));
            ledger.cleanup(retention).await.unwrap();
            assert_eq!(kept().await, (1, 1, 1, 2));
            manual.forward(day);
            ledger.cleanup(retention).await.unwrap();
            assert_eq!(kept().await, (0, 0, 0, 2));
        })
        .await;
    }

    #[tokio::test]
    async fn retention_deletes_attempts_after_days_and_journeys_after_years() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            let day = Duration::from_secs(24 * 3600);
            let retention = Retention { records: 730 * day, attempts: 30 * day, repeats: day };
            let old = submission(&ledger, "1");
            ledger.consent(&consent("stopped at identity")).await.unwrap();
            ledger.submit(&old, &[consent(&old.journey)]).await.unwrap();
            let leased = ledger.lease_next("me").await.unwrap().unwrap();
            ledger.complete(&leased, &Enrollment::Duplicate.into()).await.unwrap();
            assert_eq!(ledger.cleanup(retention).await.unwrap(), CleanupReport::default());
            manual.forward(30 * day);
            assert_eq!(
                ledger.cleanup(retention).await.unwrap(),
                CleanupReport { attempts: 1, ..CleanupReport::default() }
            );

            // A journey goes on with a second record, and a submission is never sent.
            let mut later = submission(&ledger, "2");
            later.journey.clone_from(&old.journey);
            ledger.submit(&later, &[]).await.unwrap();
            manual.forward(700 * day);
            assert_eq!(
                ledger.cleanup(retention).await.unwrap(),
                CleanupReport { consents: 1, ..CleanupReport::default() }
            );
            manual.forward(30 * day);
            assert_eq!(ledger.cleanup(retention).await.unwrap(), CleanupReport::default());
            let leased = ledger.lease_next("me").await.unwrap().unwrap();
            ledger.complete(&leased, &Enrollment::Duplicate.into()).await.unwrap();
            let cleaned = ledger.cleanup(retention).await.unwrap();
            assert_eq!(cleaned, CleanupReport { submissions: 2, consents: 1, attempts: 0 });
            assert!(ledger.verify().await.unwrap().breaks.is_empty());
        })
        .await;
    }
}
