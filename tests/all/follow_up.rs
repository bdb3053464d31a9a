//! What became of an enrollment: NRG is asked for holds afterwards, the targets hear it, and the person looks it up.

use std::time::Duration;

use crate::{
    postbacks::Receiver,
    support::{Page, Person, Walk, World},
};

const HOUR: Duration = Duration::from_secs(3600);

const ON: (&str, &str) = ("ENROLL__FOLLOW_UP__ENABLED", "true");

/// Enrolls `person`, and gets the link of the confirmation. Returns it as path and query, and the page.
async fn enrolled(world: &World, person: Person) -> (Walk, String, Page) {
    let walk = Walk::new(world.browser(), person);
    let mut page = walk.through_start_date().await;
    if page.path.starts_with("/deposit") {
        page = walk.deposit(&page).await;
    }
    let confirmation = walk.review(&page).await;
    confirmation.is_at("/confirmation");
    let page = confirmation.form("/status-link").submit(&walk.browser).await;
    let link = page.one("main .card a code").unwrap();
    let path = link.split_once("/status").map(|(_, rest)| format!("/status{rest}")).unwrap();
    (walk, path, page)
}

/// What a browser that has been nowhere sees by the link and this number.
async fn looked_up(world: &World, link: &str, phone: &str) -> Page {
    let browser = world.browser();
    let page = browser.get(link).await;
    page.form("/status").set("phone", phone).submit(&browser).await
}

