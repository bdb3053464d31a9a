//! The admin listener: liveness, readiness and metrics, for operators and their orchestrators.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};
use tokio_util::sync::CancellationToken;

use super::exposition::Format;
use crate::{
    mail::{Kind as MailKind, Mails, State as MailState},
    nrg::Nrg,
    postback::{Outbox, State as PostbackState},
    store::Store,
    web::state::SharedState,
};

struct Admin {
    app: SharedState,
    store: Store,
    outbox: Outbox,
    mails: Mails,
    /// Cancelled once the server drains.
    draining: CancellationToken,
    registry: Registry,
    gauges: Gauges,
}

/// The metrics that are read anew for each scrape. Those of the database are families, also where they have no label: a
/// family can be empty, while the database is away.
#[derive(Default)]
struct Gauges {
    store_up: Gauge,
    sessions: Family<NoLabels, Gauge>,
    clock_offset: Family<NoLabels, Gauge<f64, AtomicU64>>,
    submissions: Family<SubmissionLabels, Gauge>,
    postbacks: Family<PostbackLabels, Gauge>,
    postbacks_failing: Family<TargetLabels, Gauge>,
    mails: Family<MailLabels, Gauge>,
    mails_failing: Family<NoLabels, Gauge>,
    nrg_refuses: Gauge,
    draining: Gauge,
}

