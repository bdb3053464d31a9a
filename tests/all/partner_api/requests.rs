//! Requests that are odd, too many, repeated, or a browser's on a page of somebody else's.

use std::time::Duration;

use super::{Answer, ENABLED, PLANS, asked};
use crate::support::{Browser, World};

const OPEN: (&str, &str) = ("ENROLL__API__OPEN", "true");
const ORIGIN: &str = "https://www.affiliate.test";

#[tokio::test]
async fn odd_query_is_a_problem_that_names_each_parameter() {
    let (world, key) = World::with_api(&[]).await;
    for (query, fields) in [
        ("", &["zip", "type"][..]),
        ("zip=7799&type=XXX", &["zip", "type"]),
        ("zip=77999&type=MVI&zip=77998", &["zip"]),
        ("zip=77999&type=MVI&kwh=none&lang=de&brand=XX&utility=1", &["utility", "brand", "kwh", "lang"]),
        ("zip=77999&type=MVI&%22%3E%3Cscript%3E=1", &["\"><script>"]),
        ("zip=77999&type=MVI&waits=1", &["waits"]),
        ("zip=%00%F1&type=MVI", &["zip"]),
    ] {
        let refused = world.api(&format!("/api/plans?{query}"), &key).await;
        assert_eq!((refused.status, refused.problem()), (400, "invalid-parameters"), "{query}");
        let errors: Vec<String> = refused.errors().into_iter().map(|(field, _)| field).collect();
        assert_eq!(errors, fields, "{query}");
    }
    assert!(world.sandbox.calls().is_empty());
}

