//! The page of something that is waited for: a call to NRG that is under way, or the progress of a submission. Loading it
//! calls nothing and submits nothing.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::SignedDuration;

use crate::{
    journey::{CallKind, Step},
    messages::interpolate,
    web::{
        Page, html,
        metrics::CountedAs,
        page_context::{PageContext, WAITS},
        patience::Awaited,
    },
};

/// A call that takes longer than this is shown as slow, with the phone number.
const USUAL: SignedDuration = SignedDuration::from_secs(15);
/// The same, where NRG may need about a minute.
const USUAL_LONG: SignedDuration = SignedDuration::from_mins(1);
/// After how many seconds the page is loaded again.
const REFRESH: u32 = 2;

#[derive(Template)]
#[template(path = "page/waiting.html")]
pub(super) struct WaitingPage<'a> {
    pub page: Page<'a>,
    pub lead: String,
    /// What is done, what is being done, and what is still to be done.
    pub stages: Vec<Stage>,
    /// Of the progress bar.
    pub percent: u32,
    /// How long it usually takes.
    pub usual: Option<&'a str>,
    /// How long it has taken.
    pub taken: Option<String>,
    /// What has to be said by now: paragraphs that are read out when they come.
    pub news: Vec<String>,
    /// Paragraphs that are always there.
    pub notes: Vec<String>,
    /// Whether the page recommends a call.
    pub call: bool,
}

/// One stage of what is waited for.
pub(super) struct Stage {
    pub text: String,
    pub state: StageState,
}

/// How far a stage is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StageState {
    Done,
    Now,
    Later,
}

/// The page that is shown at a step's own place while NRG is asked.
pub(super) fn page(ctx: PageContext<'_>, awaited: Awaited) -> Response {
    let t = &ctx.messages().waiting;
    let posted = awaited.kind != CallKind::Read;
    let mut page = ctx.step_page(awaited.step, &t.title, Vec::new());
    page.refresh = Some(REFRESH);
    if awaited.kind == CallKind::Answer && !ctx.is_waiting() {
        let more = if page.here.contains('?') { '&' } else { '?' };
        page.here = format!("{}{more}{WAITS}", page.here);
    }
    let now = Stage { text: page.interpolate(what(ctx, awaited)), state: StageState::Now };
    let saved = posted.then(|| Stage { text: t.saved.clone(), state: StageState::Done });
    let (usual, limit) = if is_long(awaited) { (&t.usual_long, USUAL_LONG) } else { (&t.usual, USUAL) };
    let slow = ctx.now.duration_since(awaited.since) > limit;
    let mut notes = vec![interpolate(&t.come_back, &[("minutes", &ctx.idle_minutes())])];
    if posted {
        notes.push(t.once.clone());
    }
    let body = WaitingPage {
        lead: t.lead.clone(),
        stages: saved.into_iter().chain([now]).collect(),
        percent: 50,
        usual: Some(usual),
        taken: Some(taken(ctx, awaited)),
        news: slow.then(|| t.slow.clone()).into_iter().collect(),
        notes,
        call: slow,
        page,
    };
    let mut response = match body.render() {
        Ok(body) => html(StatusCode::OK, body),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    response.extensions_mut().insert(CountedAs("waiting"));
    response
}

/// What is being done, in words.
fn what<'a>(ctx: PageContext<'a>, awaited: Awaited) -> &'a str {
    let t = &ctx.messages().waiting;
    match (awaited.step, awaited.kind) {
        (Step::Zip, _) => &t.zip,
        (Step::Plans, _) => &t.plans,
        (Step::Address, _) => &t.address,
        (Step::Billing, _) => &t.billing,
        (Step::Identity, _) => &t.identity,
        (Step::Quiz, CallKind::Read) => &t.questions,
        (Step::Quiz, _) => &t.quiz,
        (Step::StartDate, CallKind::Read) => &t.dates,
        (Step::StartDate | Step::Deposit, _) => &t.credit,
        (Step::Contact | Step::Review, _) => &t.review,
    }
}

/// Whether NRG may need about a minute.
fn is_long(awaited: Awaited) -> bool {
    matches!(awaited.step, Step::Identity | Step::Quiz | Step::StartDate | Step::Deposit)
}

/// "So far: 12 seconds."
fn taken(ctx: PageContext<'_>, awaited: Awaited) -> String {
    let t = &ctx.messages().waiting;
    let taken = ctx.now.duration_since(awaited.since).unsigned_abs();
    let time = match taken.as_secs() {
        seconds @ 0..60 => interpolate(&t.seconds, &[("count", &seconds.to_string())]),
        _ => ctx.messages().wait(taken),
    };
    interpolate(&t.taken, &[("time", &time)])
}
