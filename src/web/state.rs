//! The shared state of all requests: built once by `server`, shared by reference.

use std::{sync::Arc, time::Duration};

use super::{calls::Calls, metrics::Metrics, outage::OutageState, sites::Sites};
use crate::{
    clock::Clock,
    entropy::Entropy,
    funnel::Funnel,
    ledger::Ledger,
    mail::Mails,
    messages::Catalogs,
    nrg::{MeterCache, Nrg, OfferCache, UtilityCache},
    partners::Partners,
    rate_limit::RateLimiter,
    session::{Claims, CookieKind, Sessions},
    tracing_context::Tracer,
};

/// The shared state as handlers hold it. A clone is the same state.
pub type SharedState = Arc<AppState>;

/// Everything that outlives a request: settings, clients, stores and metrics.
#[allow(missing_docs, reason = "the names say it")]
pub struct AppState {
    pub sites: Sites,
    pub outages: OutageState,
    pub catalogs: Catalogs,
    pub nrg: Nrg,
    pub offers: OfferCache,
    pub utilities: UtilityCache,
    pub meters: MeterCache,
    pub sessions: Arc<Sessions>,
    pub claims: Claims,
    pub calls: Calls,
    pub limits: RateLimiter,
    pub ledger: Ledger,
    pub partners: Partners,
    /// The outbox of mails, where mails are sent.
    pub mails: Option<Mails>,
    pub metrics: Metrics,
    pub funnel: Funnel,
    pub clock: Clock,
    pub entropy: Entropy,
    pub tracer: Tracer,
    pub cookie: CookieKind,
    /// How many proxies in front of this server may be believed about the client's address.
    pub trusted_proxies: usize,
    /// How long a request waits for NRG at most; then the visitor is shown that it is being waited for.
    pub patience: Duration,
    /// How long a client may take to send a form.
    pub form_timeout: Duration,
    /// Within this time, a second submission of the same person and address asks the visitor first.
    pub recent_window: Duration,
    /// From how many different numbers of one address on they are counted as many.
    pub numbers_per_address: i64,
    /// Whether forms have a honeypot field.
    pub honeypot: bool,
    /// A visitor who gets to the identity step faster than this is taken for a program.
    pub minimum: Duration,
    /// The idle limit of a session, which its pages warn of.
    pub idle: Duration,
    /// The absolute limit of a session.
    pub absolute: Duration,
    /// Whether a journey can be saved and resumed.
    pub resume: bool,
    /// Whether a session that times out is put aside for who gives the birth date again.
    pub keep_timed_out: bool,
}

impl AppState {
    /// Whether the sites are served over https, which the demo is not.
    pub fn is_https(&self) -> bool {
        self.sites.main().public_url.scheme() == "https"
    }
}
