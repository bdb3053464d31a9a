//! The router: the one place where routes and layers meet, in order, each with its reason.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer, timeout::TimeoutLayer};

use crate::{
    journey::Step,
    pages::{self, error::respond},
    steps::{
        StepPage, address::AddressStep, billing::BillingStep, contact::ContactStep, deposit::DepositStep,
        identity::IdentityStep, plans::PlansStep, quiz::QuizStep, review::ReviewStep,
        start_date::StartDateStep, zip::ZipStep,
    },
    web::{
        compression::compress, context::RequestContext, error::PageError, headers, language, onlooker,
        request, request_id, robots, same_page, sites, state::SharedState,
    },
};

/// The limits of a request.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// From the last byte of the request to the first of the answer. Longer than NRG's slowest call.
    pub request_timeout: Duration,
    /// The longest body, in bytes.
    pub max_body_bytes: usize,
}

/// The public pages, with `others` beside those of the journey; and `api`, which is no page: it has layers of its own.
pub fn router(app: SharedState, bounds: Bounds, others: Router<SharedState>, api: Router) -> Router {
    let pages = guarded(routes().merge(others), app, bounds);
    // Before the router looks for the page: its layers run after that.
    let pages = ServiceBuilder::new().map_request(same_page::meant).service(pages);
    api.fallback_service(pages)
}

fn routes() -> Router<SharedState> {
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
        .route("/plans/compare", get(pages::compare::show))
        .route("/plans/{brand}/{offer}", get(pages::plan::show))
        .route("/change/{step}", get(pages::step::changed).post(pages::step::change))
        .route("/ask", get(pages::ask::show).post(pages::ask::submit))
        .route(&language::keep_path(pages::ask::NAME), get(pages::ask::kept).post(pages::ask::keep))
        .route("/stop", get(pages::stop::show).post(pages::stop::submit))
        .route("/processing", get(pages::processing::show))
        .route("/confirmation", get(pages::confirmation::show))
        .route(pages::calendar_entry::PATH, get(pages::calendar_entry::show))
        .route("/pay", get(pages::pay::show).post(pages::pay::submit))
        .route(pages::pay::RETURN_PATH, get(pages::pay::returned).post(pages::pay::returned_by_post))
        // A form that was under way while its id was replaced comes back to these by GET.
        .route("/leave", get(pages::leave::show).post(pages::session_ended::leave))
        .route("/start-over", get(pages::session_ended::go_on).post(pages::session_ended::start_over))
        .route("/stay", get(pages::session_ended::go_on).post(pages::session_ended::stay))
        .route("/later", get(pages::session_ended::go_on).post(pages::save_for_later::submit))
        .route("/later/mail", get(pages::session_ended::go_on).post(pages::save_for_later::mail))
        .route(pages::resume::PATH, get(pages::resume::show).post(pages::resume::submit))
        .route(pages::handed_over::PATH, get(pages::handed_over::show).post(pages::handed_over::submit))
        .route(pages::status::PATH, get(pages::status::show).post(pages::status::submit))
        .route("/status-link", get(pages::session_ended::go_on).post(pages::status_link::submit))
        .route(pages::unsubscribe::PATH, get(pages::unsubscribe::show).post(pages::unsubscribe::submit))
        .route("/session-ended", get(pages::session_ended::show).post(pages::timed_out::submit))
        .route("/how-it-works", get(pages::info::how))
        .route("/about", get(pages::info::about))
        .route("/help", get(pages::info::help))
        .route("/privacy", get(pages::info::privacy))
        .route("/accessibility", get(pages::info::accessibility))
        .route("/link-builder", get(pages::link_builder::show))
        .route("/static/{name}", get(sites::asset))
        .route(robots::PATH, get(robots::show))
        .fallback(not_found)
}

/// Adds the layers around `routes`.
fn guarded(routes: Router<SharedState>, app: SharedState, bounds: Bounds) -> Router {
    let own: Vec<String> = app.sites.iter().flat_map(|hosted| hosted.origins()).collect();
    routes.with_state(app.clone()).layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(app.clone(), for_every_answer))
            // A panic while an error page is rendered still ends in an answer, without a page.
            .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
            .layer(middleware::from_fn_with_state(app, for_every_page))
            // Below the error pages, so that a panic gets a page, too.
            .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
            .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, bounds.request_timeout))
            // Before any handler: a form from another site changes nothing.
            .layer(same_site(&own))
            .layer(DefaultBodyLimit::max(bounds.max_body_bytes)),
    )
}

/// What holds for every answer, a function each. They are one layer: each layer of its own would box what it waits for.
async fn for_every_answer(State(app): State<SharedState>, request: Request, next: Next) -> Response {
    let https = app.is_https();
    // Outermost: every answer has a request id and a log line.
    request_id::assign(&app.entropy, &app.tracer, &app.metrics, request, async |request| {
        // Every answer carries the security headers, also those of the layers below.
        headers::secure(https, request, async |request| {
            // Whatever becomes of such a form, the buffers it was read into are freed, and so wiped.
            close_after_numbers(request, async |request| next.run(request).await).await
        })
        .await
    })
    .await
}

/// What holds for every page, a function each; one layer, too.
async fn for_every_page(State(app): State<SharedState>, request: Request, next: Next) -> Response {
    // Above all that answers pages.
    compress(request, async |request| {
        // Every page below belongs to a site.
        sites::find(&app.sites, request, async |request| {
            // Below the site, which says whether it may be found.
            robots::hide(request, async |request| {
                // Before any page and any session: nothing begins by a request behind which no visitor stands.
                onlooker::find(request, async |request| {
                    // An error that a layer or the router answers without a body gets a page.
                    let https = app.is_https();
                    with_page(&app, request, async |request| same_scheme(https, request, next).await).await
                })
                .await
            })
            .await
        })
        .await
    })
    .await
}

