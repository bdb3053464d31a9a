//! What every page can reach: built once by `server`, shared by reference.

use std::{sync::Arc, time::Duration};

use super::sites::Sites;
use crate::{
    clock::Clock,
    entropy::Entropy,
    funnel::Funnel,
    ledger::Ledger,
    messages::Catalogs,
    nrg::{Nrg, OfferCache},
    rate_limit::RateLimiter,
    session::{Claims, CookieKind, Sessions},
    tracing_context::Tracer,
    web::{metrics::Metrics, outage::OutageState},
};

/// The shared state as handlers hold it: a clone is the same state.
pub type SharedState = Arc<AppState>;

/// Everything that outlives a request: settings, clients, stores and counters.
#[allow(missing_docs, reason = "the names say it")]
pub struct AppState {
    pub sites: Sites,
    pub outages: OutageState,
    pub catalogs: Catalogs,
    pub nrg: Nrg,
    pub offers: OfferCache,
    pub sessions: Sessions,
    pub claims: Claims,
    pub limits: RateLimiter,
    pub ledger: Ledger,
    pub metrics: Metrics,
    pub funnel: Funnel,
    pub clock: Clock,
    pub entropy: Entropy,
    pub tracer: Tracer,
    pub cookie: CookieKind,
    /// How many proxies in front may be believed about the client's address.
    pub trusted_proxies: usize,
    /// How long a request waits while another one of its session makes the same call of NRG; then the page is shown
    /// again. Shorter than a request may take.
    pub claim_wait: Duration,
    /// How long a browser may take to send a form.
    pub form_timeout: Duration,
    /// A second submission of the same person and address within this time is asked about.
    pub recent_window: Duration,
    /// A field people do not see and programs fill in.
    pub honeypot: bool,
    /// Nobody reads and answers the pages before identity faster than this.
    pub minimum: Duration,
    /// Idle limit of a session, for the page that warns.
    pub idle: Duration,
    /// Absolute limit of a session.
    pub absolute: Duration,
    /// A visit can be put aside.
    pub resume: bool,
}