/// The labels of a metric that has none.
type NoLabels = [(&'static str, &'static str); 0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SubmissionLabels {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PostbackLabels {
    to: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TargetLabels {
    to: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MailLabels {
    kind: &'static str,
    state: &'static str,
}

const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";
const METRICS: &str = "/metrics";

/// The paths that programs ask for every few seconds.
pub const POLLED: [&str; 3] = [HEALTHZ, READYZ, METRICS];

/// `/healthz`, `/readyz` and `/metrics`. `register` adds the metrics of other parts.
pub fn router(
    app: SharedState,
    store: Store,
    outbox: Outbox,
    mails: Mails,
    draining: CancellationToken,
    register: impl FnOnce(&mut Registry),
) -> Router {
    let gauges = Gauges::default();
    let mut registry = registry(&app, &gauges);
    register(&mut registry);
    Router::new()
        .route(HEALTHZ, get(|| async { "ok\n" }))
        .route(READYZ, get(ready))
        .route(METRICS, get(metrics))
        .with_state(Arc::new(Admin { app, store, outbox, mails, draining, registry, gauges }))
}

fn registry(app: &SharedState, gauges: &Gauges) -> Registry {
    let mut registry = Registry::with_prefix("enroll");
    let version = vec![("version", env!("CARGO_PKG_VERSION"))];
    registry.register("build", "The program", Info::new(version));
    app.metrics.register(&mut registry);
    app.nrg.register(&mut registry);
    app.offers.register(&mut registry);
    let Gauges {
        store_up,
        sessions,
        clock_offset,
        submissions,
        postbacks,
        postbacks_failing,
        mails,
        mails_failing,
        nrg_refuses,
        draining,
    } = gauges;
    let mut gauge = |name, help, gauge: &Gauge| registry.register(name, help, gauge.clone());
    gauge("store_up", "Whether the database answers and takes writes", store_up);
    gauge("nrg_refusing", "Whether calls are held back because NRG answered 401 or 403", nrg_refuses);
    gauge("nrg_refuses_us", "The older name of nrg_refusing; in OpenMetrics only", nrg_refuses);
    gauge("draining", "Whether the server was asked to stop", draining);
    let help = "Sessions that have not ended, of all servers together";
    registry.register("sessions", help, sessions.clone());
    let help = "Seconds by which this server's clock is ahead of PostgreSQL's; 0 with SQLite";
    registry.register("clock_offset_seconds", help, clock_offset.clone());
    let help = "Submissions by state, of all servers together";
    registry.register("submissions", help, submissions.clone());
    let help = "Postbacks of the last weeks by target and state, of all servers together";
    registry.register("postbacks", help, postbacks.clone());
    let help = "Seconds for which postbacks to a target have been failing, of all servers together";
    registry.register("postbacks_failing_seconds", help, postbacks_failing.clone());
    let help = "Mails of the last weeks by kind and state, of all servers together";
    registry.register("mails", help, mails.clone());
    let help = "Seconds for which mails have been failing, of all servers together";
    registry.register("mails_failing_seconds", help, mails_failing.clone());
    registry
}

/// Ready means that visitors may be sent. NRG's state is part of the answer, but NRG being away does not make the server
/// unready: the pages explain it better than a load balancer would.
async fn ready(State(admin): State<Arc<Admin>>) -> (StatusCode, String) {
    let nrg = NrgState(&admin.app.nrg);
    if admin.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("draining\n{nrg}"));
    }
    match admin.store.take_a_write().await {
        Ok(()) => (StatusCode::OK, format!("ready\n{nrg}")),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n{nrg}")),
    }
}

async fn metrics(State(admin): State<Arc<Admin>>, headers: HeaderMap) -> Response {
    admin.update_gauges().await;
    let mut page = String::new();
    match text::encode(&mut page, &admin.registry) {
        Ok(()) => {
            let format = Format::wanted(&headers);
            ([(header::CONTENT_TYPE, format.content_type())], format.of_open_metrics(page)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Admin {
    async fn update_gauges(&self) {
        let Gauges {
            store_up,
            sessions,
            clock_offset,
            submissions,
            postbacks,
            postbacks_failing,
            mails,
            mails_failing,
            nrg_refuses,
            draining,
        } = &self.gauges;
        nrg_refuses.set(self.app.nrg.refusal().is_some().into());
        draining.set(self.draining.is_cancelled().into());
        let counted = async {
            self.store.take_a_write().await?;
            let (alive, by_state) = (self.app.sessions.count().await?, self.app.ledger.count().await?);
            let (counted, failing) = (self.outbox.count().await?, self.outbox.failing().await?);
            let mailed = (self.mails.count().await?, self.mails.failing().await?);
            let offset = self.store.clock_offset(&self.app.clock).await?;
            Ok::<_, crate::store::Error>((alive, by_state, counted, failing, mailed, offset))
        };
        match counted.await {
            Ok((alive, by_state, by_target, failing, mailed, offset)) => {
                store_up.set(1);
                sessions.get_or_create(&[]).set(alive);
                clock_offset.get_or_create(&[]).set(offset);
                for (state, rows) in by_state {
                    submissions.get_or_create(&SubmissionLabels { state: state.word() }).set(rows);
                }
                self.set_postbacks(&by_target, &failing);
                self.set_mails(&mailed.0, mailed.1);
            }
            // Old counts would pass for current ones.
            Err(_) => {
                store_up.set(0);
                sessions.clear();
                clock_offset.clear();
                submissions.clear();
                postbacks.clear();
                postbacks_failing.clear();
                mails.clear();
                mails_failing.clear();
            }
        }
    }

    /// Sets a gauge for every target and state, to 0 where there are none; and one for how long a target has been failing.
    fn set_postbacks(&self, counted: &[(String, PostbackState, i64)], failing: &[(String, Duration)]) {
        let known: Vec<&str> = self.outbox.targets().iter().map(|target| target.name.as_str()).collect();
        for &to in &known {
            let found = failing.iter().find(|(name, _)| name == to);
            let seconds =
                found.map_or(0, |(_, failing)| i64::try_from(failing.as_secs()).unwrap_or(i64::MAX));
            self.gauges.postbacks_failing.get_or_create(&TargetLabels { to: to.to_owned() }).set(seconds);
        }
        for (to, state) in
            known.into_iter().flat_map(|name| PostbackState::ALL.iter().map(move |state| (name, *state)))
        {
            let rows =
                counted.iter().find(|(name, at, _)| name == to && *at == state).map_or(0, |(.., rows)| *rows);
            let labels = PostbackLabels { to: to.to_owned(), state: state.word() };
            self.gauges.postbacks.get_or_create(&labels).set(rows);
        }
    }

    /// Sets a gauge for every kind and state, to 0 where there are none; and one for how long mails have been failing. None
    /// where no mails are sent.
    fn set_mails(&self, counted: &[(String, MailState, i64)], failing: Duration) {
        if self.app.mails.is_none() {
            return;
        }
        let seconds = i64::try_from(failing.as_secs()).unwrap_or(i64::MAX);
        self.gauges.mails_failing.get_or_create(&[]).set(seconds);
        for (kind, state) in
            MailKind::ALL.iter().flat_map(|kind| MailState::ALL.iter().map(move |state| (*kind, *state)))
        {
            let is = |(word, at, _): &&(String, MailState, i64)| word == kind.word() && *at == state;
            let rows = counted.iter().find(is).map_or(0, |(.., rows)| *rows);
            let labels = MailLabels { kind: kind.word(), state: state.word() };
            self.gauges.mails.get_or_create(&labels).set(rows);
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
