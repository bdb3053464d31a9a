//! What the affiliate's targets are told of submissions: each final state, in the transaction that makes it one; and
//! what is only known once time has passed.

use std::time::Duration;

use super::{Error, Ledger, State};
use crate::{
    journey::Attribution,
    postback::{self, Ending, Event, PendingPostback},
    store::{moment, on_reader, span, transaction},
};

/// How long a submission is unknown before targets hear of it.
const HOUR: Duration = Duration::from_secs(3600);
/// What is older was postback_columns, or is no news. Shorter than the outbox remembers.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// The ending a state of a submission is, if it is one at once.
pub(super) fn ending(state: &str) -> Option<Ending> {
    match State::from_word(state)? {
        State::Enrolled => Some(Ending::Enrolled),
        State::Accepted => Some(Ending::Accepted),
        State::Refused { correctable: false } | State::Duplicate => Some(Ending::Stopped),
        // May still be repaired, or answered.
        State::Refused { correctable: true } | State::Unknown | State::Ready | State::Sent => None,
    }
}

/// What may be told of a submission.
#[derive(sqlx::FromRow)]
pub(super) struct PostbackFacts {
    journey: String,
    site: String,
    brand: String,
    offer_code: String,
    attribution: Option<String>,
    deposit: Option<bool>,
}

/// A statement that reads [`PostbackFacts`]: what comes before its columns, and what after.
macro_rules! postback_columns {
    ($before:literal, $after:literal) => {
        concat!($before, "journey, site, brand, offer_code, attribution, deposit", $after)
    };
}
pub(super) use postback_columns;

impl PostbackFacts {
    /// Reads it by tracking id.
    pub(super) const OF: &str = postback_columns!("SELECT ", " FROM submissions WHERE tracking_id = $1");

    /// The rows of the outbox about it.
    pub(super) fn rows(&self, ledger: &Ledger, ending: Ending, now: i64) -> Vec<PendingPostback> {
        let stored = self.attribution.as_deref();
        let attribution: Attribution =
            stored.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let event = Event {
            journey: &self.journey,
            site: &self.site,
            ending,
            attribution: &attribution,
            brand: Some(&self.brand),
            offer_code: Some(&self.offer_code),
            deposit: self.deposit,
            at: moment(now),
        };
        ledger.targets.pending_postbacks(&ledger.entropy, &event)
    }
}

/// Those in a state for so long, of which nobody has been told.
const LATE: &str = postback_columns!(
    "SELECT ",
    " FROM submissions s
     WHERE state = $1 AND finished_at <= $2 AND finished_at > $3
         AND NOT EXISTS (SELECT 1 FROM postbacks p WHERE p.journey = s.journey AND p.ending = $4)"
);

impl Ledger {
    /// Tells of submissions that have been unknown for an hour; and, as abandoned, of refused ones that could have
    /// been repaired, once nobody can any more: `journey` is how long one lasts. Answers how many rows were new.
    ///
    /// # Errors
    /// The database failed.
    pub async fn enqueue_delayed_postbacks(&self, journey: Duration) -> Result<usize, Error> {
        let now = self.now();
        let mut rows = Vec::new();
        for (state, age, ending) in [
            (State::Unknown, HOUR, Ending::Unknown),
            (State::Refused { correctable: true }, journey, Ending::Abandoned),
        ] {
            if !self.targets.wants(ending) {
                continue;
            }
            let late: Vec<PostbackFacts> = on_reader!(&self.store, db => sqlx::query_as(LATE)
                .bind(state.word()).bind(now - span(age)).bind(now - span(WEEK)).bind(ending.word())
                .fetch_all(db).await)?;
            rows.extend(late.iter().flat_map(|told| told.rows(self, ending, now)));
        }
        if !rows.is_empty() {
            transaction!(&self.store, tx => postback::put!(tx, &rows));
        }
        Ok(rows.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        entropy::Entropy,
        ledger::{
            Resolution, SendOutcome, SubmissionResult,
            testing::{ledger, submission},
        },
        postback::{Filter, Outbox, Targets, testing::Receiver},
        store::{
            Store,
            testing::{ManualClock, on_each_database},
        },
    };

    async fn telling(store: &Store, clock: &Clock) -> (Ledger, Outbox) {
        let targets = Targets::new(vec![Receiver::open([]).await.target("net", &Ending::ALL)]);
        let outbox = Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system());
        (ledger(store, clock).with_targets(targets), outbox)
    }

