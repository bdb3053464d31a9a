//! Where an enrollment stands after its session is over: who has the link of the confirmation (`status_link`) and knows the
//! phone number sees what NRG last told of it.
//!
//! The link holds nothing but a code, in its query. GET looks nothing up; POST counts an attempt before it compares the
//! number. The page shows nothing of the person.

use askama::Template;
use axum::{extract::Request, response::Response};
use http::StatusCode;
use zeroize::Zeroizing;

use super::{error::respond, resume::wrong_answer};
use crate::{
    fields::{Phone, Query},
    ledger::{DepositStanding, Proof, Status},
    rate_limit::Action,
    session::ResumeCode,
    web::{
        Field, FieldError, Page, context::RequestContext, error::PageError, form::FormBody, html,
        page_context::PageContext,
    },
};

/// The path of the page.
pub const PATH: &str = "/status";

/// GET `/status`; a link brings its `code`.
pub async fn show(ctx: RequestContext) -> Response {
    let code = Query::read(&ctx.request.query).get("code").unwrap_or_default();
    let form = StatusForm { code: Zeroizing::new(code), ..StatusForm::default() };
    let shown = if ctx.app.ledger.follows() { ask(ctx.view(), &form) } else { Err(PageError::NotFound) };
    respond(&ctx, shown)
}

/// POST `/status`: shows where the enrollment stands, if the number is right.
pub async fn submit(ctx: RequestContext, request: Request) -> Response {
    let shown = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(body) if ctx.app.ledger.follows() => look_up(&ctx, &body).await,
        Ok(_) => Err(PageError::NotFound),
        Err(refusal) => Err(PageError::Form(refusal)),
    };
    respond(&ctx, shown)
}

async fn look_up(ctx: &RequestContext, body: &FormBody) -> Result<Response, PageError> {
    let (t, view) = (&ctx.view().messages(), ctx.view());
    let mut form = StatusForm {
        code: Zeroizing::new(body.get("code").to_owned()),
        phone: body.get("phone").to_owned(),
        ..StatusForm::default()
    };
    let code = ResumeCode::parse(&form.code);
    if code.is_none() {
        let missing = form.code.trim().is_empty();
        form.code_problem = Some(if missing { &t.resume.code.missing } else { &t.resume.code_wrong }.clone());
    }
    let phone = Phone::parse(&form.phone);
    if let Err(problem) = &phone {
        form.phone_problem = Some(t.problem(*problem, &t.contact.phone));
    }
    let (Some(code), Ok(phone)) = (code, phone) else { return ask(view, &form) };
    ctx.count(Action::Resume).await?;
    match ctx.app.ledger.prove(&code.text(), &ctx.site().name, &phone).await? {
        Proof::Right(status) => render(view, &status),
        Proof::Wrong(left) => {
            form.phone_problem = Some(wrong_answer(view, left));
            ask(view, &form)
        }
        Proof::Gone => {
            let page = GonePage { page: view.page(&t.status.gone_title) };
            Ok(html(StatusCode::GONE, page.render()?))
        }
    }
}

/// The page that asks for the phone number, and for the code unless the link brought it.
fn ask(ctx: PageContext<'_>, form: &StatusForm) -> Result<Response, PageError> {
    let t = ctx.messages();
    let mut page = ctx.page(&t.status.ask_title);
    let fields = [("code", &form.code_problem), ("phone", &form.phone_problem)];
    page.errors.extend(fields.into_iter().filter_map(|(field, problem)| {
        Some(FieldError { field: field.to_owned(), message: problem.clone()? })
    }));
    let is_brought = form.code_problem.is_none() && ResumeCode::parse(&form.code).is_some();
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body = AskPage {
        page,
        brought: is_brought.then(|| form.code.clone()),
        code: Field::new("code", form.code.as_str(), form.code_problem.clone()),
        phone: Field::new("phone", &form.phone, form.phone_problem.clone()),
    };
    Ok(html(status, body.render()?))
}

fn render(ctx: PageContext<'_>, status: &Status) -> Result<Response, PageError> {
    let t = &ctx.messages().status;
    let mut page = ctx.page(&t.title);
    // That of the enrollment, not of what goes on in this browser.
    if let Some(line) = ctx.brand_lines().into_iter().find(|line| Some(line.brand) == status.brand) {
        page.worn = Some(line.brand);
        page.brand = line;
    }
    page.reference = None;
    let sentences = match status.standing {
        None => vec![&t.unknown],
        Some(standing) => {
            let deposit = standing.deposit.map(|deposit| match deposit {
                DepositStanding::Open => &t.deposit_open,
                DepositStanding::Paid => &t.deposit_paid,
            });
            let papers = standing.papers.then_some(&t.papers);
            let other = standing.other.then_some(&t.other);
            let released = (!standing.is_held()).then_some(&t.released);
            [deposit, papers, other, released].into_iter().flatten().collect()
        }
    };
    let told =
        status.known_at.map(|at| page.interpolate_with(&t.told, &[("moment", &ctx.messages().moment(at))]));
    let sentences = sentences.into_iter().map(|sentence| page.interpolate(sentence)).collect();
    let body = StatusPage {
        sentences,
        titles: &status.titles,
        titles_lang: page.lang_of(status.language),
        told,
        page,
    };
    Ok(html(StatusCode::OK, body.render()?))
}

/// What was typed, and its errors.
#[derive(Default)]
struct StatusForm {
    code: Zeroizing<String>,
    phone: String,
    code_problem: Option<String>,
    phone_problem: Option<String>,
}

#[derive(Template)]
#[template(path = "page/status-ask.html")]
struct AskPage<'a> {
    page: Page<'a>,
    /// The code, if the link brought it.
    brought: Option<Zeroizing<String>>,
    code: Field,
    phone: Field,
}

#[derive(Template)]
#[template(path = "page/status.html")]
struct StatusPage<'a> {
    page: Page<'a>,
    /// Where it stands.
    sentences: Vec<String>,
    /// NRG's titles of what is open.
    titles: &'a [String],
    /// Their language, if it is not the page's.
    titles_lang: &'static str,
    /// When NRG last told.
    told: Option<String>,
}

#[derive(Template)]
#[template(path = "page/status-gone.html")]
struct GonePage<'a> {
    page: Page<'a>,
}
