//! What operators and their machines see, on the private listener: whether the server is alive, whether it is to be
//! sent visitors, and what it counts.

use std::{fmt, sync::Arc};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};
use tokio::sync::watch;

use crate::{
    nrg::Nrg,
    postback::{Outbox, State as Told},
    store::Store,
    web::state::SharedState,
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

struct Private {
    app: SharedState,
    store: Store,
    outbox: Outbox,
    /// True once the server is told to stop.
    draining: watch::Receiver<bool>,
    registry: Registry,
    looked_at: Gauges,
}

/// What is looked up when someone asks.
#[derive(Default)]
struct Gauges {
    store_up: Gauge,
    sessions: Gauge,
    submissions: Family<InState, Gauge>,
    postbacks: Family<Postbacks, Gauge>,
    nrg_refuses: Gauge,
    draining: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Postbacks {
    to: String,
    state: &'static str,
}

/// `/healthz`, `/readyz` and `/metrics`.
pub fn router(app: SharedState, store: Store, outbox: Outbox, draining: watch::Receiver<bool>) -> Router {
    let looked_at = Gauges::default();
    let registry = registry(&app, &looked_at);
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(Private { app, store, outbox, draining, registry, looked_at }))
}

fn registry(app: &SharedState, looked_at: &Gauges) -> Registry {
    let mut registry = Registry::with_prefix("enroll");
    let version = vec![("version", env!("CARGO_PKG_VERSION"))];
    registry.register("build", "The program", Info::new(version));
    app.metrics.register(&mut registry);
    app.nrg.register(&mut registry);
    app.offers.register(&mut registry);
    let Gauges { store_up, sessions, submissions, postbacks, nrg_refuses, draining } = looked_at;
    let mut gauge = |name, help, gauge: &Gauge| registry.register(name, help, gauge.clone());
    gauge("store_up", "Whether the database answers", store_up);
    gauge("sessions", "Sessions that have not ended, of all servers together", sessions);
    gauge("nrg_refuses_us", "Whether calls are held back because NRG answered 401 or 403", nrg_refuses);
    gauge("draining", "Whether the server was told to stop", draining);
    let help = "Submissions by state, of all servers together";
    registry.register("submissions", help, submissions.clone());
    let help = "Postbacks of the last weeks by target and state, of all servers together";
    registry.register("postbacks", help, postbacks.clone());
    registry
}

/// Ready means: send visitors. NRG's state is told, and is no reason to send none: the pages say it better.
async fn ready(State(private): State<Arc<Private>>) -> (StatusCode, String) {
    let nrg = NrgState(&private.app.nrg);
    if *private.draining.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("draining\n{nrg}"));
    }
    match private.store.ping().await {
        Ok(()) => (StatusCode::OK, format!("ready\n{nrg}")),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, format!("the store does not answer\n{nrg}")),
    }
}

async fn metrics(State(private): State<Arc<Private>>) -> Response {
    private.look().await;
    let mut page = String::new();
    match text::encode(&mut page, &private.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], page).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Private {
    async fn look(&self) {
        let Gauges { store_up, sessions, submissions, postbacks, nrg_refuses, draining } = &self.looked_at;
        nrg_refuses.set(self.app.nrg.refusal().is_some().into());
        draining.set((*self.draining.borrow()).into());
        let counted = async {
            let (alive, by_state) = (self.app.sessions.count().await?, self.app.ledger.count().await?);
            Ok::<_, crate::store::Error>((alive, by_state, self.outbox.count().await?))
        };
        match counted.await {
            Ok((alive, by_state, told)) => {
                store_up.set(1);
                sessions.set(alive);
                for (state, rows) in by_state {
                    submissions.get_or_create(&InState { state: state.word() }).set(rows);
                }
                self.set_postbacks(&told);
            }
            // Counts of a while ago would pass for those of now.
            Err(_) => {
                store_up.set(0);
                sessions.set(0);
                submissions.clear();
                postbacks.clear();
            }
        }
    }

    /// A gauge for every target and state: those there are none of stand at 0.
    fn set_postbacks(&self, counted: &[(String, Told, i64)]) {
        let known = self.outbox.targets().iter().map(|target| target.name.as_str());
        for (to, state) in known.flat_map(|name| Told::ALL.iter().map(move |state| (name, *state))) {
            let rows =
                counted.iter().find(|(name, at, _)| name == to && *at == state).map_or(0, |(.., rows)| *rows);
            let labels = Postbacks { to: to.to_owned(), state: state.word() };
            self.looked_at.postbacks.get_or_create(&labels).set(rows);
        }
    }
}

struct NrgState<'a>(&'a Nrg);

impl fmt::Display for NrgState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.refusal() {
            Some(refusal) => write!(f, "NRG refuses us: {refusal}; calls are held back; ")?,
            None => f.write_str("NRG lets us in; ")?,
        }
        writeln!(f, "latest call: {}", self.0.last_outcome().unwrap_or("none"))
    }
}
