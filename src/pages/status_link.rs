//! The link by which a person looks up later where the enrollment stands (`status`), made from the confirmation page: with
//! a new code each time, which replaces the one before.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{code_link::CodeLink, error::respond, pay, session_ended::InSession, status};
use crate::{
    messages::interpolate,
    session::ResumeCode,
    web::{Page, context::RequestContext, error::PageError, html},
};

/// POST `/status-link`: makes a link and shows it.
pub async fn submit(InSession(ctx): InSession) -> Response {
    let made = make(&ctx).await;
    respond(&ctx, made)
}

async fn make(ctx: &RequestContext) -> Result<Response, PageError> {
    let (ledger, view) = (&ctx.app.ledger, ctx.view());
    let submission = ctx.journey().submission.as_ref().filter(|_| pay::account(ctx.journey()).is_some());
    let Some(submission) = submission else { return Ok(view.to_position()) };
    let Some(until) = ledger.followed_until(submission.since) else { return Err(PageError::NotFound) };
    let code = ResumeCode::new(&ctx.app.entropy).text();
    if !ledger.set_status_code(submission.tracking_id.as_str(), &code).await? {
        return Ok(view.to_position());
    }
    let t = &view.messages().status;
    let page = view.page(&t.link_title);
    let date = view.messages().moment(until);
    let body = StatusLinkPage {
        lead: interpolate(&t.link_lead, &[("moment", &date)]),
        to: CodeLink::new(view, &page, status::PATH, code, [&t.mail_subject, &t.mail_body], &date),
        page,
    };
    Ok(html(StatusCode::OK, body.render()?))
}

#[derive(Template)]
#[template(path = "page/status-link.html")]
struct StatusLinkPage<'a> {
    page: Page<'a>,
    lead: String,
    to: CodeLink,
}
