//! A session that timed out, and was put aside: the page asks for its birth date, and goes on.

use askama::Template;
use axum::{extract::Request, response::Response};
use http::StatusCode;

use super::{error::respond, resume::wrong_answer};
use crate::{
    fields::{BirthDate, BirthDatePart},
    rate_limit::Action,
    session::ResumeAttempt,
    web::{
        DateField, FieldError, Page, context::RequestContext, error::PageError, form::FormBody, html,
        page_context::PageContext, see_other,
    },
};

/// POST `/session-ended`: resumes the session, if the birth date is right.
pub async fn submit(mut ctx: RequestContext, request: Request) -> Response {
    let resumed = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(body) => resume(&mut ctx, &body).await,
        Err(refusal) => Err(PageError::Form(refusal)),
    };
    respond(&ctx, resumed)
}

async fn resume(ctx: &mut RequestContext, body: &FormBody) -> Result<Response, PageError> {
    if ctx.session.has_session() {
        return Ok(ctx.view().to_position());
    }
    let text = |name| body.get(name).to_owned();
    let mut date = DateField {
        month: text("birth_date_month"),
        day: text("birth_date_day"),
        year: text("birth_date_year"),
        ..blank()
    };
    let given = match BirthDate::parse(&date.month, &date.day, &date.year, ctx.view().today()) {
        Ok(given) => given,
        // It counts as no attempt.
        Err((part, problem)) => {
            let text = ctx.view().messages();
            (date.problem, date.wrong) = (Some(text.problem(problem, &text.identity.birth_date)), part);
            return ask(ctx.view(), date);
        }
    };
    ctx.count(Action::Resume).await?;
    match ctx.session.resume_timed_out(given).await? {
        ResumeAttempt::Resumed => {
            ctx.language = ctx.journey().language;
            Ok(ctx.view().to_position())
        }
        ResumeAttempt::Wrong(0) | ResumeAttempt::Gone => Ok(see_other("/session-ended")),
        ResumeAttempt::Wrong(left) => {
            date.problem = Some(wrong_answer(ctx.view(), left));
            ask(ctx.view(), date)
        }
    }
}

/// The page with nothing typed yet.
pub(super) fn show(ctx: PageContext<'_>) -> Result<Response, PageError> {
    ask(ctx, blank())
}

fn blank() -> DateField {
    DateField {
        name: "birth_date".to_owned(),
        month: String::new(),
        day: String::new(),
        year: String::new(),
        problem: None,
        wrong: BirthDatePart::Whole,
    }
}

fn ask(ctx: PageContext<'_>, date: DateField) -> Result<Response, PageError> {
    let mut page = ctx.page(&ctx.messages().session_ended.title);
    let mut status = StatusCode::OK;
    if let Some(message) = date.problem.clone() {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        page.errors.push(FieldError { field: date.first(), message });
    }
    Ok(html(status, TimedOutPage { page, date }.render()?))
}

#[derive(Template)]
#[template(path = "page/timed-out.html")]
struct TimedOutPage<'a> {
    page: Page<'a>,
    date: DateField,
}