/// Moves on by a question, and waits until NRG has told so often.
async fn told(world: &World, by: Duration, told: &str, times: f64) {
    world.forward(by);
    let label = format!("told=\"{told}\"");
    for _ in 0..100 {
        if world.metric("enroll_follow_ups_total", &[&label]).await >= times {
            // It is recorded a moment after it was told.
            tokio::time::sleep(Duration::from_millis(300)).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("NRG has not told {told} {times} times");
}

#[tokio::test]
async fn person_looks_up_open_deposit_by_link_and_phone_after_the_session() {
    let receiver = Receiver::open(&[]).await;
    let url = format!("http://{}/in", receiver.address);
    let world = World::with(&[
        ON,
        ("ENROLL__POSTBACKS__OWN__URL", &url),
        ("ENROLL__POSTBACKS__OWN__SECRET", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
        ("ENROLL__POSTBACKS__OWN__LOOPBACK", "true"),
        ("ENROLL__POSTBACKS__OWN__ENDINGS", "enrolled,held,released"),
        ("ENROLL__POSTBACKS__OWN__WITHOUT_CLICK", "true"),
    ])
    .await;
    let person = Person { ssn: "900-45-0150", first_name: "Canaryname", ..Person::default() };
    let (walk, link, made) = enrolled(&world, person).await;
    assert_eq!(made.headers["x-robots-tag"], "noindex, nofollow");
    assert_eq!(made.headers["cache-control"], "no-store");
    // The code is on no page after this one.
    let code = link.split_once("code=").unwrap().1[..14].to_owned();
    walk.browser.get("/confirmation").await.never_says(&code);
    walk.browser.post("/leave", &[]).await;

    let page = looked_up(&world, &link, "713.555.0142").await;
    assert_eq!((page.status.as_u16(), page.h1().as_str()), (200, "Where your enrollment stands"));
    page.says("hasn’t told us anything yet");
    told(&world, HOUR, "held", 1.0).await;
    receiver.receives(2).await;
    let endings: Vec<_> = receiver.bodies().iter().map(|body| body["ending"].clone()).collect();
    assert_eq!(endings, ["enrolled", "held"]);
    let page = looked_up(&world, &link, "+1 (713) 555-0142").await;
    page.says("A deposit is open.");
    page.says("Deposit needed");
    page.says("Reliant told us so on");
    for words in ["Canaryname", "Samplecase", "0142", "example.com", "Example Oak", "Sampleton"] {
        page.never_says(words);
    }
    assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
    assert_eq!(page.headers["referrer-policy"], "strict-origin");
    let spanish = looked_up(&world, &link.replace("lang=en", "lang=es"), "7135550142").await;
    spanish.says("Hay un depósito pendiente.");
    assert_eq!(spanish.language_of("Deposit needed").unwrap(), "en");
    // The same is no news.
    told(&world, 12 * HOUR, "held", 2.0).await;
    receiver.receives(2).await;
    // What became of it is in the ledger.
    let row = world.server.app.ledger.list(&Default::default(), 1).await.unwrap().remove(0);
    let details = world.server.app.ledger.show(&row.tracking_id).await.unwrap().unwrap();
    assert_eq!(
        details.standings.iter().map(|(_, standing)| standing.words()).collect::<Vec<_>>(),
        ["deposit_open"]
    );
    // Its days are over.
    world.forward(Duration::from_secs(30 * 24 * 3600));
    let page = looked_up(&world, &link, "7135550142").await;
    assert_eq!(page.status, 410);
    page.says("This link or code doesn’t work");
}

#[tokio::test]
async fn released_account_and_wanted_papers_are_shown() {
    let world = World::with(&[ON]).await;
    let (_, plain, _) = enrolled(&world, Person::default()).await;
    let (_, listed, _) = enrolled(
        &world,
        Person {
            first_name: "Listed",
            ssn: "900-45-6788",
            street: "102 Example Oak Ln",
            ..Person::default()
        },
    )
    .await;
    told(&world, HOUR, "released", 1.0).await;
    told(&world, Duration::ZERO, "held", 1.0).await;
    looked_up(&world, &plain, "7135550142").await.says("Nothing is holding your enrollment back.");
    let page = looked_up(&world, &listed, "7135550142").await;
    page.says("Reliant needs papers from you");
    page.says("Document missing");
}

#[tokio::test]
async fn status_code_can_be_typed_and_wrong_numbers_use_it_up() {
    let world = World::with(&[ON]).await;
    let (walk, link, made) = enrolled(&world, Person::default()).await;
    let code = made.one("dd.typed-code").unwrap();
    assert!(link.contains(&code));
    let browser = world.browser();
    let page = browser.get("/status").await;
    let form =
        |page: &Page, code: &str, phone: &str| page.form("/status").set("code", code).set("phone", phone);
    for (code, phone, words) in [
        ("", "7135550142", "Enter the code"),
        ("ABC", "7135550142", "Enter all 12 letters and digits of the code"),
        (code.as_str(), "", "Enter your phone number"),
        (code.as_str(), "123", "phone"),
    ] {
        let page = form(&page, code, phone).submit(&browser).await;
        assert_eq!(page.status, 422, "{words}");
        page.says(words);
    }
    let typed = code.to_lowercase().replace('-', " ");
    let shown = form(&page, &typed, "(713) 555-0142").submit(&browser).await;
    shown.says("Where your enrollment stands");
    for left in ["4 more times", "3 more times", "2 more times", "1 more time"] {
        let page = form(&page, &code, "713 555 0143").submit(&browser).await;
        assert_eq!(page.status, 422);
        page.says(left);
    }
    assert_eq!(form(&page, &code, "713 555 0143").submit(&browser).await.status, 410);
    assert_eq!(form(&page, &code, "(713) 555-0142").submit(&browser).await.status, 410);
    assert_eq!(form(&page, "ABCD-EFGH-JKLM", "(713) 555-0142").submit(&browser).await.status, 410);
    // Another link is made as long as the session lasts, and the first one is gone for good.
    let again = walk.browser.get("/confirmation").await.form("/status-link").submit(&walk.browser).await;
    let newer = again.one("dd.typed-code").unwrap();
    assert_ne!(newer, code);
    assert_eq!(form(&page, &newer, "(713) 555-0142").submit(&browser).await.status, 200);
    assert_eq!(form(&page, &code, "(713) 555-0142").submit(&browser).await.status, 410);
}

#[tokio::test]
async fn looking_up_is_limited_by_address_and_off_by_default() {
    let world = World::with(&[ON, ("ENROLL__LIMITS__RESUME__ADDRESS", "2 per 1h")]).await;
    let browser = world.browser();
    for status in [410, 410, 429] {
        let page = browser.get("/status?code=ABCD-EFGH-JKLM").await;
        let page = page.form("/status").set("phone", "7135550142").submit(&browser).await;
        assert_eq!(page.status, status);
    }
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    let page = walk.review(&review).await;
    page.never_says("/status-link");
    assert_eq!(walk.browser.get("/status").await.status, 404);
    assert_eq!(walk.browser.post("/status-link", &[]).await.status, 404);
    world.sandbox.clear_calls();
    world.forward(HOUR);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(world.sandbox.calls().iter().all(|call| call.endpoint != "holds"));
}

#[tokio::test]
async fn nrg_that_tells_nothing_is_asked_again_later_and_holds_nobody_up() {
    let world = World::with(&[ON]).await;
    let (_, link, _) = enrolled(&world, Person { first_name: "Unread", ..Person::default() }).await;
    told(&world, HOUR, "unknown", 1.0).await;
    looked_up(&world, &link, "7135550142").await.says("hasn’t told us anything yet");
    told(&world, HOUR, "unknown", 2.0).await;
    // Nobody waits for it.
    let (walk, ..) = enrolled(
        &world,
        Person {
            ssn: "900-45-6788",
            last_name: "Othercase",
            street: "102 Example Oak Ln",
            ..Person::default()
        },
    )
    .await;
    walk.browser.get("/confirmation").await.says("You are enrolled");
}
