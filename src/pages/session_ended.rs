//! The end of a session: left, started over, or timed out; and a browser without one where only a journey leads.

use askama::Template;
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};

use super::{error::respond, timed_out};
use crate::{
    fields::Query,
    journey::Step,
    messages::interpolate,
    rate_limit::Action,
    session::new_journey,
    web::{
        BrandLine, Page, context::RequestContext, error::PageError, html, page_context::PageContext,
        see_other, state::SharedState,
    },
};

/// The context of a page to which only a journey leads: an outcome, a question, the deposit. Without a session, whoever
/// asks for it may have submitted, and is led to the page that says what to do; a blank first page would ask to enroll
/// again.
pub struct InSession(pub RequestContext);

impl FromRequestParts<SharedState> for InSession {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &SharedState) -> Result<Self, Response> {
        let ctx =
            RequestContext::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        if ctx.session.has_session() {
            return Ok(Self(ctx));
        }
        // The answer deletes the cookie, so that the address carries what is known.
        let none = if ctx.session.has_ended() { "" } else { "none=1&" };
        let there = format!("/session-ended?{none}lang={}", ctx.language.tag());
        Err(respond(&ctx, Ok(see_other(&there))))
    }
}

/// GET `/session-ended`; with `left=1` after the visitor has left, with `none=1` where no session is known.
pub async fn show(ctx: RequestContext) -> Response {
    if ctx.session.has_session() {
        // Another tab has kept the session alive, or has started over.
        return respond(&ctx, Ok(ctx.view().to_position()));
    }
    let shown = if ctx.session.was_put_aside() { timed_out::show(ctx.view()) } else { render(ctx.view()) };
    respond(&ctx, shown)
}

fn render(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let t = &ctx.messages().session_ended;
    let query = Query::read(&ctx.request.query);
    let is_set = |name: &str| query.has(name, "1");
    let saved = ctx.was_saved;
    let (title, lead) = match (is_set("left"), is_set("none")) {
        _ if saved => (&t.saved_title, &t.saved_lead),
        (true, _) => (&t.left_title, &t.left_lead),
        (false, true) => (&t.none_title, &t.none_lead),
        (false, false) => (&t.title, &t.lead),
    };
    let page = ctx.page(title);
    let heading = interpolate(&t.submitted_heading, &[("button", &ctx.messages().review.submit)]);
    // Which brand it was is not known any more.
    let mail = ctx.site().brands.values().all(|brand| brand.confirmation_email);
    let body = SessionEndedPage { page, lead, saved, heading, mail, brands: ctx.brand_lines() };
    Ok(html(StatusCode::OK, body.render()?))
}

/// GET of a path that has nothing but a form: it leads to where the journey stands.
pub async fn go_on(ctx: RequestContext) -> Response {
    let there = if ctx.session.has_ended() { see_other("/session-ended") } else { ctx.view().to_position() };
    respond(&ctx, Ok(there))
}

/// POST `/leave`: deletes the session and everything in it.
pub async fn leave(mut ctx: RequestContext) -> Response {
    let left = end(&mut ctx).await;
    respond(&ctx, left)
}

async fn end(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if ctx.session.has_session() {
        ctx.app.metrics.left(ctx.journey(), ctx.view().eval_context());
    }
    ctx.session.delete().await?;
    // The language was stored in the session; from here on the address carries it.
    Ok(see_other(&format!("/session-ended?left=1&lang={}", ctx.language.tag())))
}

/// POST `/start-over`: deletes the session and begins a new journey, with the link that the query holds, if there is one.
/// The click of that link is the one that led here; without one the journey keeps its own, which credits the affiliate and
/// says nothing about the person.
pub async fn start_over(mut ctx: RequestContext) -> Response {
    let begun = restart(&mut ctx).await;
    respond(&ctx, begun)
}

async fn restart(ctx: &mut RequestContext) -> Result<Response, PageError> {
    let link = ctx.request.query.clone();
    let there = if link.is_empty() { Step::Zip.path().to_owned() } else { format!("/?{link}") };
    if !ctx.session.has_session() {
        return Ok(see_other(&there));
    }
    ctx.count(Action::Begin).await?;
    ctx.app.metrics.left(ctx.journey(), ctx.view().eval_context());
    let mut journey = new_journey(ctx.site(), &ctx.app.entropy, ctx.now, ctx.language);
    let click = ctx.site().click_params.read(&link);
    journey.attribution = if click.is_empty() { ctx.journey().attribution.clone() } else { click };
    ctx.session.start_over(journey).await?;
    Ok(see_other(&there))
}

/// POST `/stay`: loading the session has extended its idle limit. The browser stays on its page.
pub async fn stay(ctx: RequestContext) -> Response {
    let answer = if ctx.session.has_session() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        see_other("/session-ended")
    };
    respond(&ctx, Ok(answer))
}

#[derive(Template)]
#[template(path = "page/session-ended.html")]
struct SessionEndedPage<'a> {
    page: Page<'a>,
    lead: &'a str,
    /// Whether a new link to what was saved is offered.
    saved: bool,
    /// Above what to do after submitting.
    heading: String,
    /// Whether every brand sends an e-mail.
    mail: bool,
    brands: Vec<BrandLine<'a>>,
}
