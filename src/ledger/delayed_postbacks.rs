//! Delayed postbacks: the endings of submissions that are only known once time has passed.

use std::time::Duration;

use super::{
    Error, Ledger, State,
    endings::{self, EndedSubmission, ended_columns},
};
use crate::{
    postback::{self, Ending},
    store::{Durability, span, sql},
};

/// How long a submission is unknown before a postback says so.
const HOUR: Duration = Duration::from_secs(3600);
/// What is older was posted, or is no longer news. Shorter than the outbox keeps its rows.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

impl Ledger {
    /// Enqueues the postbacks of submissions that have been unknown for an hour; and, as abandoned, those of refused
    /// ones that could have been corrected, once nobody can any more: `journey` is how long a journey lasts at most.
    /// Returns how many postbacks were enqueued.
    ///
    /// # Errors
    /// The database failed.
    pub async fn enqueue_delayed_postbacks(&self, journey: Duration) -> Result<usize, Error> {
        let now = self.now();
        let mut enqueued = 0;
        for (state, age, ending) in
            [(State::Unknown, HOUR, Ending::Unknown), (State::Correctable, journey, Ending::Abandoned)]
        {
            if !self.targets.wants(ending) {
                continue;
            }
            let late: Vec<EndedSubmission> = sql!(self.store.reader().await?,
                concat!("SELECT ", ended_columns!(), " FROM submissions
                 WHERE state = $1 AND finished_at <= $2 AND finished_at > $3"),
                state.word(), now - span(age), now - span(WEEK) => fetch_all)?;
            let journeys: Vec<&str> = late.iter().map(|submission| submission.journey.as_str()).collect();
            let posted = postback::enqueued(&self.store, ending, &journeys).await?;
            let due: Vec<_> = late
                .iter()
                .filter(|submission| !posted.contains(&submission.journey))
                .map(|submission| (&submission.journey, submission.postbacks(self, ending, 1, now)))
                .filter(|(_, rows)| !rows.is_empty())
                .collect();
            if due.is_empty() {
                continue;
            }
            let recorded = self.store.transaction(Durability::ProcessCrash, async |tx| -> Result<_, Error> {
                let mut enqueued = 0;
                for (journey, rows) in &due {
                    if endings::record(tx, journey, ending, rows).await? {
                        enqueued += rows.len();
                    }
                }
                Ok(enqueued)
            });
            enqueued += recorded.await?;
        }
        Ok(enqueued)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        entropy::Entropy,
        ledger::{
            Resolution,
            testing::{enrolled, ledger, refused, submission},
        },
        nrg::Enrollment,
        postback::{Filter, Outbox, Targets, testing::Receiver},
        store::{
            Store,
            testing::{ManualClock, on_each_database},
        },
    };

    async fn with_target(store: &Store, clock: &Clock) -> (Ledger, Outbox) {
        let targets = Targets::new(vec![Receiver::open([]).await.target("net", Ending::ALL)]);
        let outbox = Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system());
        (ledger(store, clock).with_targets(targets), outbox)
    }

    async fn postbacks(outbox: &Outbox) -> Vec<String> {
        let mut rows = outbox.list(&Filter::default(), 99).await.unwrap();
        rows.sort_by_key(|row| row.created_at());
        rows.into_iter().map(|row| row.ending().to_owned()).collect()
    }

    #[tokio::test]
    async fn final_state_enqueues_its_postback_once_and_other_states_none() {
        for (answer, ending) in [
            (enrolled(), vec!["enrolled"]),
            (Enrollment::Accepted { document: None, message: None }, vec!["accepted"]),
            (refused(false), vec!["stopped"]),
            (Enrollment::Duplicate, vec!["stopped"]),
            (refused(true), vec![]),
            (Enrollment::NotSent, vec![]),
            (Enrollment::Unknown, vec![]),
        ] {
            on_each_database(async |store| {
                let (ledger, outbox) = with_target(&store, &ManualClock::new().1).await;
                ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
                let leased = ledger.lease_next("me").await.unwrap().unwrap();
                for _ in 0..2 {
                    ledger.complete(&leased, &answer.clone().into()).await.unwrap();
                }
                assert_eq!(postbacks(&outbox).await, ending);
            })
            .await;
        }
    }

    #[tokio::test]
    async fn unknown_submission_is_posted_once_after_an_hour_and_when_settled() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (ledger, outbox) = with_target(&store, &clock).await;
            let journey = 12 * HOUR;
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let leased = ledger.lease_next("me").await.unwrap().unwrap();
            ledger.complete(&leased, &Enrollment::Unknown.into()).await.unwrap();
            manual.forward(HOUR - Duration::from_millis(1));
            assert_eq!(ledger.enqueue_delayed_postbacks(journey).await.unwrap(), 0);
            manual.forward(Duration::from_millis(1));
            assert_eq!(ledger.enqueue_delayed_postbacks(journey).await.unwrap(), 1);
            assert_eq!(ledger.enqueue_delayed_postbacks(journey).await.unwrap(), 0);
            assert_eq!(postbacks(&outbox).await, ["unknown"]);
            manual.forward(HOUR);
            ledger.settle("1", Resolution::Accepted, "NRG says so", "Sam").await.unwrap();
            assert_eq!(postbacks(&outbox).await, ["unknown", "accepted"]);
        })
        .await;
    }

    #[tokio::test]
    async fn refusal_not_corrected_is_posted_abandoned_when_journey_ends() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (ledger, outbox) = with_target(&store, &clock).await;
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let leased = ledger.lease_next("me").await.unwrap().unwrap();
            ledger.complete(&leased, &refused(true).into()).await.unwrap();
            manual.forward(11 * HOUR);
            assert_eq!(ledger.enqueue_delayed_postbacks(12 * HOUR).await.unwrap(), 0);
            manual.forward(HOUR);
            assert_eq!(ledger.enqueue_delayed_postbacks(12 * HOUR).await.unwrap(), 1);
            assert_eq!(postbacks(&outbox).await, ["abandoned"]);
            // What is a week old is no news, whoever asks for it only now.
            manual.forward(WEEK);
            ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
            assert_eq!(ledger.enqueue_delayed_postbacks(12 * HOUR).await.unwrap(), 0);
        })
        .await;
    }
}
