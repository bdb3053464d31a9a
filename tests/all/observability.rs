//! What operators see on the private listener, and what they must never see there.

use std::{
    collections::BTreeSet,
    io::Write as _,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use nrg_enroll::{cli::health, config::Settings, entropy::Entropy};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use url::Url;

use crate::support::{
    Browser, Person, Walk, World,
    database::Database,
    fault_proxy::{Reply, json},
    free_port,
    log::Log,
};

impl World {
    /// A page of the private listener: status and text.
    pub async fn private(&self, path: &str) -> (u16, String) {
        private(&format!("http://{}{path}", self.server.private_address)).await
    }

    /// The value of the one metric line that begins with `name` and has all `labels`.
    pub async fn metric(&self, name: &str, labels: &[&str]) -> f64 {
        let (status, page) = self.private("/metrics").await;
        assert_eq!(status, 200);
        let found = page.lines().find(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
                && labels.iter().all(|label| line.contains(label))
        });
        found.and_then(|line| line.rsplit(' ').next()).map_or(0.0, |value| value.parse().unwrap())
    }
}

#[allow(clippy::disallowed_methods, reason = "a test's browser is not the door to NRG")]
async fn private(url: &str) -> (u16, String) {
    let answer = reqwest::Client::new().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn journey_is_counted_in_metrics_without_personal_data() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    let journey = world.journey(&walk.browser).await.unwrap();

    assert_eq!(
        world.metric("enroll_requests_total", &["step=\"zip\"", "method=\"POST\"", "status=\"303\""]).await,
        1.0
    );
    assert_eq!(
        world
            .metric("enroll_request_duration_seconds_count", &["step=\"identity\"", "method=\"POST\""])
            .await,
        1.0
    );
    assert_eq!(
        world.metric("enroll_steps_answered_total", &["step=\"identity\"", "led_to=\"start-date\""]).await,
        1.0
    );
    assert_eq!(world.metric("enroll_steps_answered_total", &["step=\"review\""]).await, 1.0);
    assert_eq!(
        world.metric("enroll_journeys_ended_total", &["step=\"review\"", "ending=\"enrolled\""]).await,
        1.0
    );
    assert_eq!(
        world.metric("enroll_nrg_calls_total", &["endpoint=\"enroll\"", "outcome=\"continue\""]).await,
        1.0
    );
    assert_eq!(world.metric("enroll_nrg_call_duration_seconds_count", &["endpoint=\"token\""]).await, 1.0);
    assert_eq!(world.metric("enroll_submissions", &["state=\"enrolled\""]).await, 1.0);
    assert_eq!(world.metric("enroll_submissions", &["state=\"unknown\""]).await, 0.0);
    assert_eq!(world.metric("enroll_sessions", &[]).await, 1.0);
    assert_eq!(world.metric("enroll_store_up", &[]).await, 1.0);
    assert_eq!(world.metric("enroll_nrg_refusing", &[]).await, 0.0);
    assert!(world.metric("enroll_offer_lookups_total", &["found=\"at_nrg\""]).await >= 1.0);
    assert!(world.metric("enroll_offer_lookups_total", &["found=\"in_cache\""]).await >= 1.0);

    // A path, a query and a method that somebody made up are no labels.
    walk.browser.get("/jordan-samplecase?ssn=900456789").await;
    let (_, page) = world.private("/metrics").await;
    let record = journey.record.as_ref().unwrap();
    let person = [
        "Jordan",
        "jordan",
        "Samplecase",
        "samplecase",
        "Example Oak",
        "Sampleton",
        "77999",
        "900-45",
        "900456789",
        "6789",
        "1985",
        "555",
        "example.com",
        "127.0.0.1",
        record.tracking_id.as_str(),
        record.guid.as_str(),
        &journey.id,
    ];
    // Without the values: digits of a person may be digits of a sum.
    let names: Vec<&str> =
        page.lines().map(|line| line.rsplit_once(' ').map_or(line, |(name, _)| name)).collect();
    for text in person {
        assert!(!names.iter().any(|name| name.contains(text)), "{text} is among the metrics");
    }
    let labels: BTreeSet<&str> = page
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('{')?.1.split_once('}'))
        .flat_map(|(labels, _)| labels.split(','))
        .filter_map(|label| label.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let known = [
        "brand", "ending", "endpoint", "field", "found", "kind", "le", "led_to", "method", "outcome",
        "plans", "state", "status", "step", "version",
    ];
    assert_eq!(labels, BTreeSet::from(known));
}

