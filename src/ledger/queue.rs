//! The job queue of submissions: lease a ready row, renew its lease, record its answer, expire its lease.
//!
//! Each is one conditional update, so that of several servers only one makes it. Times are compared with this
//! server's clock. A time further off than it can have been set was written by a clock that has jumped since, and
//! counts as passed.

use std::time::Duration;

use serde_json::Value;

use super::{
    Error, Ledger, State, SubmissionResult,
    endings::{self, EndedSubmission, ended_columns},
    stamp::Stamped,
    submission::{ANSWER, NOTHING_SENT, PAYLOAD, StoredAnswer, count, json, outcome},
};
use crate::{
    fields::TrackingId,
    journey::SafeHtml,
    nrg::{EnrollReply, EnrollRequest, Enrollment},
    store::{Durability, Store, span, sql},
    worker::wait_after,
};

/// The code of a correctable refusal that is ours, not NRG's: the request could never be written, so nothing was sent.
pub const NOT_SENT: &str = "NOT_SENT";

/// A submission to be sent.
#[derive(Clone)]
pub struct EnrollJob {
    /// The record at NRG.
    pub tracking_id: TrackingId,
    /// The name of the site it came by.
    pub site: String,
    /// What was encrypted when it was submitted.
    pub request: EnrollRequest,
}

/// The outcome of [`Ledger::complete`].
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

/// A row this server has leased, and must send or let expire.
pub(super) struct LeasedJob {
    pub tracking_id: String,
    /// `None`: the payload cannot be opened (its key is gone) or read, so it cannot be sent.
    pub job: Option<EnrollJob>,
    owner: String,
    round: i64,
    tries: i64,
}

/// Tracking id, round, tries, site, key id and payload.
type LeasedColumns = (String, i64, i64, String, String, Vec<u8>);

/// What a recorded answer changes the row to.
struct NextState {
    state: State,
    not_before: i64,
    finished_at: Option<i64>,
    code: Option<String>,
    answer: Option<StoredAnswer>,
}

/// For so long a row is left to a server that has its key. Then it counts as one that cannot be sent, for its visitor waits.
const PATIENCE_FOR_KEY: Duration = Duration::from_secs(600);

