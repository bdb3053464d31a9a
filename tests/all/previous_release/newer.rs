//! What a version after this one stores is read over, kept, or leads to a page that asks to try again.

use std::{collections::BTreeSet, time::Duration};

use nrg_enroll::{
    journey::{Journey, Step, ToStore},
    ledger::State,
    session::{SessionId, stored_journey},
};
use serde_json::{Value, json};

use super::{
    fixtures::{Restored, StoredJourney, on_each_database, read},
    told, until,
};

const UNKNOWN: &str = "from a newer version";

/// Every place within `value`, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), all));
        }
        Value::Array(entries) => {
            entries
                .iter()
                .enumerate()
                .for_each(|(index, inner)| places(inner, &format!("{at}/{index}"), all));
        }
        _ => {}
    }
}

/// Runs `check` with each stored journey and a place in it, once for places that differ in nothing but an index.
fn at_each_place(check: impl Fn(&Value, &str)) {
    let mut seen = BTreeSet::new();
    for StoredJourney { journey, .. } in read::<Vec<_>>("journeys.json") {
        let mut all = Vec::new();
        places(&journey, "", &mut all);
        for place in all {
            let kind: String = place.chars().filter(|sign| !sign.is_ascii_digit()).collect();
            let variant = journey.pointer(&place).and_then(Value::as_str).unwrap_or_default();
            if seen.insert((kind, variant.to_owned())) {
                check(&journey, &place);
            }
        }
    }
    assert!(seen.len() > 500, "{}", seen.len());
}

fn stored(journey: &Journey) -> Value {
    serde_json::to_value(journey.to_store()).unwrap()
}

fn read_over(changed: &Value, place: &str) -> Box<Journey> {
    stored_journey(&changed.to_string()).unwrap_or_else(|| panic!("not read at {place}"))
}

#[test]
fn unknown_member_of_any_answer_is_read_over_and_kept() {
    at_each_place(|journey, place| {
        // What was typed has fields of any name; the ids of a click are checked by their names.
        let open = ["/draft/1", "/attribution"].contains(&place);
        let mut changed = journey.clone();
        let Some(Value::Object(members)) = changed.pointer_mut(place).filter(|_| !open) else { return };
        // The variant of an enum is the only member of its object.
        if members.len() == 1 {
            return;
        }
        members.insert("newer".to_owned(), json!(UNKNOWN));
        let mut read = read_over(&changed, place);
        assert!(told(&serde_json::to_value(&read).unwrap()) == told(journey), "{place}");
        assert!(stored(&read) == changed, "{place}");

        // Nor is it lost when another step is answered.
        read.answered(Step::Review);
        let again = stored(&read);
        assert_eq!(again.pointer(place).unwrap()["newer"], UNKNOWN, "{place}");
    });
}

#[test]
fn unknown_value_anywhere_counts_as_unanswered_and_is_kept() {
    at_each_place(|journey, place| {
        // Without these there is no journey.
        if ["", "/id", "/started", "/site"].contains(&place) {
            return;
        }
        let mut changed = journey.clone();
        *changed.pointer_mut(place).unwrap() = json!(UNKNOWN);
        let mut read = read_over(&changed, place);
        if matches!(read.to_store(), ToStore::Known(_)) {
            // A text of any content.
            return;
        }
        assert!(stored(&read) == changed, "{place}");

        // Nor is it lost when another step is answered.
        read.answered(Step::Review);
        let again = stored(&read);
        for (name, value) in changed.as_object().unwrap() {
            if !["revisions", "draft", "repair", "unused"].contains(&name.as_str()) {
                assert_eq!(again[name], *value, "{place}");
            }
        }
    });
}

#[test]
fn unknown_ending_or_hold_withholds_the_journey_and_nothing_else_does() {
    at_each_place(|journey, place| {
        let mut changed = journey.clone();
        *changed.pointer_mut(place).unwrap() = json!(UNKNOWN);
        let read = stored_journey(&changed.to_string());
        let held = ["/ending", "/ending/kind", "/holds", "/identity/result/standing", "/submitting"];
        assert_eq!(read.is_some_and(|read| read.is_withheld()), held.contains(&place), "{place}");
    });
}

#[test]
fn unknown_step_in_counts_and_revisions_is_kept_beside_new_ones() {
    let mut changed = named("contact");
    changed["revisions"]["newer_step"] = json!(3);
    changed["counted"]["steps"].as_array_mut().unwrap().push(json!("newer_step"));
    let mut read = read_over(&changed, "revisions");
    read.answered(Step::Contact);
    let again = stored(&read);
    assert_eq!(again["revisions"]["newer_step"], 3);
    assert_eq!(again["revisions"]["contact"], 1);
    assert_eq!(again["counted"], changed["counted"]);
}

#[test]
fn answer_taken_away_or_given_anew_here_is_not_put_back() {
    let journey = named("billing");
    let mut changed = journey.clone();
    changed["newer"] = json!(UNKNOWN);
    changed["contact"] = json!(UNKNOWN);
    changed["premise"]["newer"] = json!(UNKNOWN);
    let mut read = read_over(&changed, "contact");
    assert!(read.contact.is_none());
    read.premise = None;
    read.usage = Some(700);
    let again = stored(&read);
    assert_eq!((&again["newer"], &again["contact"]), (&json!(UNKNOWN), &json!(UNKNOWN)));
    assert_eq!((again.get("premise"), &again["usage"]), (None, &json!(700)));
    // And what could not be read, once it has been answered again.
    read.contact = read_over(&journey, "contact").contact;
    assert!(stored(&read)["contact"]["email"].is_string());
}

/// The stored journey of that name.
fn named(name: &str) -> Value {
    read::<Vec<StoredJourney>>("journeys.json")
        .into_iter()
        .find(|stored| stored.name == name)
        .unwrap()
        .journey
}

