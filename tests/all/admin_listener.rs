//! Guesses at the report's password, names that lead to the admin listener, and the log of both listeners.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use nrg_enroll::cli::health;

use crate::support::{World, log::Log, raw};

const PASSWORD: &str = "correct horse battery";

impl World {
    /// The answer of the admin listener to a request for `path` with these headers: its status and its Retry-After.
    async fn admin(&self, path: &str, headers: &[(&str, &str)]) -> (u16, Option<String>) {
        let mut request = reqwest::Client::new().get(format!("http://{}{path}", self.server.private_address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let after = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), after)
    }

    /// The answer to a guess at the report's password.
    async fn guess(&self, password: &str) -> (u16, Option<String>) {
        let basic = format!("Basic {}", STANDARD.encode(format!("anyone:{password}")));
        self.admin("/report", &[("authorization", &basic)]).await
    }
}

#[tokio::test]
async fn guesses_at_report_password_are_delayed_counted_and_logged() {
    let log = Log::listen();
    let world = World::with(&[("ENROLL__REPORT__PASSWORD", PASSWORD)]).await;
    // What a browser asks first is no guess.
    assert_eq!(world.admin("/report", &[]).await.0, 401);
    assert_eq!(world.metric("enroll_report_refused_total", &[]).await, 0.0);

    let begun = Instant::now();
    for number in 0..5 {
        assert_eq!(world.guess(&format!("canary-guess-{number}")).await.0, 401);
    }
    // 100, 200, 400 and 800 ms.
    assert!(begun.elapsed() >= Duration::from_millis(1500), "{:?}", begun.elapsed());
    assert_eq!(world.metric("enroll_report_refused_total", &[]).await, 5.0);

    let flood = join_all((0..60).map(|_| world.guess("canary-guess"))).await;
    let turned_away: Vec<_> = flood.iter().filter(|(status, _)| *status == 429).collect();
    // Two wait at a time, for more than a second each.
    assert!((45..=58).contains(&turned_away.len()), "{}", turned_away.len());
    assert!(turned_away.iter().all(|(_, after)| after.as_deref() == Some("20")));
    assert_eq!(world.metric("enroll_report_refused_total", &[]).await, 65.0);

    // The right one has its turn after the pause, and ends it.
    let begun = Instant::now();
    assert_eq!(world.guess(PASSWORD).await.0, 200);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let begun = Instant::now();
    assert_eq!((world.guess(PASSWORD).await.0, world.guess("wrong").await.0), (200, 401));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());

    let lines = log.lines("report: wrong password");
    let counts: Vec<_> = lines.iter().map(|line| line["in_a_row"].as_u64().unwrap()).collect();
    let in_a_row = 65 - u64::try_from(turned_away.len()).unwrap();
    assert_eq!(counts, (1..=in_a_row).chain([1]).collect::<Vec<_>>());
    assert!(lines.iter().all(|line| line["level"] == "WARN"));
    assert!(!log.text().contains("canary") && !log.text().contains(PASSWORD));
}

#[tokio::test]
async fn admin_listener_refuses_a_name_that_is_not_listed() {
    let world = World::with(&[
        ("ENROLL__REPORT__PASSWORD", PASSWORD),
        ("ENROLL__SERVER__PRIVATE_HOSTS", "one,enroll.corp.test"),
    ])
    .await;
    for (host, status) in [
        ("rebound.evil.test:9090", 421),
        ("rebound.evil.test", 421),
        ("127.0.0.1.evil.test", 421),
        ("one.evil.test", 421),
        ("one:9090", 200),
        ("enroll.corp.test", 200),
        ("localhost:9090", 200),
        ("10.1.2.3:9090", 200),
        ("[::1]:9090", 200),
    ] {
        for path in ["/healthz", "/metrics", "/report"] {
            let answered = world.admin(path, &[("host", host)]).await.0;
            let expected = if path == "/report" && status == 200 { 401 } else { status };
            assert_eq!(answered, expected, "{host} {path}");
        }
    }
    assert_eq!(health::ask(world.server.private_address, false).await.unwrap(), "ok");
    // As old probes ask.
    let answer =
        raw::send(world.server.private_address, &[b"GET /healthz HTTP/1.0\r\n\r\n"], Duration::ZERO).await;
    assert!(answer.text.starts_with("HTTP/1.0 200"), "{}", answer.text);
}

#[tokio::test]
async fn admin_requests_are_logged_and_those_of_probes_at_debug() {
    let log = Log::listen();
    let world = World::with(&[("ENROLL__REPORT__PASSWORD", PASSWORD)]).await;
    for path in ["/healthz", "/readyz", "/metrics", "/report?from=canary-query", "/nothing"] {
        world.admin(path, &[]).await;
    }
    world.admin("/metrics", &[("host", "evil.test")]).await;
    let lines: Vec<_> = log
        .lines("admin request")
        .iter()
        .map(|line| {
            assert!(line["duration_ms"].is_u64(), "{line}");
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            (text("level"), text("method"), text("path"), line["status"].as_u64().unwrap())
        })
        .collect();
    let line =
        |level: &str, path: &str, status| (level.to_owned(), "GET".to_owned(), path.to_owned(), status);
    assert_eq!(
        lines,
        [
            line("DEBUG", "/healthz", 200),
            line("DEBUG", "/readyz", 200),
            line("DEBUG", "/metrics", 200),
            line("INFO", "/report", 401),
            line("INFO", "/nothing", 404),
            line("INFO", "/metrics", 421),
        ]
    );
    assert!(!log.text().contains("canary"));
}

#[tokio::test]
async fn log_line_of_a_long_or_invisible_path_is_bounded() {
    let log = Log::listen();
    let world = World::new().await;
    let long = "a".repeat(20_000);
    let method = "M".repeat(9_000);
    for (address, admin) in [(world.server.address, false), (world.server.private_address, true)] {
        for request in [
            format!("GET /{long} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"),
            format!("{method} /{long} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"),
            "GET /\u{202e}gnp\u{85} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned(),
        ] {
            let before = log.text().len();
            let answer = raw::send(address, &[request.as_bytes()], Duration::ZERO).await;
            assert!(!answer.statuses().is_empty(), "{}", answer.text);
            let text = log.text();
            let lines: Vec<_> = text[before..].lines().collect();
            assert!(lines.len() <= 2 && lines.iter().all(|line| line.len() < 1500), "{lines:?}");
            assert!(!text.contains(['\u{202e}', '\u{85}']));
        }
        let lines = log.lines(if admin { "admin request" } else { "request" });
        assert_eq!(lines[0]["path"], format!("/{}…", "a".repeat(199)));
        assert_eq!(lines[1]["method"], format!("{}…", "M".repeat(200)));
        assert_eq!(lines[2]["path"], "/\\u{202e}gnp\\u{85}");
    }
}
