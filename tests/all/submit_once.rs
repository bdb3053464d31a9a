//! One submission, seen from its pages: while it is under way, asked about before it is made twice, and after
//! a server died in the middle of a form.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::support::{Page, Person, Walk, World, database::Database};

fn first(first_name: &'static str) -> Person {
    Person { first_name, ..Person::default() }
}

async fn submitted(world: &World, person: Person) -> (Walk, Page) {
    let walk = Walk::new(world.browser(), person);
    let review = walk.through_start_date().await;
    let page = walk.review_form(&review).submit(&walk.browser).await;
    page.is_at("/processing");
    (walk, page)
}

#[tokio::test]
async fn processing_page_shows_progress_and_ends_at_confirmation() {
    let world = World::new().await;
    let (mut walk, page) = submitted(&world, first("Slow")).await;
    page.says("This usually takes less than a minute");
    page.says("Your enrollment is saved (done)");
    // Without script; with it, the page looks by itself.
    assert!(
        page.body
            .contains(r#"<noscript><meta http-equiv="refresh" content="5; url=/processing"></noscript>"#)
    );
    assert_eq!(page.attributes("li [aria-current]", "aria-current"), ["step"]);
    while world.sandbox.count("enroll") == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    walk.browser.get("/processing").await.says("Reliant confirms it (now)");
    // Back, the start, a second tab, the other language: the same page.
    for path in ["/review", "/", "/contact", "/confirmation", "/stop", "/ask"] {
        walk.browser.get(path).await.is_at("/processing");
    }
    let spanish = walk.browser.get("/processing?lang=es").await;
    spanish.says("Reliant la confirma (ahora)");
    // Loading it again must not switch the language again.
    assert!(spanish.body.contains(r#"http-equiv="refresh" content="5; url=/processing""#));
    walk.language = nrg_enroll::fields::Language::Spanish;
    let end = walk.wait(spanish).await;
    end.is_at("/confirmation");
    assert_eq!(end.attributes("html", "lang"), ["es"]);
    assert_eq!(world.sandbox.count("enroll"), 1);
}

#[tokio::test]
async fn processing_page_after_a_minute_shows_delay_and_phone() {
    // The clock is moved by more than a lease.
    let world = World::with(&[("ENROLL__STORE__LEASE", "10m")]).await;
    let (walk, page) = submitted(&world, first("Hang")).await;
    assert!(page.attributes("main a[href^='tel:']", "href").is_empty());
    world.forward(Duration::from_secs(61));
    let slow = walk.browser.get("/processing").await;
    slow.says("This is taking longer than usual");
    assert!(!slow.attributes("main a[href^='tel:']", "href").is_empty());
}

#[tokio::test]
pub async fn same_person_within_a_day_is_asked_first_and_may_submit_again() {
    let world = World::new().await;
    let enroll = async || {
        let walk = Walk::new(world.browser(), Person::default());
        let review = walk.through_start_date().await;
        let page = walk.review(&review).await;
        (walk, page)
    };
    enroll().await.1.is_at("/confirmation");
    let (walk, ask) = enroll().await;
    ask.is_at("/ask");
    ask.says("You may already have enrolled");
    ask.says("A second one could open a second account");
    assert_eq!(world.sandbox.count("enroll"), 1);
    let review = ask.form("/ask").submit(&walk.browser).await;
    walk.review(&review).await.is_at("/confirmation");
    assert_eq!(world.sandbox.count("enroll"), 2);
    // A day after the second one nobody asks.
    world.forward(Duration::from_secs(24 * 3600));
    enroll().await.1.is_at("/confirmation");
}

#[tokio::test]
async fn same_home_again_spelled_otherwise_is_asked_about() {
    let database = Database::new().await;
    let on_postgres = database.as_ref().map(|database| vec![("ENROLL__STORE__URL", database.url.as_str())]);
    for env in [Some(Vec::new()), on_postgres].into_iter().flatten() {
        let world = World::with(&env).await;
        let enroll = async |person: Person| {
            let walk = Walk::new(world.browser(), person);
            let review = walk.through_start_date().await;
            walk.review(&review).await
        };
        let home = Person { unit: "12b", ..Person::default() };
        enroll(home.clone()).await.is_at("/confirmation");
        for again in [
            Person { first_name: "Jordan A", ..home.clone() },
            Person { street: "100 example oak lane", unit: "Apt 12-B", ..home.clone() },
            // Another number, as that of another document.
            Person { last_name: "Samplecase Jr.", ssn: "900-45-6788", ..home.clone() },
        ] {
            let (first, last, street) = (again.first_name, again.last_name, again.street);
            let page = enroll(again).await;
            page.is_at("/ask");
            assert_eq!(page.h1(), "You may already have enrolled", "{first} {last} {street}");
        }
        assert_eq!(world.sandbox.count("enroll"), 1);
        // Another person at the same home.
        enroll(Person { first_name: "Alex", ssn: "900-45-6787", ..home }).await.is_at("/confirmation");
        drop(world);
    }
    if let Some(database) = database {
        database.drop().await;
    }
}

#[tokio::test]
async fn two_browsers_of_one_person_at_once_submit_one() {
    let world = World::new().await;
    let [one, two] = [0, 1].map(|_| Walk::new(world.browser(), Person::default()));
    let reviews = (one.through_start_date().await, two.through_start_date().await);
    let (first, second) = tokio::join!(one.review(&reviews.0), two.review(&reviews.1));
    let mut paths = [first.path, second.path];
    paths.sort();
    assert_eq!(paths, ["/ask", "/confirmation"]);
    assert_eq!(world.sandbox.count("enroll"), 1);
}

#[tokio::test]
async fn claim_of_dead_server_expires_and_form_goes_through() {
    let world = World::with(&[("ENROLL__STORE__LEASE", "20s")]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let identity = walk.to_identity().await;
    let journey = world.journey(&walk.browser).await.unwrap();
    // A server took the claim, and died: nobody renews it.
    let claims = &world.server.app.claims;
    drop(claims.take(&journey.id, "identity", 0).await.unwrap().expect("free"));
    let waiting = async {
        sleep(Duration::from_millis(600)).await;
        assert_eq!(world.sandbox.count("identity"), 0, "the other may still be at it");
        world.forward(Duration::from_secs(20));
    };
    let (dates, ()) = tokio::join!(walk.identity(&identity), waiting);
    dates.is_at("/start-date");
    assert_eq!(world.sandbox.count("identity"), 1);
}

#[tokio::test]
async fn identity_form_posted_five_times_makes_one_call_and_all_continue() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Slow", ..Person::default() });
    let identity = walk.to_identity().await;
    let form = walk.identity_form(&identity);
    let clicks = (0..5).map(|_| form.clone().submit(&walk.browser));
    let pages = timeout(Duration::from_secs(20), futures_util::future::join_all(clicks)).await.unwrap();
    for page in pages {
        page.is_at("/start-date");
    }
    assert_eq!(world.sandbox.count("identity"), 1);
}
