//! Requests behind which no visitor stands: link checkers, browsers that fetch before a click, images and frames of other
//! pages. Nothing begins by them.

use std::time::Duration;

use super::walk;
use crate::support::{Person, Walk, World};

/// A link that begins a journey, asks NRG for the utilities and goes to the page of a plan's first question.
const LINK: &str = "/?cid=click-1&zip=77999&type=MVI&brand=RE&offer=59990001";

/// How many rows the tables have that a request may begin something in: sessions, counted attempts, postbacks.
async fn rows(world: &World) -> i64 {
    let store = format!("sqlite://{}/demo.db", world.data.path().display());
    let pool = sqlx::SqlitePool::connect(&store).await.unwrap();
    let all = "SELECT (SELECT COUNT(*) FROM sessions) + (SELECT COUNT(*) FROM limits) + (SELECT COUNT(*) FROM postbacks)";
    let (rows,): (i64,) = sqlx::query_as(all).fetch_one(&pool).await.unwrap();
    rows
}

async fn nothing_has_begun(world: &World, what: &str) {
    assert_eq!(rows(world).await, 0, "{what}");
    assert_eq!(world.sandbox.calls().len(), 0, "{what}");
}

#[tokio::test]
async fn head_of_link_answers_and_begins_nothing() {
    let world = World::new().await;
    for path in [LINK, "/?cid=click-1", "/?lang=es", "/plans"] {
        let answer = world.browser().ask("HEAD", path, &[]).await;
        assert!(answer.status().is_success() || answer.status().is_redirection(), "{path}");
        assert!(!answer.headers().contains_key("set-cookie"), "{path}");
    }
    nothing_has_begun(&world, "HEAD").await;
}

#[tokio::test]
async fn link_fetched_before_its_click_begins_at_the_click() {
    let world = World::new().await;
    let browser = world.browser();
    for header in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let early = browser.ask("GET", LINK, &[header]).await;
        assert_eq!(
            (early.status().as_u16(), &early.headers()["cache-control"]),
            (503, &"no-store".parse().unwrap())
        );
        assert!(!early.headers().contains_key("set-cookie"));
    }
    nothing_has_begun(&world, "prefetch").await;
    let page = browser.get("/").await;
    let style = page.attributes("link[rel=stylesheet]", "href")[0].clone();
    assert_eq!(browser.ask("GET", &style, &[("sec-purpose", "prefetch")]).await.status(), 200);
    let page = browser.get(LINK).await;
    page.is_at("/plans");
    assert!(world.journey(&browser).await.is_some());
}

#[tokio::test]
async fn images_of_foreign_page_begin_and_count_nothing() {
    let world = World::with(&[("ENROLL__LIMITS__BEGIN__ADDRESS", "1 per 1h")]).await;
    let browser = world.browser();
    for (dest, mode) in
        [("image", "no-cors"), ("iframe", "navigate"), ("script", "no-cors"), ("empty", "cors")]
    {
        let headers = [("sec-fetch-dest", dest), ("sec-fetch-mode", mode), ("sec-fetch-site", "cross-site")];
        for _ in 0..15 {
            let answer = browser.ask("GET", LINK, &headers).await;
            assert!(!answer.headers().contains_key("set-cookie"), "{dest}");
        }
    }
    nothing_has_begun(&world, "images").await;
    // The visitor of that page has the same address.
    let headers =
        [("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "cross-site")];
    let answer = browser.ask("GET", LINK, &headers).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/plans".parse().unwrap()));
}

#[tokio::test]
async fn image_with_cookie_asks_nothing_and_keeps_nothing_alive() {
    let world = World::new().await;
    let walk = walk(&world);
    walk.to_contact().await;
    let calls = world.sandbox.calls().len();
    let image = [("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-site", "same-site")];
    world.forward(Duration::from_secs(20 * 60));
    for path in ["/plans", "/contact?lang=es", "/start-date"] {
        let answer = walk.browser.ask("GET", path, &image).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["location"]),
            (303, &"/".parse().unwrap()),
            "{path}"
        );
    }
    assert_eq!(world.sandbox.calls().len(), calls);
    world.forward(Duration::from_secs(11 * 60));
    walk.browser.get("/contact").await.is_at("/session-ended");
}

#[tokio::test]
async fn requests_of_own_script_find_their_session() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await;
    let base = format!("http://{}", world.server.address);
    let script = [
        ("sec-fetch-dest", "empty"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-site", "same-origin"),
        ("origin", base.as_str()),
    ];
    assert_eq!(walk.browser.ask("GET", "/contact", &script[..3]).await.status(), 200);
    assert_eq!(walk.browser.post_only("/stay", &[], &script).await.status(), 204);
}
