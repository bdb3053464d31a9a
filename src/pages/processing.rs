//! The submission is under way, or nobody knows how it ended. Loading this page sends nothing.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use jiff::SignedDuration;

use super::reference;
use crate::{
    journey::{Position, SubmissionState},
    web::{Page, context::RequestContext, error::PageError, html},
};

/// GET `/processing`.
pub async fn show(ctx: RequestContext) -> Response {
    ctx.answer(render(&ctx))
}

/// Longer than this is longer than usual.
const USUAL: SignedDuration = SignedDuration::from_secs(60);

fn render(ctx: &RequestContext) -> Result<Response, PageError> {
    let submission = ctx.journey().submission.as_ref();
    let (Position::Processing, Some(submission)) = (ctx.position(), submission) else {
        return Ok(ctx.to_position());
    };
    let t = &ctx.messages().processing;
    let under_way = |sent| Progress {
        percent: if sent { 66 } else { 33 },
        sent,
        again: !sent && submission.tries > 0,
        slow: ctx.now.duration_since(submission.since) > USUAL,
    };
    let progress = match submission.state {
        SubmissionState::Ready => Some(under_way(false)),
        SubmissionState::Sent => Some(under_way(true)),
        SubmissionState::Unknown
        | SubmissionState::Enrolled(_)
        | SubmissionState::Accepted
        | SubmissionState::Refused { .. }
        | SubmissionState::NotSent
        | SubmissionState::Duplicate => None,
    };
    let (title, seconds) = if progress.is_some() { (&t.title, 3) } else { (&t.unknown_title, 30) };
    let mut page = ctx.page(title);
    page.refresh = Some(seconds);
    page.reference = Some(reference(ctx));
    Ok(html(StatusCode::OK, ProcessingPage { page, progress }.render()?))
}

#[derive(Template)]
#[template(path = "page/processing.html")]
struct ProcessingPage<'a> {
    page: Page<'a>,
    /// None where it is unknown what became of it.
    progress: Option<Progress>,
}

struct Progress {
    /// Of the way.
    percent: u32,
    /// NRG has it; else it is still with us.
    sent: bool,
    /// A try before did not reach NRG.
    again: bool,
    /// It takes longer than usual.
    slow: bool,
}
