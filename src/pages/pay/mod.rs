//! Paying the deposit: the way to NRG's hosted gateway and back. No card or bank data ever comes here, and
//! nothing in the address of the way back is believed.

mod gateway;

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use self::gateway::{Destination, Payment};
use crate::{
    fields::Dollars,
    journey::{Account, Credit, DepositPayment, GatewayMethod, Journey, Position, SubmissionState},
    web::{
        Page,
        context::{RequestContext, see_other},
        error::PageError,
        headers::FormAction,
        html,
    },
};

/// GET `/pay`: what is owed, and the way to the gateway or the phone.
pub async fn show(ctx: RequestContext) -> Response {
    ctx.answer(render(&ctx))
}

/// POST `/pay`: leads to the gateway, where it is reached by a link.
pub async fn submit(ctx: RequestContext) -> Response {
    ctx.answer(go(&ctx))
}

/// GET `/pay/return`: from the gateway. Whether it was paid, only NRG knows.
pub async fn returned(ctx: RequestContext) -> Response {
    ctx.answer(back(&ctx))
}

/// The account, once `enroll` has given one.
pub(super) fn account(journey: &Journey) -> Option<&Account> {
    match &journey.submission.as_ref()?.state {
        SubmissionState::Enrolled(account) => Some(account),
        SubmissionState::Ready
        | SubmissionState::Sent
        | SubmissionState::Accepted
        | SubmissionState::Refused { .. }
        | SubmissionState::NotSent
        | SubmissionState::Duplicate
        | SubmissionState::Unknown => None,
    }
}

/// The credit decision that asks for a deposit.
pub(super) fn owed(journey: &Journey) -> Option<&Credit> {
    journey.credit()?.as_ref().ok().filter(|credit| credit.deposit > Dollars(0))
}

/// What can be paid now, and into which account.
fn payable(ctx: &RequestContext) -> Option<(&Account, Dollars)> {
    let journey = ctx.journey();
    let deposit = owed(journey)?.deposit;
    account(journey).filter(|_| ctx.position() == Position::Confirmation).map(|account| (account, deposit))
}

/// How the browser gets to the gateway; none where deposits are paid by phone.
fn way(
    ctx: &RequestContext,
    account: &Account,
    amount: Dollars,
) -> Result<Option<(GatewayMethod, Destination)>, PageError> {
    let Some(DepositPayment::Gateway(gateway)) = ctx.brand_site().map(|site| &site.deposit) else {
        return Ok(None);
    };
    let record = ctx.journey().record.as_ref().ok_or_else(|| PageError::unexpected("record"))?;
    let return_url =
        ctx.hosted.public_url.join("/pay/return").map_err(|_| PageError::unexpected("public_url"))?;
    let payment = Payment {
        account,
        amount,
        language: ctx.language,
        brand: ctx.brand(),
        tracking_id: &record.tracking_id,
        return_url: return_url.as_str(),
    };
    let there = gateway::destination(gateway, &payment)
        .ok_or_else(|| PageError::unexpected("the gateway's address"))?;
    Ok(Some((gateway.method, there)))
}

fn render(ctx: &RequestContext) -> Result<Response, PageError> {
    let Some((account, amount)) = payable(ctx) else { return Ok(ctx.to_position()) };
    let way = way(ctx, account, amount)?;
    let origin = way.as_ref().map(|(_, there)| there.origin());
    let form = way.map(|(method, there)| match method {
        GatewayMethod::Get => Form { action: "/pay".to_owned(), fields: Vec::new() },
        GatewayMethod::Post => Form { action: there.url.into(), fields: there.fields },
    });
    let page = ctx.page(&ctx.messages().pay.title);
    let body = PayPage { amount: ctx.messages().dollars(amount), page, account, form };
    let mut response = html(StatusCode::OK, body.render()?);
    if let Some(origin) = origin {
        response.extensions_mut().insert(FormAction(origin));
    }
    Ok(response)
}

fn go(ctx: &RequestContext) -> Result<Response, PageError> {
    let Some((account, amount)) = payable(ctx) else { return Ok(ctx.to_position()) };
    Ok(match way(ctx, account, amount)? {
        Some((GatewayMethod::Get, there)) => see_other(&there.link()),
        Some((GatewayMethod::Post, _)) | None => see_other("/pay"),
    })
}

fn back(ctx: &RequestContext) -> Result<Response, PageError> {
    if ctx.visit.has_ended() {
        return Ok(see_other("/session-ended"));
    }
    if payable(ctx).is_none() {
        return Ok(ctx.to_position());
    }
    let page = ctx.page(&ctx.messages().pay.return_title);
    Ok(html(StatusCode::OK, PayReturnPage { page }.render()?))
}

/// The form that leads on.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "page/pay.html")]
struct PayPage<'a> {
    page: Page<'a>,
    account: &'a Account,
    /// With its sign.
    amount: String,
    /// None: by phone.
    form: Option<Form>,
}

#[derive(Template)]
#[template(path = "page/pay-return.html")]
struct PayReturnPage<'a> {
    page: Page<'a>,
}
