//! Calls NRG in a task of its own, while the request waits as long as its patience lasts.
//!
//! The journey notes the pending call and a claim is taken before the call is made, so that no other request, tab or
//! server makes it too. The task works on the session as another request would; the request that began it only looks at
//! what has come of it, as does every later one.

use std::panic::AssertUnwindSafe;

use axum::response::Response;
use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    journey::{CallKind, Step},
    session::Claim,
    web::{
        calls::ResultSender, context::RequestContext, error::PageError, patience::CallState,
        pending_call::claim_name, see_other,
    },
};

/// What a task does: it calls NRG and records the answer.
pub type Work = Box<
    dyn for<'a> FnOnce(&'a mut RequestContext, &'a mut ResultSender) -> BoxFuture<'a, Result<(), PageError>>
        + Send,
>;

/// Takes the claim to make the call of `step` at its present revision. `None` while another request holds it.
///
/// # Errors
/// The database failed: then the call must not be made.
pub async fn claim(ctx: &RequestContext, step: Step, kind: CallKind) -> Result<Option<Claim>, PageError> {
    let journey = ctx.journey();
    Ok(ctx.app.claims.take(&journey.id, &claim_name(step, kind), journey.revision(step)).await?)
}

/// Has `work` done in a task, and waits until it has, or says that nobody need wait for its end, or the patience is over.
/// What has come of it by then is in the journey.
///
/// # Errors
/// That of `work`, if it failed by then; or the session could not be loaded.
pub async fn call(
    ctx: &mut RequestContext,
    step: Step,
    kind: CallKind,
    claim: Claim,
    work: Work,
) -> Result<(), PageError> {
    let (sender, mut receiver) = ResultSender::new();
    let task = run(ctx.of_task(step, kind).await, step, kind, claim, sender, work);
    ctx.app.calls.spawn(&ctx.journey().id, step, task);
    let received = match ctx.patience.wait(&mut receiver).await {
        Some(received) => received.ok(),
        None => {
            receiver.close();
            receiver.try_recv().ok()
        }
    };
    let loaded = ctx.refresh().await;
    match received {
        Some(Err(error)) => Err(error),
        Some(Ok(())) | None => loaded,
    }
}

async fn run(
    mut ctx: RequestContext,
    step: Step,
    kind: CallKind,
    claim: Claim,
    mut sender: ResultSender,
    work: Work,
) {
    let done = AssertUnwindSafe(work(&mut ctx, &mut sender)).catch_unwind().await;
    // The panic's own message may quote an answer of NRG; its place is in the log already.
    let done = done.unwrap_or_else(|_| Err(PageError::unexpected("panic")));
    let failed = match &done {
        Err(error) if !sender.is_awaited() => Some(error.as_failed_call(kind, ctx.app.clock.now())),
        Err(_) | Ok(()) => None,
    };
    let recorded = match (&done, kind) {
        (Ok(()), CallKind::Answer | CallKind::Question) => Ok(()),
        (Ok(()), CallKind::Read) => ctx.save(|journey| journey.read_ended(step)).await,
        (Err(_), _) => ctx.session.change(|journey| journey.call_failed(step, kind, failed)).await,
    };
    if kind == CallKind::Read {
        // It may be read again at the same revision. A claim that is not given up ends with its lease.
        let _ = claim.release().await;
    }
    if let Some(error) = sender.send(done.and(recorded.map_err(PageError::from))) {
        error.log(&ctx.request.request_id, step.path());
        if failed.is_none() {
            // The request has gone in the meantime. If the session has gone too, nobody asks.
            let failed = error.as_failed_call(kind, ctx.app.clock.now());
            let _ = ctx.session.change(|journey| journey.call_failed(step, kind, Some(failed))).await;
        }
    }
}

/// Has `work` read what the page of `step` shows, unless another request is doing so, and waits for it.
///
/// # Errors
/// [`PageError::Waiting`] when the patience is over; [`PageError::CallFailed`] once, if it failed when no request waited.
pub async fn read(ctx: &mut RequestContext, step: Step, work: Work) -> Result<(), PageError> {
    if let Some(failed) = ctx.journey().failed_calls.get(&step).copied()
        && failed.kind == CallKind::Read
    {
        ctx.session.change(|journey| journey.forget_failure(step)).await?;
        return Err(PageError::CallFailed(step, failed));
    }
    let now = ctx.app.clock.now();
    ctx.session.change(|journey| journey.call_begun(step, CallKind::Read, now)).await?;
    if let Some(claim) = claim(ctx, step, CallKind::Read).await? {
        // Who held it before may have read it since the journey was loaded.
        ctx.refresh().await?;
        call(ctx, step, CallKind::Read, claim, work).await?;
    }
    match ctx.wait_for_call(step).await? {
        CallState::Ended => Ok(()),
        CallState::UnderWay(awaited) => Err(PageError::Waiting(awaited)),
    }
}

/// Waits for a pending call of one of `kinds`, for which the page at `path` is shown meanwhile. When it has ended, also
/// between two looks of a page that waits: a redirect, if an answer leads elsewhere, or if it is the page's script that
/// looks.
///
/// # Errors
/// [`PageError::Waiting`] when the patience is over; [`PageError::CallFailed`].
pub async fn settle(
    ctx: &mut RequestContext,
    step: Step,
    kinds: &[CallKind],
    path: &str,
) -> Result<Option<Response>, PageError> {
    let pending = ctx.journey().pending(step).filter(|call| kinds.contains(&call.kind));
    if pending.is_some() {
        if let CallState::UnderWay(awaited) = ctx.wait_for_call(step).await? {
            return Err(PageError::Waiting(awaited));
        }
        ctx.session.rotate_if_due().await?;
    }
    // Then it goes to the page itself.
    if ctx.request.waits {
        return Ok(Some(see_other(path)));
    }
    // What a page shows leads nowhere: who has come back to it stays there.
    if !(pending.is_some_and(|call| call.kind != CallKind::Read) || ctx.view().is_waiting()) {
        return Ok(None);
    }
    // Without the mark, as "try again" asks for it, the page shows its form and says there what failed.
    match ctx.journey().failed_calls.get(&step) {
        Some(failed) if kinds.contains(&failed.kind) && failed.kind != CallKind::Read => {
            Err(PageError::CallFailed(step, *failed))
        }
        _ => Ok((ctx.view().position().path() != path).then(|| ctx.view().to_position())),
    }
}
