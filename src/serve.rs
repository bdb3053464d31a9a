//! From settings to a running server: opens the store, builds the state, starts the worker and the broom,
//! listens, and drains when told to stop.

use std::{future::pending, net::SocketAddr, time::Duration};

use axum::{Router, extract::State, routing::get};
use http::StatusCode;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    ambient::{Clock, Entropy},
    app::{self, Bounds},
    config::Settings,
    ledger::{Ledger, Retention, Worker, sweep_forever},
    nrg::{Nrg, OfferCache},
    session::{Claims, CookieKind, Sessions, sweep},
    store::Store,
    submission,
    text::Texts,
    web::state::{App, Parts},
};

/// How long answers under way may take once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(100);
/// How often ended sessions and old records are swept away.
const SWEEP: Duration = Duration::from_secs(300);
/// How long the attempts at sending are kept.
const ATTEMPTS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
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
    Text(#[from] crate::text::Error),
    /// The client for NRG.
    #[error("the NRG client cannot be built: look at section nrg")]
    Nrg(#[from] crate::nrg::Unusable),
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
    pub app: App,
    stopping: watch::Sender<bool>,
    listeners: [JoinHandle<()>; 2],
    brooms: [JoinHandle<()>; 2],
    worker: Worker,
}

impl Server {
    /// Starts serving `settings`.
    pub async fn start(settings: &Settings, clock: Clock, entropy: Entropy) -> Result<Self, StartError> {
        let public = listen(settings.server.listen, "server.listen (ENROLL__SERVER__LISTEN)").await?;
        let private =
            listen(settings.server.private_listen, "server.private_listen (ENROLL__SERVER__PRIVATE_LISTEN)")
                .await?;
        let store = Store::open(&settings.store.url).await?;
        store.migrate().await?;
        let app = build(settings, &store, clock, entropy)?;

        let worker = {
            let app = app.clone();
            Worker::start(app.ledger.clone(), move |order| submission::send(app.clone(), order))
        };
        let retention = Retention {
            records: DAY.saturating_mul(settings.ledger.retention_days),
            attempts: ATTEMPTS_KEPT,
        };
        let brooms = [
            tokio::spawn(sweep::run(app.sessions.clone(), app.claims.clone(), SWEEP)),
            tokio::spawn(sweep_forever(app.ledger.clone(), retention, SWEEP)),
        ];

        let (stopping, stopped) = watch::channel(false);
        let bounds = Bounds {
            request_timeout: settings.server.request_timeout,
            max_body_bytes: settings.server.max_body_bytes,
        };
        let (address, private_address) = (local(&public), local(&private));
        let listeners = [
            serve(public, app::router(app.clone(), bounds), stopped.clone()),
            serve(private, private_router(store, stopped.clone()), stopped),
        ];
        Ok(Self { address, private_address, app, stopping, listeners, brooms, worker })
    }

    /// Takes no new connections, finishes the requests and submissions under way, and returns.
    pub async fn stop(self) {
        // The receivers are gone only when the listeners are.
        let _ = self.stopping.send(true);
        for broom in &self.brooms {
            broom.abort();
        }
        let [public, private] = self.listeners;
        if tokio::time::timeout(DRAIN, public).await.is_err() {
            tracing::error!("requests were still under way when the time to stop had run out");
        }
        self.worker.stop(DRAIN).await;
        private.abort();
    }
}

fn local(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)))
}

fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        let until_told = async move {
            if stopped.wait_for(|stop| *stop).await.is_err() {
                pending::<()>().await;
            }
        };
        if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(until_told).await {
            tracing::error!(%error, "the listener failed");
        }
    })
}

fn build(settings: &Settings, store: &Store, clock: Clock, entropy: Entropy) -> Result<App, StartError> {
    let keys = settings.session.keys.clone();
    let sessions =
        Sessions::new(store.clone(), keys.clone(), clock.clone(), entropy.clone(), settings.session.limits);
    let ledger = Ledger::new(
        store.clone(),
        keys,
        settings.ledger.key.clone(),
        clock.clone(),
        entropy.clone(),
        settings.ledger.sending(),
    );
    let cookie =
        if settings.server.public_url.scheme() == "https" { CookieKind::Secure } else { CookieKind::Plain };
    Ok(App::new(Parts {
        site: settings.site(),
        texts: Texts::load()?,
        nrg: Nrg::new(settings.nrg.client.clone(), clock.clone(), entropy.clone())?,
        offers: OfferCache::new(settings.nrg.offers_cache),
        sessions,
        claims: Claims::new(store.clone(), clock.clone()),
        ledger,
        clock,
        entropy,
        public_url: settings.server.public_url.clone(),
        cookie,
        trusted_proxies: settings.server.trusted_proxies,
        recent_window: settings.ledger.recent_window,
        honeypot: settings.limits.honeypot,
        minimum: settings.limits.minimum,
        idle: settings.session.limits.idle,
    }))
}

/// Health for the orchestrator: alive, and ready to take visitors.
fn private_router(store: Store, stopping: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .with_state((store, stopping))
}

async fn ready(
    State((store, stopping)): State<(Store, watch::Receiver<bool>)>,
) -> (StatusCode, &'static str) {
    if *stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining");
    }
    match store.ping().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer"),
    }
}
