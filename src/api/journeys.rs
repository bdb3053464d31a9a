//! `POST /api/journeys`: a partner hands a customer over. `GET /api/journeys/{order_id}`: where that journey stands.

use axum::{
    Json,
    body::to_bytes,
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use super::{
    access,
    given::Given,
    problem::{Kind, Problem, logged},
    state::Api,
    status::Status,
};
use crate::{
    fields::Language,
    journey::order_id,
    pages::handed_over,
    partners::{Partner, handovers::Handover},
    session::{HandOver, ResumeCode, new_journey},
    web::{context::RequestContext, error::PageError},
};

/// The longest body, in bytes.
const LONGEST: usize = 16 * 1024;
/// The name of the header that tells a request which comes again.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The longest key of a request, in bytes.
const LONGEST_KEY: usize = 255;

/// The answer to a handover. The names are public: programs read them.
#[derive(Serialize)]
struct Handed {
    order_id: String,
    /// Opens the journey, once, until `expires_at`.
    link: Url,
    expires_at: Timestamp,
}

/// `POST /api/journeys`.
pub(super) async fn create(State(api): State<Api>, request: Request) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let ctx = RequestContext::without_session(&head, &api.app, Language::English);
    let partner = caller(&api, &ctx, &head.headers).await?;
    if !is_json(&head.headers) {
        return Err(Problem::of(Kind::NotJson));
    }
    let key = request_key(&head.headers)?;
    let body = to_bytes(body, LONGEST).await.map_err(|_| Problem::of(Kind::TooLarge))?;
    let read = Given::read(&body, ctx.site()).ok_or_else(|| Problem::of(Kind::NotJson))?;
    let given = read.map_err(|faults| Problem::of(Kind::InvalidParameters).with_errors(faults))?;
    let (app, site) = (&ctx.app, ctx.site());
    let mut journey = new_journey(site, &app.entropy, ctx.now, given.language.unwrap_or(Language::English));
    given.hand_over(&mut journey, partner.title);
    let handover = Handover {
        journey: journey.id.clone(),
        order_id: order_id(&journey.id),
        request: key.map(|key| app.partners.request([&partner.name, &site.name, key], &body)),
        partner: partner.name,
        site: site.name.clone(),
        made_at: ctx.now,
        ends_at: ctx.now.checked_add(api.link_valid).unwrap_or(Timestamp::MAX),
        opened_at: None,
        left: None,
    };
    let code = ResumeCode::of_hash(&app.partners.link_hash(&handover.journey));
    let saved = app.sessions.hand_over(&journey, &code, &handover).await;
    let handover = match logged(&ctx, saved.map_err(PageError::from))? {
        HandOver::New => handover,
        HandOver::Before(before) => *before,
        HandOver::OtherRequest => return Err(Problem::of(Kind::IdempotencyKeyReused)),
    };
    let code = ResumeCode::of_hash(&app.partners.link_hash(&handover.journey));
    let mut link = ctx.view().hosted.public_url.clone();
    link.set_path(handed_over::PATH);
    link.query_pairs_mut().append_pair("code", &code.text());
    let location = format!("/api/journeys/{}", handover.order_id);
    let handed = Handed { order_id: handover.order_id, link, expires_at: handover.ends_at };
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(handed)).into_response())
}

/// `GET /api/journeys/{order_id}`. A journey that another partner handed over, or that came otherwise, is not found.
pub(super) async fn show(
    State(api): State<Api>,
    order_id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (head, _) = request.into_parts();
    let ctx = RequestContext::without_session(&head, &api.app, Language::English);
    let partner = caller(&api, &ctx, &head.headers).await?;
    let Ok(Path(order_id)) = order_id else { return Err(Problem::of(Kind::NotFound)) };
    let found = logged(&ctx, ctx.app.partners.handover(&order_id).await.map_err(PageError::from))?;
    let own = found.filter(|found| found.partner == partner.name && found.site == ctx.site().name);
    let own = own.ok_or_else(|| Problem::of(Kind::NotFound))?;
    let status = logged(&ctx, Status::of(&ctx, &own).await)?;
    Ok(Json(status).into_response())
}

/// The partner that calls, whose request counts.
async fn caller(api: &Api, ctx: &RequestContext, headers: &HeaderMap) -> Result<Partner, Problem> {
    let partner = access::partner(api, headers, &ctx.site().name).await?;
    logged(ctx, ctx.count_handover(&partner.name).await)?;
    Ok(partner)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
}

/// The key that the partner gave the request, if it did.
fn request_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let key = line.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
    match key.filter(|_| lines.next().is_none()) {
        Some(key) => Ok(Some(key)),
        None => Err(Problem::of(Kind::IdempotencyKeyInvalid)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_key_is_one_short_line_or_none() {
        let long = "k".repeat(LONGEST_KEY + 1);
        for (lines, expected) in [
            (&[][..], Some(None)),
            (&["order-1"], Some(Some("order-1"))),
            (&[" order-1 "], Some(Some("order-1"))),
            (&[""], None),
            (&["a", "a"], None),
            (&["ñ"], None),
            (&[&long], None),
            (&[&long[1..]], Some(Some(&long[1..]))),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(IDEMPOTENCY_KEY, line.parse().unwrap());
            }
            assert_eq!(request_key(&headers).ok(), expected, "{lines:?}");
        }
    }
}
