//! What the previous release stored and posted is still read: its journeys, submissions, consents, postbacks and forms.

mod complete;
mod fixtures;
mod generate;
mod newer;
mod replay;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use nrg_enroll::{
    entropy::Entropy,
    journey::Step,
    ledger::{LedgerReader, State},
    postback,
    report::{ReportQuery, Reporter},
    server::{self, open_store},
    session::{ResumeCode, SessionId, stored_journey},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{
    fault_proxy::{Reply, json as answer},
    settings,
};
use fixtures::{Restored, SavedJourney, StoredJourney, on_each_database, pairs, read, rows};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes the fixtures; only the previous release may"]
async fn fixtures_generate() {
    generate::stored().await;
    generate::posted::posted().await;
}

#[test]
fn previous_release_is_a_whole_commit() {
    let text = include_str!("../../previous-release");
    let hashes: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let [hash] = hashes[..] else { panic!("{hashes:?}") };
    assert!(hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
}

/// The journey whose cookie the previous release had replaced a moment before.
const REPLACED: &str = "start-date by the cookie of before";

/// The journeys by their own cookies.
fn journeys() -> Vec<StoredJourney> {
    read::<Vec<StoredJourney>>("journeys.json").into_iter().filter(|stored| stored.name != REPLACED).collect()
}

#[tokio::test]
async fn journeys_stored_lead_to_their_pages() {
    on_each_database(async |restored| {
        for StoredJourney { name, cookie, path, .. } in journeys() {
            let browser = restored.browser(&cookie);
            // Where there is nothing to ask, this leads to where the journey stands.
            let page = browser.get("/ask").await;
            assert_eq!((page.path.as_str(), page.status.as_u16()), (path.as_str(), 200), "{name}");
            assert_eq!(browser.get(&path).await.status, 200, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn cookie_replaced_by_previous_release_leads_to_its_session() {
    on_each_database(async |restored| {
        let all: Vec<StoredJourney> = read("journeys.json");
        let replaced = all.into_iter().find(|stored| stored.name == REPLACED).unwrap();
        let page = restored.browser(&replaced.cookie).get("/ask").await;
        assert_eq!((page.path, page.status.as_u16()), (replaced.path, 200));
    })
    .await;
}

#[tokio::test]
async fn sessions_stored_open_to_what_was_sealed() {
    on_each_database(async |restored| {
        let sessions = &restored.world.server.app.sessions;
        for StoredJourney { name, cookie, journey, .. } in journeys() {
            let data = sessions.peek(&SessionId::from_cookie(&cookie).unwrap()).await.unwrap();
            let data: Value = serde_json::from_str(&data.expect(&name)).unwrap();
            assert_eq!(data, journey, "{name}");
        }
        for SavedJourney { name, code, journey, .. } in read::<Vec<_>>("saved.json") {
            let data = sessions.saved(&ResumeCode::parse(&code).unwrap()).await.unwrap();
            let data: Value = serde_json::from_str(&data.expect(&name)).unwrap();
            assert_eq!(data, journey, "{name}");
        }
    })
    .await;
}

#[test]
fn journeys_read_and_written_again_stay_equal() {
    let stored: Vec<StoredJourney> = read("journeys.json");
    let saved: Vec<SavedJourney> = read("saved.json");
    let stored = stored.into_iter().map(|stored| (stored.name, stored.journey));
    for (name, journey) in stored.chain(saved.into_iter().map(|saved| (saved.name, saved.journey))) {
        let read = stored_journey(&journey.to_string()).expect(&name);
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(told(&written), told(&journey), "{name}");
        assert!(!holds_null(&written), "{name}");
    }
}

/// The same without its members that have no value, and without an empty attribution: they are stored no more. All else
/// is, since the release before may not read a journey without it.
pub fn told(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, inner)| {
                let is_empty = *name == "attribution" && **inner == json!({});
                !inner.is_null() && !is_empty
            });
            kept.map(|(name, inner)| (name.clone(), told(inner))).collect()
        }
        Value::Array(entries) => entries.iter().map(told).collect(),
        other => other.clone(),
    }
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        // A fee that NRG does not state is a `null` of its own.
        Value::Object(members) => {
            members.iter().any(|(name, inner)| name != "cancel_fee" && holds_null(inner))
        }
        Value::Array(entries) => entries.iter().any(holds_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[tokio::test]
async fn journeys_saved_for_later_resume_by_their_codes() {
    on_each_database(async |restored| {
        for SavedJourney { name, code, answer, path, journey } in read::<Vec<_>>("saved.json") {
            let browser = restored.world.browser();
            let page = browser.get(&format!("/resume?code={code}")).await;
            let form = page.form("/resume");
            let form = answer.iter().fold(form, |form, (name, value)| form.set(name, value));
            let page = form.submit(&browser).await;
            assert_eq!((page.path.as_str(), page.status.as_u16()), (path.as_str(), 200), "{name}");
            assert_eq!(restored.world.journey(&browser).await.unwrap().id, journey["id"], "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn claims_stored_still_hold() {
    on_each_database(async |restored| {
        let claims = &restored.world.server.app.claims;
        let now: fixtures::Circumstances = read("circumstances.json");
        let held: Vec<_> = rows("claims")
            .into_iter()
            .filter(|row| row["taken_at"].as_i64().unwrap() == now.now.as_millisecond())
            .collect();
        assert!(!held.is_empty());
        for row in held {
            let step = Step::ALL.into_iter().find(|step| row["step"] == step.slug()).unwrap();
            let revision = row["revision"].as_u64().unwrap();
            let taken = claims.take(row["journey"].as_str().unwrap(), step.slug(), revision).await.unwrap();
            assert!(taken.is_none(), "{row:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn submissions_stored_are_listed_and_shown() {
    on_each_database(async |restored| {
        let ledger = &restored.world.server.app.ledger;
        let listed = ledger.list(&Default::default(), 1000).await.unwrap();
        let stored = rows("submissions");
        assert_eq!(listed.len(), stored.len());
        let of = |table: &str, id: &Value| rows(table).iter().filter(|row| row["tracking_id"] == *id).count();
        for row in stored {
            let id = &row["tracking_id"];
            let shown = ledger.show(id.as_str().unwrap()).await.unwrap().unwrap();
            assert_eq!(shown.row.state.word(), row["state"], "{id}");
            assert_eq!(shown.row.journey, row["journey"], "{id}");
            assert_eq!(shown.row.code.map_or(Value::Null, Value::from), row["code"], "{id}");
            assert_eq!(shown.attempts.len(), of("attempts", id), "{id}");
            assert_eq!(shown.settlements.len(), of("settlements", id), "{id}");
            let account = shown.row.result.and_then(|result| result.account_number);
            assert_eq!(account.is_some(), row["state"] == "enrolled", "{id}");
            assert_eq!(shown.row.attribution.is_empty(), row["attribution"].is_null(), "{id}");
        }
        assert_eq!(rows("settlements").len(), 4);
    })
    .await;
}

#[tokio::test]
async fn consents_stored_verify_as_whole() {
    on_each_database(async |restored| {
        let ledger = &restored.world.server.app.ledger;
        let report = ledger.verify().await.unwrap();
        assert_eq!(report.breaks, []);
        assert_eq!(report.consents, rows("consents").len() as u64);
        let journeys: BTreeSet<_> = rows("consents").iter().map(|row| row["journey"].to_string()).collect();
        assert_eq!(report.journeys, journeys.len() as u64);
        assert!(report.submissions > 0);
    })
    .await;
}

#[tokio::test]
async fn submission_stored_ready_is_sent_with_its_record() {
    on_each_database(async |restored| {
        let enrolled = json!({
            "statusCode": "00", "messageCode": "", "errorCode": "", "caNumber": "000099990001",
            "checkDigit": "7", "bpid": "0099990001", "idocNumber": "0000000099990001",
        });
        restored.world.fault_proxy().always("enroll", answer(200, &enrolled));
        let stored: Vec<StoredJourney> = read("journeys.json");
        let ready = stored.iter().find(|stored| stored.name == "processing, ready").unwrap();
        let record = &ready.journey["record"];
        restored.world.forward(Duration::from_secs(10));
        let row = until(restored, record["tracking_id"].as_str().unwrap(), State::Enrolled).await;
        assert_eq!(row.result.unwrap().account_number.unwrap(), "000099990001");
        assert_eq!(restored.world.fault_proxy().count("enroll"), 1);
        let sent = restored.world.fault_proxy().exchanges().pop().unwrap().request;
        assert_eq!((&sent["trackingId"], &sent["guid"]), (&record["tracking_id"], &record["guid"]));
        let codes = &ready.journey["plan"]["offer"]["codes"];
        assert_eq!((&sent["campaignCode"], &sent["promoCode"]), (&codes["campaign"], &codes["promo"]));
        restored.browser(&ready.cookie).get("/processing").await.is_at("/confirmation");
    })
    .await;
}

#[tokio::test]
async fn submission_stored_sent_is_unknown_past_its_lease() {
    on_each_database(async |restored| {
        restored.world.fault_proxy().always("enroll", Reply::Cut);
        let stored: Vec<StoredJourney> = read("journeys.json");
        let sent = stored.iter().find(|stored| stored.name == "processing, sent").unwrap();
        let tracking_id = sent.journey["record"]["tracking_id"].as_str().unwrap();
        restored.world.forward(Duration::from_secs(60));
        until(restored, tracking_id, State::Unknown).await;
        let tries = restored.world.fault_proxy().exchanges().into_iter();
        assert!(tries.filter(|call| call.request["trackingId"] == tracking_id).count() == 0);
    })
    .await;
}

/// Waits until the submission stands there.
async fn until(restored: &Restored, tracking_id: &str, state: State) -> nrg_enroll::ledger::Row {
    for _ in 0..600 {
        let row = restored.world.server.app.ledger.find(tracking_id).await.unwrap().unwrap();
        if row.state == state {
            return row;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the submission never became {}", state.word())
}

async fn outbox(restored: &Restored) -> postback::Outbox {
    let data = restored.world.data.path();
    let settings = settings(data, "http://127.0.0.1:1", &pairs(&restored.env));
    let clock = restored.world.server.app.clock.clone();
    server::outbox(&settings, &open_store(&settings).await.unwrap(), &clock, &Entropy::system())
}

#[tokio::test]
async fn postbacks_stored_are_listed_as_they_stand() {
    on_each_database(async |restored| {
        let listed = outbox(restored).await.list(&Default::default(), 1000).await.unwrap();
        let stored: BTreeMap<_, _> =
            rows("postbacks").into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect();
        assert_eq!(listed.len(), stored.len());
        for row in listed {
            let stored = &stored[&row.id];
            assert_eq!(
                (row.target.as_str(), row.ending()),
                (&*text(stored, "target"), &*text(stored, "ending"))
            );
            assert_eq!(row.state().word(), text(stored, "state"));
        }
    })
    .await;
}

#[tokio::test]
async fn postbacks_stored_are_delivered_with_their_facts() {
    on_each_database(async |restored| {
        restored
            .world
            .fault_proxy()
            .always("enroll", Reply::Later(Duration::from_secs(60), Box::new(Reply::Cut)));
        let outbox = outbox(restored).await;
        let dead = rows("postbacks").iter().filter(|row| row["state"] == "dead").count();
        let given_up = postback::Filter { state: Some(postback::State::Dead), ..Default::default() };
        assert_eq!(outbox.retry(&given_up).await.unwrap(), dead as u64);
        restored.world.forward(Duration::from_secs(600));
        let due: Vec<_> = rows("postbacks").into_iter().filter(|row| row["state"] != "sent").collect();
        assert!(due.len() > dead);
        for _ in 0..600 {
            if restored.receiver.bodies().len() >= due.len() {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        let bodies = restored.receiver.bodies();
        for row in due {
            let body = bodies.iter().find(|body| body["id"] == row["id"]).unwrap();
            let facts: serde_json::Map<String, Value> =
                serde_json::from_str(row["facts"].as_str().unwrap()).unwrap();
            for (name, fact) in facts {
                assert_eq!(body[&name], fact, "{name}");
            }
        }
    })
    .await;
}

fn text(row: &serde_json::Map<String, Value>, column: &str) -> String {
    row[column].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn counts_stored_are_reported() {
    on_each_database(async |restored| {
        let app = &restored.world.server.app;
        let reporter = Reporter { funnel: app.funnel.clone(), ledger: LedgerReader::clone(&app.ledger) };
        let (from, to) = ("2030-06-17".parse().unwrap(), "2030-06-18".parse().unwrap());
        let report = reporter.report(ReportQuery { from, to, by: Vec::new(), sub1: None }).await.unwrap();
        let of = |step: Step| {
            let counts = rows("funnel").into_iter();
            let counts = counts.filter(|row| row["event"] == "step" && row["name"] == step.slug());
            counts.map(|row| row["count"].as_i64().unwrap()).sum::<i64>()
        };
        for step in Step::ALL {
            assert!(of(step) > 0, "{step:?}");
            assert_eq!(report.all.reached(step), of(step), "{step:?}");
        }
    })
    .await;
}