/// Leases a row that one of the keys opens, or that has waited in vain for a server which has its key. `$keys` reads their
/// ids from a JSON list, and `$lock` lets PostgreSQL pass over a row another server is just leasing.
macro_rules! lease_next {
    ($keys:literal, $lock:literal) => {
        concat!(
            "UPDATE submissions SET state = 'sent', owner = $1, lease_until = $2, tries = tries + 1, sent_at = $3
             WHERE state = 'ready' AND tracking_id = (SELECT tracking_id FROM submissions
                 WHERE state = 'ready' AND (not_before <= $3 OR not_before > $4)
                     AND (not_before <= $6 OR payload_key_id IN (SELECT value FROM ",
            $keys,
            ")) ORDER BY not_before LIMIT 1 ",
            $lock,
            ") RETURNING tracking_id, round, tries, site, payload_key_id, payload"
        )
    };
}

impl Ledger {
    /// Leases a due row for `owner`, a name used for this lease only, and writes the attempt: from the commit on the
    /// row counts as sent. After an error a row may have been leased all the same: see [`release`](Self::release).
    pub(super) async fn lease_next(&self, owner: &str) -> Result<Option<LeasedJob>, Error> {
        let now = self.now();
        let lease_until = now + span(self.settings.lease);
        let too_far = now + 2 * span(LONGEST_WAIT);
        let statement = match &self.store {
            Store::Sqlite { .. } => lease_next!("json_each($5)", ""),
            Store::Postgres(_) => {
                lease_next!("jsonb_array_elements_text($5::jsonb) AS value", "FOR UPDATE SKIP LOCKED")
            }
        };
        let given_up = now - span(PATIENCE_FOR_KEY);
        let known = Value::from_iter(self.keys.ids()).to_string();
        let row = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<_, Error> {
            let row: Option<LeasedColumns> = sql!(tx, statement, owner, lease_until, now, too_far, &known, given_up => fetch_optional)?;
            if let Some((tracking_id, round, tries, ..)) = &row {
                sql!(tx, "INSERT INTO attempts (tracking_id, round, number, started_at) VALUES ($1, $2, $3, $4)",
                    tracking_id, round, tries, now => execute)?;
            }
            Ok(row)
        });
        Ok(row.await?.map(|(tracking_id, round, tries, site, key_id, blob)| {
            let job = self.keys.open(PAYLOAD, tracking_id.as_bytes(), &key_id, &blob).and_then(|plain| {
                let request = serde_json::from_slice(&plain).ok()?;
                Some(EnrollJob { tracking_id: TrackingId::parse(&tracking_id).ok()?, site, request })
            });
            LeasedJob { tracking_id, job, owner: owner.to_owned(), round, tries }
        }))
    }

    /// Makes a row ready again that [`lease_next`](Self::lease_next) may have leased for `owner` although it returned
    /// an error, when the connection broke at its commit. Its payload was never returned, so it was not sent.
    pub(super) async fn release(&self, owner: &str) -> Result<(), Error> {
        let now = self.now();
        let released = self.store.transaction(Durability::PowerLoss, async |tx| {
            let row: Option<(String, i64, i64)> = sql!(tx,
                "UPDATE submissions SET state = 'ready', owner = NULL, lease_until = NULL
                 WHERE owner = $1 AND state = 'sent' RETURNING tracking_id, round, tries", owner => fetch_optional)?;
            if let Some((tracking_id, round, tries)) = &row {
                sql!(tx,
                    "UPDATE attempts SET finished_at = $1, outcome = $2
                     WHERE tracking_id = $3 AND round = $4 AND number = $5",
                    now, NOTHING_SENT, tracking_id, round, tries => execute)?;
            }
            Ok(())
        });
        released.await
    }

    /// Renews the lease: this server lives and still sends the row.
    pub(super) async fn renew_lease(&self, leased: &LeasedJob) -> Result<(), Error> {
        let lease_until = self.now() + span(self.settings.lease);
        sql!(self.store.writer().await?,
            "UPDATE submissions SET lease_until = $1
             WHERE tracking_id = $2 AND round = $3 AND tries = $4 AND owner = $5 AND state = 'sent'",
            lease_until, &leased.tracking_id, leased.round, leased.tries, &leased.owner => execute)?;
        Ok(())
    }

    /// Records what came of the request.
    pub(super) async fn complete(
        &self,
        leased: &LeasedJob,
        reply: &EnrollReply,
    ) -> Result<Completion, Error> {
        let now = self.now();
        let next = self.next(leased, &reply.enrollment, now);
        let sealed = next.answer.map(|answer| {
            self.keys.seal(&self.entropy, ANSWER, leased.tracking_id.as_bytes(), &json(&answer))
        });
        let (key_id, blob) = sealed.map(|sealed| (sealed.key_id, sealed.blob)).unzip();
        // An answer that comes when the lease has expired still says more than "unknown" does. But only a row whose
        // lease never expired may be sent again.
        let also_from = if next.state == State::Ready { State::Sent } else { State::Unknown };
        // Blank where there was no answer.
        let codes = (!reply.codes.is_empty()).then_some(&reply.codes);
        let completed = self.store.transaction(Durability::PowerLoss, async |tx| {
            let stamped = Stamped::of(tx, &self.key, &leased.tracking_id).await?;
            let ended: Option<EndedSubmission> = sql!(tx, concat!(
                "UPDATE submissions SET state = $1, not_before = $2, finished_at = $3, code = $4,
                     answer_key_id = $5, answer = $6, owner = NULL, lease_until = NULL
                 WHERE tracking_id = $7 AND round = $8 AND tries = $9 AND owner = $10
                     AND state IN ('sent', $11)
                 RETURNING ", ended_columns!()),
                next.state.word(), next.not_before, next.finished_at, &next.code, &key_id, &blob,
                &leased.tracking_id, leased.round, leased.tries, &leased.owner, also_from.word() => fetch_optional)?;
            if let (Some(ended), Some(ending)) = (&ended, next.state.ending()) {
                endings::record(tx, &ended.journey, ending, &ended.postbacks(self, ending, 1, now)).await?;
            }
            let noted = sql!(tx,
                "UPDATE attempts SET finished_at = $1, outcome = $2, http_status = $3, codes = $4
                 WHERE tracking_id = $5 AND round = $6 AND number = $7 AND outcome IS NULL",
                now, outcome(&reply.enrollment), reply.http.map(i64::from), codes,
                &leased.tracking_id, leased.round, leased.tries => execute)?;
            if ended.is_some() {
                stamped.stamp(tx, &self.key, &leased.tracking_id, now).await?;
            }
            Ok(match (ended.is_some(), noted) {
                (true, _) => Completion::Now,
                (false, 1..) => Completion::TooLate,
                (false, 0) => Completion::Before,
            })
        });
        completed.await
    }

    /// Rows whose lease has expired become `unknown`: their server died, or lost the database, between leasing and
    /// recording. Returns how many.
    pub(super) async fn expire_leases(&self) -> Result<u64, Error> {
        let now = self.now();
        let too_far = now + 2 * span(self.settings.lease);
        // Reading needs no writer: mostly none has expired.
        let expired: Vec<(String,)> = sql!(self.store.reader().await?,
            "SELECT tracking_id FROM submissions
             WHERE state = 'sent' AND (lease_until <= $1 OR lease_until > $2)", now, too_far => fetch_all)?;
        let mut rows = 0;
        for (tracking_id,) in &expired {
            let expired = self.store.transaction(Durability::ProcessCrash, async |tx| -> Result<_, Error> {
                let stamped = Stamped::of(tx, &self.key, tracking_id).await?;
                // The owner stays: if its server lives after all, its answer is still recorded.
                let expired = sql!(tx,
                    "UPDATE submissions SET state = 'unknown', finished_at = $1
                     WHERE tracking_id = $3 AND state = 'sent' AND (lease_until <= $1 OR lease_until > $2)",
                    now, too_far, tracking_id => execute)?;
                if expired > 0 {
                    stamped.stamp(tx, &self.key, tracking_id, now).await?;
                }
                Ok(expired)
            });
            rows += expired.await?;
        }
        Ok(rows)
    }

    /// Takes every submission that waits or is being sent for unknown: the database was restored from a backup, and they
    /// may have been sent since it was made. Returns how many there were.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn doubt_open_submissions(&self) -> Result<u64, Error> {
        sql!(self.store.writer().await?,
            "UPDATE submissions SET state = 'sent', lease_until = 0 WHERE state IN ('ready', 'sent')" => execute)?;
        self.expire_leases().await
    }

    fn next(&self, leased: &LeasedJob, enrollment: &Enrollment, now: i64) -> NextState {
        let next =
            |state| NextState { state, not_before: now, finished_at: Some(now), code: None, answer: None };
        let tries = count(leased.tries);
        let Some(state) = State::after(enrollment) else {
            if tries < self.settings.max_tries {
                let not_before = now + span(self.settings.wait_after(tries));
                return NextState { not_before, finished_at: None, ..next(State::Ready) };
            }
            return NextState { code: Some(NOT_SENT.to_owned()), ..next(State::Correctable) };
        };
        let html = |message: &Option<SafeHtml>| message.as_ref().map(SafeHtml::to_stored);
        let (answer, code) = match enrollment {
            Enrollment::Enrolled { account, document, message } => {
                let result = SubmissionResult {
                    account_number: Some(account.number.clone()),
                    check_digit: Some(account.check_digit.clone()),
                    bpid: Some(account.customer_number.clone()),
                    idoc: document.clone(),
                };
                (Some(StoredAnswer { result: Some(result), message: html(message) }), None)
            }
            Enrollment::Accepted { document, message } => {
                let result = SubmissionResult { idoc: document.clone(), ..SubmissionResult::default() };
                (Some(StoredAnswer { result: Some(result), message: html(message) }), None)
            }
            Enrollment::Refused { message, code, .. } => {
                (Some(StoredAnswer { result: None, message: html(message) }), code.clone())
            }
            Enrollment::Duplicate | Enrollment::NotSent | Enrollment::Unknown => (None, None),
        };
        NextState { answer, code, ..next(state) }
    }
}

/// The longest wait between two tries: the visitor is looking at the processing page.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl super::Settings {
    /// The wait after that many tries: it doubles with each.
    fn wait_after(&self, tries: u32) -> Duration {
        wait_after(tries.into(), self.backoff, LONGEST_WAIT)
    }
}

#[cfg(test)]
mod tests;
