//! The sandbox: its settings and its memory.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use url::Url;

use super::{
    inputs::{self, TestInput},
    log::Call,
    records::{GatewayCookie, Memory},
};
use crate::{clock::Clock, entropy::Entropy};

/// The settings of a sandbox.
#[derive(Clone)]
pub struct Settings {
    /// The user name of Basic authentication that it accepts.
    pub username: String,
    /// The password of Basic authentication that it accepts.
    pub password: String,
    /// The one `affiliateId` that it accepts; the answer to any other is 403.
    pub affiliate_id: String,
    /// The address under which the documents of plans lie, with a slash at its end: [`DOCUMENTS_URL`](super::DOCUMENTS_URL),
    /// or one that an affiliate's settings allow.
    pub documents_url: Url,
    /// The clock, from which offers and dates follow.
    pub clock: Clock,
    /// The source of tokens and guids.
    pub entropy: Entropy,
    /// The delay of an answer that the test inputs call slow.
    pub slow: Duration,
}

/// A running sandbox. Clones share their memory.
#[derive(Clone)]
pub struct Sandbox {
    pub(super) settings: Arc<Settings>,
    memory: Arc<Mutex<Memory>>,
}

impl Sandbox {
    /// An empty sandbox.
    pub fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), memory: Arc::default() }
    }

    /// The calls that reached an endpoint, oldest first (the last ten thousand).
    pub fn calls(&self) -> Vec<Call> {
        self.memory().calls.iter().cloned().collect()
    }

    /// How many calls of [`Sandbox::calls`] went to `endpoint`, for example `esid/residential`.
    pub fn count(&self, endpoint: &str) -> usize {
        self.memory().calls.iter().filter(|call| call.endpoint == endpoint).count()
    }

    /// Clears the log of calls. Records are kept.
    pub fn clear_calls(&self) {
        self.memory().calls.clear();
    }

    /// How often an enrollment of this record was processed: more than once is a double enrollment,
    /// which nothing in the API prevents (contract section 9).
    pub fn processed(&self, tracking_id: &str) -> usize {
        self.memory().record(tracking_id).map_or(0, |record| record.processed)
    }

    /// The values that select an outcome, field by field. With every other value the calls succeed.
    pub fn inputs() -> &'static [TestInput] {
        inputs::all()
    }

    /// What the gateway thinks of its cookie from now on.
    pub fn set_gateway_cookie(&self, gateway_cookie: GatewayCookie) {
        self.memory().gateway_cookie = gateway_cookie;
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        // After a panic with the lock held, the data is still consistent enough to use.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for as long as a slow answer takes.
    pub(super) async fn delay(&self) {
        tokio::time::sleep(self.settings.slow).await;
    }
}