#[tokio::test]
async fn other_methods_and_addresses_are_problems_and_head_is_get() {
    let (world, key) = World::with_api(&[]).await;
    let browser = world.browser();
    let headers = [("authorization", key.as_str())];
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let refused = browser.ask(method, PLANS, &headers).await;
        assert_eq!(refused.status(), 405, "{method}");
        assert_eq!(refused.headers()["allow"], "GET,HEAD");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
    for path in ["/api", "/api/", "/api/plan", "/api/plans/", "/api/plans/RE", "/api/journeys/"] {
        let refused = browser.ask("GET", path, &headers).await;
        assert_eq!(refused.status(), 404, "{path}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json", "{path}");
    }
    let head = browser.ask("HEAD", PLANS, &headers).await;
    assert_eq!(head.status(), 200);
    assert!(head.headers().contains_key("etag"));
    assert_eq!(head.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn api_that_is_off_has_nothing() {
    let world = World::with(&[("ENROLL__API__ORIGINS", ORIGIN)]).await;
    let key = world.partner("shop", None).await;
    for path in [PLANS, "/api/openapi.json"] {
        let none = asked(&world.base, path, &[("authorization", &key), ("origin", ORIGIN)]).await;
        assert_eq!((none.status, none.problem()), (404, "not-found"), "{path}");
        assert!(!none.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn open_feed_is_limited_by_address_and_partners_by_name() {
    let env = [
        ENABLED,
        OPEN,
        ("ENROLL__LIMITS__FEED__ADDRESS", "2 per 1h"),
        ("ENROLL__LIMITS__FEED__PARTNER", "3 per 1h"),
    ];
    let world = World::with(&env).await;
    let statuses = async |headers: &[(&str, &str)], times: usize| {
        let mut statuses = Vec::new();
        for _ in 0..times {
            statuses.push(asked(&world.base, PLANS, headers).await.status);
        }
        statuses
    };
    assert_eq!(statuses(&[], 3).await, [200, 200, 429]);
    let keys = [world.partner("one", None).await, world.partner("one", None).await];
    let two = world.partner("two", None).await;
    assert_eq!(statuses(&[("authorization", &keys[0])], 2).await, [200, 200]);
    assert_eq!(statuses(&[("authorization", &keys[1])], 2).await, [200, 429], "its keys count together");
    assert_eq!(statuses(&[("authorization", &two)], 1).await, [200], "another one waits for nobody");
    assert_eq!(statuses(&[("authorization", "Bearer x")], 1).await, [401], "open as it is");
    let refused = asked(&world.base, PLANS, &[]).await;
    assert_eq!(refused.problem(), "too-many-requests");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3600 + 301).contains(&wait), "{wait}");
    world.forward(Duration::from_secs(wait));
    assert_eq!(statuses(&[], 1).await, [200]);
}

#[tokio::test]
async fn pages_of_listed_origins_alone_may_read_the_answers() {
    let (world, key) =
        World::with_api(&[("ENROLL__API__ORIGINS", "https://www.affiliate.test,https://b.test")]).await;
    let allowed = |headers: &http::HeaderMap| {
        headers.get("access-control-allow-origin").map(|origin| origin.to_str().unwrap().to_owned())
    };
    for (origin, expected) in [
        (ORIGIN, Some(ORIGIN)),
        ("https://b.test", Some("https://b.test")),
        ("https://www.affiliate.test.evil.test", None),
        ("http://www.affiliate.test", None),
        ("https://www.affiliate.test:8443", None),
        ("https://affiliate.test", None),
        ("null", None),
    ] {
        for (path, key) in [(PLANS, key.as_str()), (PLANS, "Bearer x"), ("/api/plans", key.as_str())] {
            let answer = asked(&world.base, path, &[("authorization", key), ("origin", origin)]).await;
            assert_eq!(allowed(&answer.headers).as_deref(), expected, "{origin} {}", answer.status);
            assert!(answer.headers["vary"].to_str().unwrap().to_lowercase().contains("origin"));
            assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        }
        let preflight = [
            ("origin", origin),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "authorization"),
        ];
        let preflight = world.browser().ask("OPTIONS", PLANS, &preflight).await;
        assert_eq!(allowed(preflight.headers()).as_deref(), expected, "{origin}");
        assert_eq!(preflight.headers()["access-control-allow-methods"], "GET");
        assert!(
            preflight.headers()["access-control-allow-headers"].to_str().unwrap().contains("authorization")
        );
    }
    assert_eq!(world.sandbox.count("tdsp"), 1, "no preflight asks NRG");
}

#[tokio::test]
async fn answer_that_is_known_is_not_sent_again() {
    let (world, key) = World::with_api(&[OPEN]).await;
    let feed = world.api(PLANS, &key).await;
    assert_eq!(feed.headers["cache-control"], "private, max-age=60");
    let tag = feed.headers["etag"].to_str().unwrap().to_owned();
    let again = async |tag: &str, path: &str| -> Answer {
        asked(&world.base, path, &[("authorization", &key), ("if-none-match", tag)]).await
    };
    for known in [&*tag, &format!("\"other\", {tag}"), tag.trim_start_matches("W/"), "*"] {
        let known = again(known, PLANS).await;
        assert_eq!((known.status, known.text.as_str()), (304, ""));
        assert_eq!(known.headers["etag"], *tag);
        assert_eq!(known.headers["cache-control"], "private, max-age=60");
    }
    for other in ["\"other\"", "", "W/"] {
        assert_eq!(again(other, PLANS).await.status, 200, "{other}");
    }
    for other in ["&kwh=500", "&lang=es", "&brand=RE"] {
        assert_eq!(again(&tag, &format!("{PLANS}{other}")).await.status, 200, "{other}");
    }
    let open = asked(&world.base, PLANS, &[]).await;
    assert_eq!(open.headers["cache-control"], "public, max-age=60");
    assert_eq!(open.headers["etag"], *tag);
}

#[tokio::test]
async fn nothing_begins_by_asking_for_plans() {
    let (world, key) = World::with_api(&[OPEN]).await;
    let browser = Browser::new(&world.base);
    for headers in [&[("authorization", key.as_str())][..], &[], &[("authorization", "Bearer x")]] {
        for path in [PLANS, "/api/plans", "/api/plans?zip=77999&type=MVI&cid=1", "/api/openapi.json"] {
            let answer = browser.ask("GET", path, headers).await;
            assert!(!answer.headers().contains_key("set-cookie"), "{path}");
        }
    }
    assert!(!browser.cookies().contains_key("cookie"));
    let url = format!("sqlite://{}", world.data.path().join("demo.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    world.server.app.funnel.flush().await.unwrap();
    for table in ["sessions", "claims", "submissions", "consents", "postbacks", "funnel_counts"] {
        let rows: (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")))
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(rows.0, 0, "{table}");
    }
    pool.close().await;
    // A visitor's own session is neither read nor changed.
    let visitor = crate::support::Walk::new(world.browser(), crate::support::Person::default());
    visitor.zip().await.is_at("/plans");
    let before = visitor.browser.cookies();
    let spanish = visitor.browser.ask("GET", &format!("{PLANS}&lang=es"), &[]).await;
    assert_eq!((spanish.status().as_u16(), visitor.browser.cookies()), (200, before));
    assert_eq!(visitor.browser.get("/plans").await.attributes("html", "lang"), ["en"]);
}