#[tokio::test]
async fn ending_and_leave_are_counted_at_their_step() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Current", ..Person::default() });
    walk.through_identity().await.is_at("/stop");
    let labels = ["step=\"identity\"", "ending=\"current_customer\""];
    assert_eq!(world.metric("enroll_journeys_ended_total", &labels).await, 1.0);

    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await.is_at("/contact");
    walk.browser.post("/leave", &[]).await;
    let labels = ["step=\"contact\"", "ending=\"left\""];
    assert_eq!(world.metric("enroll_journeys_ended_total", &labels).await, 1.0);
    assert_eq!(world.metric("enroll_sessions", &[]).await, 1.0);
}

#[tokio::test]
async fn two_servers_in_one_process_count_separately() {
    let (one, other) = (World::new().await, World::new().await);
    Walk::new(one.browser(), Person::default()).to_plans().await.is_at("/plans");
    let labels = ["step=\"zip\"", "led_to=\"plans\""];
    assert_eq!(one.metric("enroll_steps_answered_total", &labels).await, 1.0);
    assert_eq!(other.metric("enroll_steps_answered_total", &labels).await, 0.0);
}

#[tokio::test]
async fn many_numbers_and_limits_reached_are_counted() {
    let world = World::with(&[
        ("ENROLL__LIMITS__NUMBERS_PER_ADDRESS", "2"),
        ("ENROLL__LIMITS__IDENTITY__PERSON", "5 per 6h"),
        ("ENROLL__LIMITS__IDENTITY__METER", "3 per 1h"),
    ])
    .await;
    for ssn in ["900-45-6781", "900-45-6781", "900-45-6782", "900-45-6783", "900-45-6784"] {
        let walk = Walk::new(world.browser(), Person { ssn, ..Person::default() });
        let page = walk.to_identity().await;
        walk.identity(&page).await;
    }
    assert_eq!(
        world.metric("enroll_limits_reached_total", &["action=\"identity\"", "by=\"meter\""]).await,
        2.0
    );
    assert_eq!(world.metric("enroll_many_numbers_total", &[]).await, 2.0);
}

#[tokio::test]
async fn nrg_refusal_is_shown_in_readyz_and_metrics_and_server_stays_ready() {
    let world = World::with_fault_proxy(&[]).await;
    world.fault_proxy().always("tdsp", json(401, &json!({})));
    Walk::new(world.browser(), Person::default()).zip().await;
    Walk::new(world.browser(), Person::default()).zip().await;
    let (status, says) = world.private("/readyz").await;
    assert_eq!(status, 200);
    assert!(says.starts_with("ready\nNRG refuses us: unauthorized"), "{says}");
    assert_eq!(world.metric("enroll_nrg_refusing", &[]).await, 1.0);
    assert_eq!(
        world.metric("enroll_nrg_calls_total", &["endpoint=\"tdsp\"", "outcome=\"unauthorized\""]).await,
        1.0
    );
    assert!(
        world.metric("enroll_nrg_calls_total", &["endpoint=\"tdsp\"", "outcome=\"held_back\""]).await >= 1.0
    );
}

#[tokio::test]
async fn metrics_are_not_served_on_public_listener() {
    let world = World::new().await;
    let page: crate::support::Page =
        Browser::new(&format!("http://{}", world.server.address)).get("/metrics").await;
    assert_eq!(page.status, 404);
}

#[tokio::test]
async fn health_command_reports_status_readiness_and_failures() {
    let world = World::new().await;
    let private = world.server.private_address;
    assert_eq!(health::ask(private, false).await.unwrap(), "ok");
    assert!(
        health::ask(private, true).await.unwrap().starts_with("ready\nNRG lets us in; latest call: none")
    );
    let nobody = health::ask(free_port(), false).await.unwrap_err();
    assert!(format!("{nobody:#}").contains("nobody listens"), "{nobody:#}");
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = health::ask(silent.local_addr().unwrap(), false).await.unwrap_err();
    assert!(format!("{silent:#}").contains("no answer"), "{silent:#}");
}

