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

/// POST of a step.
pub async fn submit<S: StepPage>(mut ctx: RequestContext, request: Request) -> Response {
    let answered = steps::submit::<S>(&mut ctx, request).await;
    respond(&ctx, answered)
}
