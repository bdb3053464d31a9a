//! From settings to a running server: opens the store, builds the state, starts the worker and the broom,
//! listens, and drains when told to stop.

pub mod admin;
pub mod drain;
mod http;
pub mod reload;
pub mod router;

use std::{future::pending, net::SocketAddr, sync::Arc, time::Duration};

use axum::middleware;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use self::router::Bounds;
use crate::{
    clock::Clock,
    config::{Settings, SiteSettings},
    entropy::Entropy,
    funnel::{self, Funnel},
    ledger::{self, EnrollSender, Ledger, Retention, delayed_postbacks_forever, sweep_forever},
    messages::Catalogs,
    nrg::{Nrg, OfferCache},
    postback::{self, Outbox},
    rate_limit::{self, RateLimiter},
    report::{self, Reporter},
    session::{Claims, CookieKind, Sessions, sweep},
    store::{self, Store},
    tracing_context::Tracer,
    web::{
        Assets,
        metrics::Metrics,
        outage::OutageState,
        sites::{HostedSite, Sites},
        state::{AppState, SharedState},
    },
    worker::Worker,
};

/// How often ended sessions and old records are swept away.
const SWEEP: Duration = Duration::from_secs(300);
/// How often it is looked for endings that only time tells of.
const LATE: Duration = Duration::from_secs(15);
/// How often what was counted is written down.
const WRITE: Duration = Duration::from_secs(5);
/// How often what the store has written ahead is brought into its file.
const CHECKPOINT: Duration = Duration::from_secs(1);
/// One day.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Why the server did not start. Says which setting to look at.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address is taken, or not ours.
    #[error("cannot listen on {address} ({source}): change {setting}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The key and its environment name.
        setting: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The database.
    #[error("the store cannot be opened: look at store.url (ENROLL__STORE__URL)")]
    Store(#[from] crate::store::Error),
    /// The words.
    #[error(transparent)]
    Messages(#[from] crate::messages::Error),
    /// The collector of spans.
    #[error("spans cannot be sent: look at section traces")]
    Traces(#[from] crate::tracing_context::Unusable),
    /// The client for NRG.
    #[error("the NRG client cannot be built: look at section nrg")]
    Nrg(#[from] crate::nrg::Unusable),
    /// The client for the targets of postbacks.
    #[error("the client for postbacks cannot be built")]
    Postbacks(#[source] reqwest::Error),
}

/// Binds `address`; a port in use names the `setting` that changes it.
pub async fn listen(address: SocketAddr, setting: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, setting, source })
}

/// A server that runs.
pub struct Server {
    /// Where people reach it.
    pub address: SocketAddr,
    /// Where operators reach it.
    pub private_address: SocketAddr,
    /// The shared state.
    pub app: SharedState,
    leaving: watch::Sender<bool>,
    unready: Duration,
    stopping: watch::Sender<bool>,
    listeners: [JoinHandle<()>; 2],
    brooms: [JoinHandle<()>; 7],
    worker: Worker,
    teller: Worker,
    drain: Duration,
}

impl Server {
    /// Starts serving `settings`.
    pub async fn start(settings: &Settings, clock: Clock, entropy: Entropy) -> Result<Self, StartError> {
        let public = listen(settings.server.listen, "server.listen (ENROLL__SERVER__LISTEN)").await?;
        let private =
            listen(settings.server.private_listen, "server.private_listen (ENROLL__SERVER__PRIVATE_LISTEN)")
                .await?;
        let store = Store::open_with(&settings.store.url, settings.store.pool).await?;
        store.migrate().await?;
        let app = build(settings, &store, clock, entropy)?;

        let worker = {
            let sites = settings.sites().map(SiteSettings::site);
            let sender = Arc::new(EnrollSender::new(app.nrg.clone(), sites, app.tracer.clone()));
            let metrics = app.metrics.clone();
            ledger::start_worker(app.ledger.clone(), move |job| {
                let (sender, metrics) = (Arc::clone(&sender), metrics.clone());
                async move {
                    let reply = sender.send(job).await;
                    metrics.submitted(ledger::outcome(&reply.enrollment));
                    reply
                }
            })
        };
        let outbox = outbox(settings, &store, &app.clock, &app.entropy);
        let teller = postback::start_worker(&outbox).map_err(StartError::Postbacks)?;
        let retention = Retention {
            records: DAY.saturating_mul(settings.ledger.retention_days),
            attempts: DAY.saturating_mul(settings.ledger.attempts_days),
        };
        let brooms = [
            tokio::spawn(sweep::run(app.sessions.clone(), app.claims.clone(), SWEEP)),
            tokio::spawn(sweep_forever(app.ledger.clone(), retention, SWEEP)),
            tokio::spawn(rate_limit::sweep_forever(app.limits.clone(), SWEEP)),
            tokio::spawn(delayed_postbacks_forever(
                app.ledger.clone(),
                settings.session.limits.absolute,
                LATE,
            )),
            tokio::spawn(postback::sweep_forever(outbox.clone(), SWEEP)),
            tokio::spawn(store::checkpoint_forever(store.clone(), CHECKPOINT)),
            tokio::spawn(funnel::flush_forever(app.funnel.clone(), settings.report.kept, WRITE)),
        ];

        let reporter = Reporter { funnel: app.funnel.clone(), ledger: app.ledger.clone() };
        let (leaving, left) = watch::channel(false);
        let (stopping, stopped) = watch::channel(false);
        let bounds = Bounds {
            request_timeout: settings.server.request_timeout,
            max_body_bytes: settings.server.max_body_bytes,
        };
        let (address, private_address) = (local(&public), local(&private));
        let listeners = [
            tokio::spawn(http::serve(
                public,
                router::router(app.clone(), bounds)
                    .layer(middleware::from_fn_with_state(left.clone(), drain::close_connections)),
                settings.server.head_timeout,
                told(stopped),
            )),
            // Goes on until the end: it tells that the other drains.
            tokio::spawn(http::serve(
                private,
                admin::router(app.clone(), store, outbox, left)
                    .merge(report::page::router(reporter, settings.report.password.clone())),
                settings.server.head_timeout,
                pending(),
            )),
        ];
        let (unready, drain) = (settings.server.unready, settings.server.drain);
        Ok(Self {
            address,
            private_address,
            app,
            leaving,
            unready,
            stopping,
            listeners,
            brooms,
            worker,
            teller,
            drain,
        })
    }

    /// Says for a while that it is not ready; then takes no new connections, finishes the requests and submissions
    /// under way, and returns: at the latest after `server.unready_seconds` and `server.drain`.
    pub async fn stop(self) {
        // Whoever asks after readiness holds a receiver; without a listener nobody asks.
        let _ = self.leaving.send(true);
        tokio::time::sleep(self.unready).await;
        let end = Instant::now() + self.drain;
        // The receivers are gone only when the listeners are.
        let _ = self.stopping.send(true);
        for broom in &self.brooms {
            broom.abort();
        }
        let [public, private] = self.listeners;
        if timeout_at(end, public).await.is_err() {
            tracing::error!("requests were still under way when the time to stop had run out");
        }
        // Sends on until then: a request under way may be a submission.
        self.worker.stop(end).await;
        self.teller.stop(end).await;
        if let Err(error) = self.app.funnel.flush().await {
            tracing::error!(error = &error as &dyn std::error::Error, "the last counts are lost");
        }
        let tracer = self.app.tracer.clone();
        // The runtime goes on meanwhile, and sends the last spans. A panic there leaves nothing to do.
        let _ = tokio::task::spawn_blocking(move || tracer.finish()).await;
        private.abort();
    }
}

fn local(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// Until it is told to stop.
async fn told(mut stopped: watch::Receiver<bool>) {
    if stopped.wait_for(|stop| *stop).await.is_err() {
        pending::<()>().await;
    }
}

/// The ledger of `settings`, of a server that may be running: opened, never made.
pub async fn open_ledger(settings: &Settings, clock: Clock, entropy: Entropy) -> Result<Ledger, StartError> {
    let store = Store::open_existing(&settings.store.url).await?;
    Ok(ledger(settings, &store, &clock, &entropy))
}

/// The outbox of postbacks of `settings`, of a server that may be running: opened, never made.
pub async fn open_outbox(settings: &Settings, clock: Clock, entropy: Entropy) -> Result<Outbox, StartError> {
    let store = Store::open_existing(&settings.store.url).await?;
    Ok(outbox(settings, &store, &clock, &entropy))
}

/// What reports are made of, by `settings`, of a server that may be running: opened, never made.
pub async fn open_reporter(
    settings: &Settings,
    clock: Clock,
    entropy: Entropy,
) -> Result<Reporter, StartError> {
    let store = Store::open_existing(&settings.store.url).await?;
    let ledger = ledger(settings, &store, &clock, &entropy);
    Ok(Reporter { funnel: Funnel::new(store, clock), ledger })
}

fn outbox(settings: &Settings, store: &Store, clock: &Clock, entropy: &Entropy) -> Outbox {
    Outbox::new(store.clone(), settings.postbacks.clone(), clock.clone(), entropy.clone())
}

fn ledger(settings: &Settings, store: &Store, clock: &Clock, entropy: &Entropy) -> Ledger {
    Ledger::new(
        store.clone(),
        settings.session.keys.clone(),
        settings.ledger.key.clone(),
        clock.clone(),
        entropy.clone(),
        settings.ledger.sending(settings.store.lease),
    )
    .with_targets(settings.postbacks.clone())
}

/// The shared state, of these settings.
pub(crate) fn build(
    settings: &Settings,
    store: &Store,
    clock: Clock,
    entropy: Entropy,
) -> Result<SharedState, StartError> {
    let keys = settings.session.keys.clone();
    let funnel = Funnel::new(store.clone(), clock.clone());
    let sessions =
        Sessions::new(store.clone(), keys, clock.clone(), entropy.clone(), settings.session.limits)
            .telling(settings.postbacks.clone())
            .counting(funnel.clone(), settings.sites().map(SiteSettings::site));
    let ledger = ledger(settings, store, &clock, &entropy);
    let cookie =
        if settings.server.public_url.scheme() == "https" { CookieKind::Secure } else { CookieKind::Plain };
    let hosted = |site: &SiteSettings| HostedSite {
        site: site.site(),
        public_url: site.public_url.clone(),
        assets: Assets::new(&site.theme),
        link_builder: site.affiliate.link_builder,
    };
    let sites = Sites::new(hosted(&settings.main), settings.others.iter().map(hosted));
    let tracer = match &settings.traces.export {
        Some(export) => Tracer::exporting(export, entropy.clone())?,
        None => Tracer::new(entropy.clone()),
    };
    Ok(Arc::new(AppState {
        sites,
        outages: OutageState::new(settings.outages()),
        catalogs: Catalogs::load()?,
        nrg: Nrg::new(settings.nrg.client.clone(), clock.clone(), entropy.clone())?,
        offers: OfferCache::new(settings.nrg.offers_cache),
        sessions,
        claims: Claims::new(store.clone(), clock.clone(), settings.store.lease),
        limits: RateLimiter::new(
            store.clone(),
            settings.ledger.key.clone(),
            clock.clone(),
            settings.limits.rates,
        ),
        ledger,
        metrics: Metrics::default(),
        funnel,
        clock,
        entropy,
        tracer,
        cookie,
        trusted_proxies: settings.server.trusted_proxies,
        form_timeout: settings.server.form_timeout,
        recent_window: settings.ledger.recent_window,
        honeypot: settings.limits.honeypot,
        minimum: settings.limits.minimum,
        idle: settings.session.limits.idle,
        absolute: settings.session.limits.absolute,
        resume: settings.session.resume,
    }))
}
