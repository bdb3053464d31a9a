//! The link: opened once, by a person, in time; and what is kept where it leads over another enrollment.

use std::time::Duration;

use super::{customer, opened, values, word, world};
use crate::support::{Browser, Page, Person, Walk, World, database::Database};

const HOUR: Duration = Duration::from_secs(3600);

#[track_caller]
fn is_gone(page: &Page) {
    assert_eq!(page.status, 410, "{}", page.text());
    page.says("This link no longer works");
    page.says("(866) 222-7100");
    assert_eq!(page.attributes("main .button", "href"), ["/"]);
}

async fn link_opens_once(env: &[(&str, &str)]) {
    let (world, key) = world(env).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    let (order_id, link) = (handed.order_id(), handed.link());
    // What is no person's look uses nothing up, nor does a look.
    let program = [("user-agent", "facebookexternalhit/1.1")];
    for (method, headers) in
        [("HEAD", &[][..]), ("GET", &[("sec-purpose", "prefetch")]), ("GET", &program), ("GET", &[])]
    {
        let seen = world.browser().ask(method, &link, headers).await;
        assert!(!seen.headers().contains_key("set-cookie"));
    }
    let program = world.browser().ask("GET", &link, &program).await;
    assert!(!program.text().await.unwrap().contains("The Shop"), "it is nobody's preview");
    assert_eq!(world.stands(&key, order_id).await, ["waiting", "", "", ""].map(word));

    let asked = world.browser().get(&link).await;
    // The answer is lost: the browser has no cookie, and asks again.
    let form = asked.form("/handed-over");
    let lost = world.browser().post_only("/handed-over", form.fields(), &[]).await;
    assert_eq!(lost.status(), 303);
    assert_eq!(lost.headers()["location"], "/?given=1");
    let browser = world.browser();
    opened(&browser, &link).await.is_at("/address");
    // Its cookie has come back: the link is used, for everybody else.
    is_gone(&world.browser().get(&link).await);
    is_gone(&asked.form("/handed-over").submit(&world.browser()).await);
    // In the same browser it leads to where the journey stands.
    browser.get(&link).await.is_at("/address");
    asked.form("/handed-over").submit(&browser).await.is_at("/address");
    world.server.stop().await;
}

#[tokio::test]
async fn link_opens_once_and_only_for_a_person() {
    link_opens_once(&[]).await;
}

#[tokio::test]
async fn link_opens_once_and_only_for_a_person_on_postgresql() {
    let Some(database) = Database::new().await else { return };
    link_opens_once(&[("ENROLL__STORE__URL", &database.url)]).await;
    database.drop().await;
}

#[tokio::test]
async fn link_that_is_too_old_or_none_opens_nothing() {
    let (world, key) = world(&[("ENROLL__API__LINK_VALID", "48h")]).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    for code in ["", "x", "2345-6789-ABCD", "2345-6789-ABC%00", "%F1"] {
        is_gone(&world.browser().get(&format!("/handed-over?code={code}")).await);
    }
    assert_eq!(world.browser().get("/handed-over").await.status, 404);
    let kept = world.browser().get(&handed.link()).await;
    world.forward(48 * HOUR);
    is_gone(&world.browser().get(&handed.link()).await);
    is_gone(&kept.form("/handed-over").submit(&world.browser()).await);
    assert_eq!(world.stands(&key, handed.order_id()).await, ["expired", "", "", ""].map(word));
    world.server.app.sessions.cleanup(100).await.unwrap();
    assert_eq!(world.stands(&key, handed.order_id()).await, ["expired", "", "", ""].map(word));
}

/// Opened long after a session would have ended, it lasts as long as every other from then on.
#[tokio::test]
async fn time_of_a_journey_begins_when_its_link_is_opened() {
    let (world, key) = world(&[("ENROLL__API__LINK_VALID", "48h")]).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    world.forward(40 * HOUR);
    world.server.app.sessions.cleanup(100).await.unwrap();
    let browser = world.browser();
    let page = opened(&browser, &handed.link()).await;
    page.is_at("/address");
    let idle = Duration::from_secs(29 * 60);
    for _ in 0..24 {
        world.forward(idle);
        browser.get("/address").await.is_at("/address");
    }
    // And no longer.
    world.forward(idle);
    browser.get("/address").await.is_at("/session-ended");
}

#[tokio::test]
async fn page_says_that_the_enrollment_of_this_browser_is_replaced() {
    let (world, key) = world(&[]).await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await.is_at("/contact");
    let before = world.journey(&walk.browser).await.unwrap();
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    let page = walk.browser.get(&handed.link()).await;
    page.says("You’ve started another enrollment in this browser");
    walk.browser.get("/contact").await.is_at("/contact");
    opened(&walk.browser, &handed.link()).await.is_at("/address");
    let after = world.journey(&walk.browser).await.unwrap();
    assert_ne!(before.id, after.id);
    assert!(after.contact.is_none());
}

/// The resume page is for what a person has saved.
#[tokio::test]
async fn code_of_a_handover_resumes_nothing() {
    let (world, key) = world(&[]).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    let page = world.browser().get(&handed.link().replace("/handed-over", "/resume")).await;
    assert_eq!(page.status, 410);
    opened(&world.browser(), &handed.link()).await.is_at("/address");
}

/// Saves the journey of `browser` for later. Returns the link to it.
async fn later(browser: &Browser, page: &Page) -> String {
    let saved = page.form("/later").submit(browser).await;
    let link = saved.attributes("main .saved a", "href").remove(0);
    format!("/resume{}", link.split_once("/resume").unwrap().1)
}

#[tokio::test]
async fn saved_journey_asks_for_the_phone_number_that_was_given() {
    let (world, key) = world(&[]).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    let browser = world.browser();
    let page = opened(&browser, &handed.link()).await;
    let link = later(&browser, &page).await;
    let other = world.browser();
    let asked = other.get(&link).await;
    asked.form("/resume").set("phone", "713-555-0100").submit(&other).await.says("isn’t what you entered");
    let page = asked.form("/resume").set("phone", "(713) 555-0187").submit(&other).await;
    page.is_at("/address");
    assert_eq!(values(&page, &["street"]), ["100 Example Oak Ln"]);
}

#[tokio::test]
async fn saved_journey_without_phone_number_shows_no_name() {
    let (world, key) = world(&[]).await;
    let mut body = customer(&world, &key).await;
    body.as_object_mut().unwrap().remove("phone");
    let handed = world.hand_over(&key, &body).await;
    let browser = world.browser();
    let page = opened(&browser, &handed.link()).await;
    let link = later(&browser, &page).await;
    let other = world.browser();
    let address = other.get(&link).await.form("/resume").submit(&other).await;
    address.is_at("/address");
    let contact = address.form("/address").submit(&other).await;
    contact.is_at("/contact");
    assert_eq!(values(&contact, &["first_name", "email"]), ["", ""]);
}

#[tokio::test]
async fn handover_of_one_site_opens_at_no_other() {
    let env = [
        ("ENROLL__API__ENABLED", "true"),
        ("ENROLL__SITES__BETA__PUBLIC_URL", "http://localhost"),
        ("ENROLL__SITES__BETA__AFFILIATE__NAME", "Beta Sample Power"),
    ];
    let world = World::with(&env).await;
    let key = world.partner("shop", None).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    let beta = Browser::new(&format!("http://localhost:{}", world.server.address.port()));
    is_gone(&beta.get(&handed.link()).await);
    opened(&world.browser(), &handed.link()).await.is_at("/address");
}
