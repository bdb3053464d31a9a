//! The end of a session: left, started over, or timed out.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::{error::respond, timed_out};
use crate::{
    journey::Step,
    rate_limit::Action,
    session::new_journey,
    web::{Page, context::RequestContext, error::PageError, html, page_context::PageContext, see_other},
};

/// GET `/session-ended`; with `left=1` after the visitor has left.
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
    let left = url::form_urlencoded::parse(ctx.request.query.as_bytes())
        .any(|pair| pair == ("left".into(), "1".into()));
    let saved = ctx.was_saved;
    let page = ctx.page(match (saved, left) {
        (true, _) => &t.saved_title,
        (false, true) => &t.left_title,
        (false, false) => &t.title,
    });
    Ok(html(StatusCode::OK, SessionEndedPage { page, left, saved }.render()?))
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

/// POST `/start-over`: deletes the session and begins a new journey. It keeps the attribution, which credits the
/// affiliate and says nothing about the person.
pub async fn start_over(mut ctx: RequestContext) -> Response {
    let begun = restart(&mut ctx).await;
    respond(&ctx, begun)
}

async fn restart(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if !ctx.session.has_session() {
        return Ok(see_other(Step::Zip.path()));
    }
    ctx.count(Action::Begin).await?;
    ctx.app.metrics.left(ctx.journey(), ctx.view().eval_context());
    let mut journey = new_journey(ctx.site(), &ctx.app.entropy, ctx.now, ctx.language);
    journey.attribution = ctx.journey().attribution.clone();
    ctx.session.start_over(journey).await?;
    Ok(see_other(Step::Zip.path()))
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
    left: bool,
    saved: bool,
}