/// Replaces what is stored under the cookie by what `change` makes of it. Returns that.
async fn replace(restored: &Restored, cookie: &str, change: impl Fn(&mut Value)) -> String {
    let sessions = &restored.world.server.app.sessions;
    let session = sessions.session(&SessionId::from_cookie(cookie).unwrap()).unwrap();
    let text: String = session.get("journey").await.unwrap().unwrap();
    let mut journey: Value = serde_json::from_str(&text).unwrap();
    change(&mut journey);
    let data = journey.to_string();
    session.insert("id", journey["id"].as_str().unwrap()).await.unwrap();
    session.insert("journey", &data).await.unwrap();
    session.save().await.unwrap();
    data
}

/// What is stored under the cookie.
async fn kept(restored: &Restored, cookie: &str) -> String {
    let id = SessionId::from_cookie(cookie).unwrap();
    restored.world.server.app.sessions.peek(&id).await.unwrap().unwrap()
}

/// The journey, by the cookie that replaces the one of the previous release.
async fn current(restored: &Restored, name: &str) -> StoredJourney {
    let stands = journey_named(name);
    let browser = restored.browser(&stands.cookie);
    browser.get("/help").await;
    let cookies = browser.cookies()["cookie"].to_str().unwrap().to_owned();
    let (_, cookie) = cookies.split_once("enroll=").unwrap();
    StoredJourney { cookie: cookie.split(';').next().unwrap().to_owned(), ..stands }
}

fn journey_named(name: &str) -> StoredJourney {
    let all: Vec<StoredJourney> = read("journeys.json");
    all.into_iter().find(|stored| stored.name == name).unwrap()
}

/// Asserts that every page asks to try again in a moment, with the phone number, and that nothing goes on.
async fn is_withheld(restored: &Restored, StoredJourney { name, cookie, path, .. }: &StoredJourney) {
    let browser = restored.browser(cookie);
    let calls = restored.world.fault_proxy().exchanges().len();
    for (at, title) in [
        (path.as_str(), "Try again in a moment"),
        ("/", "Try again in a moment"),
        ("/review?lang=es", "Intente de nuevo en un momento"),
    ] {
        let page = browser.get(at).await;
        assert_eq!(page.status, 503, "{name} {at}");
        assert_eq!(page.one("h1").as_deref(), Some(title), "{name} {at}");
        assert!(!page.attributes("main a[href^='tel:']", "href").is_empty(), "{name} {at}");
        let answer = browser.ask("GET", at, &[]).await;
        assert!(answer.headers().contains_key("retry-after") && !answer.headers().contains_key("set-cookie"));
    }
    for at in ["/contact", "/identity", "/review", "/start-over"] {
        assert_eq!(browser.post(at, &[]).await.status, 503, "{name} {at}");
    }
    assert_eq!(restored.world.fault_proxy().exchanges().len(), calls, "{name}");
}

#[tokio::test]
async fn unknown_ending_or_hold_says_try_again_and_nothing_goes_on() {
    on_each_database(async |restored| {
        for (name, place) in [
            ("stop: restricted", "/ending/kind"),
            ("start-date", "/identity/result/standing"),
            ("review", "/ending"),
            ("confirmation", "/holds"),
        ] {
            let stands = current(restored, name).await;
            let change = |journey: &mut Value| *journey.pointer_mut(place).unwrap() = json!(UNKNOWN);
            let data = replace(restored, &stands.cookie, change).await;
            is_withheld(restored, &stands).await;
            let kept = kept(restored, &stands.cookie).await;
            let without_language = |data: &str| {
                let mut journey: Value = serde_json::from_str(data).unwrap();
                journey["language"].take();
                journey
            };
            assert_eq!(without_language(&kept), without_language(&data), "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn unknown_submission_state_says_try_again_and_no_worker_touches_it() {
    on_each_database(async |restored| {
        let stands = current(restored, "processing, ready").await;
        let tracking_id = stands.journey["record"]["tracking_id"].as_str().unwrap();
        let all = format!("UPDATE submissions SET state = '{UNKNOWN}' WHERE tracking_id = '{tracking_id}'");
        restored.alter(&all).await;
        is_withheld(restored, &stands).await;
        // Past every lease and wait, while the worker goes on with others.
        restored.world.forward(Duration::from_secs(3600));
        let other = journey_named("processing, sent").journey["record"]["tracking_id"].clone();
        until(restored, other.as_str().unwrap(), State::Unknown).await;
        let row = restored.world.server.app.ledger.find(tracking_id).await.unwrap().unwrap();
        assert!(row.newer);
        assert_eq!(restored.world.fault_proxy().count("enroll"), 0);
    })
    .await;
}

#[tokio::test]
async fn unknown_plan_kind_leads_to_plans_and_is_kept_when_saved() {
    on_each_database(async |restored| {
        let stands = current(restored, "review").await;
        let changed = replace(restored, &stands.cookie, |journey| {
            journey["plan"]["offer"]["kind"] = json!(UNKNOWN);
            journey["contact"]["newer"] = json!(UNKNOWN);
        })
        .await;
        let browser = restored.browser(&stands.cookie);
        browser.get("/review").await.is_at("/plans");
        browser.get("/plans?lang=es").await.is_at("/plans");
        let kept = kept(restored, &stands.cookie).await;
        let (kept, changed): (Value, Value) =
            (serde_json::from_str(&kept).unwrap(), serde_json::from_str(&changed).unwrap());
        assert_eq!(kept["language"], "es");
        assert_eq!((&kept["plan"], &kept["contact"]), (&changed["plan"], &changed["contact"]));
    })
    .await;
}
