//! A browser that wanders: any page, any form, whatever NRG answers. It always stands somewhere, endings absorb,
//! and what is submitted is what NRG has said yes to, with its own plan, date and codes.

use std::time::Duration;

use nrg_enroll::journey::{EvalContext, Journey, Position, StopScope, SubmissionState};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;

use crate::{
    nrg_contract::scripted,
    support::{Browser, Page, World, fault_proxy::Exchange},
};

/// One step of the wanderer. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    /// Answers the page as a person would who wants to go on.
    GoOn { pick: usize, person: usize },
    /// Goes to a page.
    Visit(&'static str),
    /// Sends a form of an older page again.
    Again(usize),
    /// NRG's next answer at some endpoint is this one of the rows.
    Nrg(usize),
    /// Minutes pass.
    Wait(u64),
}

const PAGES: [&str; 21] = [
    "/",
    "/plans",
    "/address",
    "/contact",
    "/billing",
    "/identity",
    "/quiz",
    "/start-date",
    "/deposit",
    "/review",
    "/ask",
    "/stop",
    "/processing",
    "/confirmation",
    "/pay",
    "/pay/return",
    "/help",
    "/plans?sort=term&lang=es",
    "/identity?lang=es",
    "/review?lang=en",
    "/no-such-page",
];

const LAST_NAMES: [&str; 5] = ["Samplecase", "Pastservice", "Kba", "Undecided", "Posidfail"];
const STREETS: [&str; 5] = [
    "100 Example Oak Ln",
    "200 Example Oak Ln",
    "300 Example Oak Ln",
    "600 Example Oak Ln",
    "720 Example Oak Ln",
];
const NUMBERS: [&str; 3] = ["900-45-6789", "900-45-0200", "900-45-0001"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        14 => (any::<usize>(), any::<usize>()).prop_map(|(pick, person)| Step::GoOn { pick, person }),
        2 => select(PAGES.to_vec()).prop_map(Step::Visit),
        1 => any::<usize>().prop_map(Step::Again),
        2 => any::<usize>().prop_map(Step::Nrg),
        1 => select(vec![1, 20, 61]).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 20..45)
}

/// The value a person would type or choose for a field, from what the page offers.
fn value(page: &Page, name: &str, pick: usize, person: usize) -> Option<String> {
    let fixed = |value: &str| Some(value.to_owned());
    let offered = page.attributes(&format!("input[name={name}]"), "value");
    let one_of = |offered: &[String]| offered.get(pick % offered.len().max(1)).cloned();
    match name {
        "zip" => fixed(["77999", "77997", "75999"][person % 3]),
        "street" => fixed(STREETS[person % STREETS.len()]),
        "city" => fixed("Sampleton"),
        "unit" => fixed(["", "1", "2"][pick % 3]),
        "first_name" => fixed(["Jordan", "Notyet", "Blank", "Cut", "Never"][person % 5]),
        "last_name" => fixed(LAST_NAMES[person % LAST_NAMES.len()]),
        "email" => fixed("jordan@example.com"),
        "phone" => fixed("7135550142"),
        "birth_date_month" => fixed("3"),
        "birth_date_day" => fixed(["28", "27", "1"][pick % 3]),
        "birth_date_year" => fixed("1985"),
        "ssn" => fixed(NUMBERS[person % NUMBERS.len()]),
        "document" => fixed("ssn"),
        "paperless" | "documents" | "affirmation" | "records" => fixed("yes"),
        "transaction" | "choice" | "date" => one_of(&offered),
        _ if name.starts_with('q') && name[1..].parse::<u32>().is_ok() => one_of(&offered),
        _ => None,
    }
}

async fn go_on(browser: &Browser, page: &Page, pick: usize, person: usize) -> Page {
    let actions = page.attributes("main form[method=post]", "action");
    let stays = |action: &&String| !matches!(action.split('?').next(), Some("/leave" | "/start-over"));
    let Some(action) = actions.iter().find(stays) else { return browser.get("/").await };
    let action = action.split('?').next().unwrap();
    if action == "/pay" {
        return browser.get("/confirmation").await;
    }
    let nth = if action == "/plans" { pick % actions.len() } else { 0 };
    let mut form = page.form_at(action, nth);
    for name in form.names() {
        if let Some(value) = value(page, &name, pick, person) {
            form = form.set(&name, &value);
        }
    }
    form.submit(browser).await
}

async fn wander(steps: Vec<Step>) {
    let world = World::with_fault_proxy(&[
        ("ENROLL__SESSION__IDLE", "23h"),
        ("ENROLL__SESSION__ABSOLUTE", "24h"),
        ("ENROLL__LEDGER__RECENT_WINDOW", "1s"),
    ])
    .await;
    let browser = world.browser();
    let said = scripted();
    let mut page = browser.get("/").await;
    let mut pages: Vec<Page> = Vec::new();
    let mut ended: Option<Journey> = None;
    for step in steps {
        let next = match step {
            Step::GoOn { pick, person } => go_on(&browser, &page, pick, person).await,
            Step::Visit(path) => browser.get(path).await,
            Step::Again(which) => match pages.get(which % pages.len().max(1)) {
                Some(old) => go_on(&browser, old, which, which).await,
                None => browser.get("/").await,
            },
            Step::Nrg(which) => {
                let (endpoint, says) = &said[which % said.len()];
                world.fault_proxy().once(endpoint, says.clone());
                continue;
            }
            Step::Wait(minutes) => {
                world.forward(Duration::from_secs(60 * minutes));
                continue;
            }
        };
        let known = [200, 404, 409, 422, 502, 503];
        assert!(known.contains(&next.status.as_u16()), "{} {}\n{}", next.status, next.path, next.text());
        assert!(!next.h1().is_empty());
        if let Some(journey) = world.journey(&browser).await {
            stands(&world, &browser, &mut ended, journey).await;
        }
        pages.push(std::mem::replace(&mut page, next));
        if page.status != 200 {
            page = browser.get("/stop").await;
        }
    }
    for (index, call) in world.fault_proxy().exchanges().iter().enumerate() {
        if call.endpoint == "enroll" {
            was_said_yes_to(&world.fault_proxy().exchanges()[..index], call);
        }
    }
}

