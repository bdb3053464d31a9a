//! The end of a session: left by the person, begun anew, or run out.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::{
    journey::Step,
    rate_limit::Action,
    session::new_journey,
    web::{
        Page,
        context::{RequestContext, see_other},
        error::PageError,
        html,
    },
};

/// GET `/session-ended`; with `left=1` after leaving.
pub async fn show(ctx: RequestContext) -> Response {
    if ctx.visit.has_session() {
        // Another tab has kept it alive, or begun anew.
        return ctx.answer(Ok(ctx.to_position()));
    }
    let t = &ctx.messages().session_ended;
    let left =
        url::form_urlencoded::parse(ctx.query.as_bytes()).any(|pair| pair == ("left".into(), "1".into()));
    let page = ctx.page(if left { &t.left_title } else { &t.title });
    ctx.answer(
        SessionEndedPage { page, left }.render().map(|body| html(StatusCode::OK, body)).map_err(Into::into),
    )
}

/// POST `/leave`: deletes the session and everything in it.
pub async fn leave(mut ctx: RequestContext) -> Response {
    let left = end(&mut ctx).await;
    ctx.answer(left)
}

async fn end(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if ctx.visit.has_session() {
        ctx.app.metrics.left(ctx.journey(), ctx.eval_context());
    }
    ctx.visit.delete().await?;
    // The language was the session's; it goes on in the address.
    Ok(see_other(&format!("/session-ended?left=1&lang={}", ctx.language.tag())))
}

/// POST `/start-over`: as leaving, but the visitor stays, and so does the click that led here: it is the affiliate's
/// to be credited, and tells nothing about the person.
pub async fn start_over(mut ctx: RequestContext) -> Response {
    let begun = anew(&mut ctx).await;
    ctx.answer(begun)
}

async fn anew(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if !ctx.visit.has_session() {
        return Ok(see_other(Step::Zip.path()));
    }
    ctx.count(Action::Begin).await?;
    ctx.app.metrics.left(ctx.journey(), ctx.eval_context());
    let mut journey = new_journey(ctx.site(), &ctx.app.entropy, ctx.now, ctx.language);
    journey.attribution = ctx.journey().attribution.clone();
    ctx.visit.start_over(journey).await?;
    Ok(see_other(Step::Zip.path()))
}

/// POST `/stay`: loading the visit has pushed the idle limit out. The browser stays on its page.
pub async fn stay(ctx: RequestContext) -> Response {
    let answer = if ctx.visit.has_session() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        see_other("/session-ended")
    };
    ctx.answer(Ok(answer))
}

#[derive(Template)]
#[template(path = "page/session-ended.html")]
struct SessionEndedPage<'a> {
    page: Page<'a>,
    left: bool,
}
