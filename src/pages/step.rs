//! The handlers of a step: what the step returns, as a response.

use axum::{extract::Request, response::Response};

use super::error::respond;
use crate::{
    steps::{self, StepPage},
    web::context::RequestContext,
};

/// GET of a step.
pub async fn show<S: StepPage>(mut ctx: RequestContext) -> Response {
    let shown = steps::show::<S>(&mut ctx).await;
    respond(&ctx, shown)
}

/// POST of a step's form by the switch of language.
pub async fn keep<S: StepPage>(mut ctx: RequestContext, request: Request) -> Response {
    let kept = steps::keep::<S>(&mut ctx, request).await;
    respond(&ctx, kept)
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