/// Accepts forms from the origins `own` only, whatever host name a proxy uses on the way. All pages of these origins are
/// this server's, and they post nowhere else (`form-action`). The exceptions are the return from the payment gateway, whose
/// POST comes from another origin, is not read and changes nothing; and the POST by which a mail program unsubscribes its
/// user, which is worth what the token in its query is.
fn same_site(own: &[String]) -> CsrfLayer {
    own.iter()
        .try_fold(CsrfLayer::new(), |layer, origin| layer.add_trusted_origin(origin))
        .unwrap_or_default()
        .with_insecure_bypass(is_from_elsewhere)
}

/// Refuses a form of a page without TLS where this server has it. Of a browser that does not say itself how page and server
/// stand to each other, [`same_site`] compares the host alone, and anybody on a visitor's network can make a page without
/// TLS at our host.
async fn same_scheme(https: bool, request: Request, next: Next) -> Response {
    let is_form = request.method() == Method::POST && !is_from_elsewhere(request.method(), request.uri());
    if https && is_form && comes_in_clear(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

fn comes_in_clear(headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).map_or(&b""[..], HeaderValue::as_bytes);
    let origin = header(header::ORIGIN);
    header(onlooker::SEC_FETCH_SITE).is_empty() && !origin.is_empty() && !origin.starts_with(b"https:")
}

/// Whether a request is one that comes from elsewhere by its nature: the return from the payment gateway, or what a mail
/// program posts to unsubscribe.
fn is_from_elsewhere(method: &Method, uri: &Uri) -> bool {
    method == Method::POST && [pages::pay::RETURN_PATH, pages::unsubscribe::PATH].contains(&uri.path())
}

fn step<S: StepPage>() -> Router<SharedState> {
    Router::new()
        .route(S::STEP.path(), get(pages::step::show::<S>).post(pages::step::submit::<S>))
        .route(&language::keep_path(S::STEP.slug()), get(pages::step::kept::<S>).post(pages::step::keep::<S>))
}

/// Closes the connection after a form that may contain an SSN or a driver license number.
async fn close_after_numbers(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let path = request.uri().path();
    let asks = [Step::Identity, Step::Deposit]
        .iter()
        .any(|step| step.path() == path || language::keep_path(step.slug()) == path);
    let close = asks && request.method() == Method::POST;
    let mut response = next(request).await;
    if close {
        headers::end_connection(&mut response);
    }
    response
}

async fn not_found(ctx: RequestContext) -> Response {
    respond(&ctx, Err(PageError::NotFound))
}

/// Gives an error answer without a page its page, in the language and brand of the session.
async fn with_page(
    app: &SharedState,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (parts, body) = request.into_parts();
    // A form is not kept in memory by its head. What is asked for by GET has none.
    let head = if parts.method == Method::GET { parts.clone() } else { request::detached(&parts) };
    let response = next(Request::from_parts(parts, body)).await;
    let status = response.status();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let error = PageError::of_response(&response);
    // Boxed: most answers have their page, and their future need not have room for this one.
    let ctx = Box::pin(RequestContext::of_head(head, app)).await;
    respond(&ctx, Err(error))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    use super::*;
    use crate::{clock::Clock, config::Settings, entropy::Entropy, server, store::Store};

    async fn app() -> (SharedState, Store) {
        let data = tempfile::tempdir().unwrap();
        let nrg = url::Url::parse("http://127.0.0.1:1").unwrap();
        let settings = Settings::demo(data.path(), &nrg, &Entropy::system(), []).unwrap();
        let store = Store::open("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        let app = server::app_state(&settings, &store, Clock::system(), Entropy::system()).unwrap();
        (app, store)
    }

    /// The answer to a browser that comes with the cookie of a session.
    async fn answer(router: Router, path: &str) -> (StatusCode, http::HeaderMap, String) {
        let cookie = format!("enroll={}", "A".repeat(43));
        let request = Request::builder().uri(path).header("host", "x").header("cookie", cookie);
        let request = request.body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn panic_or_request_timeout_answers_error_page_without_details() {
        async fn panics() -> StatusCode {
            panic!("canary 900456789")
        }
        async fn never_ends() -> StatusCode {
            std::future::pending().await
        }
        let bounds = Bounds { request_timeout: Duration::from_millis(50), max_body_bytes: 1000 };
        let more = Router::new().route("/panics", get(panics)).route("/never-ends", get(never_ends));
        let router = guarded(routes().merge(more), app().await.0, bounds);
        for (path, status) in [("/panics", 500), ("/never-ends", 408)] {
            let (got, headers, body) = answer(router.clone(), path).await;
            assert_eq!(got, status, "{path}");
            assert!(body.contains("<h1>") && body.contains("tel:") && !body.contains("canary"), "{body}");
            assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
            assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
            assert!(!headers.contains_key(header::SERVER), "{path}");
        }
    }

    #[tokio::test]
    async fn page_with_store_closed_answers_503_with_retry_after() {
        let (app, store) = app().await;
        store.close().await;
        let bounds = Bounds { request_timeout: Duration::from_secs(5), max_body_bytes: 1000 };
        let (status, headers, body) =
            answer(router(app, bounds, Router::new(), Router::new()), "/contact").await;
        assert_eq!(status, 503);
        assert!(headers.contains_key(header::RETRY_AFTER));
        assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
        assert!(body.contains("<h1>") && body.contains("tel:"), "{body}");
    }
}
