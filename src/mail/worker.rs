//! The outbox's worker: writes what waits and hands it to the relay, again while that fails.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, FutureExt};

use super::{
    capture::{Capture, Captured},
    letter::Letter,
    message::message,
    outbox::{LeasedMail, Mails},
    sender::{Delivery, Sender, Verdict},
    site::MailSite,
    state::State,
};
use crate::{
    causes::Causes,
    messages::Catalogs,
    store::Error,
    worker::{LeaseQueue, Worker},
};

/// How often the outbox is read.
const POLL: Duration = Duration::from_secs(1);
/// How many mails are handed to the relay at the same time.
const AT_ONCE: usize = 4;

/// What it takes to write and send a mail.
pub struct Poster {
    sites: BTreeMap<String, MailSite>,
    catalogs: Catalogs,
    sender: Sender,
}

impl Poster {
    /// A poster for mails of `sites`.
    pub fn new(sites: impl IntoIterator<Item = MailSite>, catalogs: Catalogs, sender: Sender) -> Self {
        let sites = sites.into_iter().map(|site| (site.site.name.clone(), site)).collect();
        Self { sites, catalogs, sender }
    }

    /// The demo's mails, if it is the demo.
    pub fn capture(&self) -> Option<&Capture> {
        match &self.sender {
            Sender::Capture(capture) => Some(capture),
            Sender::Smtp(_) => None,
        }
    }
}

/// Starts the worker that sends what waits in `mails`.
pub fn start_worker(mails: &Mails, poster: Arc<Poster>) -> Worker {
    Worker::start("mails", [MailQueue { mails: mails.clone(), poster }])
}

struct MailQueue {
    mails: Mails,
    poster: Arc<Poster>,
}

impl LeaseQueue for MailQueue {
    fn max_in_flight(&self) -> usize {
        AT_ONCE
    }

    fn poll_interval(&self) -> Duration {
        POLL
    }

    async fn lease(&mut self, free: usize) -> Vec<BoxFuture<'static, ()>> {
        let mut work = Vec::new();
        while work.len() < free {
            let owner = hex::encode(self.mails.entropy.bytes::<8>());
            match self.mails.lease_next(&owner).await {
                Ok(Some(leased)) => {
                    work.push(process(self.mails.clone(), Arc::clone(&self.poster), leased).boxed());
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(error = %Causes(&error), "mail: outbox cannot be read");
                    break;
                }
            }
        }
        work
    }
}

/// Makes one attempt, from the letter to its record.
async fn process(mails: Mails, poster: Arc<Poster>, leased: LeasedMail) {
    let (id, kind) = (&leased.id, &leased.kind);
    let recorded = match attempt(&mails, &poster, &leased).await {
        Ok(delivery) => mails.complete(&leased, &delivery).await.map(|state| (state, delivery.outcome)),
        Err(error) => Err(error),
    };
    match recorded {
        Ok((Some(State::Dead), outcome)) => {
            tracing::error!(id, kind, outcome, "mail: given up, see `mail list`");
        }
        Ok((Some(State::Held | State::Waiting | State::Sent) | None, outcome)) => {
            tracing::info!(id, kind, outcome, "mail: delivery attempted");
        }
        Err(error) => {
            // It will be sent again, under the same id.
            tracing::error!(error = %Causes(&error), id, kind, "mail: outcome not recorded");
        }
    }
}

async fn attempt(mails: &Mails, poster: &Poster, leased: &LeasedMail) -> Result<Delivery, Error> {
    if mails.takes_none(&leased.address_hash).await? {
        return Ok(Delivery::refused("unsubscribed"));
    }
    let Some(payload) = &leased.payload else { return Ok(Delivery::failed("cannot be opened")) };
    // Settings do not change everywhere at once: another server may have the site.
    let Some(site) = poster.sites.get(&leased.site) else { return Ok(Delivery::failed("no such site")) };
    let token = mails.addresses.token(&leased.address_hash);
    let text = poster.catalogs.of(leased.language);
    let now = mails.clock.now();
    let letter = match Letter::write(site, text, leased.language, &payload.content, leased.accepted, &token) {
        Ok(letter) => letter,
        Err(error) => {
            tracing::error!(error = %Causes(&error), kind = leased.kind, "mail: cannot be written");
            return Ok(Delivery::refused("cannot be written"));
        }
    };
    let Ok(message) = message(site, &leased.id, &payload.address, &letter, now) else {
        return Ok(Delivery::refused("no address that can be written to"));
    };
    Ok(match &poster.sender {
        Sender::Smtp(smtp) => smtp.send(&message).await,
        Sender::Capture(capture) => {
            capture.keep(Captured {
                at: now,
                kind: payload.content.kind(),
                to: payload.address.as_str().to_owned(),
                subject: letter.subject,
                text: letter.text,
                html: letter.html,
                message: String::from_utf8_lossy(&message.formatted()).into_owned(),
            });
            Delivery { verdict: Verdict::Taken, outcome: "shown at /mails".to_owned() }
        }
    })
}
