//! The server: starts its parts, listens on two addresses, and drains when it is stopped.

pub mod admin;
mod admin_requests;
mod captured_mails;
mod compose;
mod connections;
pub mod drain;
mod error;
mod exposition;
mod http;
pub mod process;
pub mod reload;
pub mod router;
mod tasks;

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use prometheus_client::{metrics::counter::Counter, registry::Registry};
use tokio::{
    net::TcpListener,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

pub(crate) use self::compose::app_state;
pub use self::{
    compose::{ledger, mails, open_store, outbox, partners},
    error::{StartError, listen},
};
use self::{
    connections::Connections, drain::Drain, http::Limits, reload::Reloader, router::Bounds, tasks::Tasks,
};
use crate::{
    api,
    causes::Causes,
    clock::Clock,
    config::{Problems, Settings},
    desk,
    entropy::Entropy,
    ledger::LedgerReader,
    mail, postback,
    report::{self, PartnerLinks, Reporter},
    store::Store,
    web::state::SharedState,
    worker::Worker,
};

/// How long the last checkpoint and the closing of the database may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may still send a request when the public listener is closed; less where no balancer is given the
/// time to look elsewhere (`server.unready_seconds`). By then a proxy has met the closed listener, and sends nothing more.
const LAST_REQUEST: Duration = Duration::from_secs(2);
/// The most connections of the admin listener: of orchestrators, collectors of metrics and a few people.
const PRIVATE_CONNECTIONS: usize = 64;

/// A running server. Dropped without [`stop`](Self::stop), it stops sending submissions and postbacks at once.
pub struct Server {
    /// Where the public pages are served.
    pub address: SocketAddr,
    /// Where health, metrics, the report and the desk are served.
    pub private_address: SocketAddr,
    /// The state that all requests share.
    pub app: SharedState,
    drain: Drain,
    public: JoinHandle<()>,
    private: JoinHandle<()>,
    tasks: Tasks,
    store: Store,
    enroll_worker: Worker,
    follow_up_worker: Worker,
    postback_worker: Worker,
    /// None where no mails are sent.
    mail_worker: Option<Worker>,
    unready: Duration,
    drain_time: Duration,
}

impl Server {
    /// Starts serving `settings`: migrates the database, starts the workers and background tasks, and listens.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running.
    pub async fn start(settings: &Settings, clock: Clock, entropy: Entropy) -> Result<Self, StartError> {
        let public = listen(settings.server.listen, "server.listen (ENROLL__SERVER__LISTEN)")?;
        let private =
            listen(settings.server.private_listen, "server.private_listen (ENROLL__SERVER__PRIVATE_LISTEN)")?;
        let store = Store::open_with(&settings.store.url, settings.store.pool).await?;
        store.migrate().await?;
        let app = app_state(settings, &store, clock, entropy)?;

        let outbox = compose::outbox(settings, &store, &app.clock, &app.entropy);
        let postback_worker = postback::start_worker(&outbox).map_err(StartError::Postbacks)?;
        let enroll_worker = compose::start_enroll_worker(settings, &app);
        let follow_up_worker = compose::start_follow_up_worker(settings, &app);
        let mails = compose::mails(settings, &store, &app.clock, &app.entropy);
        let poster = compose::poster(settings)?.map(Arc::new);
        let mail_worker = poster.as_ref().map(|poster| mail::start_worker(&mails, Arc::clone(poster)));
        let tasks = compose::start_tasks(settings, &store, &app, &outbox, &mails);

        let drain = Drain::default();
        let bounds = Bounds {
            request_timeout: settings.server.request_timeout,
            max_body_bytes: settings.server.max_body_bytes,
        };
        let reporter = Reporter { funnel: app.funnel.clone(), ledger: LedgerReader::clone(&app.ledger) };
        let links = PartnerLinks::new(settings.ledger.key.clone(), settings.report.partner_links);
        let partner = report::partner::router(reporter.clone(), links, app.clock.clone());
        let api = api::router(app.clone(), &settings.api, bounds.request_timeout);
        let pages = router::router(app.clone(), bounds, partner, api);
        let refused = Counter::default();
        let report = report::page::router(reporter, settings.report.password.clone(), refused.clone());
        let desk_refused = Counter::default();
        let desk = desk::router(app.clone(), outbox.clone(), settings.desk.clone(), desk_refused.clone());
        let room = process::room_for_connections(process::raise_open_files());
        let public_limits = Limits {
            head_timeout: settings.server.head_timeout,
            last_request: settings.server.unready.min(LAST_REQUEST),
            connections: Connections::shared(settings.server.max_connections.min(room)),
            trusted_proxies: settings.server.trusted_proxies,
        };
        let private_limits = Limits {
            connections: Connections::unshared(PRIVATE_CONNECTIONS),
            trusted_proxies: 0,
            ..public_limits.clone()
        };
        let register = |registry: &mut Registry| {
            public_limits.connections.register(registry);
            let help = "Guesses at the report's password that were refused: wrong, or too many at a time";
            registry.register("report_refused", help, refused);
            let help = "Guesses at passwords of the desk that were refused: wrong, or too many at a time";
            registry.register("desk_refused", help, desk_refused);
        };
        let admin =
            admin::router(app.clone(), store.clone(), outbox, mails, drain.draining.clone(), register)
                .merge(report)
                .merge(desk)
                .merge(captured_mails::router(poster.as_ref().and_then(|poster| poster.capture())));
        let admin = admin_requests::guard(admin, &settings.server.private_hosts);
        let (address, private_address) = (local(&public), local(&private));
        let public = tokio::spawn(http::serve(public, pages, public_limits, drain.clone()));
        // It serves to the very end: it reports that the public listener drains.
        let private = tokio::spawn(http::serve(private, admin, private_limits, Drain::default()));
        Ok(Self {
            address,
            private_address,
            app,
            drain,
            public,
            private,
            tasks,
            store,
            enroll_worker,
            follow_up_worker,
            postback_worker,
            mail_worker,
            unready: settings.server.unready,
            drain_time: settings.server.drain,
        })
    }

    /// Reloads what can change without a restart once per `period`, from what `read` returns. Call
    /// [`Reloader::reload`] on what this returns to reload in between.
    pub fn watch_settings<R>(&self, period: Duration, read: R) -> Arc<Reloader<R>>
    where
        R: Fn() -> Result<Settings, Problems> + Send + Sync + 'static,
    {
        let reloader = Arc::new(Reloader::new(self.app.nrg.clone(), self.app.outages.clone(), read));
        self.tasks.every("config: reload", period, Arc::clone(&reloader), |reloader| async move {
            reloader.reload(false);
            Ok::<_, Infallible>(())
        });
        reloader
    }

    /// Reports itself not ready for `server.unready_seconds` while it serves on, so that the load balancer sends
    /// visitors elsewhere; then accepts no new connections, finishes the requests and submissions under way, closes the
    /// database, and returns, at most `server.drain` and a few seconds later.
    pub async fn stop(self) {
        self.drain.draining.cancel();
        tokio::time::sleep(self.unready).await;
        let deadline = Instant::now() + self.drain_time;
        self.drain.stopping.cancel();
        self.tasks.stop(deadline).await;
        match timeout_at(deadline, self.public).await {
            Ok(_) => tracing::info!("server: drained"),
            Err(_) => tracing::error!("server: requests were still under way when server.drain had passed"),
        }
        if !self.app.calls.finish(deadline).await {
            tracing::error!("server: calls to NRG were still under way when server.drain had passed");
        }
        // Submissions are sent until here: a request under way may make one.
        self.enroll_worker.stop(deadline).await;
        self.follow_up_worker.stop(deadline).await;
        self.postback_worker.stop(deadline).await;
        if let Some(worker) = self.mail_worker {
            worker.stop(deadline).await;
        }
        if let Err(error) = self.app.funnel.flush().await {
            tracing::error!(
                error = %Causes(&error),
                "funnel: last flush failed, its counts are lost"
            );
        }
        if let Err(error) = self.app.partners.flush().await {
            tracing::error!(
                error = %Causes(&error),
                "partners: last flush failed, its counts are lost"
            );
        }
        let tracer = self.app.tracer.clone();
        // It blocks, and the runtime sends the last spans meanwhile. A panic there leaves nothing to do.
        let _ = tokio::task::spawn_blocking(move || tracer.finish()).await;
        self.private.abort();
        // What still holds a connection was cut off above, and ends with the process.
        let _ = timeout(CLOSE_TIMEOUT, self.store.close()).await;
    }
}

fn local(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)))
}
