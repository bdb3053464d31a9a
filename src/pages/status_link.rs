//! The link by which a person looks up later where the enrollment stands (`status`), made from the confirmation page: with
//! a new code each time, which replaces the one before. No other page, log line or message ever contains the code.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use url::Url;
use zeroize::Zeroizing;

use super::{error::respond, pay, qr_code::QrCode, session_ended::InSession, status};
use crate::{
    messages::interpolate,
    session::ResumeCode,
    web::{Page, context::RequestContext, error::PageError, html, mail_link},
};

/// POST `/status-link`: makes a link and shows it.
pub async fn submit(InSession(ctx): InSession) -> Response {
    let made = make(&ctx).await;
    respond(&ctx, made.map(status::hidden))
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
    let mut link = Url::clone(&view.hosted.public_url);
    link.set_path(status::PATH);
    let address = link.as_str().split_once("://").map_or_else(String::new, |(_, typed)| typed.to_owned());
    link.query_pairs_mut().append_pair("code", &code).append_pair("lang", ctx.language.tag());
    let t = &view.messages().status;
    let page = view.page(&t.link_title);
    let date = view.messages().moment(until);
    let words = page.interpolate_with(&t.mail_body, &[("moment", &date), ("link", link.as_str())]);
    let body = StatusLinkPage {
        lead: interpolate(&t.link_lead, &[("moment", &date)]),
        mail: mail_link(&page.interpolate(&t.mail_subject), &words),
        qr: QrCode::of(link.as_str()),
        link: link.to_string(),
        address,
        code,
        page,
    };
    Ok(html(StatusCode::OK, body.render()?))
}

#[derive(Template)]
#[template(path = "page/status-link.html")]
struct StatusLinkPage<'a> {
    page: Page<'a>,
    lead: String,
    link: String,
    /// Host and path of the page that asks for the code.
    address: String,
    code: Zeroizing<String>,
    qr: Option<QrCode>,
    /// A `mailto:` link to a message that contains the link.
    mail: String,
}
