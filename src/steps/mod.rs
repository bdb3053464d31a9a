//! The steps of a journey, one file each, named by its slug; here, the one lifecycle they share.
//!
//! ```text
//! show:   load → may it be visited? → is it open now? → prepare → render
//! submit: load → may it be visited? → is it open now? → is the form of now? → parse → keep → claim → call → record → 303
//!         (what NRG need not be asked about: keep and record in one)
//! ```
//!
//! A step fills the hooks of [`StepPage`]; it cannot forget the guard, and it never decides where to go
//! next: that is `position()`.

pub mod address;
pub mod billing;
mod consent;
pub mod contact;
pub mod deposit;
pub mod identity;
pub mod plans;
pub mod quiz;
pub mod review;
pub mod start_date;
pub mod zip;

use std::time::Duration;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};
use tracing::Instrument;

use crate::{
    fields::Problem,
    journey::{Journey, Step},
    rate_limit::Action,
    session::{Claim, VisitError},
    web::{
        context::{RequestContext, see_other},
        error::PageError,
        form::{FormBody, FormErrors, from_fields, to_fields},
        html,
    },
};

/// Written into the journey once a call has answered. Pure, so that it can be applied again to a newer state.
pub type JourneyUpdate = Box<dyn Fn(&mut Journey) + Send + Sync>;

/// The field people do not see.
const HONEYPOT_FIELD: &str = "website";

/// Nothing to record.
pub fn nothing() -> JourneyUpdate {
    Box::new(|_| {})
}

/// What `prepare` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepared {
    /// The page can be shown.
    Show,
    /// What NRG said leads elsewhere: to a stop, a question or another step.
    Elsewhere,
    /// What the address said is kept; the page is shown again at this one.
    Kept(&'static str),
}

/// One step: the hooks that differ.
pub trait StepPage: Send + Sync + 'static {
    /// Which step.
    const STEP: Step;
    /// Whether the call changes something at NRG, so that only one may run per revision.
    const EXCLUSIVE: bool = false;
    /// Whether the session gets a new id once the step is answered.
    const ROTATES_SESSION: bool = false;
    /// What the browser posts: all text. Secrets are `skip_serializing`.
    type Form: DeserializeOwned + Serialize + Default + PartialEq + Send + Sync;
    /// What it means.
    type Input: Send + Sync;

    /// The form as the journey would fill it.
    fn form(ctx: &RequestContext) -> Self::Form;

    /// Fetches what the page needs from NRG, once, into the journey.
    fn prepare(_ctx: &mut RequestContext) -> impl Future<Output = Result<Prepared, PageError>> + Send {
        async { Ok(Prepared::Show) }
    }

    /// The page.
    fn render(
        ctx: &RequestContext,
        form: &Self::Form,
        errors: &FormErrors,
    ) -> impl Future<Output = Result<String, PageError>> + Send;

    /// What the person agrees to by this page, as it is shown; blank where it asks for no consent. The form
    /// carries its digest, and one made from other words is stale: what is recorded was shown.
    fn consent_text(_ctx: &RequestContext) -> String {
        String::new()
    }

    /// Messages to meaning.
    fn parse(form: &Self::Form, ctx: &RequestContext) -> Result<Self::Input, FormErrors>;

    /// Keeps what is not secret before anything is asked, so that a failure loses nothing.
    fn store(input: &Self::Input, journey: &mut Journey);

    /// Whether NRG has anything to say to what was kept. Where not, `call` is left out.
    fn needs_call(_journey: &Journey) -> bool {
        true
    }

    /// Asks NRG. What it learns half-way it saves itself; what it says last is recorded by the lifecycle.
    fn call_nrg(
        _ctx: &mut RequestContext,
        _input: Self::Input,
    ) -> impl Future<Output = Result<JourneyUpdate, PageError>> + Send {
        async { Ok(nothing()) }
    }
}

