//! The worker: sends what is ready, once.
//!
//! It takes a row, and only then calls the sender it was given; what the sender answers is
//! recorded, however long the database takes to come back. All the while it renews its lease on the
//! row. A worker that dies leaves `sent` rows behind, which become `unknown` when their lease has run out.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    Error, Ledger,
    queue::{Completion, EnrollJob, LeasedJob, SendOutcome, SendReport},
};

/// The wait between two tries to record an answer.
const RECORD_AGAIN: Duration = Duration::from_millis(500);

/// A running worker. Dropping it stops it without waiting; [`stop`](Self::stop) waits.
pub struct Worker {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts sending the ledger's rows with `send`, which makes exactly one request, never
    /// repeats it, and tells a failure before the request was written ([`SendOutcome::NotSent`]) from
    /// every later one ([`SendOutcome::Unknown`]).
    pub fn start<S, F>(ledger: Ledger, send: S) -> Self
    where
        S: Fn(EnrollJob) -> F + Send + Sync + 'static,
        F: Future<Output = SendReport> + Send + 'static,
    {
        let (stopping, stopped) = watch::channel(false);
        let task = tokio::spawn(run(ledger, Arc::new(send), stopped));
        Self { stopping, task }
    }

    /// Takes no more rows and waits until the answers under way are recorded, at most until `end`.
    /// What is not answered by then becomes `unknown` when its lease has run out.
    pub async fn stop(mut self, end: Instant) {
        // The receiver is gone only when the task is.
        let _ = self.stopping.send(true);
        if timeout_at(end, &mut self.task).await.is_err() {
            tracing::error!("submissions were still under way when the time to stop had run out");
            self.task.abort();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run<S, F>(ledger: Ledger, send: Arc<S>, mut stopped: watch::Receiver<bool>)
where
    S: Fn(EnrollJob) -> F + Send + Sync + 'static,
    F: Future<Output = SendReport> + Send + 'static,
{
    let mut under_way = JoinSet::new();
    let mut doubtful = None;
    let mut stop = pin!(stopped.wait_for(|stop| *stop));
    loop {
        let free = ledger.settings.at_once.saturating_sub(under_way.len());
        match lease_batch(&ledger, &mut doubtful, free).await {
            Ok(rows) => {
                for taken in rows {
                    under_way.spawn(process(ledger.clone(), Arc::clone(&send), taken));
                }
            }
            Err(error) => log("the table of submissions cannot be worked on", &error),
        }
        tokio::select! {
            _ = &mut stop => break,
            () = ledger.wake.notified() => {}
            () = sleep(ledger.settings.poll) => {}
            Some(ended) = under_way.join_next() => report(ended),
        }
    }
    while let Some(ended) = under_way.join_next().await {
        report(ended);
    }
}

/// Gives up on what other servers left, and takes at most `free` rows.
///
/// `doubtful` names the taking whose end was not seen: the row, if there is one, is given back first.
async fn lease_batch(
    ledger: &Ledger,
    doubtful: &mut Option<String>,
    free: usize,
) -> Result<Vec<LeasedJob>, Error> {
    if let Some(owner) = doubtful {
        ledger.release(owner).await?;
        *doubtful = None;
    }
    match ledger.expire_leases().await? {
        0 => {}
        rows => tracing::error!(rows, "submissions without an answer: now unknown, to be settled"),
    }
    let mut rows = Vec::new();
    while rows.len() < free {
        let owner = format!("{:016x}", u64::from_be_bytes(ledger.entropy.bytes()));
        match ledger.lease_next(&owner).await {
            Ok(Some(taken)) => rows.push(taken),
            Ok(None) => break,
            // What was taken before is sent all the same.
            Err(error) => {
                log("no submission could be taken", &error);
                *doubtful = Some(owner);
                break;
            }
        }
    }
    Ok(rows)
}

/// One submission, from the request to the recorded answer, with its lease renewed meanwhile.
async fn process<S, F>(ledger: Ledger, send: Arc<S>, taken: LeasedJob)
where
    S: Fn(EnrollJob) -> F,
    F: Future<Output = SendReport>,
{
    tokio::select! {
        () = keep_lease(&ledger, &taken) => {}
        () = send_and_record(&ledger, &*send, &taken) => {}
    }
}

/// Renews the lease, for as long as it is polled.
async fn keep_lease(ledger: &Ledger, taken: &LeasedJob) {
    loop {
        sleep(ledger.settings.lease / 3).await;
        if let Err(error) = ledger.renew_lease(taken).await {
            log("a lease was not renewed", &error);
        }
    }
}

async fn send_and_record<S, F>(ledger: &Ledger, send: &S, taken: &LeasedJob)
where
    S: Fn(EnrollJob) -> F,
    F: Future<Output = SendReport>,
{
    let tracking_id = &taken.tracking_id;
    let reply = match &taken.order {
        Some(order) => timeout(ledger.settings.send_limit, send(order.clone()))
            .await
            .unwrap_or_else(|_| SendOutcome::Unknown.into()),
        None => {
            tracing::error!(tracking_id, "a submission cannot be decrypted");
            SendOutcome::NotSent.into()
        }
    };
    let outcome = reply.answer.outcome();
    let mut told = false;
    loop {
        match ledger.complete(taken, &reply).await {
            Ok(Completion::Now | Completion::Before) => return,
            Ok(Completion::TooLate) => {
                tracing::error!(tracking_id, outcome, "an answer came after its submission was settled");
                return;
            }
            Err(error) => {
                if !told {
                    // Should the database never come back, this line is all that is left of the answer.
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, tracking_id, outcome, "an answer is not recorded yet");
                    told = true;
                }
                sleep(RECORD_AGAIN).await;
            }
        }
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    // What a panic said may quote an answer; where it was is in the log already.
    if ended.is_err() {
        tracing::error!("a submission's task broke off; its lease will run out");
    }
}

fn log(what: &str, error: &(dyn std::error::Error + 'static)) {
    tracing::error!(error, "{what}");
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::{
        clock::Clock,
        ledger::{
            State, SubmissionResult,
            testing::{ledger, submission},
        },
        store::{on_writer, testing::on_each_database},
    };

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    async fn until_final(ledger: &Ledger, tracking_id: &str) -> State {
        for _ in 0..1000 {
            let state = ledger.find(tracking_id).await.unwrap().unwrap().state;
            if state.is_final() {
                return state;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("never became final");
    }

    fn enrolled() -> SendReport {
        SendOutcome::Enrolled(SubmissionResult::default()).into()
    }

    #[tokio::test]
    async fn two_workers_send_each_submission_once() {
        on_each_database(async |store| {
            let ledgers = [ledger(&store, &Clock::system()), ledger(&store, &Clock::system())];
            let sent = Arc::new(AtomicUsize::new(0));
            let workers = ledgers.clone().map(|ledger| {
                let sent = Arc::clone(&sent);
                Worker::start(ledger, move |_| {
                    sent.fetch_add(1, Ordering::SeqCst);
                    async { enrolled() }
                })
            });
            for number in 0..20 {
                let ledger = &ledgers[number % 2];
                ledger.submit(&submission(ledger, &number.to_string()), &[]).await.unwrap();
            }
            for number in 0..20 {
                assert_eq!(until_final(&ledgers[0], &number.to_string()).await, State::Enrolled);
            }
            for worker in workers {
                worker.stop(soon()).await;
            }
            assert_eq!(sent.load(Ordering::SeqCst), 20);
        })
        .await;
    }

    #[tokio::test]
    async fn worker_stop_waits_for_answer_in_flight_and_leases_nothing_new() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &Clock::system());
            let (begun, mut seen) = watch::channel(false);
            let worker = Worker::start(ledger.clone(), move |_| {
                let _ = begun.send(true);
                async {
                    sleep(Duration::from_millis(300)).await;
                    enrolled()
                }
            });
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            seen.wait_for(|begun| *begun).await.unwrap();
            worker.stop(soon()).await;
            assert_eq!(ledger.find("1").await.unwrap().unwrap().state, State::Enrolled);
            ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
            assert_eq!(ledger.find("2").await.unwrap().unwrap().state, State::Ready);
        })
        .await;
    }

    #[tokio::test]
    async fn request_past_send_limit_becomes_unknown_and_is_not_repeated() {
        on_each_database(async |store| {
            let mut ledger = ledger(&store, &Clock::system());
            ledger.settings.send_limit = Duration::from_millis(50);
            let sent = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&sent);
            let worker = Worker::start(ledger.clone(), move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                std::future::pending()
            });
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            assert_eq!(until_final(&ledger, "1").await, State::Unknown);
            worker.stop(soon()).await;
            assert_eq!(sent.load(Ordering::SeqCst), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn lease_is_renewed_during_long_call_and_expires_when_server_dies() {
        on_each_database(async |store| {
            let mut ledger = ledger(&store, &Clock::system());
            ledger.settings.lease = Duration::from_millis(300);
            ledger.settings.poll = Duration::from_millis(50);
            let (begun, mut seen) = watch::channel(0);
            let calls = move |_| {
                begun.send_modify(|calls| *calls += 1);
                async {
                    sleep(Duration::from_secs(1)).await;
                    enrolled()
                }
            };
            let worker = Worker::start(ledger.clone(), calls.clone());
            // Another server, which would give up on the row.
            let other = Worker::start(ledger.clone(), calls);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            assert_eq!(until_final(&ledger, "1").await, State::Enrolled);
            ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
            seen.wait_for(|calls| *calls == 2).await.unwrap();
            drop((worker, other));
            let survivor = Worker::start(ledger.clone(), |_| async { panic!("sent again") });
            assert_eq!(until_final(&ledger, "2").await, State::Unknown);
            survivor.stop(soon()).await;
        })
        .await;
    }

    #[tokio::test]
    async fn answer_with_database_away_is_recorded_when_it_returns() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &Clock::system());
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let sent = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&sent);
            let away = store.clone();
            let worker = Worker::start(ledger.clone(), move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                let away = away.clone();
                async move {
                    on_writer!(&away, db => sqlx::query("ALTER TABLE attempts RENAME TO attempts_away")
                        .execute(db).await.map(|_| ()))
                    .unwrap();
                    enrolled()
                }
            });
            while sent.load(Ordering::SeqCst) == 0 {
                sleep(Duration::from_millis(10)).await;
            }
            sleep(2 * RECORD_AGAIN).await;
            assert_eq!(ledger.find("1").await.unwrap().unwrap().state, State::Sent);
            on_writer!(&store, db => sqlx::query("ALTER TABLE attempts_away RENAME TO attempts")
                .execute(db).await.map(|_| ()))
            .unwrap();
            assert_eq!(until_final(&ledger, "1").await, State::Enrolled);
            worker.stop(soon()).await;
            assert_eq!(sent.load(Ordering::SeqCst), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn submission_not_sent_is_retried_after_backoff() {
        on_each_database(async |store| {
            let mut ledger = ledger(&store, &Clock::system());
            ledger.settings.backoff = Duration::from_millis(20);
            ledger.settings.poll = Duration::from_millis(20);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let tries = AtomicUsize::new(0);
            let worker = Worker::start(ledger.clone(), move |_| {
                let first = tries.fetch_add(1, Ordering::SeqCst) == 0;
                async move { if first { SendOutcome::NotSent.into() } else { enrolled() } }
            });
            assert_eq!(until_final(&ledger, "1").await, State::Enrolled);
            worker.stop(soon()).await;
            let outcomes: Vec<_> = ledger
                .show("1")
                .await
                .unwrap()
                .unwrap()
                .attempts
                .into_iter()
                .map(|a| a.outcome.unwrap())
                .collect();
            assert_eq!(outcomes, ["not-sent", "enrolled"]);
        })
        .await;
    }

    #[tokio::test]
    async fn submission_with_missing_key_is_never_sent() {
        on_each_database(async |store| {
            let mut ledger = ledger(&store, &Clock::system());
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            ledger.keys = crate::store::KeyRing::random(&ledger.entropy);
            ledger.settings.max_tries = 1;
            let worker = Worker::start(ledger.clone(), |_| async { panic!("sent") });
            assert_eq!(until_final(&ledger, "1").await, State::Refused { correctable: true });
            worker.stop(soon()).await;
        })
        .await;
    }
}
