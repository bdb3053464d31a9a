//! The steps of a journey, one file each, named by its slug; here, the one lifecycle they share.
//!
//! ```text
//! show:   load → may it be visited? → is there an outage? → prepare → fetch → render
//! submit: load → may it be visited? → is there an outage? → does the form count? → parse → store → claim → call → record → 303
//!         (without a call to NRG, store and record are one change)
//! ```
//!
//! A step implements the hooks of [`StepPage`]. It cannot leave out the checks before them, and it never decides which
//! page comes next: that is [`Journey::position`]. A hook that takes a
//! [`PageContext`](crate::web::page_context::PageContext) only reads; one that takes a [`RequestContext`] may call NRG,
//! count attempts and save.

pub mod address;
pub mod billing;
mod consent;
pub mod contact;
pub mod deposit;
mod hooks;
pub mod identity;
mod older_form;
pub mod plans;
pub mod quiz;
mod reader;
pub mod review;
pub mod start_date;
pub mod zip;

use std::time::Duration;

use axum::{extract::Request, response::Response};
use http::StatusCode;
use tracing::Instrument;

use self::older_form::{differs, fields_differ};
use crate::{
    journey::{Journey, Step},
    rate_limit::Action,
    session::{Claim, SessionError},
    web::{
        context::RequestContext,
        draft::{draft_of, is_cut},
        error::PageError,
        form::{FormBody, FormErrors, from_fields},
        form_age::FormAge,
        html, see_other,
    },
};

pub use hooks::{JourneyUpdate, Prepared, StepPage, TypedNumber, nothing};
pub use reader::Reader;

/// The honeypot: a field that people do not see and programs fill in.
const HONEYPOT_FIELD: &str = "website";

/// GET of a step.
pub async fn show<S: StepPage>(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if let Some(elsewhere) = ctx.view().elsewhere(S::STEP) {
        return Ok(elsewhere);
    }
    if let Some(outage) = ctx.view().outage(S::STEP) {
        return Err(PageError::Outage(outage));
    }
    match S::prepare(ctx).await? {
        Prepared::Show => {}
        Prepared::Elsewhere => return Ok(ctx.view().to_position()),
        Prepared::Kept(address) => return Ok(see_other(address)),
    }
    let mut errors = FormErrors::default();
    let form = match &ctx.journey().draft {
        Some((step, fields)) if *step == S::STEP => {
            if is_cut(fields) {
                errors.say("form", &ctx.view().messages().error.cut);
            }
            from_fields(fields)
        }
        _ => S::form(ctx.view()),
    };
    page::<S>(ctx, StatusCode::OK, &form, &errors).await
}

async fn page<S: StepPage>(
    ctx: &RequestContext,
    status: StatusCode,
    form: &S::Form,
    errors: &FormErrors,
) -> Result<Response, PageError> {
    let shown = S::fetch(ctx).await?;
    Ok(html(status, S::render(ctx.view(), &shown, form, errors)?))
}

/// What became of a request, with its context, from which the cookie and the page of an error are made.
pub type Answered = (RequestContext, Result<Response, PageError>);

/// POST of a step.
///
/// # Errors
/// The context was lost in a panic.
pub async fn submit<S: StepPage>(mut ctx: RequestContext, request: Request) -> Result<Answered, PageError> {
    let body = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(body) => body,
        Err(refusal) => return Ok((ctx, Err(PageError::Form(refusal)))),
    };
    if ctx.app.honeypot && !body.get(HONEYPOT_FIELD).is_empty() {
        return Ok((ctx, Err(PageError::TooFast)));
    }
    let accepted = {
        let form = body.form();
        validate::<S>(&mut ctx, &body, &form).await
    };
    // What was posted is held no longer than this: a number in it must not outlive `token`, whose call `input` makes.
    drop(body);
    let (mut ctx, answered) = match accepted {
        Err(error) => return Ok((ctx, Err(error))),
        Ok(Accepted::Answer(response)) => (ctx, Ok(response)),
        Ok(Accepted::Input(input, claim)) => execute::<S>(ctx, input, claim).await?,
    };
    // Here and not in the task of a call, which may have no browser left to set a cookie.
    match ctx.session.rotate_if_due().await {
        Ok(()) => Ok((ctx, answered)),
        Err(error) => Ok((ctx, Err(error.into()))),
    }
}

enum Accepted<I> {
    /// NRG is not called.
    Answer(Response),
    /// The input is stored, and NRG may be called; with the claim, if the step is exclusive.
    Input(I, Option<Claim>),
}

