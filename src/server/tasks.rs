//! Background tasks: rounds of work that repeat for as long as the server runs.

use std::{error::Error, time::Duration};

use crate::causes::Causes;
use tokio::time::{self, Instant, MissedTickBehavior};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The background tasks of one server. They end together, with [`stop`](Self::stop).
#[derive(Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stopping: CancellationToken,
}

impl Tasks {
    /// Runs `round` with a clone of `subject` at once and then once per `period`, in a task of its own, until
    /// [`stop`](Self::stop). After a round that took longer than `period`, the next one begins a whole `period` later.
    ///
    /// A round that fails is logged as "`name` failed", unless the one before failed as well; the next round tries
    /// again. `name` is written `component: work`.
    pub fn every<S, T, E, F>(
        &self,
        name: &'static str,
        period: Duration,
        subject: S,
        round: impl Fn(S) -> F + Send + 'static,
    ) where
        S: Clone + Send + 'static,
        T: Send,
        E: Error + Send + 'static,
        F: Future<Output = Result<T, E>> + Send,
    {
        let rounds = async move {
            let mut ticks = time::interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut fails = false;
            loop {
                ticks.tick().await;
                let failed = round(subject.clone()).await.err();
                if fails && failed.is_none() {
                    tracing::info!("{name} succeeds again");
                }
                // A disk that stays full for a night is one line, and not one each second.
                if let Some(error) = failed.as_ref().filter(|_| !fails) {
                    tracing::error!(error = %Causes(error), "{name} failed");
                }
                fails = failed.is_some();
            }
        };
        self.tracker.spawn(self.stopping.clone().run_until_cancelled_owned(rounds));
    }

    /// Cancels every task, a round under way included, and waits until all have ended, at most until `deadline`.
    pub async fn stop(self, deadline: Instant) {
        self.stopping.cancel();
        self.tracker.close();
        // A cancelled task ends at its next await; one that never awaits is left behind.
        let _ = time::timeout_at(deadline, self.tracker.wait()).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
    };

    use super::*;

    #[tokio::test]
    async fn failed_round_is_repeated_until_tasks_are_stopped() {
        let (tasks, rounds) = (Tasks::default(), Arc::new(AtomicU32::new(0)));
        tasks.every("test: round", Duration::from_millis(5), Arc::clone(&rounds), |rounds| async move {
            rounds.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(io::Error::other("each round fails"))
        });
        while rounds.load(Ordering::SeqCst) < 3 {
            time::sleep(Duration::from_millis(5)).await;
        }
        tasks.stop(Instant::now() + Duration::from_secs(10)).await;
        let stopped_after = rounds.load(Ordering::SeqCst);
        time::sleep(Duration::from_millis(50)).await;
        assert_eq!(rounds.load(Ordering::SeqCst), stopped_after);
    }

    #[tokio::test]
    async fn round_under_way_is_cancelled_by_stop() {
        let tasks = Tasks::default();
        tasks.every("test: round", Duration::from_millis(5), (), |()| {
            std::future::pending::<io::Result<()>>()
        });
        time::sleep(Duration::from_millis(20)).await;
        let begun = Instant::now();
        tasks.stop(begun + Duration::from_secs(60)).await;
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
