//! The confirmation of an enrollment (enrolled, accepted, or submitted before) and the next steps. Safe to reload.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use jiff::SignedDuration;
use url::Url;

use super::error::respond;
use super::{calendar_entry, pay, reference::reference, session_ended::InSession};
use crate::{
    fields::{Phone, Transaction, Zip},
    journey::{
        Account, CallKind, Chosen, DepositPayment, DepositWords, HoldsAsked, Journey, Obstacle, Position,
        SafeHtml, Step, SubmissionState,
    },
    messages::{NextSteps, amount, interpolate},
    nrg::{Hold, Holds, utility},
    session::SessionError,
    texas_time,
    web::{Page, advice, context::RequestContext, error::PageError, html, page_context::PageContext},
};

/// How long NRG is given to tell the holds, while the page looks for them by itself.
const HOLDS_TIMEOUT: SignedDuration = SignedDuration::from_secs(20);
/// After how long a later visit asks for holds that are not known.
const ASK_HOLDS_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// GET `/confirmation`. The account number is shown at once; what is still open, as soon as NRG has told it.
pub async fn show(InSession(mut ctx): InSession) -> Response {
    let shown = async {
        if ctx.view().position() != Position::Confirmation {
            return Ok(ctx.view().to_position_with_link());
        }
        ask_holds(&mut ctx).await?;
        render(ctx.view())
    }
    .await;
    respond(&ctx, shown)
}

/// Has a task ask NRG for the holds, unless that was done not long ago. What fails is logged where the call is made.
async fn ask_holds(ctx: &mut RequestContext) -> Result<(), PageError> {
    let (now, language) = (ctx.app.clock.now(), Some(ctx.language));
    let is_due = |journey: &Journey| {
        let lately = journey.holds_asked.is_some_and(|asked| now.duration_since(asked.at) < ASK_HOLDS_AGAIN);
        journey.holds.is_none() && !lately
    };
    if !is_due(ctx.journey()) || holds_query(ctx.journey()).is_none() {
        return Ok(());
    }
    let mut first = false;
    let ask = |journey: &mut Journey| {
        first = is_due(journey);
        if first {
            journey.holds_asked = Some(HoldsAsked { at: now, failed: false, language });
        }
    };
    match ctx.session.try_change(ask).await {
        // Another request of this session has saved: if it is not this page, the next load asks.
        Err(SessionError::Conflict) => return ctx.refresh().await,
        asked => asked?,
    }
    if first {
        let mut task = ctx.of_task(Step::Review, CallKind::Read).await;
        ctx.app.calls.spawn(&ctx.journey().id, Step::Review, async move {
            let Some((account, zip)) = holds_query(task.journey()) else { return };
            let asked = task.nrg().holds(&account.number, &account.check_digit, zip.as_str()).await;
            let names = match asked {
                Ok(Holds::Known(holds)) => Some(holds.into_iter().map(name).collect::<Vec<_>>()),
                // A later visit asks again.
                Ok(Holds::Unknown) | Err(_) => None,
            };
            let record = |journey: &mut Journey| match &names {
                Some(names) => journey.holds = Some(names.clone()),
                None => journey.holds_asked = Some(HoldsAsked { at: now, failed: true, language }),
            };
            // A visitor who has left does not read them.
            let _ = task.save(record).await;
        });
    }
    Ok(())
}

/// What the page says of a hold, in NRG's words; empty if it has none.
fn name(hold: Hold) -> String {
    hold.title.or(hold.description).unwrap_or_default()
}

/// What `holds` is asked with, once there is an account.
fn holds_query(journey: &Journey) -> Option<(Account, Zip)> {
    Some((pay::account(journey)?.clone(), journey.settled_billing()?.zip().clone()))
}

