//! One question before the journey goes on. Which one is derived from the journey, on GET and on POST alike: a form must
//! answer the question that is asked now.

mod answer;
mod view;

use axum::{extract::Request, response::Response};
use http::StatusCode;

use self::answer::Answer;
pub use self::view::NAME;
use super::{error::respond, session_ended::InSession};
use crate::{
    journey::{Billing, CallKind, Journey, Memo, MeterChoice, OtherBilling, Position, Premise, Step, Typed},
    session::SessionError,
    steps::{JourneyUpdate, address::look_up, billing, call},
    web::{
        context::RequestContext,
        draft::{QUESTION, draft_of},
        error::PageError,
        form::{FormBody, FormErrors},
        form_age::FormAge,
        page_context::PageContext,
        patience::CallState,
    },
};

/// GET `/ask`.
pub async fn show(InSession(mut ctx): InSession) -> Response {
    let shown = question(&mut ctx).await;
    respond(&ctx, shown)
}

async fn question(ctx: &mut RequestContext) -> Result<Response, PageError> {
    open(ctx.view())?;
    let position = ctx.view().position();
    if let Position::Ask(step) = position
        && let Some(elsewhere) = call::settle(ctx, step, &[CallKind::Question], position.path()).await?
    {
        return Ok(elsewhere);
    }
    let kept = kept_answer(ctx.view()).unwrap_or_default();
    view::render(ctx.view(), &kept, &FormErrors::default(), StatusCode::OK)
}

/// What was answered to the question that is asked now, and was not accepted.
fn kept_answer(ctx: PageContext<'_>) -> Option<FormBody> {
    let Position::Ask(asking) = ctx.position() else { return None };
    let (step, draft) = ctx.journey.draft.as_ref()?;
    let question = ctx.journey.question(ctx.eval_context())?;
    let same = *step == asking && draft.get(QUESTION).is_some_and(|kept| *kept == answer::word(&question));
    same.then(|| FormBody::from(draft))
}

/// Fails if an outage closes the step that asks.
fn open(ctx: PageContext<'_>) -> Result<(), PageError> {
    match ctx.position() {
        Position::Ask(step) => ctx.outage(step).map_or(Ok(()), |outage| Err(PageError::Outage(outage))),
        _ => Ok(()),
    }
}

/// POST `/ask`.
pub async fn submit(InSession(mut ctx): InSession, request: Request) -> Response {
    let answered = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(posted) => {
            ctx.renew_patience();
            validate(&mut ctx, &posted).await
        }
        Err(refusal) => Err(PageError::Form(refusal)),
    };
    respond(&ctx, answered)
}

/// POST of the question's form by the switch of language: keeps what was chosen or typed, and answers nothing.
pub async fn keep(InSession(mut ctx): InSession, request: Request) -> Response {
    let kept = match FormBody::read(request, ctx.app.form_timeout).await {
        Ok(posted) => keep_unsent(&mut ctx, &posted).await,
        Err(refusal) => Err(PageError::Form(refusal)),
    };
    respond(&ctx, kept)
}

/// GET of the path that only the form is posted to.
pub async fn kept(InSession(ctx): InSession) -> Response {
    respond(&ctx, Ok(ctx.view().in_language("/ask")))
}

async fn keep_unsent(ctx: &mut RequestContext, posted: &FormBody) -> Result<Response, PageError> {
    let (position, question) = (ctx.view().position(), ctx.journey().question(ctx.view().eval_context()));
    let Position::Ask(step) = position else { return Ok(ctx.view().to_position()) };
    let is_asked = question.is_some_and(|question| posted.get(QUESTION) == answer::word(&question));
    // An answer to another question means nothing here.
    if is_asked && ctx.view().age(posted, step) == FormAge::Present {
        let draft = draft_of(&posted.some(&FIELDS));
        ctx.session.change(|journey| journey.keep_draft(step, draft.clone())).await?;
    }
    Ok(ctx.view().in_language("/ask"))
}

/// The fields of a question's form that are kept.
const FIELDS: [&str; 3] = [QUESTION, "choice", "unit"];

