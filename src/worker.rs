//! A worker: processes the rows of a table that several servers share, each row leased by one server at a time.
//!
//! What a lease means, and what becomes of a row whose lease has expired, is the business of the table's owner. The
//! worker decides when to look for rows, how many are in flight, and how to stop.

use std::{
    future::{Future, pending},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};
use tokio_util::sync::CancellationToken;

/// The wait after so many attempts: `first`, which doubles with each attempt, up to `longest`.
pub(crate) fn wait_after(attempts: i64, first: Duration, longest: Duration) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    first.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(longest)
}

/// Rows that can be leased, and the work that each of them is.
pub(crate) trait LeaseQueue: Send + 'static {
    /// How many leased rows may be in flight at the same time.
    fn max_in_flight(&self) -> usize;

    /// How long to wait before the table is read again when nothing else happens.
    fn poll_interval(&self) -> Duration;

    /// Leases at most `free` rows and returns the work for each. It is called in every round, with 0 as well. A
    /// failure is logged here; the next round tries again.
    fn lease(&mut self, free: usize) -> impl Future<Output = Vec<BoxFuture<'static, ()>>> + Send;

    /// Ends when a row may have become ready, so that it does not wait for the next poll.
    fn woken(&self) -> impl Future<Output = ()> + Send {
        pending()
    }
}

/// A running worker. Dropping it aborts what is in flight; [`stop`](Self::stop) waits for it.
pub struct Worker {
    name: &'static str,
    stopping: CancellationToken,
    loops: JoinSet<()>,
}

impl Worker {
    /// Starts processing `queues`, each in a task of its own, so that a queue that hangs delays no other. `name` is
    /// its name in the log.
    pub(crate) fn start<Q: LeaseQueue>(name: &'static str, queues: impl IntoIterator<Item = Q>) -> Self {
        let stopping = CancellationToken::new();
        let mut loops = JoinSet::new();
        for queue in queues {
            loops.spawn(run(name, queue, stopping.clone()));
        }
        Self { name, stopping, loops }
    }

    /// Leases nothing more and waits until what is in flight is recorded, at most until `end`. What is not recorded
    /// by then is aborted, and its lease expires.
    pub async fn stop(mut self, end: Instant) {
        self.stopping.cancel();
        let drained = async { while self.loops.join_next().await.is_some() {} };
        if timeout_at(end, drained).await.is_err() {
            tracing::error!(worker = self.name, "worker: time to stop ran out with rows in flight");
        }
    }
}

async fn run(name: &'static str, mut queue: impl LeaseQueue, stopping: CancellationToken) {
    let mut in_flight = JoinSet::new();
    loop {
        let free = queue.max_in_flight().saturating_sub(in_flight.len());
        for work in queue.lease(free).await {
            in_flight.spawn(work);
        }
        tokio::select! {
            () = stopping.cancelled() => break,
            () = queue.woken() => {}
            () = sleep(queue.poll_interval()) => {}
            Some(ended) = in_flight.join_next() => report(name, &ended),
        }
    }
    while let Some(ended) = in_flight.join_next().await {
        report(name, &ended);
    }
}

fn report(worker: &str, ended: &Result<(), tokio::task::JoinError>) {
    // The message of a panic may quote an answer; the place of the panic is in the log already.
    if ended.is_err() {
        tracing::error!(worker, "worker: a task panicked, its lease will expire");
    }
}
