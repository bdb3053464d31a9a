//! The moves around one request: take a ready row, hold it, record its answer, give up on it.
//!
//! Each is one conditional update, so that of several servers one makes it. Times are compared with this
//! server's clock; a time further off than it can have been set was written by a clock that has jumped
//! since, and counts as passed.

use std::time::Duration;

use super::{
    Error, Ledger, SubmissionResult,
    delayed_postbacks::{PostbackFacts, ending, postback_columns},
    submission::{ANSWER, PAYLOAD, Payload, StoredAnswer, count, json},
};
use crate::{
    postback,
    store::{Store, durable, on_writer, span},
};

/// The code of a refusal that is ours: the request could never be written, so nothing was sent.
pub const NOT_SENT: &str = "NOT_SENT";

/// What the client is to send.
#[derive(Clone)]
pub struct EnrollJob {
    /// The record at NRG.
    pub tracking_id: String,
    /// The name of the site it came by.
    pub site: String,
    /// What was sealed at review.
    pub payload: Payload,
}

/// What came of one request, read by contract 5.19. No `Debug`: it holds account numbers.
#[derive(Clone)]
pub enum SendOutcome {
    /// E1: the account number is there.
    Enrolled(SubmissionResult),
    /// E2: taken, without an account number yet.
    Accepted(SubmissionResult),
    /// E3, E4, E5, E7, E8.
    Refused {
        /// The record is still open, and what is missing can be repaired.
        correctable: bool,
        /// NRG's text for the customer, cleaned.
        message: Option<String>,
        /// NRG's code.
        code: Option<String>,
    },
    /// E6: submitted before.
    Duplicate,
    /// The connection failed before the request was written. Nothing was sent.
    NotSent,
    /// Anything else: it may have been sent, and the answer cannot be read.
    Unknown,
}

impl SendOutcome {
    /// The word in the attempts table, and among the metrics.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Enrolled(_) => "enrolled",
            Self::Accepted(_) => "accepted",
            Self::Refused { correctable: false, .. } => "refused",
            Self::Refused { correctable: true, .. } => "repairable",
            Self::Duplicate => "duplicate",
            Self::NotSent => "not-sent",
            Self::Unknown => "unknown",
        }
    }
}

/// An answer, and what an operator wants to see of it.
#[derive(Clone)]
pub struct SendReport {
    /// The outcome.
    pub answer: SendOutcome,
    /// The HTTP status, if there was one.
    pub http_status: Option<u16>,
    /// `statusCode`, `messageCode`, `errorCode` as they came; never texts.
    pub codes: Option<String>,
}

impl From<SendOutcome> for SendReport {
    fn from(answer: SendOutcome) -> Self {
        Self { answer, http_status: None, codes: None }
    }
}

/// What [`Ledger::complete`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Completion {
    /// The row was waiting for this answer, and has it now.
    Now,
    /// The attempt has an answer already, and keeps it.
    Before,
    /// The row is not waiting for it any more: an operator has settled it, or it cannot be sent again. The
    /// attempt keeps the outcome all the same.
    TooLate,
}

/// A row this server has taken, and must send or let run out.
pub(super) struct LeasedJob {
    pub tracking_id: String,
    /// `None`: it cannot be opened (its key is gone), so it cannot be sent.
    pub order: Option<EnrollJob>,
    owner: String,
    round: i64,
    tries: i64,
}

/// Tracking id, round, tries, site, key id and payload.
type LeasedColumns = (String, i64, i64, String, String, Vec<u8>);

/// Where a recorded answer leads.
struct NextState {
    state: &'static str,
    not_before: i64,
    finished_at: Option<i64>,
    code: Option<String>,
    kept: Option<StoredAnswer>,
}

