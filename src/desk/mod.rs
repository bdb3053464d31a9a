//! The desk: pages on the admin listener, in English as the affiliate's own people read it, where operators find, show,
//! settle and amend enrollments, have postbacks sent again, and see what is out.
//!
//! It calls the functions that the command line calls. It needs no script. Personal data is in no address and in no log
//! line; who looked at what is a record in the ledger.

mod change;
mod error;
mod find;
mod health;
mod mails;
mod operators;
mod outages;
mod page;
mod password;
mod paths;
mod postbacks;
mod session;
mod show;
mod sign_in;
mod state;

pub use operators::{Operator, Operators, OperatorsError, Role};
pub use password::{FEWEST, PasswordHash, is_right};
pub use state::DeskSettings;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::header;
use prometheus_client::metrics::counter::Counter;
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer};
use tower_sessions::{Expiry, MemoryStore, SessionManagerLayer, cookie::SameSite};

use self::{error::DeskError, state::Desk};
use crate::{
    postback::Outbox,
    web::{guesses::Guesses, headers, sites, state::SharedState},
};

/// The longest form of the desk, in bytes.
const MOST_BYTES: usize = 16 * 1024;

/// The pages of the desk; without `settings` there are none. Guesses at passwords that are refused are counted in `refused`.
pub fn router(app: SharedState, outbox: Outbox, settings: Option<DeskSettings>, refused: Counter) -> Router {
    let Some(settings) = settings else { return Router::new() };
    // The session of an operator ends by the clock of the program (`session.rs`), and here with the browser.
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_name("desk")
        .with_path("/desk")
        .with_same_site(SameSite::Strict)
        .with_secure(settings.secure_cookie)
        .with_expiry(Expiry::OnSessionEnd);
    let site = Arc::clone(app.sites.main());
    let desk = Desk { app, outbox, settings: Arc::new(settings), guesses: Guesses::new(refused) };
    Router::new()
        .route(paths::FIND, get(find::show).post(find::search))
        .route("/desk/journeys/{journey}", get(show::show))
        .route("/desk/submissions/{tracking_id}/settle", get(change::settle).post(change::settle))
        .route("/desk/submissions/{tracking_id}/amend", get(change::amend).post(change::amend))
        .route(paths::POSTBACKS, get(postbacks::show).post(postbacks::retry))
        .route(paths::MAILS, get(mails::show).post(mails::retry))
        .route(paths::OUTAGES, get(outages::show))
        .route(paths::HEALTH, get(health::show))
        .route_layer(middleware::from_fn_with_state(desk.clone(), session::require))
        .route(paths::SIGN_IN, get(sign_in::show).post(sign_in::submit))
        .route("/desk/sign-out", post(sign_in::out))
        .route(paths::STYLESHEET, get(page::stylesheet))
        .route("/desk/static/{name}", get(sites::asset).layer(Extension(site)))
        .with_state(desk)
        .layer(
            ServiceBuilder::new()
                // Every answer carries the security headers, also those of the layers below.
                .layer(middleware::from_fn(secure))
                .layer(CatchPanicLayer::custom(|_| DeskError::Panic.into_response()))
                // A form from another site changes nothing: this desk has no other origin than the host it is asked at.
                .layer(CsrfLayer::new().with_rejection_response(|_| DeskError::OtherSite.into_response()))
                .layer(sessions)
                .layer(DefaultBodyLimit::max(MOST_BYTES)),
        )
}

async fn secure(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    headers::secure_private(answer.headers_mut());
    // No answer is the same with and without the cookie.
    answer.headers_mut().insert(header::VARY, http::HeaderValue::from_static("cookie"));
    answer
}
