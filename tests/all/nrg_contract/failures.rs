//! NRG failing to answer, at every endpoint in every way: a page to try again from, the answers kept, nothing
//! asked further, and the journey goes on as soon as NRG does.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use nrg_enroll::messages::Catalogs;
use serde_json::json;

use super::{
    before::technical,
    row::{INTERNAL, Met, says},
};
use crate::support::{
    Page, Person, Walk, World,
    fault_proxy::{Exchange, Reply, html, json as answer},
};

/// One way to fail, and the status of the page.
struct Failing {
    name: &'static str,
    says: Reply,
    status: u16,
    /// It may be gone a moment later, so a read is asked again.
    passing: bool,
}

fn ways_to_fail() -> Vec<Failing> {
    let body = |http, kind, body: &str| Reply::Answer { http, kind, body: body.to_owned() };
    let ours = |name, says| Failing { name, says, status: 502, passing: false };
    let theirs = |name, says| Failing { name, says, status: 503, passing: true };
    let json_200 = |name, text: &str| ours(name, body(200, "application/json", text));
    let large = format!(r#"{{"statusCode":"00","messageText":"{}"}}"#, "x".repeat(300_000));
    vec![
        ours(
            "400, shape A",
            answer(
                400,
                &json!({"errorCode": "BAD_REQUEST", "errorDescription": INTERNAL, "statusCode": "01"}),
            ),
        ),
        ours(
            "400, shape B",
            answer(
                400,
                &json!({"resultCode": "1", "resultDescription": INTERNAL, "errorCode": "", "statusCode": "01"}),
            ),
        ),
        ours("400 that continues", answer(400, &json!({"statusCode": "00"}))),
        ours("401", html(401)),
        ours("403", html(403)),
        ours("404", html(404)),
        ours("405 without a body", body(405, "text/html", "")),
        ours("415", html(415)),
        theirs("500 with JSON", technical()),
        theirs("500 with HTML", html(500)),
        theirs("500 without a body", body(500, "text/html", "")),
        theirs("503", html(503)),
        theirs("429", html(429)),
        ours("302", html(302)),
        ours("204", body(204, "application/json", "")),
        ours("an empty body", body(200, "application/json", "")),
        ours("HTML that passes for JSON", body(200, "application/json", "<html></html>")),
        json_200("truncated JSON", r#"{"statusCode":"00","messageC"#),
        json_200("a list", "[]"),
        json_200("null", "null"),
        json_200("no statusCode", r#"{"messageCode":""}"#),
        json_200("statusCode null", r#"{"statusCode":null}"#),
        json_200("statusCode a number", r#"{"statusCode":7}"#),
        json_200("statusCode a list", r#"{"statusCode":["00","02"]}"#),
        json_200("statusCode unknown", r#"{"statusCode":"07"}"#),
        json_200("a code that is an object", r#"{"statusCode":"00","messageCode":{"code":""}}"#),
        json_200("larger than the limit", &large),
        theirs("cut off before the answer", Reply::Cut),
        theirs("reset before the request was read", Reply::Reset),
        theirs("half an answer", Reply::Half),
        Failing {
            name: "no answer in time",
            says: Reply::Later(Duration::from_secs(4), Box::new(Reply::Cut)),
            status: 503,
            passing: false,
        },
    ]
}

/// Where an endpoint is asked: the page that fails, and the page that follows when it does not.
struct Scene {
    endpoint: &'static str,
    /// Calls of one try, and how often a read is asked again.
    calls: usize,
    again: usize,
    person: Person,
    failed: &'static str,
    follows: &'static str,
}

fn scenes() -> Vec<Scene> {
    let scene = |endpoint, again, failed, follows| Scene {
        endpoint,
        calls: 1,
        again,
        person: Person::default(),
        failed,
        follows,
    };
    let of = |scene: Scene, person| Scene { person, ..scene };
    let last = |last_name| Person { last_name, ..Person::default() };
    let street = |street| Person { street, ..Person::default() };
    vec![
        scene("tdsp", 2, "/", "/plans"),
        Scene { calls: 5, ..scene("offers", 2, "/plans", "/plans") },
        scene("cleanup-address", 2, "/address", "/contact"),
        scene("esid/residential", 2, "/address", "/contact"),
        of(scene("esid", 2, "/address", "/contact"), street("700 Example Oak Ln")),
        scene("esidValidation", 2, "/address", "/address"),
        scene("token", 2, "/identity", "/start-date"),
        scene("prospect", 2, "/identity", "/start-date"),
        scene("identity", 0, "/identity", "/start-date"),
        of(scene("kba-oe", 1, "/quiz", "/quiz"), last("Kba")),
        of(scene("kba-result", 0, "/quiz", "/start-date"), last("Kba")),
        scene("available-dates", 1, "/start-date", "/start-date"),
        scene("check-credit", 0, "/start-date", "/review"),
        of(
            scene("recheck-credit", 0, "/deposit", "/review"),
            Person { ssn: "900-45-0200", ..Person::default() },
        ),
        scene("offer-details", 2, "/start-date", "/start-date"),
        scene("holds", 2, "/confirmation", "/confirmation"),
    ]
}

/// What the answers that fail with a status are on the wire, for whoever counts the codes met.
pub fn met() -> Vec<Met> {
    let of = |scene: &Scene| {
        let endpoint = scene.endpoint;
        [(endpoint, 400, "01", "BAD_REQUEST"), (endpoint, 500, "01", "TECHNICAL_ERROR")]
    };
    scenes().iter().flat_map(of).collect()
}

const LIMITS: &[(&str, &str)] = &[
    // Longer than two calls that are not answered in time.
    ("ENROLL__SERVER__PATIENCE", "10s"),
    ("ENROLL__SESSION__IDLE", "23h"),
    ("ENROLL__SESSION__ABSOLUTE", "24h"),
    ("ENROLL__NRG__MAX_REPLY_BYTES", "262144"),
    ("ENROLL__NRG__TIMEOUTS__TOKEN", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__PROSPECT", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__CLEANUP_ADDRESS", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__TDSP", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__ESID", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__ESID_RESIDENTIAL", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__ESID_VALIDATION", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__OFFERS", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__OFFER_DETAILS", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__IDENTITY", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__KBA_OE", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__KBA_RESULT", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__AVAILABLE_DATES", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__CHECK_CREDIT", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__RECHECK_CREDIT", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__ENROLL", "2500ms"),
    ("ENROLL__NRG__TIMEOUTS__HOLDS", "2500ms"),
];

/// Walks to where `endpoint` is asked next. What is asked when a page is shown fails already on the way.
async fn reach(endpoint: &str, world: &World, walk: &Walk) {
    if ["offers", "kba-oe", "available-dates", "holds"].contains(&endpoint) {
        world.fault_proxy().always(endpoint, html(404));
    }
    match endpoint {
        "tdsp" => {}
        "offers" => drop(walk.zip().await),
        "cleanup-address" | "esid/residential" | "esid" | "esidValidation" => drop(walk.to_address().await),
        "token" | "prospect" | "identity" => drop(walk.to_identity().await),
        "kba-oe" | "kba-result" | "available-dates" | "check-credit" => drop(walk.through_identity().await),
        "recheck-credit" | "offer-details" => drop(walk.through_start_date().await),
        "holds" => {
            let review = walk.through_start_date().await;
            walk.review(&review).await;
        }
        other => panic!("no way to {other}"),
    }
    if endpoint == "offer-details" {
        world.forward(Duration::from_secs(17 * 3600));
    }
}

/// Asks `endpoint` once.
async fn act(endpoint: &str, walk: &Walk) -> Page {
    let get = async |path| walk.browser.get(path).await;
    match endpoint {
        "tdsp" => walk.zip().await,
        "offers" => get("/plans").await,
        "cleanup-address" | "esid/residential" | "esid" => walk.address(&get("/address").await).await,
        "esidValidation" => {
            let form =
                get("/address").await.form("/address").set("street", "").set("esi_id", "10000009999999912");
            form.submit(&walk.browser).await
        }
        "token" | "identity" => walk.identity(&get("/identity").await).await,
        "prospect" => {
            let form = walk.identity_form(&get("/identity").await).set("prospect_id", "P000123");
            form.submit(&walk.browser).await
        }
        "kba-oe" => get("/quiz").await,
        "kba-result" => walk.quiz(&get("/quiz").await, true).await,
        "available-dates" | "offer-details" => get("/start-date").await,
        "check-credit" => walk.start_date(&get("/start-date").await).await,
        "recheck-credit" => {
            let form =
                get("/deposit").await.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-6789");
            form.submit(&walk.browser).await
        }
        "holds" => walk.wait(get("/confirmation").await).await,
        other => panic!("no way to ask {other}"),
    }
}

async fn fail_in_every_way(scene: &Scene) -> Vec<String> {
    let Scene { endpoint, calls, again, failed, follows, .. } = scene;
    let world = World::with_fault_proxy(LIMITS).await;
    let walk = Walk::new(world.browser(), scene.person.clone());
    let catalogs = Catalogs::load().unwrap();
    let t = &catalogs.of(walk.language).error;
    reach(endpoint, &world, &walk).await;
    let mut wrong = Vec::new();
    for Failing { name, says: answer, status, passing } in ways_to_fail() {
        // A brand without questions answers 400 (contract 5.12): that is no failure.
        if *endpoint == "kba-oe" && name.starts_with("400, ") {
            continue;
        }
        // NRG's refusals hold every call back for a minute, and holds are asked for again after five.
        world.forward(Duration::from_secs(if *endpoint == "holds" { 301 } else { 61 }));
        // Where a plan is looked up instead.
        if *endpoint == "offer-details" {
            world.fault_proxy().always("offers", answer.clone());
        }
        world.fault_proxy().always(endpoint, answer);
        let before = world.fault_proxy().exchanges().len();
        let page = act(endpoint, &walk).await;
        let asked = world.fault_proxy().exchanges().split_off(before);
        let mine = asked.iter().filter(|call| call.endpoint == *endpoint).count();
        let expected = calls * if passing { 1 + again } else { 1 };
        // The first two are made at the same time, and the third is followed by the other.
        let beside = |call: &&Exchange| match *endpoint {
            "cleanup-address" => call.endpoint != "esid/residential",
            "esid/residential" => call.endpoint != "cleanup-address",
            "offer-details" => call.endpoint != "offers",
            _ => true,
        };
        let further = asked.iter().filter(beside).rev().take_while(|call| call.endpoint != *endpoint).count();

        let mut is = |right: bool, what: String| {
            if !right {
                wrong.push(format!("{endpoint}, {name}: {what}"));
            }
        };
        // Of several calls, one may be the probe that holds the others back, and not all may be repeated.
        let repeated = mine == expected || *calls > 1 && (1..=expected).contains(&mine);
        is(repeated, format!("asked {mine} times, not {expected}"));
        is(further == 0, format!("then {further} more calls"));
        is(page.path.split('?').next() == Some(failed), format!("leads to {}", page.path));
        is(!page.attributes("a[href^='tel:']", "href").is_empty(), "no number to call".to_owned());
        is(!page.body.contains(INTERNAL), "shows what NRG says to itself".to_owned());
        if *endpoint == "holds" {
            is(page.status == 200, format!("{} for want of holds", page.status));
            continue;
        }
        is(page.status == status, format!("{}, not {status}", page.status));
        let (title, text) = match (status, name) {
            (503, _) | (_, "larger than the limit") => (&t.busy_title, &t.busy),
            _ => (&t.sorry_title, &t.sorry),
        };
        is(page.h1() == *title && says(&page.text(), text), format!("says {:?}", page.h1()));
        let inquiry = endpoint.ends_with("check-credit") && !["401", "403"].contains(&name);
        is(page.text().contains(&t.credit_again) == inquiry, "what trying again means".to_owned());
        is(!page.attributes("main a.button", "href").is_empty(), "no way to try again".to_owned());
    }
    world.forward(Duration::from_secs(61));
    world.fault_proxy().pass_on();
    let page = act(endpoint, &walk).await;
    if (page.path.split('?').next(), page.status.as_u16()) != (Some(follows), 200) {
        wrong.push(format!("{endpoint}: goes on at {} {}", page.status, page.path));
    }
    wrong
}

#[tokio::test]
pub async fn every_endpoint_failure_leads_to_its_page_and_number_of_calls() {
    let scenes = scenes();
    let wrong: Vec<String> = stream::iter(&scenes).map(fail_in_every_way).buffer_unordered(8).concat().await;
    assert!(wrong.is_empty(), "{} things\n{}", wrong.len(), wrong.join("\n"));
}

/// A submission has one try: whatever may have reached NRG is unknown, and never sent again.
#[tokio::test]
pub async fn enroll_failure_is_refused_or_unknown_and_never_sent_again() {
    let at_the_door = |failing: &Failing| ["401", "403"].contains(&failing.name);
    let ways: Vec<_> = ways_to_fail().into_iter().filter(|failing| !at_the_door(failing)).collect();
    let wrong: Vec<String> = stream::iter(&ways)
        .map(async |Failing { name, says: answer, .. }| {
            let world = World::with_fault_proxy(LIMITS).await;
            let walk = Walk::new(world.browser(), Person::default());
            let review = walk.through_start_date().await;
            world.fault_proxy().once("enroll", answer.clone());
            let page = walk.review(&review).await;
            for _ in 0..3 {
                walk.browser.get("/processing").await;
            }
            let catalogs = Catalogs::load().unwrap();
            let text = catalogs.of(walk.language);
            // E8: nothing happened at NRG. Everything else is unknown.
            let (path, title) = if name.starts_with("400, ") {
                ("/stop", &text.stop.refused.title)
            } else {
                ("/processing", &text.processing.unknown_title)
            };
            let count = world.fault_proxy().count("enroll");
            let right = page.path == path && page.h1() == *title && count == 1;
            if right {
                Vec::new()
            } else {
                vec![format!("{name}: {} {:?}, {count} calls", page.path, page.h1())]
            }
        })
        .buffer_unordered(4)
        .concat()
        .await;
    assert!(wrong.is_empty(), "{} things\n{}", wrong.len(), wrong.join("\n"));
}

/// What NRG's door refuses never reached the application: it is sent later, once.
#[tokio::test]
async fn submission_answered_401_or_403_is_sent_later_once() {
    for http in [401, 403] {
        let world = World::with_fault_proxy(&[]).await;
        let walk = Walk::new(world.browser(), Person::default());
        let review = walk.through_start_date().await;
        world.fault_proxy().once("enroll", html(http));
        let page = walk.review_form(&review).submit(&walk.browser).await;
        page.is_at("/processing");
        while world.fault_proxy().count("enroll") == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut page = page;
        for _ in 0..100 {
            if page.path == "/confirmation" {
                break;
            }
            world.forward(Duration::from_secs(30));
            tokio::time::sleep(Duration::from_millis(200)).await;
            page = walk.browser.get("/processing").await;
        }
        page.is_at("/confirmation");
        assert_eq!(world.fault_proxy().count("enroll"), 2, "{http}");
        assert_eq!(world.sandbox.count("enroll"), 1, "{http}");
    }
}

/// The media type is not looked at: JSON that can be read is an answer, whatever it is called.
#[tokio::test]
async fn json_with_other_media_type_is_parsed() {
    let world = World::with_fault_proxy(&[]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let body =
        json!({"statusCode": "00", "tdspData": [{"tdspCodeCCS": "D0001", "tdspName": "CenterPoint Energy"}]});
    let says = Reply::Answer { http: 200, kind: "text/plain", body: body.to_string() };
    world.fault_proxy().once("tdsp", says);
    walk.zip().await.is_at("/plans");
}

#[tokio::test]
async fn refused_credentials_block_all_visitors_until_probe_succeeds() {
    for http in [401, 403] {
        let world = World::with_fault_proxy(&[]).await;
        world.fault_proxy().always("tdsp", html(http));
        for _ in 0..3 {
            let walk = Walk::new(world.browser(), Person::default());
            assert_eq!(walk.zip().await.status, 502);
        }
        assert_eq!(world.fault_proxy().count("tdsp"), 1, "{http}");
        world.forward(Duration::from_secs(61));
        let walk = Walk::new(world.browser(), Person::default());
        assert_eq!(walk.zip().await.status, 502);
        assert_eq!(world.fault_proxy().count("tdsp"), 2, "{http}: one probe a minute");
        world.fault_proxy().pass_on();
        world.forward(Duration::from_secs(61));
        let walk = Walk::new(world.browser(), Person::default());
        walk.zip().await.is_at("/plans");
    }
}
