//! Where the link of a journey that was put aside (`later`) leads: what is asked, and the taking up.
//!
//! The link holds nothing but a one-time code, in its query: that is in no log of ours, and this page tells no other
//! where it was come from (`web::headers`). Looking at the page changes nothing; posting it counts a try before the
//! answer is looked at.

use askama::Template;
use axum::{extract::Request, response::Response};
use http::StatusCode;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::{
    fields::{BirthDate, BirthDatePart, Phone, Problem},
    journey::{Journey, ResumeChallenge},
    messages::interpolate,
    rate_limit::Action,
    session::{ResumeCode, stored_journey},
    web::{
        DateField, Field, FieldError, Notice, Page, context::RequestContext, error::PageError,
        form::FormBody, html,
    },
};

/// The address of the page a link leads to.
pub const PATH: &str = "/resume";

/// GET `/resume`; a link brings its `code`.
pub async fn show(ctx: RequestContext) -> Response {
    let shown = look(&ctx).await;
    ctx.answer(shown)
}

async fn look(ctx: &RequestContext) -> Result<Response, PageError> {
    if !ctx.app.resume {
        return Err(PageError::NotFound);
    }
    let code = form_urlencoded::parse(ctx.query.as_bytes()).find(|(name, _)| name == "code");
    match code.as_ref().map(|(_, code)| code.trim()).filter(|code| !code.is_empty()) {
        None => ask(ctx, None, &Answer::default()),
        Some(code) => match aside(ctx, code).await? {
            Some((code, journey)) => ask(ctx, Some((&code, &journey)), &Answer::default()),
            None => gone(ctx),
        },
    }
}

/// What is put aside under `code`, as it stands in a link, at this site.
async fn aside(ctx: &RequestContext, code: &str) -> Result<Option<(ResumeCode, Box<Journey>)>, PageError> {
    let Some(code) = ResumeCode::parse(code) else { return Ok(None) };
    let data = ctx.app.sessions.aside(&code).await?;
    let journey = data.and_then(|data| stored_journey(&data));
    Ok(journey.filter(|journey| journey.site == ctx.site().name).map(|journey| (code, journey)))
}

/// POST `/resume`: takes the journey up, if what is asked is answered rightly.
pub async fn submit(mut ctx: RequestContext, request: Request) -> Response {
    let taken = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(posted) if ctx.app.resume => take_up(&mut ctx, &posted).await,
        Ok(_) => Err(PageError::NotFound),
        Err(refusal) => Err(PageError::Form(refusal)),
    };
    ctx.answer(taken)
}

async fn take_up(ctx: &mut RequestContext, posted: &FormBody) -> Result<Response, PageError> {
    if posted.get("code").trim().is_empty() {
        let nothing = Answer {
            problem: Some((Part::Code, ctx.messages().resume.code.missing.clone())),
            ..Answer::default()
        };
        return ask(ctx, None, &nothing);
    }
    ctx.count(Action::Resume).await?;
    let Some((code, journey)) = aside(ctx, posted.get("code")).await? else { return gone(ctx) };
    let known = journey.resume_challenge();
    // The code alone was typed: what else is asked was not seen yet.
    if known != ResumeChallenge::Nothing && posted.get("asked").is_empty() {
        return ask(ctx, Some((&code, &journey)), &Answer::default());
    }
    let mut answer = Answer::typed(posted);
    let right = match answer.is(&known, ctx) {
        Ok(right) => right,
        // What cannot be meant counts as no try.
        Err((part, words)) => {
            answer.problem = Some((part, words));
            return ask(ctx, Some((&code, &journey)), &answer);
        }
    };
    let Some(tried) = ctx.app.sessions.try_code(&code).await? else { return gone(ctx) };
    if right {
        return Ok(if ctx.visit.take_up(&code, &tried.data).await? { ctx.to_position() } else { gone(ctx)? });
    }
    if tried.left == 0 {
        ctx.app.sessions.give_up(&code).await?;
        return gone(ctx);
    }
    let t = &ctx.messages().resume;
    let words = if tried.left == 1 { &t.wrong_one } else { &t.wrong };
    let part = if matches!(known, ResumeChallenge::Phone(_)) {
        Part::Phone
    } else {
        Part::Birth(BirthDatePart::Whole)
    };
    answer.problem = Some((part, interpolate(words, &[("count", &tried.left.to_string())])));
    ask(ctx, Some((&code, &journey)), &answer)
}

/// The page that asks; without a code it asks for one.
fn ask(
    ctx: &RequestContext,
    aside: Option<(&ResumeCode, &Journey)>,
    answer: &Answer,
) -> Result<Response, PageError> {
    let (text, t) = (ctx.messages(), &ctx.messages().resume);
    let of = |wanted: fn(&Part) -> bool| {
        answer.problem.as_ref().filter(|(part, _)| wanted(part)).map(|(_, words)| words.clone())
    };
    let asks = match aside {
        None => Asks::Code(Field::new("code", "", of(|part| *part == Part::Code))),
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
    if ctx.journey().service.is_some() {
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
    let code = Zeroizing::new(aside.map_or_else(String::new, |(code, _)| code.text()));
    Ok(html(status, ResumePage { page, lead, code, asks }.render()?))
}

/// The same page for a code that never was, was used, was tried too often, or is too old.
fn gone(ctx: &RequestContext) -> Result<Response, PageError> {
    let page = GonePage { page: ctx.page(&ctx.messages().resume.gone_title) };
    Ok(html(StatusCode::GONE, page.render()?))
}

/// What a problem is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Birth(BirthDatePart),
    Phone,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Answer {
    month: String,
    day: String,
    year: String,
    phone: String,
    problem: Option<(Part, String)>,
}

impl Answer {
    fn typed(posted: &FormBody) -> Self {
        let text = |name| posted.get(name).to_owned();
        Self {
            month: text("birth_date_month"),
            day: text("birth_date_day"),
            year: text("birth_date_year"),
            phone: text("phone"),
            problem: None,
        }
    }

    /// Whether it is what is known. An error where it cannot be meant for it.
    fn is(&self, known: &ResumeChallenge, ctx: &RequestContext) -> Result<bool, (Part, String)> {
        let text = ctx.messages();
        let words = |problem: Problem, field| text.problem(problem, field);
        match known {
            ResumeChallenge::BirthDate(known) => {
                let today = ctx.app.clock.texas_today();
                BirthDate::parse(&self.month, &self.day, &self.year, today)
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
    /// Blank where it is asked for.
    code: Zeroizing<String>,
    asks: Asks,
}

#[derive(Template)]
#[template(path = "page/resume-gone.html")]
struct GonePage<'a> {
    page: Page<'a>,
}
