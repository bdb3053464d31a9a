//! What a postback carries, which targets get it, how often, and what becomes of it while a target fails.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::time::Instant;

use super::{
    delivery::DeliveryClient,
    testing::{Receiver, field, names, secret},
    *,
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    journey::{Attribution, order_id},
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
        ("https://net.affiliate.test/{token}/in?c={click_id}&k={token}", false, None),
        ("https://8.8.8.8/in?{id}", false, None),
        ("http://127.0.0.1:1/in?c={click_id}", true, None),
        ("http://[::1]:1/in?c={click_id}", true, None),
        ("https://localhost/in?c={click_id}", true, None),
        ("https://net.affiliate.test/in", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/{click_id}?a=1", false, Some(InvalidTarget::Placeholder)),
        ("https://{token}.affiliate.test/?a=1", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c={tracking_id}", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c={first_name}", false, Some(InvalidTarget::Placeholder)),
        ("https://net.affiliate.test/in?c={cid}", false, Some(InvalidTarget::Placeholder)),
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
        let call = Call::new(url, loopback, &BodySettings::None, &[], names(Some("to-ken")));
        assert_eq!(call.err(), unfit, "{url}");
    }
    for token in ["a/b", "..", "a b", "?", "ñ"] {
        let call = Call::new(
            "https://net.affiliate.test/{token}?a=1",
            false,
            &BodySettings::None,
            &[],
            names(Some(token)),
        );
        assert_eq!(call.err(), Some(InvalidTarget::Placeholder), "{token}");
    }
    for (header, unfit) in [
        ("X-Key: {token}", None),
        ("no header", Some(InvalidTarget::Header)),
        ("Host: other.test", Some(InvalidTarget::Header)),
        ("authorization: x", Some(InvalidTarget::Header)),
        ("Webhook-Id: x", Some(InvalidTarget::Header)),
        ("x: {name}", Some(InvalidTarget::Placeholder)),
    ] {
        let body = BodySettings::Fields(&[]);
        let call =
            Call::new("https://net.affiliate.test/in", false, &body, &[header.to_owned()], names(Some("t")));
        assert_eq!(call.err(), unfit, "{header}");
    }
    for short in ["", "whsec_", "c2hvcnQ=", "not base64 of anything at all, whatever it says"] {
        assert!(Key::parse(short).is_none(), "{short}");
    }
    assert!(Key::parse(&STANDARD.encode([1; 24])).is_some());
}

fn target(url: &str, body: &BodySettings<'_>, keys: &[&str]) -> Target {
    Target {
        name: "net".into(),
        call: Call::new(url, false, body, &["X-Key: {token}-{sub1}".to_owned()], names(Some("to/ken")))
            .ok()
            .unwrap(),
        wants: Wants::default(),
        keys: keys.iter().map(|key| Key::parse(key).unwrap()).collect(),
        credential: None,
        accept_if: vec![],
        authorities: vec![],
        loopback: false,
        proxy: None,
    }
}