async fn validate<S: StepPage>(
    ctx: &mut RequestContext,
    body: &FormBody,
    form: &S::Form,
) -> Result<Accepted<S::Input>, PageError> {
    let mut waited = Duration::ZERO;
    // The revision at which the form is stored, once it is, and whether its fields differed from what was kept before.
    let mut taken: Option<(u64, bool)> = None;
    loop {
        if let Some(elsewhere) = ctx.view().elsewhere(S::STEP) {
            return Ok(Accepted::Answer(elsewhere));
        }
        if let Some(outage) = ctx.view().outage(S::STEP) {
            if ctx.session.has_session() {
                // What was typed is kept with the other answers.
                ctx.session.change(|journey| journey.keep_draft(S::STEP, draft_of(form))).await?;
            }
            return Err(PageError::Outage(outage));
        }
        let (age, revision) = (ctx.view().age(body, S::STEP), ctx.journey().revision(S::STEP));
        let input = S::parse(form, ctx.view());
        let counts = match (taken, &input) {
            // The other request, which this one waited for, has answered the step; this is the later answer.
            (Some((at, differed)), Ok(input)) if at != revision => {
                differed || S::number(ctx, input) == TypedNumber::Other
            }
            (Some(_), _) => true,
            (None, _) => age == FormAge::Present || differs::<S>(ctx, form, &input),
        };
        if !counts {
            return Ok(Accepted::Answer(ctx.view().to_position()));
        }
        let other_visit = taken.is_none() && age == FormAge::OtherVisit;
        if other_visit || !body.agrees_to(&S::consent_text(ctx.view())) {
            return show_again::<S>(ctx, form).await.map(Accepted::Answer);
        }
        let input = match input {
            Ok(input) => input,
            Err(errors) => return refuse::<S>(ctx, form, errors).await.map(Accepted::Answer),
        };
        // Only who waits for another request asks for it.
        let differed = S::EXCLUSIVE && fields_differ::<S>(ctx, form, &input);
        if !ctx.session.has_session() {
            ctx.count(Action::Begin).await?;
        }
        let mut needs_call = true;
        let store = |journey: &mut Journey| {
            S::store(&input, journey);
            needs_call = S::needs_call(journey);
            if !needs_call {
                journey.answered(S::STEP);
            }
        };
        match ctx.session.try_change(store).await {
            Ok(()) if !needs_call => return answered::<S>(ctx).await.map(Accepted::Answer),
            Ok(()) => {}
            Err(SessionError::Conflict) => {
                ctx.refresh().await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        taken = taken.filter(|(at, _)| *at == revision).or(Some((revision, differed)));
        if !S::EXCLUSIVE {
            return Ok(Accepted::Input(input, None));
        }
        if let Some(claim) = ctx.claim(S::STEP).await? {
            return Ok(Accepted::Input(input, Some(claim)));
        }
        if waited >= ctx.app.claim_wait {
            return Ok(Accepted::Answer(ctx.view().to_position()));
        }
        waited += wait_for_other(ctx, S::STEP).await?;
    }
}

/// Waits a while for the other request's answer and returns how long it has waited. The caller then tries to take the
/// claim again, because the other request's server may have failed.
async fn wait_for_other(ctx: &mut RequestContext, step: Step) -> Result<Duration, PageError> {
    const LOOK: Duration = Duration::from_millis(250);
    let before = ctx.session.journey.revision(step);
    let mut waited = Duration::ZERO;
    while waited < 4 * LOOK && ctx.session.journey.revision(step) == before {
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
        ctx.refresh().await?;
    }
    Ok(waited)
}

/// The page of a refused form: with everything that was typed, except secrets, or as much of it as is kept.
async fn refuse<S: StepPage>(
    ctx: &mut RequestContext,
    form: &S::Form,
    mut errors: FormErrors,
) -> Result<Response, PageError> {
    let mut kept = None;
    if ctx.session.has_session() {
        // So that what was typed is there after a change of language or a later return.
        let draft = draft_of(form);
        if is_cut(&draft) {
            errors.say("form", &ctx.view().messages().error.cut);
            kept = Some(from_fields(&draft));
        }
        ctx.session.change(|journey| journey.keep_draft(S::STEP, draft.clone())).await?;
    }
    if S::prepare(ctx).await? == Prepared::Elsewhere {
        return Ok(ctx.view().to_position());
    }
    page::<S>(ctx, StatusCode::UNPROCESSABLE_ENTITY, kept.as_ref().unwrap_or(form), &errors).await
}

/// The page with what was typed, beside the newer state.
async fn show_again<S: StepPage>(ctx: &mut RequestContext, form: &S::Form) -> Result<Response, PageError> {
    if S::prepare(ctx).await? == Prepared::Elsewhere {
        return Ok(ctx.view().to_position());
    }
    let mut errors = FormErrors::default();
    errors.say("form", &ctx.view().messages().error.stale);
    page::<S>(ctx, StatusCode::CONFLICT, form, &errors).await
}

async fn execute<S: StepPage>(
    mut ctx: RequestContext,
    input: S::Input,
    claim: Option<Claim>,
) -> Result<Answered, PageError> {
    let calling = async move {
        let answered = call_and_record::<S>(&mut ctx, input).await;
        drop(claim);
        (ctx, answered)
    };
    if !S::EXCLUSIVE {
        return Ok(calling.await);
    }
    // In a task of its own: a client that disconnects neither interrupts the call nor loses its answer.
    let task = tokio::spawn(calling.in_current_span());
    // The panic's own message may quote an answer of NRG; its place is in the log already.
    task.await.map_err(|_| PageError::unexpected("panic"))
}

async fn call_and_record<S: StepPage>(
    ctx: &mut RequestContext,
    input: S::Input,
) -> Result<Response, PageError> {
    let step = S::STEP;
    match S::call_nrg(ctx, input).await {
        Ok(update) => {
            let change = |journey: &mut Journey| {
                journey.answered(step);
                update(journey);
            };
            if S::ROTATES_SESSION {
                ctx.session.rotate_when_seen();
            }
            if S::EXCLUSIVE {
                ctx.record(change).await?
            } else {
                ctx.session.change(change).await?
            }
            answered::<S>(ctx).await
        }
        Err(error) => {
            // With a new revision, waiting requests go on and the person can try again.
            ctx.session.change(|journey| journey.failed(step)).await?;
            Err(error)
        }
    }
}

/// Ends a step that was answered, and leads to where the journey stands now.
async fn answered<S: StepPage>(ctx: &mut RequestContext) -> Result<Response, PageError> {
    ctx.app.metrics.answered(S::STEP, ctx.journey(), ctx.view().eval_context());
    Ok(ctx.view().to_position())
}