/// GET of a step.
pub async fn show<S: StepPage>(mut ctx: RequestContext) -> Response {
    let shown = async {
        if let Some(elsewhere) = ctx.elsewhere(S::STEP) {
            return Ok(elsewhere);
        }
        if let Some(outage) = ctx.outage(S::STEP) {
            return Err(PageError::Outage(outage));
        }
        match S::prepare(&mut ctx).await? {
            Prepared::Show => {}
            Prepared::Elsewhere => return Ok(ctx.to_position()),
            Prepared::Kept(address) => return Ok(see_other(address)),
        }
        let form = match &ctx.visit.journey.draft {
            Some((step, fields)) if *step == S::STEP => from_fields(fields),
            _ => S::form(&ctx),
        };
        let page = S::render(&ctx, &form, &FormErrors::default()).await?;
        Ok(html(StatusCode::OK, page))
    }
    .await;
    ctx.answer(shown)
}

/// POST of a step.
pub async fn submit<S: StepPage>(mut ctx: RequestContext, request: Request) -> Response {
    let posted = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(posted) => posted,
        Err(refusal) => return ctx.answer(Err(PageError::Form(refusal))),
    };
    if ctx.app.honeypot && !posted.get(HONEYPOT_FIELD).is_empty() {
        return ctx.answer(Err(PageError::TooFast));
    }
    let form: S::Form = posted.form();
    match validate::<S>(&mut ctx, &posted, &form).await {
        Err(failure) => ctx.answer(Err(failure)),
        Ok(Accepted::Answer(answer)) => ctx.answer(Ok(answer)),
        Ok(Accepted::Input(input, claim)) => execute::<S>(ctx, input, claim).await,
    }
}

enum Accepted<I> {
    /// The form leads no further than this.
    Answer(Response),
    /// Kept; NRG may be asked. With the claim, where the step needs one.
    Input(I, Option<Claim>),
}

async fn validate<S: StepPage>(
    ctx: &mut RequestContext,
    posted: &FormBody,
    form: &S::Form,
) -> Result<Accepted<S::Input>, PageError> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(elsewhere) = ctx.elsewhere(S::STEP) {
            return Ok(Accepted::Answer(elsewhere));
        }
        if let Some(outage) = ctx.outage(S::STEP) {
            if ctx.visit.has_session() {
                // What was typed waits with the rest.
                ctx.visit.change(|journey| journey.draft = Some((S::STEP, to_fields(form)))).await?;
            }
            return Err(PageError::Outage(outage));
        }
        // A form without a revision is one that was made before there was a session.
        let current = posted.revision().unwrap_or(0) == ctx.visit.journey.revision(S::STEP);
        if !current && !waited.is_zero() {
            // The answer another request was waiting for is here.
            return Ok(Accepted::Answer(ctx.to_position()));
        }
        if !current {
            return stale::<S>(ctx, form).await.map(Accepted::Answer);
        }
        if !posted.agrees_to(&S::consent_text(ctx)) {
            return show_again::<S>(ctx, form).await.map(Accepted::Answer);
        }
        let input = match S::parse(form, ctx) {
            Ok(input) => input,
            Err(errors) => return refuse::<S>(ctx, form, &errors).await.map(Accepted::Answer),
        };
        if !ctx.visit.has_session() {
            ctx.count(Action::Begin).await?;
        }
        let mut asks = true;
        let keep = |journey: &mut Journey| {
            S::store(&input, journey);
            asks = S::needs_call(journey);
            if !asks {
                journey.answered(S::STEP);
            }
        };
        match ctx.visit.try_change(keep).await {
            Ok(()) if !asks => return answered::<S>(ctx).await.map(Accepted::Answer),
            Ok(()) => {}
            Err(VisitError::Conflict) => {
                ctx.refresh().await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        if !S::EXCLUSIVE {
            return Ok(Accepted::Input(input, None));
        }
        if let Some(claim) = ctx.claim(S::STEP).await? {
            return Ok(Accepted::Input(input, Some(claim)));
        }
        if waited >= ctx.app.claim_wait {
            return Ok(Accepted::Answer(ctx.to_position()));
        }
        waited += wait_for_other(ctx, S::STEP).await?;
    }
}

/// Waits a while for the other request's answer; then its claim is tried again, for its server may have died.
/// Answers how long.
async fn wait_for_other(ctx: &mut RequestContext, step: Step) -> Result<Duration, PageError> {
    const LOOK: Duration = Duration::from_millis(250);
    let before = ctx.visit.journey.revision(step);
    let mut waited = Duration::ZERO;
    while waited < 4 * LOOK && ctx.visit.journey.revision(step) == before {
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
        ctx.refresh().await?;
    }
    Ok(waited)
}

