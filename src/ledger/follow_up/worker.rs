//! The worker of follow-ups: asks NRG about the accounts that are due, a few at a time.
//!
//! While NRG is away it asks once in a while, and says so in the log once. No enrollment waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::future::{BoxFuture, FutureExt};

use super::{
    super::{Error, Ledger},
    queue::{FollowUpJob, LeasedFollowUp},
};
use crate::{
    causes::Causes,
    nrg::{self, Holds},
    store::span,
    worker::{LeaseQueue, Worker},
};

/// How often the table is read.
const POLL: Duration = Duration::from_secs(2);
/// How many accounts one server asks about at the same time.
const AT_ONCE: usize = 2;
/// How long nobody asks after an answer that did not come.
const PAUSE: Duration = Duration::from_secs(60);

/// Starts asking about the followed submissions of `ledger` with `ask`, which tells NRG's answer.
pub fn start_follow_up_worker<A, F>(ledger: Ledger, ask: A) -> Worker
where
    A: Fn(FollowUpJob) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Holds, nrg::Error>> + Send + 'static,
{
    let queue = ledger.follows().then(|| Queue { ledger, ask: Arc::new(ask), away: Arc::default() });
    Worker::start("follow-ups", queue)
}

struct Queue<A> {
    ledger: Ledger,
    ask: Arc<A>,
    away: Arc<Away>,
}

/// Whether NRG has failed to answer.
#[derive(Default)]
struct Away {
    /// Nobody asks before this time.
    until: AtomicI64,
    logged: AtomicBool,
}

impl<A, F> LeaseQueue for Queue<A>
where
    A: Fn(FollowUpJob) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Holds, nrg::Error>> + Send + 'static,
{
    fn max_in_flight(&self) -> usize {
        AT_ONCE
    }

    fn poll_interval(&self) -> Duration {
        POLL
    }

    async fn lease(&mut self, free: usize) -> Vec<BoxFuture<'static, ()>> {
        let mut work = Vec::new();
        while work.len() < free && self.ledger.now() >= self.away.until.load(Ordering::Relaxed) {
            let owner = hex::encode(self.ledger.entropy.bytes::<8>());
            match self.ledger.lease_follow_up(&owner).await {
                Ok(Some(leased)) => {
                    let (ledger, ask) = (self.ledger.clone(), Arc::clone(&self.ask));
                    work.push(process(ledger, ask, Arc::clone(&self.away), leased).boxed());
                }
                Ok(None) => break,
                Err(error) => {
                    log(&error, "ledger: follow-ups cannot be read");
                    break;
                }
            }
        }
        work
    }
}

/// Asks one question, and records the answer.
async fn process<A, F>(ledger: Ledger, ask: Arc<A>, away: Arc<Away>, leased: LeasedFollowUp)
where
    A: Fn(FollowUpJob) -> F,
    F: Future<Output = Result<Holds, nrg::Error>>,
{
    let tracking_id = &leased.tracking_id;
    let told = match leased.job.clone() {
        None => {
            tracing::warn!(
                tracking_id,
                "ledger: account cannot be asked about, its number or ZIP code is not there"
            );
            None
        }
        Some(job) => match ask(job).await {
            Ok(holds) => {
                away.logged.store(false, Ordering::Relaxed);
                match holds {
                    Holds::Known(holds) => Some(holds),
                    Holds::Unknown => None,
                }
            }
            Err(error) => {
                away.until.store(ledger.now() + span(PAUSE), Ordering::Relaxed);
                if !away.logged.swap(true, Ordering::Relaxed) {
                    tracing::warn!(error = %Causes(&error), "ledger: NRG does not tell holds, it is asked again later");
                }
                None
            }
        },
    };
    if let Err(error) = ledger.record_follow_up(&leased, told.as_deref()).await {
        // Its lease expires, and it is asked again.
        log(&error, "ledger: follow-up not recorded");
    }
}

fn log(error: &Error, event: &str) {
    tracing::error!(error = %Causes(error), "{event}");
}
