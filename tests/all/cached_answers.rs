//! Which of NRG's answers are kept for the next visitor, for how long, and who waits for them.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    Page, Person, Walk, World,
    fault_proxy::{Reply, html},
};

const MINUTE: Duration = Duration::from_secs(60);

fn visitor(world: &World) -> Walk {
    Walk::new(world.browser(), Person::default())
}

fn slow(seconds: u64) -> Reply {
    Reply::Later(Duration::from_secs(seconds), Box::new(Reply::Changed(json!({}))))
}

/// Loads `path` until the page says or lacks what is asked for.
async fn page_when(walk: &Walk, path: &str, right: impl Fn(&Page) -> bool) -> Page {
    for _ in 0..100 {
        let page = walk.browser.get(path).await;
        if right(&page) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{path} never comes to it")
}

#[tokio::test]
async fn utilities_of_a_zip_are_asked_for_once_in_hours() {
    let world = World::new().await;
    visitor(&world).zip().await.is_at("/plans");
    world.forward(5 * 60 * MINUTE);
    visitor(&world).zip().await.is_at("/plans");
    assert_eq!(world.sandbox.count("tdsp"), 1);
    for (person, calls) in [
        (Person { transaction: "SWI", ..Person::default() }, 2),
        (Person { zip: "75999", ..Person::default() }, 3),
    ] {
        Walk::new(world.browser(), person).zip().await.is_at("/plans");
        assert_eq!(world.sandbox.count("tdsp"), calls);
    }
    world.forward(61 * MINUTE);
    visitor(&world).zip().await.is_at("/plans");
    assert_eq!(world.sandbox.count("tdsp"), 4);
}

#[tokio::test]
async fn refusal_of_a_zip_is_asked_for_each_time() {
    let world = World::new().await;
    for visits in 1..=2 {
        let walk = Walk::new(world.browser(), Person { zip: "77990", ..Person::default() });
        walk.zip().await.is_at("/stop");
        assert_eq!(world.sandbox.count("tdsp"), visits * 5, "each brand, as all refuse");
    }
}

#[tokio::test]
async fn visitors_who_ask_for_a_zip_together_share_one_call() {
    let world = World::with_fault_proxy(&[]).await;
    world.fault_proxy().always("tdsp", slow(1));
    let walks: Vec<_> = (0..10).map(|_| visitor(&world)).collect();
    for page in futures_util::future::join_all(walks.iter().map(Walk::zip)).await {
        page.is_at("/plans");
    }
    assert_eq!(world.fault_proxy().count("tdsp"), 1);
}

#[tokio::test]
async fn old_plans_are_shown_at_once_and_renewed_behind_the_visitors_back() {
    let world = World::with_fault_proxy(&[]).await;
    let walk = visitor(&world);
    walk.zip().await.is_at("/plans");
    world.forward(6 * MINUTE);
    world.fault_proxy().always("offers", slow(1));
    for _ in 0..3 {
        let page = walk.browser.get("/plans").await;
        assert_eq!(page.status, 200);
        assert!(page.attributes("form[action='/plans']", "action").len() > 5, "the plans are shown");
    }
    assert_eq!(world.fault_proxy().count("offers"), 5, "no page waited for NRG");
    while world.fault_proxy().count("offers") < 10 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    walk.browser.get("/plans").await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(world.fault_proxy().count("offers"), 10, "each brand's plans are renewed once");
    assert!(world.metric("enroll_offer_lookups_total", &["found=\"stale\""]).await >= 5.0);
}

#[tokio::test]
async fn plans_beyond_the_bound_are_waited_for() {
    let world = World::with(&[("ENROLL__SESSION__IDLE", "23h"), ("ENROLL__SESSION__ABSOLUTE", "24h")]).await;
    let walk = visitor(&world);
    walk.zip().await.is_at("/plans");
    world.forward(6 * 60 * MINUTE);
    walk.browser.get("/plans").await;
    assert_eq!(world.sandbox.count("offers"), 10);
}

#[tokio::test]
async fn choice_is_checked_against_plans_of_the_day() {
    let world = World::with(&[("ENROLL__NRG__OFFERS_CACHE", "1h")]).await;
    // Ten minutes before midnight in Texas.
    world.forward((13 * 60 + 50) * MINUTE);
    visitor(&world).zip().await.is_at("/plans");
    world.forward(20 * MINUTE);
    let walk = visitor(&world);
    let plans = walk.zip().await;
    assert_eq!(world.sandbox.count("offers"), 5, "the list of the day before is shown");
    walk.plan(&plans).await.is_at("/address");
    assert_eq!(world.sandbox.count("offers"), 6, "the choice is checked against today's");
    let other = visitor(&world);
    let plans = other.zip().await;
    other.plan(&plans).await.is_at("/address");
    assert_eq!(world.sandbox.count("offers"), 6, "which is there for the next");
}

#[tokio::test]
async fn failed_plans_are_asked_for_again_after_seconds_and_counted() {
    let env = [("ENROLL__LIMITS__LOOK_UP__SESSION", "11 per 10m")];
    let world = World::with_fault_proxy(&env).await;
    world.fault_proxy().always("offers", html(404));
    let walk = visitor(&world);
    assert_eq!(walk.zip().await.status, 502);
    for _ in 0..40 {
        assert_eq!(walk.browser.get("/plans").await.status, 502);
    }
    assert_eq!(world.fault_proxy().count("offers"), 5, "40 views and one call a brand");
    world.forward(Duration::from_secs(11));
    assert_eq!(walk.browser.get("/plans").await.status, 502);
    assert_eq!(world.fault_proxy().count("offers"), 10);
    // One call for the ZIP and ten for plans: the eleven of the limit.
    world.forward(Duration::from_secs(11));
    assert_eq!(walk.browser.get("/plans").await.status, 429);
    assert_eq!(world.fault_proxy().count("offers"), 10);
    // Another visitor asks, and who is refused sees what has come of it.
    world.fault_proxy().pass_on();
    visitor(&world).zip().await.is_at("/plans");
    assert_eq!(walk.browser.get("/plans").await.status, 200);
}

#[tokio::test]
async fn brand_that_has_not_answered_is_missing_and_the_others_are_shown() {
    let world = World::with_fault_proxy(&[("ENROLL__SERVER__PATIENCE", "2s")]).await;
    world.fault_proxy().once("offers", slow(5));
    let walk = visitor(&world);
    let page = walk.zip().await;
    page.is_at("/plans");
    page.says("We can’t show");
    let whole = page_when(&walk, "/plans", |page| !page.text().contains("We can’t show")).await;
    assert_eq!(whole.status, 200);
    assert_eq!(world.fault_proxy().count("offers"), 5, "the call went on, and was not made again");
}

#[tokio::test]
async fn plans_of_which_none_has_come_are_waited_for_and_asked_once() {
    let world = World::with_fault_proxy(&[("ENROLL__SERVER__PATIENCE", "1s")]).await;
    world.fault_proxy().always("offers", slow(3));
    let walk = visitor(&world);
    let waiting = walk.zip().await;
    waiting.is_at("/plans");
    assert!(waiting.attributes("form[action='/plans']", "action").is_empty());
    page_when(&walk, "/plans", |page| !page.attributes("form[action='/plans']", "action").is_empty()).await;
    assert_eq!(world.fault_proxy().count("offers"), 5);
}

#[tokio::test]
async fn link_whose_area_takes_long_waits_and_calls_once() {
    let world = World::with_fault_proxy(&[("ENROLL__SERVER__PATIENCE", "1s")]).await;
    world.fault_proxy().always("tdsp", slow(3));
    let walk = visitor(&world);
    let link = "/?zip=77999&type=MVI&brand=RE&offer=51010401";
    let waiting = walk.browser.get(link).await;
    assert_eq!(waiting.status, 200);
    assert!(waiting.attributes("form[action='/']", "action").is_empty(), "{}", waiting.text());
    page_when(&walk, link, |page| page.path != "/").await;
    // The link's plan is chosen as soon as the plans are there.
    page_when(&walk, "/address", |page| page.path == "/address").await;
    assert_eq!(world.fault_proxy().count("tdsp"), 1);
}
