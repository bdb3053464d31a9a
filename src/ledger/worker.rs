//! The ledger's worker: sends each row that is ready once.
//!
//! It leases a row and only then calls the sender it was given. What the sender answers is recorded, however long the
//! database takes to come back, and the lease on the row is renewed meanwhile. A server that dies leaves `sent` rows
//! behind, which become `unknown` when their lease has expired.

use std::{sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, FutureExt};
use tokio::time::{sleep, timeout};

use super::{
    Error, Ledger,
    queue::{Completion, EnrollJob, LeasedJob},
    submission::outcome,
};
use crate::{
    causes::Causes,
    nrg::{EnrollReply, Enrollment},
    worker::{LeaseQueue, Worker},
};

/// The wait between two tries to record an answer.
const RECORD_AGAIN: Duration = Duration::from_millis(500);

/// Starts sending the rows of `ledger` with `send`, which makes exactly one request, never repeats it, and tells a
/// failure before the request was written ([`Enrollment::NotSent`]) from every later one ([`Enrollment::Unknown`]).
/// What is not answered when the worker is stopped becomes `unknown` once its lease has expired.
pub fn start_worker<S, F>(ledger: Ledger, send: S) -> Worker
where
    S: Fn(EnrollJob) -> F + Send + Sync + 'static,
    F: Future<Output = EnrollReply> + Send + 'static,
{
    Worker::start("submissions", [Submissions { ledger, send: Arc::new(send), uncertain: None }])
}

/// The rows of the ledger that are to be sent.
struct Submissions<S> {
    ledger: Ledger,
    send: Arc<S>,
    /// The owner of a lease whose commit was not confirmed: the row, if there is one, is released before any other is
    /// leased.
    uncertain: Option<String>,
}

impl<S, F> LeaseQueue for Submissions<S>
where
    S: Fn(EnrollJob) -> F + Send + Sync + 'static,
    F: Future<Output = EnrollReply> + Send + 'static,
{
    fn max_in_flight(&self) -> usize {
        self.ledger.settings.at_once
    }

    fn poll_interval(&self) -> Duration {
        self.ledger.settings.poll
    }

    async fn woken(&self) {
        self.ledger.wake.notified().await;
    }

    async fn lease(&mut self, free: usize) -> Vec<BoxFuture<'static, ()>> {
        match self.lease_batch(free).await {
            Ok(leased) => leased
                .into_iter()
                .map(|leased| process(self.ledger.clone(), Arc::clone(&self.send), leased).boxed())
                .collect(),
            Err(error) => {
                log(&error, "ledger: submissions cannot be read");
                Vec::new()
            }
        }
    }
}

impl<S: Send + Sync> Submissions<S> {
    /// Expires the leases that other servers left, and leases at most `free` rows.
    async fn lease_batch(&mut self, free: usize) -> Result<Vec<LeasedJob>, Error> {
        if let Some(owner) = &self.uncertain {
            self.ledger.release(owner).await?;
            self.uncertain = None;
        }
        match self.ledger.expire_leases().await? {
            0 => {}
            rows => {
                tracing::error!(rows, "ledger: leases expired, submissions are unknown and to be settled")
            }
        }
        let mut rows = Vec::new();
        while rows.len() < free {
            let owner = hex::encode(self.ledger.entropy.bytes::<8>());
            match self.ledger.lease_next(&owner).await {
                Ok(Some(leased)) => rows.push(leased),
                Ok(None) => break,
                // What was leased before is sent all the same.
                Err(error) => {
                    log(&error, "ledger: submission cannot be leased");
                    self.uncertain = Some(owner);
                    break;
                }
            }
        }
        Ok(rows)
    }
}

/// Processes one submission, from the request to the recorded answer, and renews its lease meanwhile.
async fn process<S, F>(ledger: Ledger, send: Arc<S>, leased: LeasedJob)
where
    S: Fn(EnrollJob) -> F,
    F: Future<Output = EnrollReply>,
{
    tokio::select! {
        () = keep_lease(&ledger, &leased) => {}
        () = send_and_record(&ledger, &*send, &leased) => {}
    }
}

/// Renews the lease for as long as it is polled.
async fn keep_lease(ledger: &Ledger, leased: &LeasedJob) {
    loop {
        sleep(ledger.settings.lease / 3).await;
        if let Err(error) = ledger.renew_lease(leased).await {
            log(&error, "ledger: lease cannot be renewed");
        }
    }
}

async fn send_and_record<S, F>(ledger: &Ledger, send: &S, leased: &LeasedJob)
where
    S: Fn(EnrollJob) -> F,
    F: Future<Output = EnrollReply>,
{
    let tracking_id = &leased.tracking_id;
    let reply = match &leased.job {
        Some(job) => timeout(ledger.settings.send_limit, send(job.clone()))
            .await
            .unwrap_or_else(|_| Enrollment::Unknown.into()),
        None => {
            tracing::error!(tracking_id, "ledger: submission not sent, its payload cannot be opened");
            Enrollment::NotSent.into()
        }
    };
    let outcome = outcome(&reply.enrollment);
    let mut logged = false;
    loop {
        match ledger.complete(leased, &reply).await {
            Ok(Completion::Now | Completion::Before) => return,
            Ok(Completion::TooLate) => {
                tracing::error!(tracking_id, outcome, "ledger: answer came after its submission was settled");
                return;
            }
            Err(error) => {
                if !logged {
                    // Should the database never come back, this line is all that is left of the answer.
                    tracing::error!(error = %Causes(&error), tracking_id, outcome, "ledger: answer not recorded yet");
                    logged = true;
                }
                sleep(RECORD_AGAIN).await;
            }
        }
    }
}

fn log(error: &Error, event: &str) {
    tracing::error!(error = %Causes(error), "{event}");
}

#[cfg(test)]
mod tests;