fn render(ctx: PageContext<'_>) -> Result<Response, PageError> {
    let journey = ctx.journey;
    let state = journey.submission.as_ref().map(|submission| &submission.state);
    let state = state.ok_or_else(|| PageError::unexpected("submission"))?;
    let chosen = journey.chosen().ok_or_else(|| PageError::unexpected("plan"))?;
    let contact = journey.contact.as_ref().ok_or_else(|| PageError::unexpected("contact"))?;
    let t = &ctx.messages().confirmation;
    let confirms = ctx.brand_site().is_some_and(|site| site.confirmation_email);
    let owed = pay::owed(journey);
    let (title, lead) = match (state, confirms) {
        (SubmissionState::Enrolled(_), _) if owed.is_some() => (&t.deposit_title, &t.lead),
        (SubmissionState::Enrolled(_), _) => (&t.title, &t.lead),
        (SubmissionState::Accepted, true) => (&t.accepted_title, &t.accepted_lead),
        (SubmissionState::Accepted, false) => (&t.accepted_title, &t.accepted_lead_call),
        (
            SubmissionState::Duplicate
            | SubmissionState::Ready
            | SubmissionState::Sent
            | SubmissionState::Refused { .. }
            | SubmissionState::NotSent
            | SubmissionState::Unknown,
            confirms,
        ) => (&t.duplicate_title, if confirms { &t.duplicate_lead } else { &t.duplicate_lead_call }),
    };
    let advised = journey.advice();
    let mut page = ctx.page(title);
    page.notices = advice::notices(ctx, &advised);
    page.reference = Some(reference(ctx.journey));
    page.said.extend(owed.and_then(|credit| credit.due.as_ref()));
    let looking = journey.holds.is_none()
        && journey
            .holds_asked
            .is_some_and(|asked| !asked.failed && ctx.now.duration_since(asked.at) < HOLDS_TIMEOUT);
    page.refresh = looking.then_some(2);
    let (name, email) = (contact.first_name.as_str(), contact.email.as_str());
    let date = journey.start_date.map(|date| ctx.messages().date(date.0));
    let obstacles = journey.obstacles();
    let first = |obstacle: &Obstacle| {
        page.interpolate_with(ctx.messages().obstacle(*obstacle), &[("heading", &t.holds_heading)])
    };
    let first = obstacles.iter().map(first).collect();
    let mut next = Vec::new();
    next.extend(confirms.then(|| page.interpolate_with(&t.next_email, &[("email", email)])));
    let steps = ctx.messages().next_steps(NextSteps {
        transaction: chosen.transaction,
        date: date.as_deref(),
        is_certain: obstacles.is_empty(),
        autopay: chosen.offer.autopay_discount,
        prepaid: chosen.offer.prepaid,
    });
    next.extend(steps.iter().map(|step| page.interpolate(step)));
    let account = pay::account(journey);
    let body = ConfirmationPage {
        lead: page.interpolate_with(lead, &[("name", name), ("email", email)]),
        account,
        shown_on: ctx.messages().date(texas_time::day(ctx.now)),
        address: ctx.hosted.public_url.as_str(),
        first,
        next,
        date_name: if obstacles.is_empty() { &ctx.messages().review.start_date } else { &t.date_asked },
        date: date.unwrap_or_default(),
        service_address: journey.settled_address().map_or_else(String::new, |address| address.line()),
        price: ctx.messages().average_prices(&chosen.offer.average),
        term: ctx.messages().term(chosen.offer.term_months),
        calendar: calendar_entry::day(ctx).map(|_| calendar_entry::PATH),
        feedback: ctx.site().feedback_url.as_ref().map(Url::as_str),
        deposit: owed.map(|credit| Deposit {
            lead: interpolate(&t.deposit_lead, &[("amount", &amount(credit.deposit))]),
            due: credit.due.as_ref(),
            words: ctx.deposit_words(),
            avoidable: ctx.brand_site().is_some_and(|site| !site.deposit_terms.ways_out.is_empty()),
            gateway: account.is_some()
                && matches!(ctx.brand_site().map(|site| &site.deposit), Some(DepositPayment::Gateway(_))),
        }),
        is_switch: chosen.transaction == Transaction::Switch,
        holds: journey.holds.as_deref(),
        holds_lang: page.lang_of(journey.holds_asked.and_then(|asked| asked.language)),
        plan_lang: page.lang_of(chosen.language),
        looking,
        followed: ctx.follows && account.is_some(),
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
    /// What has to be done or decided before service starts.
    first: Vec<String>,
    next: Vec<String>,
    chosen: &'a Chosen,
    price: String,
    term: String,
    service_address: String,
    /// "Start date", or that it is only what was asked for.
    date_name: &'a str,
    /// The first day of service; empty if it is not known.
    date: String,
    deposit: Option<Deposit<'a>>,
    /// Where the start date is as a calendar entry, once it is certain.
    calendar: Option<&'a str>,
    /// Where the affiliate asks how it was.
    feedback: Option<&'a str>,
    is_switch: bool,
    /// The holds, each in NRG's words or empty; `None` if they are not known.
    holds: Option<&'a [String]>,
    /// The languages of the holds and of the plan's name, if they are not the page's.
    holds_lang: &'static str,
    plan_lang: &'static str,
    /// Whether NRG is being asked for them.
    looking: bool,
    outage: Option<String>,
    /// Whether a link can be made by which to look up later where the enrollment stands.
    followed: bool,
}

struct Deposit<'a> {
    lead: String,
    due: Option<&'a SafeHtml>,
    words: DepositWords<'a>,
    /// Whether there are people who need not pay it.
    avoidable: bool,
    /// Whether it can be paid online; if not, only by phone.
    gateway: bool,
}