#[tokio::test]
async fn draining_server_reports_unready_and_keeps_serving() {
    let world = World::with(&[("ENROLL__SERVER__UNREADY_SECONDS", "2")]).await;
    let (browser, private) = (world.browser(), world.server.private_address);
    let World { server, .. } = world;
    let stopping = tokio::spawn(server.stop());
    for _ in 0..200 {
        if health::ask(private, true).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let says = health::ask(private, true).await.unwrap_err();
    assert!(says.to_string().contains("says: draining"), "{says}");
    assert_eq!(health::ask(private, false).await.unwrap(), "ok");
    assert_eq!(browser.get("/").await.status, 200);
    let answer = browser.post_only("/leave", &[], &[]).await;
    assert_eq!(answer.headers()["connection"], "close");
    stopping.await.unwrap();
    assert!(health::ask(private, false).await.is_err());
}

#[tokio::test]
async fn connection_without_request_is_answered_after_the_listener_closed() {
    let world = World::with(&[("ENROLL__SERVER__UNREADY_SECONDS", "2")]).await;
    let address = world.server.address;
    let get = format!("GET /help HTTP/1.1\r\nHost: {address}\r\n\r\n");
    // A proxy has opened one, and has used another before.
    let [mut fresh, mut kept] =
        [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    kept.write_all(get.as_bytes()).await.unwrap();
    let mut some = [0; 100];
    assert!(kept.read(&mut some).await.unwrap() > 0 && some.starts_with(b"HTTP/1.1 200"));
    let stopping = tokio::spawn(world.server.stop());
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for connection in [&mut fresh, &mut kept] {
        connection.write_all(get.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // To its end: the server closes it.
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.contains("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    }
    stopping.await.unwrap();
}

#[tokio::test]
async fn failure_is_logged_with_every_cause_and_code() {
    let log = Log::listen();
    let world = World::new().await;
    let database = format!("sqlite://{}/demo.db", world.data.path().display());
    let database = sqlx::SqlitePool::connect(&database).await.unwrap();
    sqlx::raw_sql("DROP TABLE sessions").execute(&database).await.unwrap();
    let walk = Walk::new(world.browser(), Person::default());
    assert_eq!(walk.zip().await.status, 503);
    let failed = log.lines("page: failed").pop().unwrap();
    let error = failed["error"].as_str().unwrap();
    assert!(error.contains("refused a statement (code 1)") && error.contains("no such table"), "{error}");
}

#[tokio::test]
async fn nrg_credentials_are_hot_reloaded_from_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "wrong\n").unwrap();
    let path = file.to_str().unwrap().to_owned();
    // The demo's own password stands beside it; blank in the environment, the file counts.
    let env = [("ENROLL__NRG__PASSWORD", ""), ("ENROLL__NRG__PASSWORD_FILE", path.as_str())];
    let world = World::with(&env).await;
    let read = {
        let (data, nrg, path) = (Arc::clone(&world.data), world.nrg, path.clone());
        move || {
            let all = [("ENROLL__NRG__PASSWORD", ""), ("ENROLL__NRG__PASSWORD_FILE", path.as_str())];
            let all = all.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let nrg = Url::parse(&format!("http://{nrg}")).unwrap();
            Settings::demo(data.path(), &nrg, &Entropy::system(), all)
        }
    };
    let reloader = world.server.watch_settings(Duration::from_millis(50), read);

    let refused = Walk::new(world.browser(), Person::default()).zip().await;
    assert_eq!(refused.status, 502);
    // A file that is gone or blank changes nothing, and ends nothing.
    std::fs::remove_file(&file).unwrap();
    reloader.reload(true);
    tokio::time::sleep(Duration::from_millis(200)).await;
    std::fs::write(&file, "sandbox-example\n").unwrap();
    for _ in 0..200 {
        if Walk::new(world.browser(), Person::default()).zip().await.path == "/plans" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The breaker did not wait its minute: the clock stands still.
    Walk::new(world.browser(), Person::default()).zip().await.is_at("/plans");
    assert_eq!(world.metric("enroll_nrg_refusing", &[]).await, 0.0);
}

#[tokio::test]
async fn nrg_call_carries_trace_of_its_request() {
    let world = World::new().await;
    let browser = world.browser();
    let fields = [("zip", "77999"), ("transaction", "MVI")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let traces = || -> Vec<String> {
        world.sandbox.calls().iter().map(|call| call.traceparent.clone().unwrap_or_default()).collect()
    };
    let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    browser.post_only("/", &fields, &[("sec-fetch-site", "same-origin"), ("traceparent", given)]).await;
    let named = traces();
    assert!(named[0].starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && named[0] != given, "{named:?}");
    let other = world.browser();
    let made_up = "00-jordan-samplecase-01";
    // The utilities of the first ZIP are known by now.
    let fields = [("zip", "75999"), ("transaction", "MVI")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    other.post_only("/", &fields, &[("sec-fetch-site", "same-origin"), ("traceparent", made_up)]).await;
    let last = traces().pop().unwrap();
    assert!(last.starts_with("00-") && last.ends_with("-00") && !last.contains("jordan"), "{last}");
}

#[tokio::test]
async fn dropped_plan_is_counted_by_brand_and_field() {
    let world = World::with(&[("ENROLL__BRANDS__RE__PROMO_CODE", "BADPLANS")]).await;
    Walk::new(world.browser(), Person::default()).to_plans().await.is_at("/plans");
    let dropped = "enroll_nrg_dropped_plans_total";
    assert_eq!(world.metric(dropped, &["brand=\"RE\"", "field=\"incentiveCode\""]).await, 1.0);
    assert_eq!(world.metric(dropped, &["brand=\"RE\"", "field=\"eflURL\""]).await, 2.0);
    assert_eq!(world.metric(dropped, &["brand=\"RE\"", "field=\"affiliateOfferList\""]).await, 1.0);
    assert_eq!(world.metric(dropped, &["brand=\"GM\""]).await, 0.0);
    let lists = "enroll_nrg_offer_lists_total";
    assert_eq!(world.metric(lists, &["brand=\"RE\"", "plans=\"some\""]).await, 1.0);
    assert_eq!(world.metric(lists, &["brand=\"RE\"", "plans=\"none\""]).await, 0.0);
}

#[tokio::test]
async fn list_without_plans_is_counted_whatever_the_reason() {
    for (name, value) in [
        ("ENROLL__BRANDS__RE__PROMO_CODE", "NOPLANS"),
        ("ENROLL__BRANDS__RE__PROMO_CODE", "BADPROMO"),
        ("ENROLL__AFFILIATE__LINK_HOSTS", "docs.else.example"),
    ] {
        let world = World::with(&[(name, value)]).await;
        Walk::new(world.browser(), Person::default()).zip().await;
        let labels = ["brand=\"RE\"", "plans=\"none\""];
        assert_eq!(world.metric("enroll_nrg_offer_lists_total", &labels).await, 1.0, "{value}");
    }
}

#[tokio::test]
async fn odd_reading_is_counted_by_endpoint_and_field() {
    let world = World::with(&[("ENROLL__BRANDS__RE__PROMO_CODE", "ODDPLANS")]).await;
    Walk::new(world.browser(), Person::default()).to_plans().await.is_at("/plans");
    for field in ["averagePrice1000", "cancelFee", "contractTerm", "offerCode", "tosURL"] {
        let labels = ["endpoint=\"offers\"".to_owned(), format!("field=\"{field}\"")];
        let count =
            world.metric("enroll_nrg_odd_readings_total", &labels.each_ref().map(String::as_str)).await;
        assert!(count >= 1.0, "{field}: {count}");
    }
}

#[tokio::test]
async fn unknown_codes_are_counted_by_endpoint_and_field() {
    let world = World::with_fault_proxy(&[]).await;
    world.fault_proxy().once("tdsp", Reply::Changed(json!({"messageCode": "NEW_CODE"})));
    let unknown = "enroll_nrg_unknown_codes_total";
    let message = ["endpoint=\"tdsp\"", "field=\"messageCode\""];
    let status = ["endpoint=\"identity\"", "field=\"statusCode\""];
    assert_eq!((world.metric(unknown, &message).await, world.metric(unknown, &status).await), (0.0, 0.0));
    let walk = Walk::new(world.browser(), Person { last_name: "Oddstatus", ..Person::default() });
    walk.through_identity().await.is_at("/identity");
    assert_eq!((world.metric(unknown, &message).await, world.metric(unknown, &status).await), (1.0, 1.0));
}

#[tokio::test]
async fn refused_link_is_counted_by_endpoint() {
    let world = World::with_fault_proxy(&[]).await;
    let text = "See <a href='https://evil.example/form'>the form</a>.";
    world.fault_proxy().once(
        "identity",
        Reply::Changed(json!({"statusCode": "01", "messageCode": "BP_RESTRICTION", "messageText": text})),
    );
    let page = Walk::new(world.browser(), Person::default()).through_identity().await;
    page.is_at("/stop");
    page.says("the form");
    assert!(!page.body.contains("evil.example"));
    assert_eq!(world.metric("enroll_nrg_refused_links_total", &["endpoint=\"identity\""]).await, 1.0);
}

/// The page of metrics after one enrollment and a beginning too many, on a server that has a target of postbacks, and
/// brands with odd and with defective plans: every metric is on it.
pub async fn metrics_after_an_enrollment() -> String {
    let target = format!("http://{}/", free_port());
    let world = World::with(&[
        ("ENROLL__POSTBACKS__OWN__URL", &target),
        ("ENROLL__POSTBACKS__OWN__LOOPBACK", "true"),
        ("ENROLL__POSTBACKS__OWN__SECRET", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"),
        ("ENROLL__BRANDS__GM__PROMO_CODE", "BADPLANS"),
        ("ENROLL__BRANDS__CE__PROMO_CODE", "ODDPLANS"),
        ("ENROLL__LIMITS__BEGIN__ADDRESS", "1 per 1h"),
        ("ENROLL__FOLLOW_UP__ENABLED", "true"),
    ])
    .await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    assert_eq!(Walk::new(world.browser(), Person::default()).zip().await.status, 429);
    world.browser().get("/help?cid=%7Bclickid%7D").await.is_at("/help");
    world.forward(Duration::from_secs(3600));
    for _ in 0..100 {
        if world.metric("enroll_follow_ups_total", &["told=\"released\""]).await > 0.0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    world.private("/metrics").await.1
}

/// The answer of the private listener to who accepts `accept`: content type and text.
#[allow(clippy::disallowed_methods, reason = "a test's browser is not the door to NRG")]
async fn accepted(world: &World, accept: &str) -> (String, String) {
    let url = format!("http://{}/metrics", world.server.private_address);
    let answer = reqwest::Client::new().get(url).header("accept", accept).send().await.unwrap();
    (answer.headers()["content-type"].to_str().unwrap().to_owned(), answer.text().await.unwrap())
}

#[tokio::test]
async fn metrics_are_in_the_format_that_is_accepted() {
    let world = World::new().await;
    let (kind, page) = accepted(&world, "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.2").await;
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(page.ends_with("# EOF\n") && page.contains("# TYPE enroll_report_refused counter\n"), "{page}");
    let (kind, page) = accepted(&world, "*/*").await;
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    assert!(
        !page.contains("# EOF") && page.contains("# TYPE enroll_report_refused_total counter\n"),
        "{page}"
    );
}

#[tokio::test]
async fn metrics_pass_the_check_of_promtool() {
    let page = metrics_after_an_enrollment().await;
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else {
        println!("promtool skipped: it is not installed");
        return;
    };
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let checked = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[checked.stdout.as_slice(), &checked.stderr].concat()).into_owned();
    assert!(checked.status.success() && said.is_empty(), "{said}");
}

#[tokio::test]
async fn what_is_counted_in_the_database_is_absent_while_it_is_away() {
    let Some(database) = Database::new().await else { return };
    let env = [("ENROLL__STORE__URL", database.url.as_str()), ("ENROLL__STORE__CONNECTION_WAIT", "500ms")];
    let world = World::with(&env).await;
    let counted = ["\nenroll_sessions ", "\nenroll_submissions{", "\nenroll_clock_offset_seconds "];
    let (_, page) = world.private("/metrics").await;
    assert!(
        page.contains("\nenroll_store_up 1\n") && counted.iter().all(|name| page.contains(name)),
        "{page}"
    );
    // The world's clock is years ahead.
    assert!(world.metric("enroll_clock_offset_seconds", &[]).await > 1e6);
    database.drop().await;
    let (_, page) = world.private("/metrics").await;
    assert!(page.contains("\nenroll_store_up 0\n"), "{page}");
    assert!(!counted.iter().any(|name| page.contains(name)), "{page}");
}

#[tokio::test]
async fn dashboard_and_alerts_use_existing_metrics_only() {
    let page = metrics_after_an_enrollment().await;
    for file in [include_str!("../../deploy/grafana.json"), include_str!("../../deploy/alerts.yaml")] {
        let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
        let asked = file.split(|c| !is_name(c)).filter(|word| word.starts_with("enroll_"));
        let unknown: Vec<&str> = asked.filter(|name| !page.contains(&format!("\n{name}"))).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
