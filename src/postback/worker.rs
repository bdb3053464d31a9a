//! The worker: sends what waits, again while it fails.

use std::{pin::pin, time::Duration};

use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, timeout_at},
};

use super::{
    delivery::DeliveryClient,
    outbox::{LeasedPostback, Outbox, State},
};

/// How often the outbox is looked into.
const POLL: Duration = Duration::from_secs(1);
/// At most so many are sent to one target at the same time.
const AT_ONCE: usize = 4;

/// A running worker. Dropping it stops it without waiting; [`stop`](Self::stop) waits.
pub struct Worker {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts sending what waits in `outbox`.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn start(outbox: Outbox) -> Result<Self, reqwest::Error> {
        let (stopping, stopped) = watch::channel(false);
        let task = tokio::spawn(run(outbox, DeliveryClient::new()?, stopped));
        Ok(Self { stopping, task })
    }

    /// Takes nothing more and waits until what is under way is recorded, at most until `end`. What is not, is sent
    /// again, under the same id.
    pub async fn stop(mut self, end: Instant) {
        // The receiver is gone only when the task is.
        let _ = self.stopping.send(true);
        if timeout_at(end, &mut self.task).await.is_err() {
            tracing::warn!("postbacks were still under way when the time to stop had run out");
            self.task.abort();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Each target has its own turn, so that one that hangs keeps nobody else waiting.
async fn run(outbox: Outbox, client: DeliveryClient, stopped: watch::Receiver<bool>) {
    let mut targets = JoinSet::new();
    for target in outbox.targets().iter() {
        targets.spawn(deliver_to(target.name.clone(), outbox.clone(), client.clone(), stopped.clone()));
    }
    while targets.join_next().await.is_some() {}
}

/// Tells the target of that name what waits for it. What waits for a target these settings do not have is left to a
/// server that has it: settings do not change everywhere at once.
async fn deliver_to(
    name: String,
    outbox: Outbox,
    client: DeliveryClient,
    mut stopped: watch::Receiver<bool>,
) {
    let mut under_way = JoinSet::new();
    let mut stop = pin!(stopped.wait_for(|stop| *stop));
    loop {
        while under_way.len() < AT_ONCE {
            let owner = format!("{:016x}", u64::from_be_bytes(outbox.entropy.bytes()));
            match outbox.lease_next(&name, &owner).await {
                Ok(Some(taken)) => {
                    under_way.spawn(process(outbox.clone(), client.clone(), taken));
                }
                Ok(None) => break,
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, to = name, "the outbox of postbacks cannot be worked on");
                    break;
                }
            }
        }
        tokio::select! {
            _ = &mut stop => break,
            () = sleep(POLL) => {}
            Some(_) = under_way.join_next() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// One try, from the request to its record.
async fn process(outbox: Outbox, client: DeliveryClient, taken: LeasedPostback) {
    let LeasedPostback { id, target: name, ending, facts, .. } = &taken;
    let told = match (outbox.targets().of(name), facts) {
        (Some(target), Some(facts)) => {
            let message = target.message(id, facts, outbox.clock.now());
            client.send(target.loopback, message).await
        }
        _ => Err("cannot be read".to_owned()),
    };
    let (Ok(outcome) | Err(outcome)) = &told;
    match outbox.complete(&taken, &told).await {
        Ok(Some(State::Dead)) => {
            tracing::error!(id, to = name, ending, outcome, "a postback is given up: see `postbacks list`")
        }
        Ok(_) => tracing::info!(id, to = name, ending, outcome, "a postback was tried"),
        Err(error) => {
            // It will be sent again, under the same id.
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, id, to = name, outcome, "what came of a postback is not recorded");
        }
    }
}
