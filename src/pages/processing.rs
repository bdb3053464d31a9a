//! The progress of a submission, or that its outcome is unknown. Loading this page submits nothing.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use jiff::SignedDuration;

use super::{
    error::respond,
    reference::reference,
    session_ended::InSession,
    waiting::{Stage, StageState, WaitingPage},
};
use crate::{
    journey::{Position, Submission, SubmissionState},
    web::{error::PageError, html, page_context::PageContext},
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
        return Ok(ctx.to_position_with_link());
    };
    let page = match submission.state {
        SubmissionState::Ready => under_way(ctx, submission, false),
        SubmissionState::Sent => under_way(ctx, submission, true),
        SubmissionState::Unknown
        | SubmissionState::Enrolled(_)
        | SubmissionState::Accepted
        | SubmissionState::Refused { .. }
        | SubmissionState::NotSent
        | SubmissionState::Duplicate => unknown(ctx),
    };
    Ok(html(StatusCode::OK, page.render()?))
}

fn under_way<'a>(ctx: PageContext<'a>, submission: &Submission, sent: bool) -> WaitingPage<'a> {
    let t = &ctx.messages().processing;
    let mut page = ctx.page(&t.title);
    page.refresh = Some(3);
    page.reference = Some(reference(ctx.journey));
    let slow = ctx.now.duration_since(submission.since) > USUAL;
    let stage = |text: &str, state| Stage { text: page.interpolate(text), state };
    let (passing_on, confirming) =
        if sent { (StageState::Done, StageState::Now) } else { (StageState::Now, StageState::Later) };
    let stages = vec![
        stage(&t.saved, StageState::Done),
        stage(&t.passing_on, passing_on),
        stage(&t.confirming, confirming),
    ];
    let again = (!sent && submission.tries > 0).then(|| page.interpolate(&t.again));
    let news = again.into_iter().chain(slow.then(|| t.slow.clone())).collect();
    WaitingPage {
        lead: t.lead.clone(),
        stages,
        percent: if sent { 66 } else { 33 },
        usual: None,
        taken: None,
        news,
        notes: vec![t.once.clone()],
        call: slow,
        page,
    }
}

fn unknown(ctx: PageContext<'_>) -> WaitingPage<'_> {
    let t = &ctx.messages().processing;
    let mut page = ctx.page(&t.unknown_title);
    page.refresh = Some(30);
    page.reference = Some(reference(ctx.journey));
    WaitingPage {
        lead: page.interpolate(&t.unknown_lead),
        stages: Vec::new(),
        percent: 0,
        usual: None,
        taken: None,
        news: vec![page.interpolate(&t.unknown_next)],
        notes: Vec::new(),
        call: true,
        page,
    }
}
