//! The page that the link of a saved journey (`save_for_later`) leads to, and where its code is typed: the question, and
//! resuming.
//!
//! The link holds nothing but a one-time code, in its query. Queries are in no log line, and this page sends no referrer
//! (`web::headers`). GET changes no journey; POST counts an attempt before it compares the answer. Every look at a code is
//! rate-limited, by GET too, since it tells whether there is such a code.

use askama::Template;
use axum::{extract::Request, response::Response};
use http::StatusCode;
use zeroize::Zeroizing;

use super::error::respond;
use crate::{
    fields::{BirthDate, BirthDatePart, Phone, Problem, Query},
    journey::{Journey, ResumeChallenge, Step},
    messages::interpolate,
    rate_limit::Action,
    session::{ResumeCode, stored_journey},
    web::{
        DateField, Field, FieldError, Notice, Page, context::RequestContext, error::PageError,
        form::FormBody, html, page_context::PageContext,
    },
};

/// The path of the page.
pub const PATH: &str = "/resume";

/// GET `/resume`; a link brings its `code`.
pub async fn show(ctx: RequestContext) -> Response {
    let shown = find_and_ask(&ctx).await;
    respond(&ctx, shown)
}

async fn find_and_ask(ctx: &RequestContext) -> Result<Response, PageError> {
    if !ctx.app.resume {
        return Err(PageError::NotFound);
    }
    let code = Query::read(&ctx.request.query).get("code");
    let Some(code) = code.filter(|code| !code.is_empty() && !ctx.request.onlooker) else {
        return ask(ctx.view(), None, &Answer::default());
    };
    let Some(code) = ResumeCode::parse(&code) else { return gone(ctx.view()) };
    match saved(ctx, &code).await? {
        Some(journey) => ask(ctx.view(), Some((&code, &journey)), &Answer::default()),
        None => gone(ctx.view()),
    }
}

/// The journey that is saved at this site under `code`. Each look counts.
async fn saved(ctx: &RequestContext, code: &ResumeCode) -> Result<Option<Box<Journey>>, PageError> {
    ctx.count(Action::Resume).await?;
    let text = ctx.app.sessions.saved(code).await?;
    let journey = text.and_then(|text| stored_journey(&text));
    let here = |journey: &Journey| journey.site == ctx.site().name && !journey.waits_to_be_opened();
    Ok(journey.filter(|journey| here(journey)))
}

/// POST `/resume`: resumes the journey, if the answer is right.
pub async fn submit(mut ctx: RequestContext, request: Request) -> Response {
    let resumed = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(body) if ctx.app.resume => resume(&mut ctx, &body).await,
        Ok(_) => Err(PageError::NotFound),
        Err(refusal) => Err(PageError::Form(refusal)),
    };
    respond(&ctx, resumed)
}

async fn resume(ctx: &mut RequestContext, body: &FormBody) -> Result<Response, PageError> {
    let mut answer = Answer::typed(body);
    let Some(code) = ResumeCode::parse(&answer.code) else {
        let t = &ctx.view().messages().resume;
        let text = if answer.code.trim().is_empty() { &t.code.missing } else { &t.code_wrong };
        answer.problem = Some((Part::Code, text.clone()));
        return ask(ctx.view(), None, &answer);
    };
    let Some(journey) = saved(ctx, &code).await? else { return gone(ctx.view()) };
    let challenge = journey.resume_challenge();
    // Only the code was typed: the form did not show the question yet.
    if challenge != ResumeChallenge::Nothing && body.get("asked").is_empty() {
        return ask(ctx.view(), Some((&code, &journey)), &Answer::default());
    }
    let right = match answer.matches(&challenge, ctx.view()) {
        Ok(right) => right,
        // An answer that cannot be parsed counts as no attempt.
        Err(problem) => {
            answer.problem = Some(problem);
            return ask(ctx.view(), Some((&code, &journey)), &answer);
        }
    };
    let Some(left) = ctx.app.sessions.count_attempt(&code).await? else { return gone(ctx.view()) };
    if right {
        let resumed = ctx.session.resume(&code).await?;
        if resumed && challenge == ResumeChallenge::Nothing {
            // What a partner gave of the person is shown to nobody who has only a link.
            ctx.session.change(|journey| journey.forget_given(Step::Contact)).await?;
        }
        return if resumed { Ok(ctx.view().to_position()) } else { gone(ctx.view()) };
    }
    if left == 0 {
        ctx.app.sessions.discard(&code).await?;
        return gone(ctx.view());
    }
    let part = if matches!(challenge, ResumeChallenge::Phone(_)) {
        Part::Phone
    } else {
        Part::Birth(BirthDatePart::Whole)
    };
    answer.problem = Some((part, wrong_answer(ctx.view(), left)));
    ask(ctx.view(), Some((&code, &journey)), &answer)
}

