//! Save for later: the journey is saved, and this page shows the link that resumes it (`resume`) on any device, the same as
//! a QR code, and what to type instead. Where mails are sent, a form on it sends the link to an address.

use askama::Template;
use axum::{extract::Request, response::Response};
use http::StatusCode;
use jiff::Timestamp;

use super::{code_link::CodeLink, error::respond, resume::PATH};
use crate::{
    fields::Email,
    journey::{Journey, ResumeChallenge},
    mail::{ChallengeKind, Content, Mails, NewMail, ResumeLink},
    messages::interpolate,
    rate_limit::Action,
    session::{ResumeCode, stored_journey},
    web::{
        Field, FieldError, Notice, Page, context::RequestContext, error::PageError, form::FormBody, html,
        page_context::PageContext, see_other,
    },
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
    let known = ctx.journey().contact.as_ref().map_or("", |contact| contact.email.as_str());
    let form = ctx.app.mails.is_some().then(|| MailForm::new(known));
    page(ctx.view(), ctx.journey(), &code, form)
}

/// POST `/later/mail`: sends the link of the posted code to the posted address.
pub async fn mail(mut ctx: RequestContext, request: Request) -> Response {
    let sent = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(body) => send(&mut ctx, &body).await,
        Err(refusal) => Err(PageError::Form(refusal)),
    };
    respond(&ctx, sent)
}

async fn send(ctx: &mut RequestContext, body: &FormBody) -> Result<Response, PageError> {
    let mails = ctx.app.mails.clone().filter(|_| ctx.app.resume).ok_or(PageError::NotFound)?;
    let Some(code) = ResumeCode::parse(body.get("code")) else { return Ok(see_other(PATH)) };
    // A look at a code, as any other.
    ctx.count(Action::Resume).await?;
    let text = ctx.app.sessions.saved(&code).await?;
    let journey = text.and_then(|text| stored_journey(&text)).filter(|saved| saved.site == ctx.site().name);
    // It was resumed meanwhile, or is over: that page says so.
    let Some(journey) = journey else { return Ok(see_other(PATH)) };
    ctx.language = journey.language;
    let mut form = MailForm::new(body.get("email"));
    let refusal = match Email::parse(body.get("email")) {
        Ok(address) if mails.is_unsubscribed(&address).await? => {
            Some(ctx.view().messages().mail.takes_none.clone())
        }
        Ok(address) => {
            enqueue(ctx, &mails, &journey, &code, &address).await?;
            let t = &ctx.view().messages().mail;
            form.sent = Some(interpolate(&t.sent, &[("email", address.as_str())]));
            None
        }
        Err(problem) => {
            let text = ctx.view().messages();
            Some(text.problem(problem, &text.contact.email))
        }
    };
    form.field.problem = refusal;
    page(ctx.view(), &journey, &code, Some(form))
}

/// Writes the mail, unless this link was sent to this address before.
async fn enqueue(
    ctx: &RequestContext,
    mails: &Mails,
    journey: &Journey,
    code: &ResumeCode,
    address: &Email,
) -> Result<(), PageError> {
    let about = mails.about_link(&code.text(), address);
    if mails.knows_link(&about).await? {
        return Ok(());
    }
    ctx.count_mail(&mails.recipient(address)).await?;
    let until = ends(ctx.view(), journey);
    let question = ChallengeKind::of(journey);
    let content = Content::Link(ResumeLink { code: code.text().to_string(), until, question });
    let mail = mails.pending(&NewMail {
        about: &about,
        site: &journey.site,
        language: journey.language,
        address,
        content: &content,
        until: Some(until),
    });
    Ok(mails.enqueue(&mail).await?)
}

/// The page with the link of `journey`.
fn page(
    ctx: PageContext<'_>,
    journey: &Journey,
    code: &ResumeCode,
    mail: Option<MailForm>,
) -> Result<Response, PageError> {
    let t = &ctx.messages().resume;
    let mut page = ctx.page(&t.saved_title);
    let until = ctx.messages().moment(ends(ctx, journey));
    let asked = match journey.resume_challenge() {
        ResumeChallenge::BirthDate(_) => &t.saved_birth_date,
        ResumeChallenge::Phone(_) => &t.saved_phone,
        ResumeChallenge::Nothing => &t.saved_nothing,
    };
    let problem = mail.as_ref().and_then(|mail| mail.field.problem.clone());
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page.errors.extend(problem.map(|message| FieldError { field: "email".to_owned(), message }));
    page.notices.extend(mail.as_ref().and_then(|mail| mail.sent.clone()).map(|sent| Notice {
        title: ctx.messages().common.notice.clone(),
        text: Some(sent),
        message: None,
    }));
    let page = LaterPage {
        lead: interpolate(&t.saved_lead, &[("moment", &until)]),
        to: CodeLink::new(ctx, &page, PATH, code.text(), [&t.mail_subject, &t.mail_body], &until),
        asked,
        mail: mail.map(|mail| mail.field),
        page,
    };
    Ok(html(status, page.render()?))
}

/// When the saved journey is deleted at the latest. The session began no earlier than its journey.
fn ends(ctx: PageContext<'_>, journey: &Journey) -> Timestamp {
    journey.started.checked_add(ctx.absolute).unwrap_or(Timestamp::MAX)
}

/// The form that sends the link, and what came of it.
struct MailForm {
    field: Field,
    sent: Option<String>,
}

impl MailForm {
    fn new(typed: &str) -> Self {
        Self { field: Field::new("email", typed, None), sent: None }
    }
}

#[derive(Template)]
#[template(path = "page/later.html")]
struct LaterPage<'a> {
    page: Page<'a>,
    lead: String,
    to: CodeLink,
    asked: &'a str,
    /// The address of the form that sends the link; none where mails are not sent.
    mail: Option<Field>,
}