async fn validate(ctx: &mut RequestContext, posted: &FormBody) -> Result<Response, PageError> {
    loop {
        let (Position::Ask(step), Some(question)) =
            (ctx.view().position(), ctx.journey().question(ctx.view().eval_context()))
        else {
            return Ok(ctx.view().to_position());
        };
        open(ctx.view())?;
        if posted.get(QUESTION) != answer::word(&question) || ctx.view().age(posted, step) != FormAge::Present
        {
            let mut errors = FormErrors::default();
            errors.say("form", &ctx.view().messages().error.stale);
            return view::render(ctx.view(), &FormBody::default(), &errors, StatusCode::CONFLICT);
        }
        let draft = draft_of(&posted.some(&FIELDS));
        let answer = match answer::parse(&question, posted) {
            Ok(answer) => answer,
            Err(errors) => {
                ctx.session.change(|journey| journey.keep_draft(step, draft.clone())).await?;
                return view::render(ctx.view(), posted, &errors, StatusCode::UNPROCESSABLE_ENTITY);
            }
        };
        let (revision, now) = (ctx.journey().revision(step), ctx.app.clock.now());
        let begun = |journey: &mut Journey| {
            // So that a failure loses nothing.
            journey.keep_draft(step, draft.clone());
            journey.call_begun(step, CallKind::Question, now);
        };
        match ctx.session.try_change(begun).await {
            Ok(()) => {}
            // Another request saved first: the question may be another one now.
            Err(SessionError::Conflict) => {
                ctx.refresh().await?;
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        if let Some(claim) = call::claim(ctx, step, CallKind::Question).await? {
            let work = work(step, revision, answer);
            call::call(ctx, step, CallKind::Question, claim, work).await?;
            return Ok(ctx.view().to_position());
        }
        if let CallState::UnderWay(_) = ctx.wait_for_call(step).await? {
            return Ok(ctx.view().to_position());
        }
    }
}

/// The calls that the answer to a question of `step` at this `revision` needs.
fn work(step: Step, revision: u64, answer: Answer) -> call::Work {
    Box::new(move |ctx, _| {
        Box::pin(async move {
            let update = execute(ctx, answer).await?;
            ctx.record(|journey| {
                // Answered otherwise meanwhile: that counts.
                if journey.revision(step) == revision {
                    journey.answered(step);
                    update(journey);
                }
            })
            .await
        })
    })
}

/// Makes the calls to NRG that the answer needs, and returns what they change in the journey.
async fn execute(ctx: &RequestContext, answer: Answer) -> Result<JourneyUpdate, PageError> {
    let premise = || ctx.journey().premise().cloned().ok_or_else(|| PageError::unexpected("premise"));
    match answer {
        Answer::Utility(code) => Ok(Box::new(move |journey| {
            let service = journey.service.clone();
            journey.picked_utility = service.map(|inputs| Memo { inputs, result: code.clone() });
        })),
        Answer::Settled { address, verified } => {
            let settled = Premise { settled: Some(address), verified, ..premise()? };
            found(look_up(ctx, settled).await?)
        }
        Answer::Retyped(address) => {
            let typed = Premise::new(address.zip.clone(), Typed::Address(address));
            found(look_up(ctx, typed).await?)
        }
        Answer::Meter(meter) => {
            let mut picked = premise()?;
            if let Some(address) = &mut picked.settled {
                // No later call to NRG takes the meter: its unit is what identifies the home.
                address.unit = meter.unit.or(address.unit.take());
            }
            found(Premise { choice: Some(MeterChoice::Picked(meter.esi_id)), ..picked })
        }
        Answer::NoneOfTheMeters => found(Premise { choice: Some(MeterChoice::NoneOfThese), ..premise()? }),
        Answer::BillingSettled(address) => Ok(Box::new(move |journey| {
            if let Some(Billing::Other(other)) = &mut journey.billing {
                other.settled = Some(address.clone());
            }
        })),
        Answer::BillingRetyped(address) => {
            let found: OtherBilling = billing::clean(ctx, address).await?;
            Ok(Box::new(move |journey| journey.billing = Some(Billing::Other(Box::new(found.clone())))))
        }
        Answer::PriorAccount(answer) => Ok(Box::new(move |journey| {
            if let Some(identity) = &mut journey.identity {
                identity.result.past_answer = Some(answer);
            }
        })),
        Answer::EnrollAgain => Ok(Box::new(|journey| {
            if let Some(recent) = &mut journey.recent {
                recent.result = true;
            }
        })),
    }
}

fn found(premise: Premise) -> Result<JourneyUpdate, PageError> {
    Ok(Box::new(move |journey| journey.premise_found(premise.clone())))
}
