//! Paying the deposit at NRG's hosted payment gateway, and the return from it. No card or bank data ever comes here, and
//! nothing in the query of the return address is trusted.

mod gateway;

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use self::gateway::{Destination, Payment};
use super::{error::respond, session_ended::InSession};
use crate::{
    fields::Dollars,
    journey::{Account, Credit, DepositPayment, GatewayMethod, Journey, Position, SubmissionState},
    web::{Page, error::PageError, headers::FormAction, html, page_context::PageContext, see_other},
};

/// GET `/pay`: the deposit owed, with the form to the gateway or the phone number.
pub async fn show(InSession(ctx): InSession) -> Response {
    respond(&ctx, render(ctx.view()))
}

/// POST `/pay`: redirects to a gateway that is reached by GET.
pub async fn submit(InSession(ctx): InSession) -> Response {
    respond(&ctx, go(ctx.view()))
}

/// The path of the page that the gateway returns to.
pub const RETURN_PATH: &str = "/pay/return";

/// POST `/pay/return`, from the gateway's origin: the session's cookie does not come with it, and nothing of it is read.
/// The browser asks for the page itself, with the cookie.
pub async fn returned_by_post() -> Response {
    see_other(RETURN_PATH)
}

/// GET `/pay/return`: the return from the gateway. Whether the deposit was paid, only NRG knows.
pub async fn returned(InSession(ctx): InSession) -> Response {
    respond(&ctx, back(ctx.view()))
}

/// The account, once NRG's `enroll` has returned one.
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

/// The credit decision, if it requires a deposit.
pub(super) fn owed(journey: &Journey) -> Option<&Credit> {
    journey.credit()?.as_ref().ok().filter(|credit| credit.deposit > Dollars::ZERO)
}

/// The account and the amount that can be paid now.
fn payable(ctx: PageContext<'_>) -> Option<(&Account, Dollars)> {
    let journey = ctx.journey;
    let deposit = owed(journey)?.deposit;
    account(journey).filter(|_| ctx.position() == Position::Confirmation).map(|account| (account, deposit))
}

/// The gateway's method and address; `None` if deposits are paid by phone.
fn way(
    ctx: PageContext<'_>,
    account: &Account,
    amount: Dollars,
) -> Result<Option<(GatewayMethod, Destination)>, PageError> {
    let Some(DepositPayment::Gateway(gateway)) = ctx.brand_site().map(|site| &site.deposit) else {
        return Ok(None);
    };
    let record = ctx.journey.record.as_ref().ok_or_else(|| PageError::unexpected("record"))?;
    let return_url =
        ctx.hosted.public_url.join(RETURN_PATH).map_err(|_| PageError::unexpected("public_url"))?;
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

fn render(ctx: PageContext<'_>) -> Result<Response, PageError> {
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

fn go(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let Some((account, amount)) = payable(ctx) else { return Ok(ctx.to_position()) };
    Ok(match way(ctx, account, amount)? {
        Some((GatewayMethod::Get, there)) => see_other(&there.link()),
        Some((GatewayMethod::Post, _)) | None => see_other("/pay"),
    })
}

fn back(ctx: PageContext<'_>) -> Result<Response, PageError> {
    if payable(ctx).is_none() {
        return Ok(ctx.to_position());
    }
    let page = ctx.page(&ctx.messages().pay.return_title);
    Ok(html(StatusCode::OK, PayReturnPage { page }.render()?))
}

/// The form that leads to the gateway.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "page/pay.html")]
struct PayPage<'a> {
    page: Page<'a>,
    account: &'a Account,
    /// In dollars, with the sign.
    amount: String,
    /// `None` if deposits are paid by phone.
    form: Option<Form>,
}

#[derive(Template)]
#[template(path = "page/pay-return.html")]
struct PayReturnPage<'a> {
    page: Page<'a>,
}
