//! What a postback carries, which targets get it, how often, and what becomes of it while a target fails.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    delivery::DeliveryClient,
    testing::{Receiver, secret},
    *,
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    journey::Attribution,
    store::{
        Durability, Store,
        testing::{ManualClock, on_each_database},
    },
};

const MINUTE: Duration = Duration::from_secs(60);

fn event<'a>(journey: &'a str, ending: Ending, attribution: &'a Attribution, at: Timestamp) -> Event<'a> {
    let mut about = Facts::default();
    for (fact, value) in
        [(Fact::Site, "main"), (Fact::Brand, "RE"), (Fact::OfferCode, "59990001"), (Fact::Deposit, "no")]
    {
        about.set(fact, Some(value));
    }
    Event { journey, ending, occurrence: 1, attribution, about, at }
}

fn click() -> Attribution {
    Attribution::read("cid=click 1~&sub1=blue&sub5=a:b&utm_source=news&gclid=x")
}

fn outbox(store: &Store, targets: &Targets, clock: &Clock) -> Outbox {
    Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system())
}

/// Enqueues the postbacks of the `ending` of `journey`.
async fn ended(outbox: &Outbox, journey: &str, ending: Ending) {
    let attribution = click();
    let rows = outbox
        .targets
        .pending_postbacks(&outbox.entropy, &event(journey, ending, &attribution, outbox.clock.now()));
    let written = outbox.store().transaction(Durability::ProcessCrash, async |tx| enqueue(tx, &rows).await);
    written.await.unwrap();
}

async fn stands(outbox: &Outbox) -> Vec<(State, i64, Option<String>)> {
    let rows = outbox.list(&Filter::default(), 99).await.unwrap();
    rows.into_iter().map(|row| (row.state(), row.tries, row.outcome)).collect()
}

