//! The reminder after a session has timed out, where it was agreed to.

use std::time::Duration;

use nrg_enroll::mail::State;

use super::links;
use crate::support::{Page, Person, Walk, World, database::Database};

const MINUTE: Duration = Duration::from_secs(60);

/// Answers the contact page, and agrees to be reminded if `agrees`.
async fn contact(world: &World, agrees: bool) -> (Walk, Page) {
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    assert_eq!(
        page.attributes("input[name=reminder][checked]", "name").len(),
        0,
        "it is not ticked at first"
    );
    let form = page
        .form("/contact")
        .set("first_name", "Jordan")
        .set("last_name", "Samplecase")
        .set("email", "jordan.samplecase@example.com")
        .set("phone", "(713) 555-0142");
    let form = if agrees { form.set("reminder", "yes") } else { form };
    let page = form.submit(&walk.browser).await;
    page.is_at("/identity");
    (walk, page)
}

/// Lets the sessions of `world` time out.
async fn time_out(world: &World) {
    world.forward(31 * MINUTE);
    world.server.app.sessions.cleanup(100).await.unwrap();
}

async fn reminded_once(world: &World) {
    let (walk, _) = contact(world, true).await;
    let journey = world.journey(&walk.browser).await.unwrap();
    assert!(world.outbox().await.is_empty());
    time_out(world).await;
    let rows = world.ended(1).await;
    assert_eq!((rows[0].kind.as_str(), rows[0].state()), ("reminder", State::Sent));
    let shown = world.captured().await;
    shown.says("It will ask for the phone number you gave.");
    shown.says("It works once, until Tuesday, June 18, 2030, 10:00 pm Central Time.");
    // The browser it was begun in has nothing any more, and gets no code.
    assert_eq!(walk.browser.get("/identity").await.path.split('?').next(), Some("/session-ended"));
    walk.browser.get("/session-ended").await.never_says("Your answers are saved");
    // The link goes on, and ends a second time without another mail.
    let browser = world.browser();
    let page = browser.get(&links(&shown, "/resume?code=")[0]).await;
    page.form("/resume").set("phone", "7135550142").submit(&browser).await.is_at("/identity");
    assert_eq!(world.journey(&browser).await.unwrap().id, journey.id);
    time_out(world).await;
    assert!(world.journey(&browser).await.is_none());
    assert_eq!(world.outbox().await.len(), 1);
}

#[tokio::test]
async fn session_timed_out_is_reminded_of_once_where_it_was_agreed() {
    reminded_once(&World::new().await).await;
    if let Some(database) = Database::new().await {
        reminded_once(&World::with(&[("ENROLL__STORE__URL", &database.url)]).await).await;
        database.drop().await;
    }
}

#[tokio::test]
async fn session_timed_out_is_not_reminded_of_without_consent() {
    let world = World::new().await;
    let (walk, _) = contact(&world, false).await;
    // Who has left has left.
    let (left, page) = contact(&world, true).await;
    page.leave(&left.browser).await;
    // Who takes it back has taken it back.
    let (other, _) = contact(&world, true).await;
    let page = other.browser.get("/contact").await;
    assert_eq!(page.attributes("input[name=reminder][checked]", "name").len(), 1);
    page.form("/contact").set("reminder", "").submit(&other.browser).await;
    time_out(&world).await;
    assert!(world.outbox().await.is_empty(), "{:?}", world.outbox().await);
    assert!(world.journey(&walk.browser).await.is_none());
}

#[tokio::test]
async fn consent_to_reminder_is_recorded_with_its_text_before_it_is_used() {
    let world = World::new().await;
    let (walk, _) = contact(&world, true).await;
    let journey = world.journey(&walk.browser).await.unwrap();
    let given = world.server.app.ledger.records(&journey.id).await.unwrap().consents;
    assert_eq!(given.len(), 1);
    assert_eq!((given[0].kind.as_str(), given[0].text_id.as_str()), ("reminder", "contact.reminder"));
    // The same answer again is not another consent.
    let page = walk.browser.get("/contact").await;
    page.form("/contact").submit(&walk.browser).await;
    assert_eq!(world.server.app.ledger.records(&journey.id).await.unwrap().consents.len(), 1);
}

#[tokio::test]
async fn submitted_or_saved_journey_is_not_reminded_of() {
    let world = World::new().await;
    let (walk, page) = contact(&world, true).await;
    let page = walk.identity(&page).await;
    page.form("/later").submit(&walk.browser).await;
    let (walk, page) = contact(&world, true).await;
    let page = walk.identity(&page).await;
    let page = walk.start_date(&page).await;
    walk.review(&page).await.is_at("/confirmation");
    time_out(&world).await;
    let rows = world.ended(1).await;
    assert_eq!((rows.len(), rows[0].kind.as_str()), (1, "confirmation"));
}

#[tokio::test]
async fn reminders_to_one_address_are_limited() {
    let world = World::with(&[("ENROLL__LIMITS__MAIL__RECIPIENT", "2 per 6h")]).await;
    for _ in 0..4 {
        contact(&world, true).await;
    }
    time_out(&world).await;
    assert_eq!(world.ended(2).await.len(), 2);
}
