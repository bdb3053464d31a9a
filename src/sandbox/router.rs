//! The routes of the sandbox, and what holds for all of them.

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use headers::{
    Header,
    authorization::{Authorization, Basic},
};

use super::{
    address, advice, credit, dates, documents, enroll,
    envelope::{self, Reply},
    gateway,
    header::text,
    holds, identity, kba, meters, offers, prospect,
    records::GatewayCookie,
    state::Sandbox,
    token,
};

impl Sandbox {
    /// The API under `/NRGREST/rest/sales/` (contract section 4) with Basic authentication, and the page of the payment
    /// gateway under `/gateway/pay`.
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
            .layer(from_fn_with_state(self.clone(), advice::advise))
            .layer(from_fn_with_state(self.clone(), documents::relocate))
            .layer(from_fn(refuse_letter_language))
            .layer(from_fn(degrade_error_media_type))
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
}

/// Answers wrong credentials with 401 and a wrong cookie with 403, both with an HTML body, like the access gateway in front
/// of NRG (contract 3.4).
async fn authenticate(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let settings = &sandbox.settings;
    let credentials = request.headers().get_all(header::AUTHORIZATION);
    let accepted = Authorization::<Basic>::decode(&mut credentials.iter()).is_ok_and(|credentials| {
        credentials.username() == settings.username && credentials.password() == settings.password
    });
    let has_cookie = text(request.headers(), "cookie").is_some_and(|cookie| cookie == "SMCHALLENGE=YES");
    let gateway_cookie = sandbox.memory().gateway_cookie;
    match gateway_cookie {
        _ if !accepted => Reply::unauthorized().into_response(),
        GatewayCookie::Required if !has_cookie => Reply::forbidden().into_response(),
        GatewayCookie::Refused if has_cookie => Reply::forbidden().into_response(),
        GatewayCookie::Ignored | GatewayCookie::Required | GatewayCookie::Refused => next.run(request).await,
    }
}

/// Answers 500 to `Accept-Language: E` (contract section 1).
async fn refuse_letter_language(request: Request, next: Next) -> Response {
    match text(request.headers(), "accept-language") {
        Some("E" | "S") => Reply::crashed().into_response(),
        _ => next.run(request).await,
    }
}

/// Turns an error into XML if the request has no `Accept: application/json` (contract section 1).
async fn degrade_error_media_type(request: Request, next: Next) -> Response {
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