/// Where the journey stands can be visited; an ending stays one; a step stop has a way out.
async fn stands(world: &World, browser: &Browser, ended: &mut Option<Journey>, journey: Journey) {
    let frame = EvalContext { site: &world.server.app.sites.main().site, now: world.server.app.clock.now() };
    let place = journey.position(frame);
    let page = browser.get(place.path()).await;
    let after = world.journey(browser).await.unwrap();
    let stays = after.position(frame);
    // Showing a page may ask NRG for what it needs, and that may lead elsewhere; the worker goes on by itself.
    let path = page.path.split('?').next().unwrap();
    let shown = path == stays.path() || page.status.is_server_error() && path == place.path();
    // New dates may bring an old stop of this step back (frozen credit): its answer may still be changed.
    let shown = shown
        || matches!(place, Position::Step(step) if path == place.path() && after.may_visit(step, frame));
    let submitted = matches!(place, Position::Processing) || matches!(stays, Position::Processing);
    assert!(shown || submitted, "stands at {place:?}, then {stays:?}, but {} {}", page.status, page.path);
    if stays == Position::Stop && path == "/stop" {
        let ways = page.attributes("main a.button", "href");
        let leave = page.attributes("main form[method=post]", "action");
        let stop = after.stop(frame).unwrap();
        assert!(!leave.is_empty(), "no way to start over");
        assert!((stop.kind.scope() == StopScope::Terminal) == ways.is_empty(), "{:?} {ways:?}", stop.kind);
        for way in ways {
            browser.get(&way).await.is_at(&way);
        }
    }
    if let Some(before) = ended {
        assert_eq!(before.ending, after.ending, "an ending absorbs");
        if before.ending.is_none() {
            let state = |journey: &Journey| journey.submission.as_ref().map(|row| row.state.clone());
            assert_eq!(state(before), state(&after), "a submission absorbs");
        }
    } else if after.ending.is_some() || after.submission.as_ref().is_some_and(|row| is_final(&row.state)) {
        *ended = Some(after);
    }
}

fn is_final(state: &SubmissionState) -> bool {
    match state {
        SubmissionState::Ready | SubmissionState::Sent | SubmissionState::NotSent => false,
        SubmissionState::Refused { correctable, .. } => !correctable,
        SubmissionState::Enrolled(_)
        | SubmissionState::Accepted
        | SubmissionState::Duplicate
        | SubmissionState::Unknown => true,
    }
}

/// Everything `enroll` stands on was answered before, for this very record.
fn was_said_yes_to(before: &[Exchange], enroll: &Exchange) {
    let text = |json: &Value, name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let record = text(&enroll.request, "trackingId");
    let of_record = |call: &&Exchange| {
        text(&call.request, "trackingId") == record || text(&call.reply, "trackingId") == record
    };
    let last = |endpoints: &[&str]| {
        before.iter().rev().filter(of_record).find(|call| endpoints.contains(&&*call.endpoint)).cloned()
    };
    assert!(last(&["identity"]).is_some(), "no identity");
    let dates = last(&["available-dates"]).expect("no dates");
    assert_eq!(dates.status_code, "00");
    let credit = last(&["check-credit", "recheck-credit"]).expect("no credit check");
    assert_eq!((credit.http, &*credit.status_code), (200, "00"));
    assert!(
        text(&dates.reply, "availableDates").split(';').any(|date| date == text(&credit.request, "mviDate"))
    );
    assert_eq!(text(&credit.request, "offerCode"), text(&enroll.request, "offerCode"));

    let codes =
        ["offerCode", "promoCode", "campaignCode", "productPriceCode", "incentiveCode", "marketSegment"];
    let sold = before.iter().filter(|call| call.endpoint == "offers").any(|call| {
        let entries = call.reply["affiliateOfferList"].as_array().cloned().unwrap_or_default();
        entries.iter().any(|entry| codes.iter().all(|code| entry[code] == enroll.request[code]))
    });
    assert!(sold, "codes that no plan had: {}", enroll.request);

    let earlier: Vec<_> = before.iter().filter(of_record).filter(|call| call.endpoint == "enroll").collect();
    let repaired = |call: &&Exchange| ["ENROLLMENT_NOT_ALLOWED", "BAD_REQUEST", ""].contains(&&*call.code);
    assert!(
        earlier.len() < 2 && earlier.iter().all(|call| call.http == 400 && repaired(call)),
        "submitted twice"
    );
}

#[test]
fn journey_invariants_hold_in_random_walk() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Ten, or as many more as PROPTEST_CASES is above 256.
    let cases = Config::default().cases.div_ceil(26);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let mut runner = TestRunner::new(config);
    runner
        .run(&steps(), |steps| {
            runtime.block_on(wander(steps));
            Ok(())
        })
        .unwrap();
}
