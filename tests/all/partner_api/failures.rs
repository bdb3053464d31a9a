//! What a partner is told while NRG is away, slow or mad, and while a brand or the site is out.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ENABLED, PLANS};
use crate::support::{
    World,
    fault_proxy::{Reply, html},
};

async fn world(env: &[(&str, &str)]) -> (World, String) {
    let world =
        World::with_fault_proxy(&[&[ENABLED, ("ENROLL__SERVER__PATIENCE", "1s")], env].concat()).await;
    let key = world.partner("shop", None).await;
    (world, key)
}

fn slow(seconds: u64) -> Reply {
    Reply::Later(Duration::from_secs(seconds), Box::new(Reply::Changed(json!({}))))
}

/// The brands that are named as without plans, each with the reason.
fn unavailable(feed: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = feed["unavailable"].as_array().unwrap();
    all.iter().map(|one| (text(&one["brand"]["id"]), text(&one["reason"]))).collect()
}

#[tokio::test]
async fn nrg_away_or_mad_is_a_problem() {
    for endpoint in ["tdsp", "offers"] {
        for (reply, status, problem) in [
            (Reply::Reset, 503, "nrg-away"),
            (html(500), 503, "nrg-away"),
            (html(200), 502, "nrg-unusable"),
            (Reply::Half, 0, ""),
        ] {
            let (world, key) = world(&[]).await;
            world.fault_proxy().always(endpoint, reply.clone());
            let failed = world.api(PLANS, &key).await;
            let kind = failed.problem();
            if status == 0 {
                assert!([502, 503].contains(&failed.status), "{endpoint} {reply:?}");
                continue;
            }
            assert_eq!((failed.status, kind), (status, problem), "{endpoint} {reply:?}");
            assert_eq!(failed.headers.contains_key("retry-after"), status == 503);
        }
    }
}

#[tokio::test]
async fn nrg_slow_is_a_problem_within_patience_and_the_answer_comes_later() {
    for endpoint in ["tdsp", "offers"] {
        let (world, key) = world(&[]).await;
        world.fault_proxy().always(endpoint, slow(3));
        let began = Instant::now();
        let waiting = world.api(PLANS, &key).await;
        assert!(began.elapsed() < Duration::from_millis(2500), "{endpoint}: {:?}", began.elapsed());
        assert_eq!((waiting.status, waiting.problem()), (503, "nrg-slow"), "{endpoint}");
        assert_eq!(waiting.headers["retry-after"], "5");
        tokio::time::sleep(Duration::from_millis(2500)).await;
        world.fault_proxy().pass_on();
        assert_eq!(world.api(PLANS, &key).await.status, 200, "{endpoint}");
        assert_eq!(world.fault_proxy().count("tdsp"), 1);
    }
}

#[tokio::test]
async fn brand_without_an_answer_is_named_and_the_answer_is_not_kept() {
    let (world, key) = world(&[]).await;
    world.fault_proxy().once("offers", html(404));
    let feed = world.api(PLANS, &key).await;
    assert_eq!(feed.headers["cache-control"], "no-cache");
    let named = unavailable(&feed.body);
    assert_eq!((named.len(), named[0].1.as_str()), (1, "no_answer"));
    assert!(feed.plans().iter().all(|plan| plan["brand"]["id"] != named[0].0));
}

#[tokio::test]
async fn brand_that_is_out_is_named_and_its_own_list_is_a_problem() {
    let (world, key) = world(&[("ENROLL__BRANDS__GM__OUTAGE", "true")]).await;
    let feed = world.api(PLANS, &key).await;
    assert_eq!(unavailable(&feed.body), [("GM".to_owned(), "outage".to_owned())]);
    assert_eq!(feed.headers["cache-control"], "private, max-age=60");
    let other = world.api(&format!("{PLANS}&brand=RE"), &key).await;
    assert_eq!(unavailable(&other.body), []);
    let out = world.api(&format!("{PLANS}&brand=GM"), &key).await;
    assert_eq!((out.status, out.problem()), (503, "outage"));
}

#[tokio::test]
async fn outage_of_the_site_says_when_it_ends() {
    let window = ("ENROLL__OUTAGE__WINDOWS", "2030-06-18T09:00/2030-06-18T12:00");
    let (world, key) = world(&[window]).await;
    let out = world.api(PLANS, &key).await;
    assert_eq!((out.status, out.problem()), (503, "outage"));
    assert_eq!(out.headers["retry-after"], "7201");
    assert_eq!(world.fault_proxy().count("tdsp"), 0);
    assert_eq!(world.metric("enroll_requests_total", &["step=\"outage\"", "status=\"503\""]).await, 1.0);
    world.forward(Duration::from_secs(7201));
    assert_eq!(world.api(PLANS, &key).await.status, 200);
}

#[tokio::test]
async fn database_that_is_gone_is_a_problem() {
    let (world, key) = world(&[]).await;
    let url = format!("sqlite://{}", world.data.path().join("demo.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::raw_sql("ALTER TABLE partners RENAME TO partners_away").execute(&pool).await.unwrap();
    let failed = world.api(PLANS, &key).await;
    assert_eq!((failed.status, failed.problem()), (503, "unavailable"));
    assert!(!failed.text.contains("partners_away") && !failed.text.contains("table"), "{}", failed.text);
    pool.close().await;
}
