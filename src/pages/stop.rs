//! The page of a stop: the reason in our words and NRG's, the phone number, and which answers can be changed.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{error::respond, reference::reference, session_ended::InSession};
use crate::{
    journey::{Position, SafeHtml, Step, StopKind, Submission},
    messages::StopKindText,
    web::{Page, context::RequestContext, error::PageError, html, page_context::PageContext},
};

/// GET `/stop`.
pub async fn show(InSession(ctx): InSession) -> Response {
    respond(&ctx, render(ctx.view()))
}

/// POST `/stop`: the visitor has read a refusal that can be corrected, and reviews the answers again.
pub async fn submit(InSession(mut ctx): InSession) -> Response {
    let read = go_on(&mut ctx).await;
    respond(&ctx, read)
}

async fn go_on(ctx: &mut RequestContext) -> Result<Response, PageError> {
    if correctable(ctx.view()) {
        let refusals = ctx.journey().refusals();
        ctx.session.change(|journey| journey.refusals_read = refusals).await?;
    }
    Ok(ctx.view().to_position())
}

fn correctable(ctx: PageContext<'_>) -> bool {
    let journey = ctx.journey;
    journey.ending.is_none() && journey.submission.as_ref().is_some_and(Submission::correctable)
}

fn render(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let Some(stop) = ctx.journey.stop(ctx.eval_context()).filter(|_| ctx.position() == Position::Stop) else {
        return Ok(ctx.to_position());
    };
    let t = ctx.messages();
    let words = t.stop(stop.kind);
    let mut page = ctx.page(&words.title);
    page.reference = Some(reference(ctx.journey));
    let open = |step: &&Step| ctx.journey.may_visit(**step, ctx.eval_context());
    let changes = ways_out(stop.kind).iter().filter(open).map(|step| Change {
        href: step.path(),
        label: if stop.kind == StopKind::CreditFreeze {
            t.stop.try_again.clone()
        } else {
            format!("{}: {}", t.stop.change_answer, t.step(*step))
        },
    });
    let body = StopPage {
        words,
        message: stop.message.as_ref().filter(|_| stop.kind.shows_message()),
        changes: changes.collect(),
        correctable: correctable(ctx),
        page,
    };
    Ok(html(StatusCode::OK, body.render()?))
}

/// The steps whose answers can be changed to leave a stop, the most likely first. A stop that ends the journey has none.
fn ways_out(kind: StopKind) -> &'static [Step] {
    match kind {
        StopKind::AreaNotServed | StopKind::OtherArea => &[Step::Zip],
        // NRG may say it of the ZIP code, before there is an address.
        StopKind::BusinessMeter => &[Step::Address, Step::Zip],
        StopKind::NoMeter => &[Step::Address],
        // A move-in is possible where a switch is not.
        StopKind::SwitchHold | StopKind::OwnCustomer => &[Step::Address, Step::Zip],
        StopKind::CreditFreeze => &[Step::StartDate],
        StopKind::NoId => &[Step::Identity],
        StopKind::CreditFraud
        | StopKind::DepositUnknown
        | StopKind::AttemptsUsedUp
        | StopKind::IdentityHold
        | StopKind::QuizFailed
        | StopKind::CurrentCustomer
        | StopKind::Restricted
        | StopKind::Refused
        | StopKind::NotSent
        | StopKind::AlreadySubmitted
        | StopKind::Other => &[],
    }
}

struct Change {
    href: &'static str,
    label: String,
}

#[derive(Template)]
#[template(path = "page/stop.html")]
struct StopPage<'a> {
    page: Page<'a>,
    words: &'a StopKindText,
    message: Option<&'a SafeHtml>,
    changes: Vec<Change>,
    correctable: bool,
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;
    use crate::journey::StopScope;

    #[test]
    fn stop_page_offers_changes_exactly_for_recoverable_stops() {
        for kind in StopKind::VARIANTS {
            assert_eq!(kind.scope() == StopScope::Recoverable, !ways_out(*kind).is_empty(), "{kind:?}");
        }
    }
}
