//! Save for later: the journey is saved, and this page shows the link that resumes it (`resume`) on any device, the same as
//! a QR code, and what to type instead.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;

use super::{code_link::CodeLink, error::respond, resume::PATH};
use crate::{
    journey::{Journey, ResumeChallenge},
    messages::interpolate,
    web::{Page, context::RequestContext, error::PageError, html, page_context::PageContext, see_other},
};

/// POST `/later`: saves the journey and shows its link.
pub async fn submit(mut ctx: RequestContext) -> Response {
    let saved = save(&mut ctx).await;
    respond(&ctx, saved)
}

async fn save(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if !ctx.app.resume {
        return Err(PageError::NotFound);
    }
    let code = if ctx.session.has_session() {
        match ctx.session.save_for_later(Journey::may_be_saved).await? {
            Some(code) => code,
            None => return Ok(ctx.view().to_position()),
        }
    } else {
        match ctx.session.save_for_later_again().await? {
            Some(code) => code,
            None => return Ok(see_other("/session-ended")),
        }
    };
    ctx.language = ctx.journey().language;
    let ctx = ctx.view();
    let t = &ctx.messages().resume;
    let page = ctx.page(&t.saved_title);
    let until = ctx.messages().moment(ends(ctx));
    let asked = match ctx.journey.resume_challenge() {
        ResumeChallenge::BirthDate(_) => &t.saved_birth_date,
        ResumeChallenge::Phone(_) => &t.saved_phone,
        ResumeChallenge::Nothing => &t.saved_nothing,
    };
    let page = LaterPage {
        lead: interpolate(&t.saved_lead, &[("moment", &until)]),
        to: CodeLink::new(ctx, &page, PATH, code.text(), [&t.mail_subject, &t.mail_body], &until),
        asked,
        page,
    };
    Ok(html(StatusCode::OK, page.render()?))
}

/// When the saved journey is deleted at the latest. The session began no earlier than its journey.
fn ends(ctx: PageContext<'_>) -> Timestamp {
    ctx.journey.started.checked_add(ctx.absolute).unwrap_or(Timestamp::MAX)
}

#[derive(Template)]
#[template(path = "page/later.html")]
struct LaterPage<'a> {
    page: Page<'a>,
    lead: String,
    to: CodeLink,
    asked: &'a str,
}
