//! The confirmation of an enrollment (enrolled, accepted, or submitted before) and the next steps. Safe to reload.

use std::time::Duration;

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::error::respond;
use super::{pay, reference::reference, session_ended::InSession};
use crate::{
    fields::{BillingAddress, Phone, Transaction},
    journey::{Account, Chosen, DepositPayment, Position, SafeHtml, SubmissionState},
    messages::{interpolate, thousands},
    nrg::utility,
    texas_time,
    web::{Page, advice, context::RequestContext, error::PageError, html, page_context::PageContext},
};

/// How long the page waits for the holds, which it can do without.
const HOLDS_TIMEOUT: Duration = Duration::from_secs(5);

/// GET `/confirmation`.
pub async fn show(InSession(mut ctx): InSession) -> Response {
    let shown = async {
        if ctx.view().position() != Position::Confirmation {
            return Ok(ctx.view().to_position());
        }
        fetch_holds(&mut ctx).await?;
        render(ctx.view())
    }
    .await;
    respond(&ctx, shown)
}

/// Fetches the holds from NRG, once. The page is shown without them if that fails; the failure is logged where the call is
/// made.
async fn fetch_holds(ctx: &mut RequestContext) -> Result<(), PageError> {
    let journey = ctx.journey();
    let billing = journey.settled_billing();
    let (None, Some(account), Some(billing)) = (&journey.holds, pay::account(journey), billing) else {
        return Ok(());
    };
    let (BillingAddress::Street { zip, .. } | BillingAddress::PoBox { zip, .. }) = &billing;
    let nrg = ctx.nrg();
    let call = nrg.holds(&account.number, &account.check_digit, zip.as_str());
    let Ok(Ok(holds)) = tokio::time::timeout(HOLDS_TIMEOUT, call).await else { return Ok(()) };
    let names = holds.into_iter().map(|hold| hold.title.or(hold.description).unwrap_or_default());
    let names: Vec<String> = names.collect();
    ctx.session.change(|journey| journey.holds = Some(names.clone())).await?;
    Ok(())
}

fn render(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let journey = ctx.journey;
    let state = journey.submission.as_ref().map(|submission| &submission.state);
    let state = state.ok_or_else(|| PageError::unexpected("submission"))?;
    let chosen = journey.chosen().ok_or_else(|| PageError::unexpected("plan"))?;
    let contact = journey.contact.as_ref().ok_or_else(|| PageError::unexpected("contact"))?;
    let t = &ctx.messages().confirmation;
    let (title, lead) = match state {
        SubmissionState::Enrolled(_) => (&t.title, &t.lead),
        SubmissionState::Accepted => (&t.accepted_title, &t.accepted_lead),
        SubmissionState::Duplicate
        | SubmissionState::Ready
        | SubmissionState::Sent
        | SubmissionState::Refused { .. }
        | SubmissionState::NotSent
        | SubmissionState::Unknown => (&t.duplicate_title, &t.duplicate_lead),
    };
    let advised = journey.advice();
    let mut page = ctx.page(title);
    page.notices = advice::notices(ctx, &advised);
    page.reference = Some(reference(ctx.journey));
    let (name, email) = (contact.first_name.as_str(), contact.email.as_str());
    let date = journey.start_date.map(|date| ctx.messages().date(date.0));
    let start = match (chosen.transaction, &date) {
        (Transaction::MoveIn, Some(date)) => Some(interpolate(&t.next_start_move_in, &[("date", date)])),
        (Transaction::Switch, Some(date)) => Some(interpolate(&t.next_start_switch, &[("date", date)])),
        (Transaction::Switch, None) => Some(t.next_start_switch_undated.clone()),
        (Transaction::MoveIn, None) => None,
    };
    let mut next = vec![page.interpolate_with(&t.next_email, &[("email", email)])];
    next.extend(start);
    next.push(t.next_bill.clone());
    let account = pay::account(journey);
    let body = ConfirmationPage {
        lead: page.interpolate_with(lead, &[("name", name), ("email", email)]),
        account,
        shown_on: ctx.messages().date(texas_time::day(ctx.now)),
        address: ctx.hosted.public_url.as_str(),
        next,
        date: date.unwrap_or_default(),
        service_address: journey.settled_address().map_or_else(String::new, |address| address.line()),
        price: ctx.messages().per_kwh(chosen.offer.average.at_1000),
        term: ctx.messages().term(chosen.offer.term_months),
        deposit: pay::owed(journey).map(|credit| Deposit {
            lead: interpolate(&t.deposit_lead, &[("amount", &thousands(credit.deposit.0))]),
            due: credit.due.as_ref(),
            gateway: account.is_some()
                && matches!(ctx.brand_site().map(|site| &site.deposit), Some(DepositPayment::Gateway(_))),
        }),
        is_switch: chosen.transaction == Transaction::Switch,
        holds: journey.holds.as_deref(),
        outage: utility(&chosen.offer.tdsp).and_then(|known| {
            let phone = Phone::parse(known.outage_phone).ok()?;
            Some(interpolate(&t.outage, &[("utility", known.name), ("phone", &phone.to_string())]))
        }),
        chosen,
        page,
    };
    Ok(html(StatusCode::OK, body.render()?))
}

#[derive(Template)]
#[template(path = "page/confirmation.html")]
struct ConfirmationPage<'a> {
    page: Page<'a>,
    lead: String,
    account: Option<&'a Account>,
    /// The day, and the site's address: a printed copy shows both.
    shown_on: String,
    address: &'a str,
    next: Vec<String>,
    chosen: &'a Chosen,
    price: String,
    term: String,
    service_address: String,
    /// The first day of service; empty if it is not known.
    date: String,
    deposit: Option<Deposit<'a>>,
    is_switch: bool,
    /// The holds, each in NRG's words or empty; `None` if they are not known.
    holds: Option<&'a [String]>,
    outage: Option<String>,
}

struct Deposit<'a> {
    lead: String,
    due: Option<&'a SafeHtml>,
    /// Whether it can be paid online; if not, only by phone.
    gateway: bool,
}