/// A refused form: everything typed comes back, except secrets.
async fn refuse<S: StepPage>(
    ctx: &mut RequestContext,
    form: &S::Form,
    errors: &FormErrors,
) -> Result<Response, PageError> {
    if ctx.visit.has_session() {
        // So that a switch of language, or a return later, brings back what was typed.
        ctx.visit.change(|journey| journey.draft = Some((S::STEP, to_fields(form)))).await?;
    }
    if S::prepare(ctx).await? == Prepared::Elsewhere {
        return Ok(ctx.to_position());
    }
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, S::render(ctx, form, errors).await?))
}

/// A form made from an older state: a second click of the same answer goes on, anything else is shown
/// again with what was typed, beside the newer state.
async fn stale<S: StepPage>(ctx: &mut RequestContext, form: &S::Form) -> Result<Response, PageError> {
    if to_fields(form) == to_fields(&S::form(ctx)) {
        return Ok(ctx.to_position());
    }
    show_again::<S>(ctx, form).await
}

/// What was typed, beside the newer state.
async fn show_again<S: StepPage>(ctx: &mut RequestContext, form: &S::Form) -> Result<Response, PageError> {
    if S::prepare(ctx).await? == Prepared::Elsewhere {
        return Ok(ctx.to_position());
    }
    let mut errors = FormErrors::default();
    errors.say("form", &ctx.messages().error.stale);
    Ok(html(StatusCode::CONFLICT, S::render(ctx, form, &errors).await?))
}

async fn execute<S: StepPage>(mut ctx: RequestContext, input: S::Input, claim: Option<Claim>) -> Response {
    let asking = async move {
        let answered = call_and_record::<S>(&mut ctx, input).await;
        drop(claim);
        (ctx, answered)
    };
    if !S::EXCLUSIVE {
        let (ctx, answered) = asking.await;
        return ctx.answer(answered);
    }
    // In a task of its own: a browser that goes away does not cut a call short, nor lose its answer.
    match tokio::spawn(asking.in_current_span()).await {
        Ok((ctx, answered)) => ctx.answer(answered),
        // What it said may quote an answer; where it was is in the log already.
        Err(_) => PageError::unexpected("panic").into_response(),
    }
}

async fn call_and_record<S: StepPage>(
    ctx: &mut RequestContext,
    input: S::Input,
) -> Result<Response, PageError> {
    let step = S::STEP;
    match S::call_nrg(ctx, input).await {
        Ok(record) => {
            let change = |journey: &mut Journey| {
                journey.answered(step);
                record(journey);
            };
            if S::EXCLUSIVE {
                ctx.record(change).await?
            } else {
                ctx.visit.change(change).await?
            }
            answered::<S>(ctx).await
        }
        Err(failure) => {
            // A new revision lets those who wait go on, and the person try again.
            ctx.visit.change(|journey| journey.failed(step)).await?;
            Err(failure)
        }
    }
}

/// The way on from a step that was answered.
async fn answered<S: StepPage>(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if S::ROTATES_SESSION {
        ctx.visit.renew().await?;
    }
    ctx.app.metrics.answered(S::STEP, ctx.journey(), ctx.eval_context());
    Ok(ctx.to_position())
}

/// Collects the problems of a form while its fields are read.
#[derive(Default)]
pub struct Reader {
    errors: FormErrors,
}

impl Reader {
    /// The value, or its problem noted under the field's name.
    pub fn read<T>(&mut self, field: &'static str, parsed: Result<T, Problem>) -> Option<T> {
        parsed.map_err(|problem| self.errors.add(field, problem)).ok()
    }

    /// Notes a problem.
    pub fn problem(&mut self, field: &'static str, problem: Problem) {
        self.errors.add(field, problem);
    }

    /// Notes a sentence of `text`.
    pub fn say(&mut self, field: &'static str, sentence: &str) {
        self.errors.say(field, sentence);
    }

    /// The input, if every field was read.
    pub fn finish<T>(self, input: Option<T>) -> Result<T, FormErrors> {
        match input {
            Some(input) if self.errors.is_empty() => Ok(input),
            _ => Err(self.errors),
        }
    }
}
