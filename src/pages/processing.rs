//! The submission is under way, or nobody knows how it ended. Loading this page sends nothing.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::reference;
use crate::{
    journey::{Place, SubmissionState},
    web::{Page, ctx::Ctx, error::Failure, html},
};

/// GET `/processing`.
pub async fn show(ctx: Ctx) -> Response {
    ctx.answer(render(&ctx))
}

fn render(ctx: &Ctx) -> Result<Response, Failure> {
    let state = ctx.journey().submission.as_ref().map(|submission| &submission.state);
    let (true, Some(state)) = (ctx.place() == Place::Processing, state) else { return Ok(ctx.to_place()) };
    let t = &ctx.text().processing;
    let done = match state {
        SubmissionState::Ready => Some(33),
        SubmissionState::Sent => Some(66),
        SubmissionState::Unknown
        | SubmissionState::Enrolled(_)
        | SubmissionState::Accepted
        | SubmissionState::Refused { .. }
        | SubmissionState::Duplicate => None,
    };
    let (title, seconds) = if done.is_some() { (&t.title, 3) } else { (&t.unknown_title, 30) };
    let mut page = ctx.page(title);
    page.refresh = Some(seconds);
    page.reference = Some(reference(ctx));
    Ok(html(StatusCode::OK, ProcessingPage { page, done }.render()?))
}

#[derive(Template)]
#[template(path = "page/processing.html")]
struct ProcessingPage<'a> {
    page: Page<'a>,
    /// Percent of the way; none where it is unknown what became of it.
    done: Option<u32>,
}
