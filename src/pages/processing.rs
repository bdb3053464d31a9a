//! The progress of a submission, or that its outcome is unknown. Loading this page submits nothing.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use jiff::SignedDuration;

use super::{error::respond, reference::reference, session_ended::InSession};
use crate::{
    journey::{Position, SubmissionState},
    web::{Page, error::PageError, html, page_context::PageContext},
};

/// GET `/processing`.
pub async fn show(InSession(ctx): InSession) -> Response {
    respond(&ctx, render(ctx.view()))
}

/// A submission that takes longer than this is shown as slow.
const USUAL: SignedDuration = SignedDuration::from_secs(60);

fn render(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let submission = ctx.journey.submission.as_ref();
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
    page.reference = Some(reference(ctx.journey));
    Ok(html(StatusCode::OK, ProcessingPage { page, progress }.render()?))
}

#[derive(Template)]
#[template(path = "page/processing.html")]
struct ProcessingPage<'a> {
    page: Page<'a>,
    /// `None` if the outcome is unknown.
    progress: Option<Progress>,
}

struct Progress {
    /// Of the progress bar.
    percent: u32,
    /// Whether it was sent to NRG.
    sent: bool,
    /// Whether an earlier attempt did not reach NRG.
    again: bool,
    /// Whether it takes longer than usual.
    slow: bool,
}
