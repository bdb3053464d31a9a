//! Leaving asks once before the answers are deleted.

use crate::support::{Person, Walk, World};

#[tokio::test]
async fn leave_asks_before_it_deletes_the_answers() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    assert_eq!(page.attributes("footer a[href='/leave']", "href"), ["/leave"]);
    let asked = walk.browser.get("/leave").await;
    asked.is_at("/leave");
    asked.says("You can save it instead and continue later with a link.");
    // Whoever would rather go on, does.
    assert_eq!(asked.attributes("main p a", "href"), ["/contact"]);
    walk.browser.get("/contact").await.is_at("/contact");
    asked.form("/leave").submit(&walk.browser).await.is_at("/session-ended");
    walk.browser.get("/contact").await.is_at("/");
}

#[tokio::test]
async fn leave_offers_to_save_for_later_first() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await;
    let asked = walk.browser.get("/leave").await;
    assert_eq!(asked.attributes("main form", "action"), ["/later", "/leave"]);
    asked.form("/later").submit(&walk.browser).await.says("Your answers are saved");
}

#[tokio::test]
async fn leave_after_submission_says_that_it_keeps_going() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    let asked = walk.browser.get("/leave").await;
    asked.says("Your enrollment was submitted, and it keeps going.");
    assert_eq!(asked.attributes("main form", "action"), ["/leave"]);
}

#[tokio::test]
async fn leave_without_a_session_leads_to_session_ended() {
    World::new().await.browser().get("/leave").await.is_at("/session-ended");
}

#[tokio::test]
async fn link_into_a_begun_journey_can_start_over_with_it() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await;
    let before = world.journey(&walk.browser).await.unwrap();
    let page = walk.browser.get("/?zip=75999&type=SWI&cid=second").await;
    page.says("so the link changed nothing");
    // A change of language keeps the link, too.
    let page = page.form("/").switch_language(&page).submit(&walk.browser).await;
    page.says("el enlace no cambió nada");
    let begun = page.form("/start-over").submit(&walk.browser).await;
    begun.is_at("/");
    assert_eq!(begun.attributes("input[name=zip]", "value"), ["75999"]);
    assert_ne!(world.journey(&walk.browser).await.unwrap().id, before.id);
}
