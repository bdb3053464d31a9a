//! The NRG Sales API as the wire contract describes it, played over HTTP: for the demo, the tests
//! and an affiliate's staging.
//!
//! What may come in: invented people. What looks real (an SSN outside the 900 range, an e-mail
//! address outside the example domains, a phone number without 555) is refused. What never leaves:
//! a connection to anywhere. Nothing here is shared with the client in `crate::nrg`: the JSON is
//! written by hand on both sides, so that each side checks the other.
//!
//! ```text
//! router → Ask (request) → rules (400s) → the endpoint's own file → Reply (envelope)
//!                                         inputs (which outcome) ─┘   records (what is remembered)
//! ```
//!
//! Which typed value leads to which outcome is one table: [`Sandbox::inputs`].

mod address;
mod catalog;
mod credit;
mod dates;
mod enroll;
mod envelope;
mod gateway;
mod holds;
mod identity;
mod inputs;
mod kba;
mod log;
mod meters;
mod offers;
mod plans;
mod prospect;
mod records;
mod request;
mod rules;
mod texts;
mod token;
mod verification;

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{clock::Clock, entropy::Entropy};
use records::State as Memory;

pub use inputs::TestInput;
pub use log::Call;

/// How a sandbox is set up.
#[derive(Clone)]
pub struct Settings {
    /// The Basic auth name it accepts.
    pub username: String,
    /// The Basic auth password it accepts.
    pub password: String,
    /// The one `affiliateId` it serves; any other is answered 403.
    pub affiliate_id: String,
    /// Tells the day and the hour that offers and dates are reckoned from.
    pub clock: Clock,
    /// Draws tokens and guids.
    pub entropy: Entropy,
    /// How long an answer takes that the test inputs call slow.
    pub slow: Duration,
}

/// One running double of the API. Clones share their records and their log.
#[derive(Clone)]
pub struct Sandbox {
    settings: Arc<Settings>,
    memory: Arc<Mutex<Memory>>,
}

impl Sandbox {
    /// An empty sandbox.
    pub fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), memory: Arc::default() }
    }

    /// The API under `/NRGREST/rest/sales/` (contract section 4), behind Basic auth, and the payment
    /// gateway's page under `/gateway/pay`.
    pub fn router(&self) -> Router {
        let sales = Router::new()
            .route("/token", get(token::answer))
            .route("/prospect", get(prospect::answer))
            .route("/cleanup-address", post(address::answer))
            .route("/tdsp", post(meters::tdsp))
            .route("/esid", post(meters::esid))
            .route("/esid/residential", post(meters::residential))
            .route("/esidValidation", post(meters::validation))
            .route("/offers", get(offers::list))
            .route("/offer-details", get(offers::details))
            .route("/identity", post(identity::answer))
            .route("/kba-oe", post(kba::questions))
            .route("/kba-result", post(kba::result))
            .route("/available-dates", post(dates::answer))
            .route("/check-credit", post(credit::check))
            .route("/recheck-credit", post(credit::recheck))
            .route("/enroll", post(enroll::answer))
            .route("/holds", get(holds::answer))
            .fallback(not_found)
            .layer(from_fn(refuse_letter_language))
            .layer(from_fn(forget_the_media_type))
            .layer(from_fn_with_state(self.clone(), authenticate));
        Router::new()
            .nest("/NRGREST/rest/sales", sales)
            .route(
                "/gateway/pay",
                get(gateway::from_link)
                    .post(gateway::from_form)
                    .layer(DefaultBodyLimit::max(gateway::BODY_LIMIT)),
            )
            .fallback(not_found)
            .with_state(self.clone())
    }

    /// Every call that reached an endpoint, oldest first (the last ten thousand).
    pub fn calls(&self) -> Vec<Call> {
        self.memory().calls.iter().cloned().collect()
    }

    /// How many calls of [`Sandbox::calls`] went to `endpoint`, for example `esid/residential`.
    pub fn count(&self, endpoint: &str) -> usize {
        self.memory().calls.iter().filter(|call| call.endpoint == endpoint).count()
    }

    /// Empties the log of calls. Records stay.
    pub fn clear_calls(&self) {
        self.memory().calls.clear();
    }

    /// How often an enrollment of this record was processed: more than once is a double enrollment,
    /// which nothing in the API prevents (contract section 9).
    pub fn processed(&self, tracking_id: &str) -> usize {
        self.memory().record(tracking_id).map_or(0, |record| record.processed)
    }

    /// The values that choose an outcome, field by field. Everything else goes well.
    pub fn inputs() -> &'static [TestInput] {
        inputs::all()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A panic while the lock was held leaves plain data behind: it is still usable.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take_long(&self) {
        tokio::time::sleep(self.settings.slow).await;
    }
}

/// 401 with an HTML body, as the access gateway in front of NRG answers (contract 3.4).
async fn authenticate(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let settings = &sandbox.settings;
    let expected = STANDARD.encode(format!("{}:{}", settings.username, settings.password));
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given.and_then(|value| value.strip_prefix("Basic ")) == Some(expected.as_str()) {
        next.run(request).await
    } else {
        envelope::Reply::unauthorized().into_response()
    }
}

/// `Accept-Language: E` breaks the request (contract section 1).
async fn refuse_letter_language(request: Request, next: Next) -> Response {
    match text(request.headers(), "accept-language") {
        Some("E" | "S") => envelope::Reply::crashed().into_response(),
        _ => next.run(request).await,
    }
}

/// Without `Accept: application/json` an error body may come as anything (contract section 1).
async fn forget_the_media_type(request: Request, next: Next) -> Response {
    let wants_json =
        text(request.headers(), "accept").is_some_and(|accept| accept.contains("application/json"));
    let response = next.run(request).await;
    let is_json = text(response.headers(), "content-type").is_some_and(|kind| kind == "application/json");
    if wants_json || !is_json || response.status().is_success() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/xml"));
    Response::from_parts(parts, Body::from("<response><statusCode>01</statusCode></response>"))
}

async fn not_found() -> Response {
    envelope::html(StatusCode::NOT_FOUND, "Not Found").into_response()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