async fn until(outbox: &Outbox, met: impl Fn(&[(State, i64, Option<String>)]) -> bool) {
    for _ in 0..1000 {
        if met(&stands(outbox).await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", stands(outbox).await);
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

#[test]
fn target_url_must_be_https_with_known_placeholders_in_query() {
    for (url, loopback, unfit) in [
        ("https://net.affiliate.test/in?c={click_id}&x=1&y={sub5}", false, None),
        ("https://8.8.8.8/in?{id}", false, None),
        ("http://127.0.0.1:1/in?c={click_id}", true, None),
        ("http://[::1]:1/in?c={click_id}", true, None),
        ("https://localhost/in?c={click_id}", true, None),
        ("https://net.affiliate.test/in", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/{click_id}?a=1", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c={tracking_id}", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c={first_name}", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c={}", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c={click_id", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c=click_id}", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c={click_id}#x", false, Some(InvalidTarget::Placeholder)),
        ("http://net.affiliate.test/in?c={click_id}", false, Some(InvalidTarget::Address)),
        ("http://127.0.0.1/in?c={click_id}", false, Some(InvalidTarget::Address)),
        ("https://user:word@net.affiliate.test/in?c={click_id}", false, Some(InvalidTarget::Address)),
        ("ftp://net.affiliate.test/in?c={click_id}", false, Some(InvalidTarget::Address)),
        ("net.affiliate.test/in?c={click_id}", false, Some(InvalidTarget::Address)),
        ("https://127.0.0.1/in?c={click_id}", false, Some(InvalidTarget::Private)),
        ("https://169.254.169.254/in?c={click_id}", false, Some(InvalidTarget::Private)),
        ("https://[::ffff:10.0.0.1]/in?c={click_id}", false, Some(InvalidTarget::Private)),
        ("https://localhost/in?c={click_id}", false, Some(InvalidTarget::Private)),
        ("https://localhost./in?c={click_id}", false, Some(InvalidTarget::Private)),
        ("https://crm.localhost/in?c={click_id}", false, Some(InvalidTarget::Private)),
        ("https://0x7f.1/in?c={click_id}", false, Some(InvalidTarget::Private)),
        ("https://net.affiliate.test/in?c={click_id}", true, Some(InvalidTarget::Address)),
        ("http://10.0.0.1/in?c={click_id}", true, Some(InvalidTarget::Address)),
    ] {
        assert_eq!(Call::get(url, loopback).err(), unfit, "{url}");
    }
    assert_eq!(
        Call::post("https://net.affiliate.test/in?{id}", false, &[]).err(),
        Some(InvalidTarget::Placeholder)
    );
    for short in ["", "whsec_", "c2hvcnQ=", "not base64 of anything at all, whatever it says"] {
        assert!(Key::parse(short).is_none(), "{short}");
    }
    assert!(Key::parse(&STANDARD.encode([1; 24])).is_some());
}

#[test]
fn postback_message_carries_its_fields_only_and_is_signed() {
    let at: Timestamp = "2030-06-18T15:04:05.678Z".parse().unwrap();
    let attribution = click();
    let event = event("JOURNEY", Ending::Enrolled, &attribution, at);
    let facts = Facts::all_of(&event, "id1");
    let target = |call| Target {
        name: "net".into(),
        call,
        endings: vec![],
        sites: vec![],
        without_click: false,
        key: Key::parse(&secret()).unwrap(),
        loopback: false,
    };
    let all = "https://net.affiliate.test/in?c={click_id}&s={sub1}-{sub2}-{sub5}&b={brand}&o={offer_code}&e={ending}\
        &d={deposit}&t={time}&i={id}&fix=a%20b";
    let message = target(Call::get(all, false).unwrap()).message("id1", &facts, at);
    assert_eq!(
        message.url.as_str(),
        "https://net.affiliate.test/in?c=click+1%7E&s=blue--a%3Ab&b=RE&o=59990001&e=enrolled&d=no\
         &t=2030-06-18T15%3A04%3A06Z&i=id1&fix=a%20b"
    );
    assert!(message.body.is_none());

    let fields = ["click_id", "sub2", "deposit", "time"].map(|word| Field::parse(word).unwrap());
    let call = Call::post("https://net.affiliate.test/in", false, &fields).unwrap();
    let message = target(call).message("id1", &facts, at);
    let body: Value = serde_json::from_slice(message.body.as_ref().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({ "id": "id1", "ending": "enrolled", "time": "2030-06-18T15:04:06Z", "click_id": "click 1~",
            "sub2": null, "deposit": "no" })
    );
    // The example of Standard Webhooks: its libraries check what is signed here.
    let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    assert_eq!(
        message::sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

/// The example of `docs/postbacks.md` is what a target gets.
#[test]
fn postback_example_in_docs_matches_body_and_signature() {
    let page = include_str!("../../docs/postbacks.md");
    let after = |start: &str| page.split_once(start).unwrap().1.split(['\n', '`']).next().unwrap();
    let (id, time) = (after("webhook-id: "), after("webhook-timestamp: "));
    let attribution = Attribution::read("cid=abc123&sub1=banner");
    let at = "2030-06-18T15:04:05Z".parse().unwrap();
    let facts = Facts::all_of(&event("JOURNEY", Ending::Enrolled, &attribution, at), id);
    // The default of `postbacks.NAME.fields`.
    let fields = ["click_id", "sub1", "sub2", "sub3", "sub4", "sub5", "brand", "offer_code", "deposit"];
    let fields = fields.map(|word| Field::parse(word).unwrap());
    let target = Target {
        name: "crm".into(),
        call: Call::post("https://crm.affiliate.test/enrollments", false, &fields).unwrap(),
        endings: vec![],
        sites: vec![],
        without_click: false,
        key: Key::parse(after("Signed with `")).unwrap(),
        loopback: false,
    };
    let message = target.message(id, &facts, Timestamp::from_second(time.parse().unwrap()).unwrap());
    let body = format!("{{\"brand\"{}", after("{\"brand\""));
    assert_eq!(String::from_utf8(message.body.unwrap()).unwrap(), body);
    assert_eq!(message.headers[2].1, after("webhook-signature: "));
}

#[tokio::test]
async fn postback_is_enqueued_once_per_ending_for_subscribed_targets() {
    on_each_database(async |store| {
        let receiver = Receiver::open([]).await;
        let mut all = receiver.target("all", Ending::ALL);
        all.without_click = true;
        let elsewhere = Target { sites: vec!["beta".into()], ..receiver.target("elsewhere", Ending::ALL) };
        let here =
            Target { sites: vec!["beta".into(), "main".into()], ..receiver.target("here", Ending::ALL) };
        let targets = Targets::new(vec![receiver.target("net", &[Ending::Enrolled]), all, elsewhere, here]);
        let outbox = outbox(&store, &targets, &ManualClock::new().1);
        for &ending in Ending::ALL {
            ended(&outbox, "one", ending).await;
            ended(&outbox, "one", ending).await;
        }
        let rows = outbox.list(&Filter::default(), 99).await.unwrap();
        let count = |name: &str| rows.iter().filter(|row| row.target == name).count();
        assert_eq!([count("net"), count("all"), count("elsewhere"), count("here")], [1, 11, 0, 11]);
        let nobody = Attribution::read("sub1=x");
        let delivered = targets
            .pending_postbacks(&outbox.entropy, &event("two", Ending::Enrolled, &nobody, outbox.clock.now()));
        assert_eq!(delivered.iter().map(|row| row.target.as_str()).collect::<Vec<_>>(), ["all"]);
        assert!(rows.iter().all(|row| row.id.len() == 32 && !row.id.contains("one")));
    })
    .await;
}

#[tokio::test]
async fn failed_postback_is_retried_until_delivered_and_then_not_again() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let receiver = Receiver::open([500, 302, 404]).await;
        let outbox = outbox(&store, &Targets::new(vec![receiver.target("net", &[Ending::Enrolled])]), &clock);
        let worker = start_worker(&outbox).unwrap();
        ended(&outbox, "one", Ending::Enrolled).await;
        for (tries, outcome, wait) in [(1, "HTTP 500", 30), (2, "HTTP 302", 60), (3, "HTTP 404", 120)] {
            until(&outbox, |rows| rows == [(State::Waiting, tries, Some(outcome.to_owned()))]).await;
            manual.forward(Duration::from_secs(wait));
        }
        until(&outbox, |rows| rows == [(State::Sent, 4, Some("HTTP 200".to_owned()))]).await;
        manual.forward(1500 * MINUTE);
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let received = receiver.receives(4).await;
        let id = received[0].header("webhook-id").to_owned();
        for one in received {
            // A redirect was not followed.
            assert!(one.path == "/in" && one.is_signed() && one.header("webhook-id") == id, "{one:?}");
            let body: Value = serde_json::from_str(&one.body).unwrap();
            assert_eq!((&body["id"], &body["click_id"]), (&json!(id), &json!("click 1~")));
            assert!(!one.body.contains("one") && !one.headers.contains_key("cookie"));
        }
        worker.stop(soon()).await;
    })
    .await;
}

#[tokio::test]
async fn postback_failing_for_a_day_is_dead_and_sent_when_retried() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let receiver = Receiver::open([503; 99]).await;
        let targets = Targets::new(vec![receiver.target("net", &[Ending::Enrolled])]);
        let outbox = outbox(&store, &targets, &clock);
        let begun = clock.now();
        ended(&outbox, "one", Ending::Enrolled).await;
        let client = DeliveryClient::new().unwrap();
        let mut waits = Vec::new();
        loop {
            let leased = outbox.lease_next("net", "me").await.unwrap().unwrap();
            let target = targets.of("net").unwrap();
            let message = target.message(&leased.id, leased.facts.as_ref().unwrap(), clock.now());
            let delivered = client.send(true, message).await;
            assert_eq!(delivered, Err("HTTP 503".to_owned()));
            if outbox.complete(&leased, &delivered).await.unwrap() == Some(State::Dead) {
                break;
            }
            let next = outbox.list(&Filter::default(), 1).await.unwrap()[0].next_try().unwrap();
            let wait = next.duration_since(clock.now()).unsigned_abs();
            waits.push(wait.as_secs());
            manual.forward(wait - Duration::from_millis(1));
            assert!(outbox.lease_next("net", "me").await.unwrap().is_none());
            manual.forward(Duration::from_millis(1));
        }
        assert_eq!(clock.now().duration_since(begun).as_secs(), 24 * 3600);
        assert_eq!(waits[..6], [30, 60, 120, 240, 480, 960]);
        assert_eq!(waits.len() + 1, receiver.received().len());
        assert_eq!(outbox.count().await.unwrap(), [("net".to_owned(), State::Dead, 1)]);
        manual.forward(10 * 1440 * MINUTE);
        assert!(outbox.lease_next("net", "me").await.unwrap().is_none());
        assert_eq!(outbox.cleanup().await.unwrap(), 0);

        let (received, id) =
            (receiver.received().len(), outbox.list(&Filter::default(), 1).await.unwrap()[0].id.clone());
        let of = |target: &str| Filter { target: Some(target.to_owned()), ..Filter::default() };
        assert_eq!(outbox.retry(&of("other")).await.unwrap(), 0);
        receiver.recovers();
        assert_eq!(outbox.retry(&of("net")).await.unwrap(), 1);
        let worker = start_worker(&outbox).unwrap();
        until(&outbox, |rows| rows == [(State::Sent, 1, Some("HTTP 200".to_owned()))]).await;
        worker.stop(soon()).await;
        assert_eq!(receiver.receives(received + 1).await[received].header("webhook-id"), id);
        assert_eq!(outbox.retry(&Filter::default()).await.unwrap(), 0);
        manual.forward(30 * 1440 * MINUTE);
        assert_eq!(outbox.cleanup().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_workers_send_each_postback_once() {
    on_each_database(async |store| {
        let receiver = Receiver::open([]).await;
        let targets = Targets::new(vec![receiver.target("net", &[Ending::Enrolled])]);
        let clock = ManualClock::new().1;
        let outboxes = [outbox(&store, &targets, &clock), outbox(&store, &targets, &clock)];
        for number in 0..20 {
            ended(&outboxes[0], &number.to_string(), Ending::Enrolled).await;
        }
        let workers = outboxes.clone().map(|outbox| start_worker(&outbox).unwrap());
        until(&outboxes[0], |rows| rows.iter().all(|(state, ..)| *state == State::Sent)).await;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        receiver.receives(20).await;
        for worker in workers {
            worker.stop(soon()).await;
        }
    })
    .await;
}

#[tokio::test]
async fn postback_of_killed_server_is_resent_by_another_with_same_id() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let receiver = Receiver::open([]).await;
        let targets = Targets::new(vec![receiver.target("net", &[Ending::Enrolled])]);
        let outbox = outbox(&store, &targets, &clock);
        ended(&outbox, "one", Ending::Enrolled).await;
        let leased = outbox.lease_next("net", "killed").await.unwrap().unwrap();
        let message =
            targets.of("net").unwrap().message(&leased.id, leased.facts.as_ref().unwrap(), clock.now());
        let delivered = DeliveryClient::new().unwrap().send(true, message).await;
        assert!(delivered.is_ok());
        // Killed here. Nobody else sends it while the lease runs.
        assert!(outbox.lease_next("net", "other").await.unwrap().is_none());
        manual.forward(MINUTE);
        let worker = start_worker(&outbox).unwrap();
        until(&outbox, |rows| rows[0].0 == State::Sent).await;
        worker.stop(soon()).await;
        let received = receiver.receives(2).await;
        assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
        assert_eq!(received[0].body, received[1].body);
        // It was not killed after all.
        assert_eq!(outbox.complete(&leased, &Err("late".to_owned())).await.unwrap(), None);
        assert_eq!(stands(&outbox).await[0].0, State::Sent);
    })
    .await;
}

#[tokio::test]
async fn target_resolving_to_loopback_is_never_called() {
    on_each_database(async |store| {
        let receiver = Receiver::open([]).await;
        // As if it had passed the settings, and its name led here since.
        let inward = Target {
            call: Call::Post {
                url: format!("http://localhost:{}/in", receiver.address.port()).parse().unwrap(),
                fields: vec![],
            },
            loopback: false,
            ..receiver.target("inward", &[Ending::Enrolled])
        };
        let outbox = outbox(&store, &Targets::new(vec![inward]), &ManualClock::new().1);
        ended(&outbox, "one", Ending::Enrolled).await;
        let worker = start_worker(&outbox).unwrap();
        until(&outbox, |rows| rows == [(State::Waiting, 1, Some("cannot be reached".to_owned()))]).await;
        worker.stop(soon()).await;
        receiver.receives(0).await;
    })
    .await;
}

#[tokio::test]
async fn postback_for_unconfigured_target_is_kept_for_two_days() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let receiver = Receiver::open([]).await;
        let newer =
            Targets::new(vec![receiver.target("new", &[Ending::Enrolled]), receiver.target("net", &[])]);
        let newer = outbox(&store, &newer, &clock);
        let older = outbox(&store, &Targets::new(vec![receiver.target("net", &[])]), &clock);
        ended(&newer, "one", Ending::Enrolled).await;
        let worker = start_worker(&older).unwrap();
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(stands(&older).await, [(State::Waiting, 0, None)]);
        worker.stop(soon()).await;
        let worker = start_worker(&newer).unwrap();
        until(&newer, |rows| rows[0].0 == State::Sent).await;
        worker.stop(soon()).await;
        receiver.receives(1).await;

        // Nobody has it any more.
        ended(&newer, "two", Ending::Enrolled).await;
        manual.forward(2 * 1440 * MINUTE - Duration::from_millis(1));
        older.cleanup().await.unwrap();
        let dead = Filter { state: Some(State::Dead), ..Filter::default() };
        assert_eq!(older.list(&dead, 9).await.unwrap(), []);
        manual.forward(Duration::from_millis(1));
        older.cleanup().await.unwrap();
        assert_eq!(older.list(&dead, 9).await.unwrap()[0].outcome.as_deref(), Some("no such target"));
    })
    .await;
}

#[tokio::test]
async fn hanging_target_does_not_delay_other_targets() {
    on_each_database(async |store| {
        let receiver = Receiver::open([]).await;
        // It takes connections, and says nothing.
        let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in", mute.local_addr().unwrap());
        let hanging = Target {
            call: Call::post(&url, true, &[]).unwrap(),
            ..receiver.target("hanging", &[Ending::Enrolled])
        };
        let targets = Targets::new(vec![hanging, receiver.target("net", &[Ending::Stopped])]);
        let outbox = outbox(&store, &targets, &ManualClock::new().1);
        for number in 0..30 {
            ended(&outbox, &number.to_string(), Ending::Enrolled).await;
        }
        ended(&outbox, "one", Ending::Stopped).await;
        let worker = start_worker(&outbox).unwrap();
        receiver.receives(1).await;
        drop(worker);
    })
    .await;
}
