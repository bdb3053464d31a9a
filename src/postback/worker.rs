//! The outbox's worker: delivers what waits, again while a target fails.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};

use super::{
    delivery::{Delivery, DeliveryClient, Verdict},
    outbox::{LeasedPostback, Outbox, State},
    target::Target,
};
use crate::{
    causes::Causes,
    worker::{LeaseQueue, Worker},
};

/// How often the outbox is read.
const POLL: Duration = Duration::from_secs(1);
/// How many postbacks are sent to one target at the same time.
const AT_ONCE: usize = 4;

/// Starts delivering what waits in `outbox`. What is not recorded when the worker is stopped is sent again, under the
/// same id.
///
/// # Errors
/// No HTTP client can be made.
pub fn start_worker(outbox: &Outbox) -> Result<Worker, reqwest::Error> {
    let queue = |target: &Target| {
        let client = DeliveryClient::of(target)?;
        Ok(TargetQueue { target: target.name.clone(), outbox: outbox.clone(), client })
    };
    let queues = outbox.targets().iter().map(queue).collect::<Result<Vec<_>, reqwest::Error>>()?;
    Ok(Worker::start("postbacks", queues))
}

/// What waits for one target: a target that hangs delays no other. What waits for a target that is not in these
/// settings is left to a server that has it: settings do not change everywhere at once.
struct TargetQueue {
    target: String,
    outbox: Outbox,
    client: DeliveryClient,
}

impl LeaseQueue for TargetQueue {
    fn max_in_flight(&self) -> usize {
        AT_ONCE
    }

    fn poll_interval(&self) -> Duration {
        POLL
    }

    async fn lease(&mut self, free: usize) -> Vec<BoxFuture<'static, ()>> {
        let mut work = Vec::new();
        while work.len() < free {
            let owner = hex::encode(self.outbox.entropy.bytes::<8>());
            match self.outbox.lease_next(&self.target, &owner).await {
                Ok(Some(leased)) => {
                    work.push(process(self.outbox.clone(), self.client.clone(), leased).boxed());
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(error = %Causes(&error), to = self.target, "postback: outbox cannot be read");
                    break;
                }
            }
        }
        work
    }
}

/// Makes one delivery attempt, from the request to its record.
async fn process(outbox: Outbox, client: DeliveryClient, leased: LeasedPostback) {
    let LeasedPostback { id, target: name, ending, facts, .. } = &leased;
    let delivery = match (outbox.targets().of(name), facts) {
        (Some(target), Some(facts)) => client.send(target.message(id, facts, outbox.clock.now())).await,
        _ => Delivery { verdict: Verdict::Failed, outcome: "cannot be read".to_owned(), answer: None },
    };
    let outcome = &delivery.outcome;
    match outbox.complete(&leased, &delivery).await {
        Ok(Some(State::Dead)) => {
            tracing::error!(id, to = name, ending, outcome, "postback: given up, see `postbacks list`")
        }
        Ok(Some(State::Waiting | State::Sent) | None) => {
            tracing::info!(id, to = name, ending, outcome, "postback: delivery attempted")
        }
        Err(error) => {
            // It will be sent again, under the same id.
            tracing::error!(error = %Causes(&error), id, to = name, outcome, "postback: outcome not recorded");
        }
    }
}