#[test]
fn postback_message_carries_its_fields_only_and_is_signed() {
    let at: Timestamp = "2030-06-18T15:04:05.678Z".parse().unwrap();
    let attribution = click();
    let event = event("JOURNEY", Ending::Enrolled, &attribution, at);
    let mut facts = event.facts();
    facts.set(Fact::Id, Some("id1"));
    let all = "https://net.affiliate.test/in?c={click_id}&s={sub1}-{sub2}-{sub5}&b={brand}&o={offer_code}&e={ending}\
        &d={deposit}&t={time}&i={id}&r={order_id}&x={time_texas}&k={token}&fix=a%20b";
    let message = target(all, &BodySettings::None, &[]).message("id1", &facts, at);
    let order_id = order_id("JOURNEY");
    assert_eq!(
        message.url.as_str(),
        format!(
            "https://net.affiliate.test/in?c=click+1%7E&s=blue--a%3Ab&b=RE&o=59990001&e=enrolled&d=no\
             &t=2030-06-18T15%3A04%3A06Z&i=id1&r={order_id}&x=2030-06-18+10%3A04%3A06-05%3A00&k=to%2Fken&fix=a%20b"
        )
    );
    assert!(message.body.is_none());
    assert!(message.headers.iter().any(|(name, value)| name == "x-key" && value == "to/ken-blue"));
    assert!(!message.headers.iter().any(|(name, _)| name == message::SIGNATURE));

    let fields = ["click_id", "sub2", "deposit", "time"].map(|word| field(word).unwrap());
    let plain = "https://net.affiliate.test/in";
    let message = target(plain, &BodySettings::Fields(&fields), &[&secret()]).message("id1", &facts, at);
    let (body, kind) = message.body.unwrap();
    assert_eq!(kind, "application/json");
    assert_eq!(
        serde_json::from_slice::<Value>(&body).unwrap(),
        json!({ "id": "id1", "order_id": order_id, "ending": "enrolled", "time": "2030-06-18T15:04:06Z",
            "click_id": "click 1~", "sub2": null, "deposit": "no" })
    );
    let form = target(plain, &BodySettings::Form("c={click_id}&k={token}"), &[]).message("id1", &facts, at);
    let (body, kind) = form.body.unwrap();
    assert_eq!(body, b"c=click+1%7E&k=to%2Fken");
    assert_eq!(kind, "application/x-www-form-urlencoded");
    let json = target(plain, &BodySettings::Json(r#"{"c": ["{click_id}"]}"#), &[]).message("id1", &facts, at);
    assert_eq!(json.body.unwrap().0, br#"{"c":["click 1~"]}"#);
    // The example of Standard Webhooks: its libraries check what is signed here.
    let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    assert_eq!(
        message::sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

/// While a key is replaced, whoever knows either one accepts: checked by the published library.
#[test]
fn postback_of_two_keys_is_verified_by_the_library_with_either() {
    let (now, attribution) = (Clock::system().now(), click());
    let facts = event("JOURNEY", Ending::Enrolled, &attribution, now).facts();
    let other = format!("whsec_{}", STANDARD.encode([7; 32]));
    let body = BodySettings::Fields(&[]);
    let message =
        target("https://net.affiliate.test/in", &body, &[&secret(), &other]).message("id1", &facts, now);
    let headers: http::HeaderMap = message.headers.into_iter().collect();
    let body = message.body.unwrap().0;
    for (key, verifies) in
        [(secret(), true), (other, true), (format!("whsec_{}", STANDARD.encode([8; 32])), false)]
    {
        assert_eq!(Webhook::new(&key).unwrap().verify(&body, &headers).is_ok(), verifies);
    }
    let changed = [&body[..], b" "].concat();
    assert!(Webhook::new(&secret()).unwrap().verify(&changed, &headers).is_err());
}

/// The example of `docs/postbacks.md` is what a target gets.
#[test]
fn postback_example_in_docs_matches_body_and_signature() {
    let page = include_str!("../../docs/postbacks.md");
    let after = |start: &str| page.split_once(start).unwrap().1.split(['\n', '`']).next().unwrap();
    let (id, time) = (after("webhook-id: "), after("webhook-timestamp: "));
    let attribution = Attribution::read("cid=abc123&sub1=banner");
    let at = "2030-06-18T15:04:05Z".parse().unwrap();
    let mut facts = event("JOURNEY", Ending::Enrolled, &attribution, at).facts();
    facts.set(Fact::Id, Some(id));
    // The default of `postbacks.NAME.fields`.
    let fields = ["click_id", "sub1", "sub2", "sub3", "sub4", "sub5", "brand", "offer_code", "deposit"];
    let fields = fields.map(|word| field(word).unwrap());
    let key = after("Signed with `");
    let target = target("https://crm.affiliate.test/enrollments", &BodySettings::Fields(&fields), &[key]);
    let message = target.message(id, &facts, Timestamp::from_second(time.parse().unwrap()).unwrap());
    let body = format!("{{\"brand\"{}", after("{\"brand\""));
    assert_eq!(String::from_utf8(message.body.unwrap().0).unwrap(), body);
    assert_eq!(message.headers[2].1, after("webhook-signature: "));
}

#[test]
fn target_hears_of_its_sites_brands_types_stops_and_clicks_alone() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let all = Wants { endings: Ending::ALL.to_vec(), ..Wants::default() };
    for (wants, ending, stop, hears) in [
        (all.clone(), Ending::Enrolled, None, true),
        (Wants { endings: vec![Ending::Stopped], ..Wants::default() }, Ending::Enrolled, None, false),
        (Wants { click: field("click_id"), ..all.clone() }, Ending::Enrolled, None, true),
        (Wants { click: field("fbclid"), ..all.clone() }, Ending::Enrolled, None, false),
        (Wants { sites: words(&["beta", "main"]), ..all.clone() }, Ending::Enrolled, None, true),
        (Wants { sites: words(&["beta"]), ..all.clone() }, Ending::Enrolled, None, false),
        (Wants { brands: words(&["RE"]), ..all.clone() }, Ending::Enrolled, None, true),
        (Wants { brands: words(&["GM"]), ..all.clone() }, Ending::Enrolled, None, false),
        // What is not known is none of them.
        (Wants { types: words(&["MVI"]), ..all.clone() }, Ending::Enrolled, None, false),
        (Wants { stops: words(&["refused"]), ..all.clone() }, Ending::Enrolled, None, true),
        (Wants { stops: words(&["refused"]), ..all.clone() }, Ending::Stopped, Some("refused"), true),
        (Wants { stops: words(&["refused"]), ..all.clone() }, Ending::Stopped, Some("credit_fraud"), false),
    ] {
        let attribution = click();
        let mut event = event("JOURNEY", ending, &attribution, Timestamp::UNIX_EPOCH);
        event.about.set(Fact::Stop, stop);
        assert_eq!(wants.include(&event, &event.facts()), hears, "{ending:?} {stop:?}");
    }
}

#[test]
fn amount_is_told_of_enrollments_and_what_became_of_them_alone() {
    for &ending in Ending::ALL {
        let attribution = click();
        let mut event = event("JOURNEY", ending, &attribution, Timestamp::UNIX_EPOCH);
        event.about.set(Fact::Amount, Some("50.00"));
        let told = event.facts().fact(Fact::Amount).is_some();
        let none = matches!(ending, Ending::Stopped | Ending::Abandoned | Ending::Unknown);
        assert_eq!(told, !none, "{ending:?}");
    }
}

#[tokio::test]
async fn postback_is_enqueued_once_per_ending_for_subscribed_targets() {
    on_each_database(async |store| {
        let receiver = Receiver::open([]).await;
        let mut all = receiver.target("all", Ending::ALL);
        all.wants.click = None;
        let targets = Targets::new(vec![receiver.target("net", &[Ending::Enrolled]), all]);
        let outbox = outbox(&store, &targets, &ManualClock::new().1);
        for &ending in Ending::ALL {
            ended(&outbox, "one", ending).await;
            ended(&outbox, "one", ending).await;
        }
        let rows = outbox.list(&Filter::default(), 99).await.unwrap();
        let count = |name: &str| rows.iter().filter(|row| row.target == name).count();
        assert_eq!([count("net"), count("all")], [1, Ending::ALL.len()]);
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
        let client = DeliveryClient::of(targets.of("net").unwrap()).unwrap();
        let mut waits = Vec::new();
        loop {
            let leased = outbox.lease_next("net", "me").await.unwrap().unwrap();
            let target = targets.of("net").unwrap();
            let message = target.message(&leased.id, leased.facts.as_ref().unwrap(), clock.now());
            let delivered = client.send(message).await;
            assert_eq!((delivered.verdict, delivered.outcome.as_str()), (Verdict::Failed, "HTTP 503"));
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
        let target = targets.of("net").unwrap();
        let message = target.message(&leased.id, leased.facts.as_ref().unwrap(), clock.now());
        let delivered = DeliveryClient::of(target).unwrap().send(message).await;
        assert_eq!(delivered.verdict, Verdict::Accepted);
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
        let late = Delivery { verdict: Verdict::Failed, outcome: "late".to_owned(), answer: None };
        assert_eq!(outbox.complete(&leased, &late).await.unwrap(), None);
        assert_eq!(stands(&outbox).await[0].0, State::Sent);
    })
    .await;
}

#[tokio::test]
async fn target_resolving_to_loopback_is_never_called() {
    on_each_database(async |store| {
        let receiver = Receiver::open([]).await;
        let address = format!("http://localhost:{}/in", receiver.address.port());
        // As if it had passed the settings, and its name led here since.
        let inward = Target {
            call: Call::new(&address, true, &BodySettings::Fields(&[]), &[], names(None)).ok().unwrap(),
            loopback: false,
            proxy: None,
            ..receiver.target("inward", &[Ending::Enrolled])
        };
        let outbox = outbox(&store, &Targets::new(vec![inward]), &ManualClock::new().1);
        ended(&outbox, "one", Ending::Enrolled).await;
        let worker = start_worker(&outbox).unwrap();
        until(&outbox, |rows| {
            rows == [(State::Waiting, 1, Some("cannot be reached: no address that may be called".to_owned()))]
        })
        .await;
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
            call: Call::new(&url, true, &BodySettings::Fields(&[]), &[], names(None)).ok().unwrap(),
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

#[tokio::test]
async fn answer_that_is_not_accepted_is_kept_and_the_postback_retried() {
    on_each_database(async |store| {
        let receiver = Receiver::open([]).await;
        receiver.answers("success=false; no such click");
        let target = Target {
            call: receiver.call("?c={click_id}", &BodySettings::None),
            accept_if: vec![AcceptIf::parse("success=true").unwrap()],
            credential: Some(Credential::Basic("us:er".to_owned().into())),
            ..receiver.target("net", &[Ending::Enrolled])
        };
        let outbox = outbox(&store, &Targets::new(vec![target]), &ManualClock::new().1);
        ended(&outbox, "one", Ending::Enrolled).await;
        let worker = start_worker(&outbox).unwrap();
        until(&outbox, |rows| rows == [(State::Waiting, 1, Some("HTTP 200, but not accepted".to_owned()))])
            .await;
        let row = outbox.list(&Filter::default(), 9).await.unwrap().remove(0);
        assert_eq!(row.answer.as_deref(), Some("success=false; no such click"));
        assert_eq!((row.facts().click(), row.order_id()), (Some("click 1~"), order_id("one")));
        receiver.answers("success=true;");
        // One that waits can be sent at once, too.
        assert_eq!(outbox.retry(&Filter::default()).await.unwrap(), 1);
        until(&outbox, |rows| rows[0].0 == State::Sent).await;
        worker.stop(soon()).await;
        let received = receiver.receives(2).await;
        assert_eq!(received[0].header("authorization"), "Basic dXM6ZXI=");
        assert_eq!(received[0].header("x-own"), "to-ken-blue");
    })
    .await;
}

#[tokio::test]
async fn target_that_is_gone_gets_nothing_that_waits_for_it() {
    on_each_database(async |store| {
        let receiver = Receiver::open([503, 410]).await;
        let targets = Targets::new(vec![receiver.target("net", &[Ending::Enrolled])]);
        let (manual, clock) = ManualClock::new();
        let outbox = outbox(&store, &targets, &clock);
        ended(&outbox, "one", Ending::Enrolled).await;
        let worker = start_worker(&outbox).unwrap();
        until(&outbox, |rows| rows[0].2.is_some()).await;
        manual.forward(Duration::from_secs(10));
        assert_eq!(outbox.failing().await.unwrap(), [("net".to_owned(), Duration::from_secs(10))]);
        ended(&outbox, "two", Ending::Enrolled).await;
        let gone = Some("HTTP 410: it takes none any more".to_owned());
        until(&outbox, |rows| rows.iter().all(|(state, _, said)| *state == State::Dead && *said == gone))
            .await;
        worker.stop(soon()).await;
        receiver.receives(2).await;
        assert_eq!(outbox.failing().await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn bearer_token_is_read_from_its_file_for_each_request() {
    let receiver = Receiver::open([]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let target = Target {
        credential: Some(Credential::BearerFile(file.path().to_owned())),
        ..receiver.target("net", &[Ending::Enrolled])
    };
    let client = DeliveryClient::of(&target).unwrap();
    let attribution = click();
    let facts = event("one", Ending::Enrolled, &attribution, Timestamp::UNIX_EPOCH).facts();
    for token in ["first", "second"] {
        std::fs::write(file.path(), format!("{token}\n")).unwrap();
        receiver.answers(&format!("known: {token}"));
        let delivery = client.send(target.message("id", &facts, Timestamp::UNIX_EPOCH)).await;
        assert_eq!(delivery.answer.as_deref(), Some("known: [secret]"));
    }
    let received = receiver.receives(2).await;
    assert_eq!(received[1].header("authorization"), "Bearer second");
    file.close().unwrap();
    let delivery = client.send(target.message("id", &facts, Timestamp::UNIX_EPOCH)).await;
    assert!(delivery.outcome.starts_with("not sent: its token cannot be read"), "{delivery:?}");
}

/// What an operator has to know of a target that cannot be reached: whether to look at TLS or at the network.
#[tokio::test]
async fn unreachable_target_is_told_by_its_cause() {
    let receiver = Receiver::open([]).await;
    let trusted = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let https = tls_server(&trusted).await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let own = || reqwest::Certificate::from_der(trusted.cert.der()).unwrap();
    let unknown = "cannot be reached: its certificate is of an authority that is not trusted";
    for (url, authorities, outcome) in [
        (format!("http://{closed}/in"), vec![], "cannot be reached: it refuses connections"),
        (format!("https://localhost:{}/in", https.port()), vec![], unknown),
        (format!("https://localhost:{}/in", https.port()), vec![own()], "HTTP 204"),
        (
            format!("https://127.0.0.1:{}/in", https.port()),
            vec![own()],
            "cannot be reached: its certificate is for another name",
        ),
        (format!("https://{}/in", receiver.address), vec![], "cannot be reached: TLS fails with it"),
        ("http://no-such.localhost/in".to_owned(), vec![], "cannot be reached: its name has no address"),
    ] {
        let call = Call::new(&url, true, &BodySettings::Fields(&[]), &[], names(None)).ok().unwrap();
        let target = Target { call, authorities, ..receiver.target("net", &[Ending::Enrolled]) };
        let message = target.message("id", &Facts::default(), Timestamp::UNIX_EPOCH);
        assert_eq!(DeliveryClient::of(&target).unwrap().send(message).await.outcome, outcome, "{url}");
    }
}

/// A server on this machine with that certificate, which answers 204.
async fn tls_server(own: &rcgen::CertifiedKey<rcgen::KeyPair>) -> std::net::SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    crate::tls::provide();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    address
}
