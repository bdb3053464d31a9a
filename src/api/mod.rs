//! What systems of partners ask for, as JSON: the plans that can be sold at an address's ZIP code, to hand a customer over,
//! and where a journey stands that they handed over.
//!
//! No request has a session, sets a cookie or counts as a visitor. Every error is a problem (RFC 9457), also those of the
//! layers and of the router. `openapi.json` describes all of it; the tests hold every answer against it.

mod access;
mod caching;
mod feed;
mod given;
mod journeys;
mod plans;
mod problem;
mod query;
mod state;
mod status;

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, cors::CorsLayer, timeout::TimeoutLayer};

use self::{
    caching::cached,
    problem::{Kind, Problem},
    state::Api,
};
use crate::web::{compression::compress, headers::secure, request_id, sites, state::SharedState};

/// How long a browser may remember that a page may ask.
const PREFLIGHT: Duration = Duration::from_secs(600);

/// What `/api/` serves, and to whom.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// Whether it is served.
    pub enabled: bool,
    /// Whether the plans are served without a key as well.
    pub open: bool,
    /// The origins whose pages may read the answers, as a browser writes them.
    pub origins: Vec<String>,
    /// How long the link of a handover can be opened.
    pub link_valid: Duration,
}

/// The routes below `/api/`, with all their layers. Switched off, each is a problem with status 404.
pub fn router(app: SharedState, settings: &ApiSettings, request_timeout: Duration) -> Router {
    let shared = app.clone();
    let mut routes = Router::new();
    if settings.enabled {
        routes = routes
            .route("/api/plans", get(plans::show))
            .route("/api/journeys", post(journeys::create))
            .route("/api/journeys/{order_id}", get(journeys::show))
            .route("/api/openapi.json", get(openapi));
    }
    for elsewhere in ["/api", "/api/", "/api/{*path}"] {
        routes = routes.route(elsewhere, any(async || Problem::of(Kind::NotFound)));
    }
    routes.with_state(Api { app, open: settings.open, link_valid: settings.link_valid }).layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(shared.clone(), for_every_answer))
            // A page that may read the answers may read the problems, too.
            .layer(cors(settings))
            // An error that a layer or the router answers becomes a problem.
            .layer(middleware::from_fn(with_problem))
            .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
            .layer(middleware::from_fn_with_state(shared, of_a_site))
            .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, request_timeout)),
    )
}

async fn for_every_answer(State(app): State<SharedState>, request: Request, next: Next) -> Response {
    // Outermost: every answer has a request id and a log line.
    request_id::assign(&app.entropy, &app.tracer, &app.metrics, request, async |request| {
        let compressed = async |request| compress(request, async |request| next.run(request).await).await;
        secure(app.is_https(), request, compressed).await
    })
    .await
}

async fn of_a_site(State(app): State<SharedState>, request: Request, next: Next) -> Response {
    sites::find(&app.sites, request, async |request| next.run(request).await).await
}

/// Without credentials: no cookie of a visitor is ever sent along. Without `enabled`, no origin is named.
fn cors(settings: &ApiSettings) -> CorsLayer {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    let origins = settings.origins.iter().filter(|_| settings.enabled);
    let origins: Vec<HeaderValue> = origins.filter_map(|origin| origin.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET])
        .allow_headers([header::AUTHORIZATION, header::IF_NONE_MATCH])
        .expose_headers([header::ETAG, header::RETRY_AFTER, REQUEST_ID])
        .max_age(PREFLIGHT)
}

async fn with_problem(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if problem::is_one(&response) || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (answered, _) = response.into_parts();
    let mut response = Problem::of_status(status).into_response();
    // What the layer said besides: which methods there are, and that the connection ends.
    for name in [header::ALLOW, header::CONNECTION] {
        if let Some(value) = answered.headers.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// `GET /api/openapi.json`: the description of this API.
async fn openapi(headers: HeaderMap) -> Response {
    const DOCUMENT: &str = include_str!("openapi.json");
    cached(&headers, Bytes::from_static(DOCUMENT.as_bytes()), "public, max-age=3600")
}