/// Taking a row, with the words that let PostgreSQL pass over one another server is just taking.
macro_rules! lease_next {
    ($lock:literal) => {
        concat!(
            "UPDATE submissions SET state = 'sent', owner = $1, lease_until = $2, tries = tries + 1, sent_at = $3
             WHERE state = 'ready' AND tracking_id = (SELECT tracking_id FROM submissions
                 WHERE state = 'ready' AND (not_before <= $3 OR not_before > $4) ORDER BY not_before LIMIT 1 ",
            $lock,
            ") RETURNING tracking_id, round, tries, site, payload_key_id, payload"
        )
    };
}

impl Ledger {
    /// Takes a due row for `owner`, a name used for this once, and notes the attempt: from the commit on it
    /// counts as sent. After an error the row may have been taken unseen: see [`release`](Self::release).
    pub(super) async fn lease_next(&self, owner: &str) -> Result<Option<LeasedJob>, Error> {
        let now = self.now();
        let lease_until = now + span(self.settings.lease);
        let too_far = now + 2 * span(LONGEST_WAIT);
        let statement = match &self.store {
            Store::Sqlite { .. } => lease_next!(""),
            Store::Postgres(_) => lease_next!("FOR UPDATE SKIP LOCKED"),
        };
        let row = durable!(&self.store, tx => {
            let row: Option<LeasedColumns> = sqlx::query_as(statement)
                .bind(owner).bind(lease_until).bind(now).bind(too_far).fetch_optional(&mut *tx).await?;
            if let Some((tracking_id, round, tries, ..)) = &row {
                sqlx::query("INSERT INTO attempts (tracking_id, round, number, started_at) VALUES ($1, $2, $3, $4)")
                    .bind(tracking_id).bind(round).bind(tries).bind(now)
                    .execute(&mut *tx).await?;
            }
            row
        });
        Ok(row.map(|(tracking_id, round, tries, site, key_id, blob)| {
            let payload = self
                .keys
                .open(PAYLOAD, tracking_id.as_bytes(), &key_id, &blob)
                .and_then(|plain| serde_json::from_slice(&plain).ok());
            let order = payload.map(|payload| EnrollJob { tracking_id: tracking_id.clone(), site, payload });
            LeasedJob { tracking_id, order, owner: owner.to_owned(), round, tries }
        }))
    }

    /// Makes a row ready again that [`lease_next`](Self::lease_next) may have taken for `owner` without our knowing, when
    /// the connection broke at its commit. Nobody knows its order, so nobody has sent it.
    pub(super) async fn release(&self, owner: &str) -> Result<(), Error> {
        let now = self.now();
        durable!(&self.store, tx => {
            let row: Option<(String, i64, i64)> = sqlx::query_as(
                "UPDATE submissions SET state = 'ready', owner = NULL, lease_until = NULL
                 WHERE owner = $1 AND state = 'sent' RETURNING tracking_id, round, tries")
                .bind(owner).fetch_optional(&mut *tx).await?;
            if let Some((tracking_id, round, tries)) = row {
                sqlx::query(
                    "UPDATE attempts SET finished_at = $1, outcome = $2
                     WHERE tracking_id = $3 AND round = $4 AND number = $5")
                    .bind(now).bind(SendOutcome::NotSent.outcome()).bind(tracking_id).bind(round).bind(tries)
                    .execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Says that this server lives and still sends the row.
    pub(super) async fn renew_lease(&self, taken: &LeasedJob) -> Result<(), Error> {
        let lease_until = self.now() + span(self.settings.lease);
        on_writer!(&self.store, db => sqlx::query(
            "UPDATE submissions SET lease_until = $1
             WHERE tracking_id = $2 AND round = $3 AND tries = $4 AND owner = $5 AND state = 'sent'")
            .bind(lease_until).bind(&taken.tracking_id).bind(taken.round).bind(taken.tries).bind(&taken.owner)
            .execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Records what came of the request.
    pub(super) async fn complete(&self, taken: &LeasedJob, reply: &SendReport) -> Result<Completion, Error> {
        let now = self.now();
        let next = self.next(taken, &reply.answer, now);
        let sealed = next
            .kept
            .map(|kept| self.keys.seal(&self.entropy, ANSWER, taken.tracking_id.as_bytes(), &json(&kept)));
        let (key_id, blob) = sealed.map(|sealed| (sealed.key_id, sealed.blob)).unzip();
        // An answer that comes when the lease has run out still tells more than "unknown" does. But
        // only a row that never left our manual may be sent again.
        let also_from = if next.state == "ready" { "sent" } else { "unknown" };
        let ending = ending(next.state);
        Ok(durable!(&self.store, tx => {
            let told: Option<PostbackFacts> = sqlx::query_as(postback_columns!(
                "UPDATE submissions SET state = $1, not_before = $2, finished_at = $3, code = $4,
                     answer_key_id = $5, answer = $6, owner = NULL, lease_until = NULL
                 WHERE tracking_id = $7 AND round = $8 AND tries = $9 AND owner = $10
                     AND state IN ('sent', $11)
                 RETURNING ", ""))
                .bind(next.state).bind(next.not_before).bind(next.finished_at).bind(&next.code)
                .bind(&key_id).bind(&blob)
                .bind(&taken.tracking_id).bind(taken.round).bind(taken.tries).bind(&taken.owner).bind(also_from)
                .fetch_optional(&mut *tx).await?;
            let recorded = told.is_some();
            if let (Some(told), Some(ending)) = (told, ending) {
                postback::put!(tx, told.rows(self, ending, now));
            }
            let noted = sqlx::query(
                "UPDATE attempts SET finished_at = $1, outcome = $2, http_status = $3, codes = $4
                 WHERE tracking_id = $5 AND round = $6 AND number = $7 AND outcome IS NULL")
                .bind(now).bind(reply.answer.outcome()).bind(reply.http_status.map(i64::from)).bind(&reply.codes)
                .bind(&taken.tracking_id).bind(taken.round).bind(taken.tries)
                .execute(&mut *tx).await?.rows_affected() == 1;
            match (recorded, noted) {
                (true, _) => Completion::Now,
                (false, true) => Completion::TooLate,
                (false, false) => Completion::Before,
            }
        }))
    }

    /// Rows whose lease has run out become `unknown`: their server died, or lost the database,
    /// between taking and recording. Answers how many.
    pub(super) async fn expire_leases(&self) -> Result<u64, Error> {
        let now = self.now();
        let too_far = now + 2 * span(self.settings.lease);
        // The owner stays: should it live after all, its answer is still welcome.
        Ok(on_writer!(&self.store, db => sqlx::query(
            "UPDATE submissions SET state = 'unknown', finished_at = $1
             WHERE state = 'sent' AND (lease_until <= $1 OR lease_until > $2)")
            .bind(now).bind(too_far).execute(db).await.map(|done| done.rows_affected()))?)
    }

    fn next(&self, taken: &LeasedJob, answer: &SendOutcome, now: i64) -> NextState {
        let kept =
            |result: &SubmissionResult| Some(StoredAnswer { result: Some(result.clone()), message: None });
        let finished =
            |state, kept| NextState { state, not_before: now, finished_at: Some(now), code: None, kept };
        match answer {
            SendOutcome::Enrolled(result) => finished("enrolled", kept(result)),
            SendOutcome::Accepted(result) => finished("accepted", kept(result)),
            SendOutcome::Refused { correctable, message, code } => NextState {
                code: code.clone(),
                ..finished(
                    if *correctable { "repairable" } else { "refused" },
                    Some(StoredAnswer { result: None, message: message.clone() }),
                )
            },
            SendOutcome::Duplicate => finished("duplicate", None),
            SendOutcome::Unknown => finished("unknown", None),
            SendOutcome::NotSent if count(taken.tries) < self.settings.max_tries => {
                let not_before = now + span(self.settings.wait_after(count(taken.tries)));
                NextState { state: "ready", not_before, finished_at: None, code: None, kept: None }
            }
            SendOutcome::NotSent => {
                NextState { code: Some(NOT_SENT.to_owned()), ..finished("repairable", None) }
            }
        }
    }
}

/// No wait between two tries is longer: someone is looking at the processing page.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl super::Settings {
    /// The wait after that many tries: it doubles with each.
    fn wait_after(&self, tries: u32) -> Duration {
        let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        self.backoff.saturating_mul(doubled).min(LONGEST_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::{
            State,
            testing::{ledger, submission},
        },
        store::{
            on_reader,
            testing::{ManualClock, on_each_database},
        },
    };

    fn result() -> SubmissionResult {
        SubmissionResult { account_number: Some("000099990001".to_owned()), ..SubmissionResult::default() }
    }

    async fn state(ledger: &Ledger) -> State {
        ledger.find("1").await.unwrap().unwrap().state
    }

    #[tokio::test]
    async fn lease_next_on_two_servers_returns_row_once() {
        on_each_database(async |store| {
            let clock = ManualClock::new().1;
            let ledger = ledger(&store, &clock);
            for tracking_id in 0..10 {
                ledger.submit(&submission(&ledger, &tracking_id.to_string()), &[]).await.unwrap();
            }
            let race = (0..40).map(|server| {
                let ledger = ledger.clone();
                tokio::spawn(async move {
                    ledger.lease_next(&server.to_string()).await.unwrap().map(|t| t.tracking_id)
                })
            });
            let mut taken: Vec<String> =
                futures_util::future::join_all(race).await.into_iter().filter_map(Result::unwrap).collect();
            taken.sort();
            assert_eq!(taken, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        })
        .await;
    }

    #[tokio::test]
    async fn complete_records_each_answer_once_and_encrypts_it() {
        let refused = |correctable| SendOutcome::Refused {
            correctable,
            message: Some("Please call.".to_owned()),
            code: Some("ENROLLMENT_NOT_ALLOWED".to_owned()),
        };
        let cases = [
            (SendOutcome::Enrolled(result()), State::Enrolled),
            (SendOutcome::Accepted(SubmissionResult::default()), State::Accepted),
            (refused(true), State::Refused { correctable: true }),
            (refused(false), State::Refused { correctable: false }),
            (SendOutcome::Duplicate, State::Duplicate),
            (SendOutcome::Unknown, State::Unknown),
        ];
        for (answer, expected) in cases {
            on_each_database(async |store| {
                let ledger = ledger(&store, &ManualClock::new().1);
                ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
                let taken = ledger.lease_next("me").await.unwrap().unwrap();
                assert_eq!(taken.order.as_ref().unwrap().payload.guid, "canary-guid");
                assert_eq!(ledger.complete(&taken, &answer.clone().into()).await.unwrap(), Completion::Now);
                let row = ledger.find("1").await.unwrap().unwrap();
                assert_eq!(row.state, expected);
                assert!(row.finished_at.is_some());
                assert_eq!(row.result.and_then(|r| r.account_number).is_some(), expected == State::Enrolled);
                assert_eq!(row.message.is_some(), matches!(expected, State::Refused { .. }));
                assert_eq!(row.code.is_some(), matches!(expected, State::Refused { .. }));
                // Once recorded, a second answer changes nothing.
                let again = ledger.complete(&taken, &SendOutcome::Duplicate.into()).await.unwrap();
                assert_eq!(again, Completion::Before);
                assert_eq!(state(&ledger).await, expected);
                let attempts = ledger.show("1").await.unwrap().unwrap().attempts;
                assert_eq!(attempts[0].outcome.as_deref(), Some(answer.outcome()));
                assert!(ledger.lease_next("me").await.unwrap().is_none());
                let (payload, stored): (Vec<u8>, Option<Vec<u8>>) = on_reader!(&store, db =>
                    sqlx::query_as("SELECT payload, answer FROM submissions").fetch_one(db).await)
                .unwrap();
                for secret in [&b"canary-guid"[..], b"000099990001", b"Please"] {
                    let shows = |blob: &[u8]| blob.windows(secret.len()).any(|part| part == secret);
                    assert!(!shows(&payload) && !stored.as_deref().is_some_and(shows));
                }
            })
            .await;
        }
    }

    #[tokio::test]
    async fn expired_lease_leaves_unknown_that_only_its_owner_can_complete() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let taken = ledger.lease_next("me").await.unwrap().unwrap();
            let almost = ledger.settings.lease - Duration::from_millis(1);
            manual.forward(almost);
            assert_eq!(ledger.expire_leases().await.unwrap(), 0);
            ledger.renew_lease(&taken).await.unwrap();
            manual.forward(almost);
            assert_eq!(ledger.expire_leases().await.unwrap(), 0);
            manual.forward(Duration::from_millis(1));
            assert_eq!(ledger.expire_leases().await.unwrap(), 1);
            assert_eq!(state(&ledger).await, State::Unknown);
            assert!(ledger.lease_next("me").await.unwrap().is_none());
            ledger.renew_lease(&taken).await.unwrap();
            let stranger =
                LeasedJob { owner: "another".to_owned(), tracking_id: "1".to_owned(), order: None, ..taken };
            assert_ne!(
                ledger.complete(&stranger, &SendOutcome::Duplicate.into()).await.unwrap(),
                Completion::Now
            );
            assert_eq!(state(&ledger).await, State::Unknown);
            let own = LeasedJob { owner: "me".to_owned(), ..stranger };
            let late = ledger.complete(&own, &SendOutcome::Enrolled(result()).into()).await.unwrap();
            assert_eq!(late, Completion::Now);
            assert_eq!(state(&ledger).await, State::Enrolled);
        })
        .await;
    }

    #[tokio::test]
    async fn unknown_submission_is_not_sent_again_after_late_connect_failure() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let taken = ledger.lease_next("me").await.unwrap().unwrap();
            manual.forward(ledger.settings.lease);
            ledger.expire_leases().await.unwrap();
            let late = ledger.complete(&taken, &SendOutcome::NotSent.into()).await.unwrap();
            assert_eq!((late, state(&ledger).await), (Completion::TooLate, State::Unknown));
            ledger.release("me").await.unwrap();
            assert_eq!(state(&ledger).await, State::Unknown);
            // The operator sees that nothing was sent.
            let attempts = ledger.show("1").await.unwrap().unwrap().attempts;
            assert_eq!(attempts[0].outcome.as_deref(), Some("not-sent"));
        })
        .await;
    }

    #[tokio::test]
    async fn release_by_owner_makes_row_ready_and_by_others_does_nothing() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            ledger.release("me").await.unwrap();
            ledger.lease_next("me").await.unwrap().unwrap();
            ledger.release("another").await.unwrap();
            assert_eq!(state(&ledger).await, State::Sent);
            ledger.release("me").await.unwrap();
            assert_eq!(state(&ledger).await, State::Ready);
            let again = ledger.lease_next("me again").await.unwrap().unwrap();
            ledger.release("me").await.unwrap();
            let recorded = ledger.complete(&again, &SendOutcome::Enrolled(result()).into()).await.unwrap();
            assert_eq!((recorded, state(&ledger).await), (Completion::Now, State::Enrolled));
        })
        .await;
    }

    #[tokio::test]
    async fn clock_set_back_does_not_block_lease_next_or_lease_expiry() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            let hour = Duration::from_secs(3600);
            for tracking_id in ["1", "2"] {
                ledger.submit(&submission(&ledger, tracking_id), &[]).await.unwrap();
            }
            ledger.lease_next("me").await.unwrap().unwrap();
            manual.back(hour);
            assert_eq!(ledger.lease_next("me too").await.unwrap().unwrap().tracking_id, "2");
            assert_eq!(ledger.expire_leases().await.unwrap(), 1);
            assert_eq!(state(&ledger).await, State::Unknown);
        })
        .await;
    }

    #[tokio::test]
    async fn unsendable_submission_backs_off_and_is_given_up_as_not_sent() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            for seconds in [2, 4, 8, 16, 32] {
                let taken = ledger.lease_next("me").await.unwrap().unwrap();
                let recorded = ledger.complete(&taken, &SendOutcome::NotSent.into()).await.unwrap();
                assert_eq!(recorded, Completion::Now);
                manual.forward(Duration::from_millis(seconds * 1000 - 1));
                assert!(ledger.lease_next("me").await.unwrap().is_none());
                manual.forward(Duration::from_millis(1));
            }
            let taken = ledger.lease_next("me").await.unwrap().unwrap();
            ledger.complete(&taken, &SendOutcome::NotSent.into()).await.unwrap();
            let row = ledger.find("1").await.unwrap().unwrap();
            assert_eq!(
                (row.state, row.code.as_deref()),
                (State::Refused { correctable: true }, Some(NOT_SENT))
            );
            assert_eq!(ledger.show("1").await.unwrap().unwrap().attempts.len(), 6);
        })
        .await;
    }
}
