//! Sessions that time out with answers worth keeping: put aside where the setting says so, for the birth date.

use std::time::Duration;

use crate::support::{Browser, Page, Person, Walk, World, database::Database};

const IDLE: Duration = Duration::from_secs(30 * 60);
const HOUR: Duration = Duration::from_secs(3600);
const KEEP: (&str, &str) = ("ENROLL__SESSION__KEEP_TIMED_OUT", "true");

async fn born(browser: &Browser, page: &Page, day: &str) -> Page {
    let form = page.form("/session-ended").set("birth_date_month", "3").set("birth_date_day", day);
    form.set("birth_date_year", "1985").submit(browser).await
}

/// The page at the end of the session of `browser`: it asks for the birth date.
async fn asks_birth_date(browser: &Browser) -> Page {
    let page = browser.get("/start-date").await;
    page.is_at("/session-ended");
    page.says("we put your answers aside");
    page
}

async fn is_deleted(browser: &Browser) {
    let page = browser.get("/session-ended").await;
    page.says("we deleted your answers");
    assert!(page.attributes("form[action^='/session-ended']", "action").is_empty());
}

async fn timed_out_and_resumed(world: &World) {
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.through_identity().await;
    page.says("only your date of birth opens them");
    let before = world.journey(&walk.browser).await.unwrap();
    let cookie = walk.browser.cookies()["cookie"].clone();
    world.forward(IDLE);
    // Found by its own browser, or by cleanup: the same.
    for cleaned in [false, true] {
        if cleaned {
            world.server.app.sessions.cleanup(1).await.unwrap();
        }
        let page = asks_birth_date(&walk.browser).await;
        page.never_says("Samplecase");
        assert!(!page.headers.contains_key("set-cookie"), "the cookie stays");
    }
    assert!(world.journey(&walk.browser).await.is_none(), "the cookie alone opens nothing");
    // Not on another device.
    is_deleted(&world.browser()).await;

    world.forward(10 * HOUR);
    let page = born(&walk.browser, &asks_birth_date(&walk.browser).await, "28").await;
    page.is_at("/start-date");
    let after = world.journey(&walk.browser).await.unwrap();
    assert_eq!((&after.id, &after.record, &after.person), (&before.id, &before.record, &before.person));
    assert_ne!(walk.browser.cookies()["cookie"], cookie);
    // Once more, and then to the end.
    world.forward(IDLE);
    let page = born(&walk.browser, &asks_birth_date(&walk.browser).await, "28").await;
    let review = walk.start_date(&page).await;
    walk.review(&review).await.is_at("/confirmation");
    assert_eq!((world.sandbox.count("identity"), world.sandbox.count("enroll")), (1, 1));
    // What was submitted needs nobody to go on.
    world.forward(IDLE);
    is_deleted(&walk.browser).await;
}

#[tokio::test]
async fn timed_out_session_is_resumed_in_its_browser_with_the_birth_date() {
    timed_out_and_resumed(&World::with(&[KEEP]).await).await;
    let Some(database) = Database::new().await else { return };
    let world = World::with(&[KEEP, ("ENROLL__STORE__URL", database.url.as_str())]).await;
    timed_out_and_resumed(&world).await;
    world.server.stop().await;
    database.drop().await;
}

#[tokio::test]
async fn timed_out_session_is_deleted_by_default_and_before_a_birth_date() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.through_identity().await.never_says("only your date of birth opens them");
    world.forward(IDLE);
    world.browser().get("/privacy").await.never_says("put aside");
    is_deleted(&walk.browser).await;

    let world = World::with(&[KEEP]).await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await.never_says("only your date of birth opens them");
    world.browser().get("/privacy").await.says("put aside for at most 12 hours");
    world.forward(IDLE);
    is_deleted(&walk.browser).await;
}

#[tokio::test]
async fn birth_date_of_timed_out_session_has_five_tries() {
    let world = World::with(&[KEEP]).await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.through_identity().await;
    world.forward(IDLE);
    let mut page = asks_birth_date(&walk.browser).await;
    for day in ["", "32"] {
        page = born(&walk.browser, &page, day).await;
        assert_eq!(page.status, 422);
    }
    for left in ["4 more times", "3 more times", "2 more times", "1 more time"] {
        page = born(&walk.browser, &page, "27").await;
        assert_eq!(page.status, 422);
        page.says(left);
        assert_eq!(page.attributes(".error-summary a", "href"), ["#birth_date_month"]);
    }
    born(&walk.browser, &page, "27").await.says("we deleted your answers");
    assert_eq!(world.server.app.sessions.count().await.unwrap(), 0);
}

#[tokio::test]
async fn timed_out_session_is_deleted_by_leaving_and_at_the_absolute_limit() {
    let world = World::with(&[KEEP]).await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.through_identity().await;
    world.forward(IDLE);
    let page = asks_birth_date(&walk.browser).await;
    page.form("/leave").submit(&walk.browser).await.says("Your answers have been deleted");
    assert_eq!(world.server.app.sessions.count().await.unwrap(), 0);

    let walk = Walk::new(world.browser(), Person::default());
    walk.through_identity().await;
    world.forward(12 * HOUR - Duration::from_secs(1));
    let page = asks_birth_date(&walk.browser).await;
    world.forward(Duration::from_secs(1));
    born(&walk.browser, &page, "28").await.says("we deleted your answers");
}

#[tokio::test]
async fn tries_of_a_timed_out_session_are_rate_limited() {
    let world = World::with(&[KEEP, ("ENROLL__LIMITS__RESUME__ADDRESS", "1 per 1h")]).await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.through_identity().await;
    world.forward(IDLE);
    let page = asks_birth_date(&walk.browser).await;
    assert_eq!(born(&walk.browser, &page, "27").await.status, 422);
    assert_eq!(born(&walk.browser, &page, "28").await.status, 429);
}