    async fn told(outbox: &Outbox) -> Vec<String> {
        let mut rows = outbox.list(&Filter::default(), 99).await.unwrap();
        rows.sort_by_key(|row| row.created_at());
        rows.into_iter().map(|row| row.ending).collect()
    }

    #[tokio::test]
    async fn final_state_enqueues_its_postback_once_and_other_states_none() {
        let refused = |correctable| SendOutcome::Refused { correctable, message: None, code: None };
        for (answer, ending) in [
            (SendOutcome::Enrolled(SubmissionResult::default()), vec!["enrolled"]),
            (SendOutcome::Accepted(SubmissionResult::default()), vec!["accepted"]),
            (refused(false), vec!["stopped"]),
            (SendOutcome::Duplicate, vec!["stopped"]),
            (refused(true), vec![]),
            (SendOutcome::NotSent, vec![]),
            (SendOutcome::Unknown, vec![]),
        ] {
            on_each_database(async |store| {
                let (ledger, outbox) = telling(&store, &ManualClock::new().1).await;
                ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
                let taken = ledger.lease_next("me").await.unwrap().unwrap();
                for _ in 0..2 {
                    ledger.complete(&taken, &answer.clone().into()).await.unwrap();
                }
                assert_eq!(told(&outbox).await, ending);
            })
            .await;
        }
    }

    #[tokio::test]
    async fn unknown_submission_is_posted_once_after_an_hour_and_when_settled() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (ledger, outbox) = telling(&store, &clock).await;
            let journey = 12 * HOUR;
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let taken = ledger.lease_next("me").await.unwrap().unwrap();
            ledger.complete(&taken, &SendOutcome::Unknown.into()).await.unwrap();
            manual.forward(HOUR - Duration::from_millis(1));
            assert_eq!(ledger.enqueue_delayed_postbacks(journey).await.unwrap(), 0);
            manual.forward(Duration::from_millis(1));
            assert_eq!(ledger.enqueue_delayed_postbacks(journey).await.unwrap(), 1);
            assert_eq!(ledger.enqueue_delayed_postbacks(journey).await.unwrap(), 0);
            assert_eq!(told(&outbox).await, ["unknown"]);
            manual.forward(HOUR);
            ledger.settle("1", Resolution::Accepted, "NRG says so", "Sam").await.unwrap();
            assert_eq!(told(&outbox).await, ["unknown", "accepted"]);
        })
        .await;
    }

    #[tokio::test]
    async fn refusal_not_corrected_is_posted_abandoned_when_journey_ends() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let (ledger, outbox) = telling(&store, &clock).await;
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let taken = ledger.lease_next("me").await.unwrap().unwrap();
            let refused = SendOutcome::Refused { correctable: true, message: None, code: None };
            ledger.complete(&taken, &refused.into()).await.unwrap();
            manual.forward(11 * HOUR);
            assert_eq!(ledger.enqueue_delayed_postbacks(12 * HOUR).await.unwrap(), 0);
            manual.forward(HOUR);
            assert_eq!(ledger.enqueue_delayed_postbacks(12 * HOUR).await.unwrap(), 1);
            assert_eq!(told(&outbox).await, ["abandoned"]);
            // What is a week old is no news, whoever asks for it only now.
            manual.forward(WEEK);
            ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
            assert_eq!(ledger.enqueue_delayed_postbacks(12 * HOUR).await.unwrap(), 0);
        })
        .await;
    }
}
