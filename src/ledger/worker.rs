//! The worker: sends what is ready, once.
//!
//! It takes a row, and only then calls the sender it was given; what the sender answers is
//! recorded, however long the database takes to come back. A worker that dies leaves `sent` rows
//! behind, which become `unknown` when their lease runs out.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

use super::{
    Ledger,
    sending::{Answer, Order, Reply, Taken},
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
    /// repeats it, and tells a failure before the request was written ([`Answer::NotSent`]) from
    /// every later one ([`Answer::Unknown`]).
    pub fn start<S, F>(ledger: Ledger, send: S) -> Self
    where
        S: Fn(Order) -> F + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let (stopping, stopped) = watch::channel(false);
        let task = tokio::spawn(run(ledger, Arc::new(send), stopped));
        Self { stopping, task }
    }

    /// Takes no more rows and waits until the answers under way are recorded, at most `limit`.
    /// What is not answered by then becomes `unknown` when its lease runs out.
    pub async fn stop(mut self, limit: Duration) {
        // The receiver is gone only when the task is.
        let _ = self.stopping.send(true);
        if timeout(limit, &mut self.task).await.is_err() {
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
    S: Fn(Order) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let owner = format!("{:016x}", u64::from_be_bytes(ledger.entropy.bytes()));
    let mut under_way = JoinSet::new();
    let mut stop = pin!(stopped.wait_for(|stop| *stop));
    loop {
        match ledger.expire().await {
            Ok(0) => {}
            Ok(rows) => tracing::error!(rows, "submissions without an answer: now unknown, to be settled"),
            Err(error) => log("leases were not checked", &error),
        }
        while under_way.len() < ledger.settings.at_once {
            match ledger.take(&owner).await {
                Ok(Some(taken)) => {
                    under_way.spawn(carry_out(ledger.clone(), Arc::clone(&send), taken));
                }
                Ok(None) => break,
                Err(error) => {
                    log("no submission could be taken", &error);
                    break;
                }
            }
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

/// One submission: send, then record until it is recorded.
async fn carry_out<S, F>(ledger: Ledger, send: Arc<S>, taken: Taken)
where
    S: Fn(Order) -> F,
    F: Future<Output = Reply>,
{
    let reply = match &taken.order {
        Some(order) => timeout(ledger.settings.send_limit, send(order.clone()))
            .await
            .unwrap_or_else(|_| Answer::Unknown.into()),
        None => {
            tracing::error!(tracking_id = taken.tracking_id, "a submission cannot be deciphered");
            Answer::NotSent.into()
        }
    };
    let mut told = false;
    loop {
        match ledger.record(&taken, &reply).await {
            Ok(true) => return,
            Ok(false) => {
                tracing::error!(
                    tracking_id = taken.tracking_id,
                    "an answer came after its submission was settled"
                );
                return;
            }
            Err(error) => {
                if !told {
                    log("an answer is not recorded yet", &error);
                    told = true;
                }
                sleep(RECORD_AGAIN).await;
            }
        }
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        log("a submission's task broke off; its lease will run out", &error);
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
        ambient::Clock,
        ledger::{
            State, SubmissionResult,
            testing::{ledger, submission},
        },
        store::testing::each,
    };

    const LIMIT: Duration = Duration::from_secs(10);

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

    fn enrolled() -> Reply {
        Answer::Enrolled(SubmissionResult::default()).into()
    }

    #[tokio::test]
    async fn two_workers_send_each_submission_once() {
        each(async |store| {
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
                worker.stop(LIMIT).await;
            }
            assert_eq!(sent.load(Ordering::SeqCst), 20);
        })
        .await;
    }

    #[tokio::test]
    async fn stopping_waits_for_the_answer_under_way_and_takes_nothing_new() {
        each(async |store| {
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
            worker.stop(LIMIT).await;
            assert_eq!(ledger.find("1").await.unwrap().unwrap().state, State::Enrolled);
            ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
            assert_eq!(ledger.find("2").await.unwrap().unwrap().state, State::Ready);
        })
        .await;
    }

    #[tokio::test]
    async fn a_request_without_end_is_unknown_and_is_not_repeated() {
        each(async |store| {
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
            worker.stop(LIMIT).await;
            assert_eq!(sent.load(Ordering::SeqCst), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn a_row_another_server_left_is_sent_when_its_time_comes() {
        each(async |store| {
            let mut ledger = ledger(&store, &Clock::system());
            ledger.settings.backoff = Duration::from_millis(20);
            ledger.settings.poll = Duration::from_millis(20);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let tries = AtomicUsize::new(0);
            let worker = Worker::start(ledger.clone(), move |_| {
                let first = tries.fetch_add(1, Ordering::SeqCst) == 0;
                async move { if first { Answer::NotSent.into() } else { enrolled() } }
            });
            assert_eq!(until_final(&ledger, "1").await, State::Enrolled);
            worker.stop(LIMIT).await;
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
    async fn a_submission_whose_key_is_gone_is_never_sent() {
        each(async |store| {
            let mut ledger = ledger(&store, &Clock::system());
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            ledger.keys = crate::store::Keys::random(&ledger.entropy);
            ledger.settings.max_tries = 1;
            let worker = Worker::start(ledger.clone(), |_| async { panic!("sent") });
            assert_eq!(until_final(&ledger, "1").await, State::Refused { repairable: true });
            worker.stop(LIMIT).await;
        })
        .await;
    }
}
