//! A stop fits its page: what it tells to do can be done there, and the provider is named.

use crate::support::{Page, Person, Walk, World};

/// The stop of a switch at `street`.
async fn stopped_switch(world: &World, street: &'static str) -> (Walk, Page) {
    let person = Person { transaction: "SWI", street, ..Person::default() };
    let walk = Walk::new(world.browser(), person);
    let page = walk.to_address().await;
    let stop = walk.address(&page).await;
    stop.is_at("/stop");
    (walk, stop)
}

#[tokio::test]
async fn moving_in_button_goes_on_where_a_switch_stopped() {
    for (street, title) in [
        ("600 Example Oak Ln", "This address has a switch hold"),
        ("610 Example Oak Ln", "Reliant already serves this address"),
    ] {
        let world = World::new().await;
        let (walk, stop) = stopped_switch(&world, street).await;
        assert_eq!(stop.h1(), title);
        stop.says("Choose “I’m moving in” below");
        stop.form("/").submit(&walk.browser).await;
        let journey = world.journey(&walk.browser).await.unwrap();
        assert_eq!(journey.service.unwrap().transaction.wire(), "MVI");
        // Nothing of the address has to be typed again.
        let here = walk.browser.get("/").await;
        assert_eq!(here.attributes("input[name=zip]", "value"), ["77999"]);
        let next = walk.browser.get("/plans").await;
        let next = if next.path == "/plans" { walk.plan(&next).await } else { next };
        next.never_says(title);
        assert_ne!(next.path, "/stop");
    }
}

#[tokio::test]
async fn stop_of_a_move_in_has_no_moving_in_button() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { street: "500 Example Oak Ln", ..Person::default() });
    let page = walk.to_address().await;
    let stop = walk.address(&page).await;
    stop.is_at("/stop");
    assert!(stop.one("main form[action='/'] [name=transaction]").is_none());
}

#[tokio::test]
async fn credit_freeze_names_the_bureaus_and_saves_for_later() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0001", ..Person::default() });
    let stop = walk.through_start_date().await;
    stop.is_at("/stop");
    let links = stop.attributes("main ul a", "href");
    assert!(
        links[0].starts_with("https://www.equifax.com/")
            && links[1].starts_with("https://www.transunion.com/")
    );
    stop.says("To keep your answers until then, choose “Continue later”.");
    let saved = stop.form("/later").submit(&walk.browser).await;
    saved.says("Your answers are saved");
}

#[tokio::test]
async fn stop_gives_the_reference_in_its_sentence() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Restricted", ..Person::default() });
    let stop = walk.through_identity().await;
    stop.is_at("/stop");
    let reference = stop.one("main .reference b").unwrap();
    stop.says(&format!("give this reference: {reference}."));
    stop.says("Call Reliant");
}

#[tokio::test]
async fn quiz_error_names_its_question() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Kba", ..Person::default() });
    let quiz = walk.through_identity().await;
    quiz.is_at("/quiz");
    let refused = quiz.form("/quiz").submit(&walk.browser).await;
    assert_eq!(refused.status, 422);
    let question = refused.one("main fieldset legend").unwrap();
    refused.says(&format!("Choose an answer: {}", question.trim()));
}
