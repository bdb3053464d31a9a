//! The page that the link of a handover leads to: who sends the person, and what was given; and the beginning of the journey
//! with it.
//!
//! The link holds nothing but a one-time code, in its query, as that of a saved journey (`resume`). GET opens nothing: a
//! program that reads a message's links before the person does must not use it up.

use askama::Template;
use axum::{extract::Request, response::Response};
use http::StatusCode;
use zeroize::Zeroizing;

use super::error::respond;
use crate::{
    fields::Query,
    journey::{Journey, Step},
    messages::interpolate,
    rate_limit::Action,
    session::{ResumeCode, stored_journey},
    steps::zip::GIVEN_PATH,
    web::{
        Notice, Page, context::RequestContext, error::PageError, form::FormBody, html,
        page_context::PageContext, see_other,
    },
};

/// The path of the page.
pub const PATH: &str = "/handed-over";

/// GET `/handed-over`, with the `code` of a link.
pub async fn show(mut ctx: RequestContext) -> Response {
    let shown = ask(&mut ctx).await;
    respond(&ctx, shown)
}

async fn ask(ctx: &mut RequestContext) -> Result<Response, PageError> {
    let Some(text) = Query::read(&ctx.request.query).get("code") else { return Err(PageError::NotFound) };
    if ctx.request.onlooker {
        return Ok(see_other(Step::Zip.path()));
    }
    let Some(code) = ResumeCode::parse(&text) else { return gone(ctx.view()) };
    if opened_here(ctx, &code) {
        return Ok(ctx.view().to_position());
    }
    let Some(journey) = waiting(ctx, &code).await? else { return gone(ctx.view()) };
    ctx.language = journey.language;
    let (ctx, Some(handed)) = (ctx.view(), &journey.handed_over) else { return gone(ctx.view()) };
    let t = ctx.messages();
    let filled = |text: &str| interpolate(text, &[("partner", &handed.partner)]);
    let mut page = ctx.page(&filled(&t.handed_over.title));
    if ctx.journey.service.is_some() {
        page.notices.push(Notice {
            title: t.common.important.clone(),
            text: Some(t.resume.replaces.clone()),
            message: None,
        });
    }
    let given: Vec<&str> =
        Step::ALL.into_iter().filter(|step| gave(&journey, *step)).map(|step| t.step(step)).collect();
    let page = HandedOverPage {
        lead: filled(if given.is_empty() { &t.handed_over.lead_nothing } else { &t.handed_over.lead }),
        given,
        code: code.text(),
        page,
    };
    Ok(html(StatusCode::OK, page.render()?))
}

/// POST `/handed-over`: the journey begins, in place of the one that this browser had.
pub async fn submit(mut ctx: RequestContext, request: Request) -> Response {
    let opened = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(body) => open(&mut ctx, &body).await,
        Err(refusal) => Err(PageError::Form(refusal)),
    };
    respond(&ctx, opened)
}

async fn open(ctx: &mut RequestContext, body: &FormBody) -> Result<Response, PageError> {
    let Some(code) = ResumeCode::parse(body.get("code")) else { return gone(ctx.view()) };
    if opened_here(ctx, &code) {
        return Ok(ctx.view().to_position());
    }
    if waiting(ctx, &code).await?.is_none() || !ctx.session.open_handed_over(&code).await? {
        return gone(ctx.view());
    }
    Ok(see_other(GIVEN_PATH))
}

/// Whether this browser has the journey that `code` opened.
fn opened_here(ctx: &RequestContext, code: &ResumeCode) -> bool {
    let journey = ctx.journey();
    journey.handed_over.is_some() && ResumeCode::of_hash(&ctx.app.partners.link_hash(&journey.id)) == *code
}

/// The journey that waits at this site under `code`, or that nobody has seen although it was opened. Each look counts.
async fn waiting(ctx: &RequestContext, code: &ResumeCode) -> Result<Option<Box<Journey>>, PageError> {
    ctx.count(Action::Resume).await?;
    let text = ctx.app.sessions.saved(code).await?;
    let journey = text.and_then(|text| stored_journey(&text));
    Ok(journey.filter(|journey| journey.site == ctx.site().name && journey.handed_over.is_some()))
}

/// Whether a partner gave something for `step`.
fn gave(journey: &Journey, step: Step) -> bool {
    match step {
        Step::Zip => journey.draft.is_some(),
        Step::Plans => journey.link_request.brand.is_some(),
        _ => journey.given_fields(step).is_some(),
    }
}

/// The page for a link that is unknown, used or expired: the same for all of them.
fn gone(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let page = GonePage { page: ctx.page(&ctx.messages().handed_over.gone_title) };
    Ok(html(StatusCode::GONE, page.render()?))
}

#[derive(Template)]
#[template(path = "page/handed-over.html")]
struct HandedOverPage<'a> {
    page: Page<'a>,
    lead: String,
    /// The names of the steps for which something was given.
    given: Vec<&'a str>,
    code: Zeroizing<String>,
}

#[derive(Template)]
#[template(path = "page/handed-over-gone.html")]
struct GonePage<'a> {
    page: Page<'a>,
}
