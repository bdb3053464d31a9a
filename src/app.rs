//! The router: the one place where routes and layers meet, in order, each with its reason.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{StatusCode, header};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, timeout::TimeoutLayer,
};

use crate::{
    pages,
    steps::{
        StepPage, address::AddressStep, billing::BillingStep, contact::ContactStep, deposit::DepositStep,
        identity::IdentityStep, plans::PlansStep, quiz::QuizStep, review::ReviewStep, show,
        start_date::StartDateStep, submit, zip::ZipStep,
    },
    web::{self, ctx::Ctx, error::Failure, headers, request_id, state::App},
};

/// What bounds a request.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// From the last byte of the request to the first of the answer. Longer than NRG's slowest call.
    pub request_timeout: Duration,
    /// The largest form.
    pub max_body_bytes: usize,
}

/// The public pages.
pub fn router(app: App, bounds: Bounds) -> Router {
    let https = app.public_url.scheme() == "https";
    let entropy = app.entropy.clone();
    Router::new()
        .merge(step::<ZipStep>())
        .merge(step::<PlansStep>())
        .merge(step::<AddressStep>())
        .merge(step::<ContactStep>())
        .merge(step::<BillingStep>())
        .merge(step::<IdentityStep>())
        .merge(step::<QuizStep>())
        .merge(step::<StartDateStep>())
        .merge(step::<DepositStep>())
        .merge(step::<ReviewStep>())
        .route("/plans/{brand}/{offer}", get(pages::plan::show))
        .route("/ask", get(pages::ask::show).post(pages::ask::submit))
        .route("/stop", get(pages::stop::show).post(pages::stop::submit))
        .route("/processing", get(pages::processing::show))
        .route("/confirmation", get(pages::confirmation::show))
        .route("/pay", get(pages::pay::show).post(pages::pay::submit))
        .route("/pay/return", get(pages::pay::returned))
        .route("/leave", post(pages::session_ended::leave))
        .route("/stay", post(pages::session_ended::stay))
        .route("/session-ended", get(pages::session_ended::show))
        .route("/help", get(pages::info::help))
        .route("/privacy", get(pages::info::privacy))
        .route("/accessibility", get(pages::info::accessibility))
        .route("/static/{name}", get(web::asset))
        .fallback(astray)
        .with_state(app.clone())
        .layer(
            ServiceBuilder::new()
                // Outermost: every answer has an id and a line in the log.
                .layer(middleware::from_fn(move |request, next| {
                    request_id::assign(entropy.clone(), request, next)
                }))
                // Every answer carries them, those of the layers below included.
                .layer(middleware::from_fn(move |request, next| headers::secure(https, request, next)))
                .layer(CompressionLayer::new())
                // What a layer or the router answers without a page gets one.
                .layer(middleware::from_fn_with_state(app, with_page))
                // Below the pages: a panic is a page, too.
                .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
                .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, bounds.request_timeout))
                // Before any handler: a form from another site changes nothing.
                .layer(CsrfLayer::new())
                .layer(DefaultBodyLimit::max(bounds.max_body_bytes)),
        )
}

fn step<S: StepPage>() -> Router<App> {
    Router::new().route(S::STEP.path(), get(show::<S>).post(submit::<S>))
}

async fn astray(ctx: Ctx) -> Response {
    ctx.answer(Err(Failure::NotFound))
}

/// Gives an error answer without a body its page, in the language and brand of its visit.
async fn with_page(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let head = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let ctx = Ctx::of_head(head, &app).await;
    ctx.answer(Err(Failure::of_status(status)))
}
