//! The question before the answers are deleted: to save them for later, or to delete them now.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{error::respond, session_ended::InSession};
use crate::web::{Page, error::PageError, html, page_context::PageContext};

/// GET `/leave`.
pub async fn show(InSession(ctx): InSession) -> Response {
    respond(&ctx, render(ctx.view()))
}

fn render(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let t = &ctx.messages().leave;
    let page = ctx.page(&t.title);
    let later = page.session.is_some_and(|session| session.later);
    let lead = match (ctx.journey.submission.is_some() || ctx.journey.submitting, later) {
        (true, _) => &t.submitted_lead,
        (false, true) => &t.lead_later,
        (false, false) => &t.lead,
    };
    let body = LeavePage { lead, later, here: ctx.position().path(), page };
    Ok(html(StatusCode::OK, body.render()?))
}

#[derive(Template)]
#[template(path = "page/leave.html")]
struct LeavePage<'a> {
    page: Page<'a>,
    lead: &'a str,
    /// Whether the answers can be saved for later.
    later: bool,
    /// Where the journey stands.
    here: &'a str,
}
