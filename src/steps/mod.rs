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
mod bot_signs;
pub mod call;
mod checked_again;
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

use axum::{extract::Request, response::Response};
use http::{StatusCode, header};

use self::older_form::{differs, fields_differ};
use crate::{
    journey::{CallKind, Journey, Step},
    rate_limit::Action,
    session::{Claim, SessionError},
    web::{
        context::RequestContext,
        draft::{QUESTION, draft_of, is_cut, note_withheld},
        error::PageError,
        form::{FormBody, FormErrors, from_fields, to_fields},
        form_age::FormAge,
        html,
        patience::CallState,
        see_other,
    },
};

pub use hooks::{JourneyUpdate, Prepared, StepPage, TypedNumber, nothing};
pub use reader::Reader;

/// GET of a step.
///
/// # Errors
/// [`PageError::Waiting`] while NRG is asked for longer than the request waits.
pub async fn show<S: StepPage>(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if let Some(elsewhere) = ctx.view().elsewhere(S::STEP) {
        return Ok(elsewhere);
    }
    if let Some(outage) = ctx.view().outage(S::STEP) {
        return Err(PageError::Outage(outage));
    }
    let awaited = [CallKind::Answer, CallKind::Read];
    if let Some(elsewhere) = call::settle(ctx, S::STEP, &awaited, S::STEP.path()).await? {
        return Ok(elsewhere);
    }
    match S::prepare(ctx).await? {
        Prepared::Show => {}
        Prepared::Elsewhere => return Ok(ctx.view().to_position()),
        Prepared::Kept(address) => return Ok(see_other(&address)),
    }
    let mut errors = FormErrors::default();
    let form = match &ctx.journey().draft {
        Some((step, fields)) if *step == S::STEP && !fields.contains_key(QUESTION) => {
            if is_cut(fields) {
                errors.say("form", &ctx.view().messages().error.cut);
            }
            from_fields(fields)
        }
        _ => match ctx.journey().given_fields(S::STEP) {
            Some(given) => {
                let mut fields = to_fields(&S::form(ctx.view()));
                fields.extend(given.clone());
                from_fields(&fields)
            }
            None => S::form(ctx.view()),
        },
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

/// POST of a step.
///
/// # Errors
/// [`PageError::Waiting`] while NRG is asked for longer than the request waits for what its page shows;
/// [`PageError::CallFailed`].
pub async fn submit<S: StepPage>(ctx: &mut RequestContext, request: Request) -> Result<Response, PageError> {
    let body = FormBody::read(request, ctx.app.form_timeout).await.map_err(PageError::Form)?;
    ctx.renew_patience();
    let form = body.form();
    let accepted = validate::<S>(ctx, &body, &form).await?;
    // A number must not be in memory while NRG is asked about it.
    drop((body, form));
    let (input, claim) = match accepted {
        Accepted::Answer(response) => return Ok(response),
        Accepted::Input(input, claim) => (input, claim),
    };
    let called = call::call(ctx, S::STEP, CallKind::Answer, claim, work::<S>(input)).await;
    // Here and not in the task, which has no browser to set a cookie.
    ctx.session.rotate_if_due().await?;
    called?;
    match ctx.journey().failed_calls.get(&S::STEP) {
        // No request waited for it, because the number it was made with had been traded; but it has failed already.
        Some(failed) if failed.kind == CallKind::Answer => Err(PageError::CallFailed(S::STEP, *failed)),
        Some(_) | None => Ok(ctx.view().to_position()),
    }
}

enum Accepted<I> {
    /// NRG is not called.
    Answer(Response),
    /// The input is stored, and NRG may be called.
    Input(I, Claim),
}

async fn validate<S: StepPage>(
    ctx: &mut RequestContext,
    body: &FormBody,
    form: &S::Form,
) -> Result<Accepted<S::Input>, PageError> {
    // The revision at which the form is stored, once it is, and whether its fields differed from what was kept before.
    let mut taken: Option<(u64, bool)> = None;
    loop {
        if let Some(elsewhere) = ctx.view().elsewhere(S::STEP) {
            return Ok(Accepted::Answer(elsewhere));
        }
        if let Some(outage) = ctx.view().outage(S::STEP) {
            if ctx.session.has_session() {
                // What was typed is kept with the other answers.
                ctx.session.change(|journey| S::keep(form, journey)).await?;
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
        let other_text = S::consents(form) && !body.agrees_to(&S::consent_text(ctx.view()));
        if other_visit || other_text {
            return show_again::<S>(ctx, form).await.map(Accepted::Answer);
        }
        let input = match input {
            Ok(input) => input,
            Err(errors) => return refuse::<S>(ctx, form, errors).await.map(Accepted::Answer),
        };
        if taken.is_none() && bot_signs::both(ctx, body, S::is_guarded(ctx, &input)) {
            ctx.session.change(|journey| S::keep(form, journey)).await?;
            return Err(PageError::LikeAProgram);
        }
        // Only who waits for another request asks for it.
        let differed = S::CALLS && fields_differ::<S>(ctx, form, &input);
        if !ctx.session.has_session()
            && let Err(error) = ctx.count(Action::Begin).await
        {
            return not_begun::<S>(ctx, form, error).await.map(Accepted::Answer);
        }
        S::record_consent(ctx, &input).await?;
        let (mut needs_call, now) = (true, ctx.app.clock.now());
        let store = |journey: &mut Journey| {
            S::store(&input, journey);
            needs_call = S::CALLS && S::needs_call(journey);
            if needs_call {
                journey.call_begun(S::STEP, CallKind::Answer, now);
            } else {
                journey.answered(S::STEP);
            }
        };
        match ctx.session.try_change(store).await {
            Ok(()) if !needs_call => {
                count_answer::<S>(ctx);
                return Ok(Accepted::Answer(ctx.view().to_position()));
            }
            Ok(()) => {}
            Err(SessionError::Conflict) => {
                ctx.refresh().await?;
                continue;
            }
            Err(error @ SessionError::Full) => {
                return not_begun::<S>(ctx, form, error.into()).await.map(Accepted::Answer);
            }
            Err(error) => return Err(error.into()),
        }
        taken = taken.filter(|(at, _)| *at == revision).or(Some((revision, differed)));
        if let Some(claim) = call::claim(ctx, S::STEP, CallKind::Answer).await? {
            return Ok(Accepted::Input(input, claim));
        }
        // The other request's server may have failed: then the claim can be taken.
        if let CallState::UnderWay(_) = ctx.wait_for_call(S::STEP).await? {
            return Ok(Accepted::Answer(ctx.view().to_position()));
        }
    }
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
        ctx.session.change(|journey| S::keep(form, journey)).await?;
    }
    if S::prepare(ctx).await? == Prepared::Elsewhere {
        return Ok(ctx.view().to_position());
    }
    page::<S>(ctx, StatusCode::UNPROCESSABLE_ENTITY, kept.as_ref().unwrap_or(form), &errors).await
}

/// The page with what was typed, where no journey can begin now: there is none that would keep it.
async fn not_begun<S: StepPage>(
    ctx: &RequestContext,
    form: &S::Form,
    error: PageError,
) -> Result<Response, PageError> {
    let sentence = match &error {
        PageError::TooMany(exceeded) => ctx.view().too_many(exceeded.wait),
        PageError::Session(SessionError::Full) => ctx.view().messages().error.full.clone(),
        _ => return Err(error),
    };
    error.log(&ctx.request.request_id, &ctx.request.path);
    let mut errors = FormErrors::default();
    errors.say("form", &sentence);
    let mut response = page::<S>(ctx, error.status(), form, &errors).await?;
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
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

/// POST of a step's form by a button that sends no answer: keeps what was typed, except secrets. A response, if the page of
/// the step is not the one to go on from.
///
/// # Errors
/// The form did not arrive, or the session could not be saved.
pub async fn keep<S: StepPage>(
    ctx: &mut RequestContext,
    request: Request,
) -> Result<Option<Response>, PageError> {
    let mut body = FormBody::read(request, ctx.app.form_timeout).await.map_err(PageError::Form)?;
    let withheld = body.withhold(S::SECRETS);
    let (form, age) = (S::unsent(body.form()), ctx.view().age(&body, S::STEP));
    drop(body);
    if !ctx.session.has_session() {
        // Nothing begins by a switch of language, and so nothing is kept.
        let path = if ctx.session.has_ended() && S::STEP != Step::Zip { "/session-ended" } else { "/" };
        return if ctx.view().elsewhere(S::STEP).is_some() || form == S::Form::default() {
            Ok(Some(ctx.view().in_language(path)))
        } else {
            page::<S>(ctx, StatusCode::OK, &form, &FormErrors::default()).await.map(Some)
        };
    }
    if let Some(elsewhere) = ctx.view().elsewhere(S::STEP) {
        return Ok(Some(elsewhere));
    }
    if age == FormAge::OtherVisit {
        return show_again::<S>(ctx, &form).await.map(Some);
    }
    let mut draft = draft_of(&form);
    note_withheld(&mut draft, &withheld);
    let as_answered = draft == to_fields(&S::form(ctx.view()));
    ctx.session
        .change(|journey| match &journey.draft {
            _ if as_answered => journey.drop_draft(S::STEP),
            Some((step, kept)) if *step == S::STEP && *kept == draft => {}
            _ if withheld.is_empty() => S::keep(&form, journey),
            _ => journey.keep_draft(S::STEP, draft.clone()),
        })
        .await?;
    Ok(None)
}

/// The calls that an answer needs.
fn work<S: StepPage>(input: S::Input) -> call::Work {
    Box::new(|ctx, sender| {
        Box::pin(async move {
            let typed = S::number(ctx, &input) != TypedNumber::Absent;
            let input = S::trade_number(ctx, input).await?;
            if typed {
                sender.send(Ok(()));
            }
            let update = S::call_nrg(ctx, input).await?;
            ctx.record(|journey| {
                journey.answered(S::STEP);
                update(journey);
            })
            .await?;
            count_answer::<S>(ctx);
            S::ask_ahead(ctx).await;
            Ok(())
        })
    })
}

/// Counts that a step was answered, and where that led.
fn count_answer<S: StepPage>(ctx: &RequestContext) {
    ctx.app.metrics.answered(S::STEP, ctx.journey(), ctx.view().eval_context());
}