/// That the answer is wrong, and how many attempts are left.
pub(super) fn wrong_answer(ctx: PageContext<'_>, left: i64) -> String {
    let t = &ctx.messages().resume;
    let text = if left == 1 { &t.wrong_one } else { &t.wrong };
    interpolate(text, &[("count", &left.to_string())])
}

/// The page that asks the question of the saved journey; without one it asks for the code.
fn ask(
    ctx: PageContext<'_>,
    saved: Option<(&ResumeCode, &Journey)>,
    answer: &Answer,
) -> Result<Response, PageError> {
    let (text, t) = (ctx.messages(), &ctx.messages().resume);
    let of = |wanted: fn(&Part) -> bool| {
        answer.problem.as_ref().filter(|(part, _)| wanted(part)).map(|(_, words)| words.clone())
    };
    let asks = match saved {
        None => Asks::Code(Field::new("code", answer.code.as_str(), of(|part| *part == Part::Code))),
        Some((_, journey)) => match journey.resume_challenge() {
            ResumeChallenge::BirthDate(_) => Asks::BirthDate(DateField {
                name: "birth_date".to_owned(),
                month: answer.month.clone(),
                day: answer.day.clone(),
                year: answer.year.clone(),
                problem: of(|part| matches!(part, Part::Birth(_))),
                wrong: match answer.problem {
                    Some((Part::Birth(part), _)) => part,
                    _ => BirthDatePart::Whole,
                },
            }),
            ResumeChallenge::Phone(_) => {
                Asks::Phone(Field::new("phone", &answer.phone, of(|part| *part == Part::Phone)))
            }
            ResumeChallenge::Nothing => Asks::Nothing,
        },
    };
    let mut page = ctx.page(&t.title);
    if let Some((_, message)) = &answer.problem {
        let field = match &asks {
            Asks::BirthDate(date) => date.first(),
            Asks::Phone(_) => "phone".to_owned(),
            Asks::Code(_) | Asks::Nothing => "code".to_owned(),
        };
        page.errors.push(FieldError { field, message: message.clone() });
    }
    if ctx.journey.service.is_some() {
        page.notices.push(Notice {
            title: text.common.important.clone(),
            text: Some(t.replaces.clone()),
            message: None,
        });
    }
    let lead = match &asks {
        Asks::Code(_) => &t.lead_code,
        Asks::BirthDate(_) => &t.lead_birth_date,
        Asks::Phone(_) => &t.lead_phone,
        Asks::Nothing => &t.lead_nothing,
    };
    let status = if answer.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let code = saved.map_or_else(Zeroizing::default, |(code, _)| code.text());
    Ok(html(status, ResumePage { page, lead, code, asks }.render()?))
}

/// The page for a code that is unknown, used, expired, or out of attempts: the same for all of them.
fn gone(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let page = GonePage { page: ctx.page(&ctx.messages().resume.gone_title) };
    Ok(html(StatusCode::GONE, page.render()?))
}

/// The field that has an error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Birth(BirthDatePart),
    Phone,
}

/// What was typed, and its error.
#[derive(Default)]
struct Answer {
    code: Zeroizing<String>,
    month: String,
    day: String,
    year: String,
    phone: String,
    problem: Option<(Part, String)>,
}

impl Answer {
    fn typed(body: &FormBody) -> Self {
        let text = |name| body.get(name).to_owned();
        Self {
            code: Zeroizing::new(text("code")),
            month: text("birth_date_month"),
            day: text("birth_date_day"),
            year: text("birth_date_year"),
            phone: text("phone"),
            problem: None,
        }
    }

    /// Whether the answer is right. The error is that it cannot be parsed.
    fn matches(&self, challenge: &ResumeChallenge, ctx: PageContext<'_>) -> Result<bool, (Part, String)> {
        let text = ctx.messages();
        let words = |problem: Problem, field| text.problem(problem, field);
        match challenge {
            ResumeChallenge::BirthDate(known) => {
                BirthDate::parse(&self.month, &self.day, &self.year, ctx.today())
                    .map(|date| date == *known)
                    .map_err(|(part, problem)| (Part::Birth(part), words(problem, &text.identity.birth_date)))
            }
            ResumeChallenge::Phone(known) => Phone::parse(&self.phone)
                .map(|phone| phone == *known)
                .map_err(|problem| (Part::Phone, words(problem, &text.contact.phone))),
            ResumeChallenge::Nothing => Ok(true),
        }
    }
}

/// What the page asks for.
enum Asks {
    Code(Field),
    BirthDate(DateField),
    Phone(Field),
    Nothing,
}

#[derive(Template)]
#[template(path = "page/resume.html")]
struct ResumePage<'a> {
    page: Page<'a>,
    lead: &'a str,
    /// Empty if the page asks for it.
    code: Zeroizing<String>,
    asks: Asks,
}

#[derive(Template)]
#[template(path = "page/resume-gone.html")]
struct GonePage<'a> {
    page: Page<'a>,
}
