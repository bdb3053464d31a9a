//! The page of a stop: the reason in our words and NRG's, the phone number, and which answers can be changed.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::{error::respond, reference::reference, session_ended::InSession};
use crate::{
    fields::Transaction,
    journey::{Position, SafeHtml, Step, StopKind, Submission},
    messages::{StopKindText, interpolate},
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
        return Ok(ctx.to_position_with_link());
    };
    let t = ctx.messages();
    let words = t.stop(stop.kind);
    let mut page = ctx.page("");
    page.title = page.interpolate(&words.title);
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
    // A move-in is possible where a switch is not.
    let is_switch = ctx.journey.service.as_ref().filter(|service| service.transaction == Transaction::Switch);
    let moving_in = is_switch
        .filter(|_| matches!(stop.kind, StopKind::SwitchHold | StopKind::OwnCustomer))
        .filter(|_| open(&&Step::Zip))
        .map(|service| MovingIn { revision: ctx.journey.revision(Step::Zip), zip: service.zip.as_str() });
    let later = page.session.is_some_and(|session| session.later);
    let body = StopPage {
        words,
        next: page.interpolate_with(&words.next, &[("button", &t.zip.move_in)]),
        bureaus: if stop.kind == StopKind::CreditFreeze { &BUREAUS } else { &[] },
        save_for_later: later.then(|| interpolate(&t.stop.freeze_later, &[("button", &t.resume.later)])),
        moving_in,
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

/// The credit bureaus that NRG asks, and where each lifts a freeze.
const BUREAUS: [(&str, &str); 2] = [
    ("Equifax", "https://www.equifax.com/personal/credit-report-services/credit-freeze/"),
    ("TransUnion", "https://www.transunion.com/credit-freeze"),
];

struct Change {
    href: &'static str,
    label: String,
}

/// The form that answers the first step anew, with a move-in.
struct MovingIn<'a> {
    revision: u64,
    zip: &'a str,
}

#[derive(Template)]
#[template(path = "page/stop.html")]
struct StopPage<'a> {
    page: Page<'a>,
    words: &'a StopKindText,
    next: String,
    /// Name and page of each credit bureau, where they can help.
    bureaus: &'a [(&'a str, &'a str)],
    /// How to keep the answers meanwhile.
    save_for_later: Option<String>,
    moving_in: Option<MovingIn<'a>>,
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
