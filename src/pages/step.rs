//! The handlers of a step: what the step returns, as a response.

use axum::{
    extract::{Path, Request},
    response::Response,
};

use super::error::respond;
use crate::{
    journey::Step,
    steps::{self, StepPage, review::ReviewStep},
    web::{context::RequestContext, error::PageError, see_other},
};

/// GET of a step.
pub async fn show<S: StepPage>(mut ctx: RequestContext) -> Response {
    let shown = steps::show::<S>(&mut ctx).await;
    respond(&ctx, shown)
}

/// POST of a step's form by the switch of language.
pub async fn keep<S: StepPage>(mut ctx: RequestContext, request: Request) -> Response {
    let kept = steps::keep::<S>(&mut ctx, request).await;
    let kept = kept.map(|elsewhere| elsewhere.unwrap_or_else(|| ctx.view().in_language(S::STEP.path())));
    respond(&ctx, kept)
}

/// POST of the review's form by the change of an answer: keeps what was chosen, and goes to the page of that answer.
pub async fn change(Path(slug): Path<String>, mut ctx: RequestContext, request: Request) -> Response {
    let changed = match Step::of_slug(&slug) {
        Some(step) => steps::keep::<ReviewStep>(&mut ctx, request)
            .await
            .map(|elsewhere| elsewhere.unwrap_or_else(|| see_other(step.path()))),
        None => Err(PageError::NotFound),
    };
    respond(&ctx, changed)
}

/// GET of the path that only the review's form is posted to.
pub async fn changed(Path(slug): Path<String>, ctx: RequestContext) -> Response {
    respond(&ctx, Step::of_slug(&slug).map(|step| see_other(step.path())).ok_or(PageError::NotFound))
}

/// GET of the path that only a form is posted to, which was under way while the session's id was replaced.
pub async fn kept<S: StepPage>(ctx: RequestContext) -> Response {
    respond(&ctx, Ok(ctx.view().in_language(S::STEP.path())))
}

/// POST of a step.
pub async fn submit<S: StepPage>(mut ctx: RequestContext, request: Request) -> Response {
    let answered = steps::submit::<S>(&mut ctx, request).await;
    respond(&ctx, answered)
}
