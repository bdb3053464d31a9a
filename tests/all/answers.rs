//! What NRG answers, and the page it leads to: one row each.

use crate::support::{Page, Person, Walk, World};

/// How far the walk goes before the answer of the row is met.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Zip,
    Plans,
    Address,
    Identity,
    StartDate,
    Review,
}

struct Row {
    at: At,
    person: Person,
    path: &'static str,
    status: u16,
    says: &'static str,
}

fn row(at: At, person: Person, path: &'static str, status: u16, says: &'static str) -> Row {
    Row { at, person, path, status, says }
}

async fn go(walk: &Walk, at: At) -> Page {
    match at {
        At::Zip => walk.zip().await,
        At::Plans => walk.to_address().await,
        At::Address => walk.to_contact().await,
        At::Identity => walk.through_identity().await,
        At::StartDate => walk.through_start_date().await,
        At::Review => {
            let review = walk.through_start_date().await;
            walk.review(&review).await
        }
    }
}

fn zip(zip: &'static str) -> Person {
    Person { zip, ..Person::default() }
}

fn street(street: &'static str) -> Person {
    Person { street, ..Person::default() }
}

fn switch(street: &'static str) -> Person {
    Person { transaction: "SWI", street, ..Person::default() }
}

fn last(last_name: &'static str) -> Person {
    Person { last_name, ..Person::default() }
}

fn first(first_name: &'static str) -> Person {
    Person { first_name, ..Person::default() }
}

fn ssn(ssn: &'static str) -> Person {
    Person { ssn, ..Person::default() }
}

fn rows() -> Vec<Row> {
    use At::{Address, Identity, Plans, Review, StartDate, Zip};
    vec![
        row(Zip, zip("77990"), "/stop", 200, "We do not serve this area"),
        row(Zip, zip("77991"), "/plans", 200, "Choose your plan"),
        row(Zip, zip("77997"), "/ask", 200, "Which utility delivers your electricity?"),
        row(Zip, zip("77980"), "/", 503, "Your answers are kept"),
        row(Zip, zip("77981"), "/", 502, "Your answers are kept"),
        row(Zip, zip("77983"), "/", 502, "Your answers are kept"),
        row(Plans, zip("77999"), "/address", 200, "Where do you need electricity?"),
        row(Address, street("100 Example Oak Ln"), "/contact", 200, "How can we reach you?"),
        row(Address, street("200 Example Oak Ln"), "/ask", 200, "Which address is right?"),
        row(Address, street("300 Example Oak Ln"), "/ask", 200, "Which apartment or unit is it?"),
        row(Address, street("400 Example Oak Ln"), "/ask", 200, "We could not verify this address"),
        row(Address, street("410 Example Oak Ln"), "/ask", 200, "We could not verify this address"),
        row(Address, street("420 Example Oak Ln"), "/ask", 200, "We could not verify this address"),
        row(Address, street("430 Example Oak Ln"), "/ask", 200, "We could not verify this address"),
        row(Address, street("431 Example Oak Ln"), "/ask", 200, "We could not verify this address"),
        row(Address, street("440 Example Oak Ln"), "/address", 503, "Your answers are kept"),
        row(Address, street("450 Example Oak Ln"), "/address", 503, "Your answers are kept"),
        row(Address, street("500 Example Oak Ln"), "/stop", 200, "This is a business address"),
        row(Address, street("510 Example Oak Ln"), "/stop", 200, "This is a business address"),
        row(Address, switch("600 Example Oak Ln"), "/stop", 200, "This address has a switch hold"),
        row(Address, street("600 Example Oak Ln"), "/contact", 200, "How can we reach you?"),
        row(Address, switch("610 Example Oak Ln"), "/stop", 200, "already has service with us"),
        row(Address, street("810 Example Oak Ln"), "/plans", 200, "Choose a plan again"),
        row(Identity, last("Posidfail"), "/identity", 200, "We could not confirm your identity yet"),
        row(Identity, last("Failmax"), "/stop", 200, "no more tries online"),
        row(Identity, last("Hold"), "/quiz", 200, "A few questions"),
        row(Identity, last("Holdrestricted"), "/stop", 200, "call"),
        row(
            Identity,
            last("Pastservice"),
            "/ask",
            200,
            "Did you have electricity service at this address before?",
        ),
        row(Identity, last("Pastbalance"), "/ask", 200, "There may be an unpaid balance"),
        row(Identity, last("Current"), "/stop", 200, "You already have an account"),
        row(Identity, last("Restricted"), "/stop", 200, "We cannot finish your enrollment online"),
        row(Identity, last("Undecided"), "/start-date", 200, "When should your electricity start?"),
        row(Identity, last("Exact"), "/start-date", 200, "When should your electricity start?"),
        row(Identity, last("Kba"), "/quiz", 200, "A few questions"),
        row(Identity, last("Tokendown"), "/identity", 200, "Enter it again"),
        row(Identity, last("Tokenbroken"), "/identity", 200, "Enter it again"),
        row(Identity, last("Technical"), "/identity", 503, "Your answers are kept"),
        row(Identity, last("Nocontent"), "/identity", 502, "Your answers are kept"),
        row(Identity, last("Garbage"), "/identity", 502, "Your answers are kept"),
        row(Identity, last("Nostatus"), "/identity", 502, "Your answers are kept"),
        row(Identity, last("Oddstatus"), "/identity", 502, "Your answers are kept"),
        row(Identity, last("Unauthorized"), "/identity", 502, "Your answers are kept"),
        row(Identity, last("Forbidden"), "/identity", 502, "Your answers are kept"),
        row(Identity, last("Invaliddob"), "/identity", 200, "date of birth"),
        row(Identity, street("600 Example Oak Ln"), "/start-date", 200, "A form is needed for this address"),
        row(Identity, street("700 Example Oak Ln"), "/start-date", 200, "The meter has to be found first"),
        row(Identity, street("710 Example Oak Ln"), "/stop", 200, "We could not find an electric meter"),
        row(Identity, street("800 Example Oak Ln"), "/plans", 200, "Choose a plan again"),
        row(Identity, street("820 Example Oak Ln"), "/stop", 200, "We do not serve this area"),
        row(Identity, street("830 Example Oak Ln"), "/start-date", 502, "Your answers are kept"),
        row(Identity, street("840 Example Oak Ln"), "/start-date", 503, "Your answers are kept"),
        row(StartDate, ssn("900-45-0001"), "/stop", 200, "Your credit report is frozen"),
        row(StartDate, ssn("900-45-0002"), "/stop", 200, "We need to talk to you first"),
        row(StartDate, ssn("900-45-0003"), "/start-date", 502, "Your answers are kept"),
        row(StartDate, ssn("900-45-0004"), "/start-date", 503, "Your answers are kept"),
        row(StartDate, ssn("900-45-0150"), "/deposit", 200, "$150"),
        row(Review, first("Jordan"), "/confirmation", 200, "You are enrolled"),
        row(Review, first("Blank"), "/confirmation", 200, "Your enrollment was accepted"),
        row(Review, first("Zeros"), "/confirmation", 200, "Your enrollment was accepted"),
        row(Review, first("Existing"), "/stop", 200, "not accepted"),
        row(Review, first("Nowhere"), "/stop", 200, "not accepted"),
        row(Review, first("Never"), "/stop", 200, "not accepted"),
        row(Review, first("Already"), "/confirmation", 200, "already received"),
        row(Review, first("Double"), "/confirmation", 200, "already received"),
        row(Review, first("Badrequest"), "/stop", 200, "not accepted"),
        row(Review, first("Technical"), "/processing", 200, "Do not enroll again"),
        row(Review, first("Nocontent"), "/processing", 200, "Do not enroll again"),
        row(Review, first("Garbage"), "/processing", 200, "Do not enroll again"),
        row(Review, first("Cut"), "/processing", 200, "Do not enroll again"),
    ]
}

#[tokio::test]
async fn each_answer_has_its_page() {
    let mut wrong = Vec::new();
    for row in rows() {
        let world = World::new().await;
        let walk = Walk::new(world.browser(), row.person.clone());
        let page = go(&walk, row.at).await;
        let Person { zip, street, first_name, last_name, ssn, .. } = row.person;
        // The way on is never missing: a phone number stands on every page.
        let phone = !page.attributes("a[href^='tel:']", "href").is_empty();
        let path = page.path.split('?').next().unwrap_or_default();
        let text = page.text();
        if (path, page.status.as_u16(), text.contains(row.says), phone) != (row.path, row.status, true, true)
        {
            wrong.push(format!(
                "{:?} {zip} {street} {first_name} {last_name} {ssn}: {} {path}, not {} {} with {:?}:\n{text}",
                row.at, page.status, row.status, row.path, row.says
            ));
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n\n"));
}

#[tokio::test]
async fn an_unanswered_submission_is_never_sent_again() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), first("Cut"));
    let page = go(&walk, At::Review).await;
    page.is_at("/processing");
    for path in ["/review", "/", "/processing", "/confirmation"] {
        walk.browser.get(path).await.is_at("/processing");
    }
    assert_eq!(world.sandbox.count("enroll"), 1);
}

#[tokio::test]
async fn a_refusal_that_can_be_repaired_is_repaired_once() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), first("Notyet"));
    let stop = go(&walk, At::Review).await;
    stop.is_at("/stop");
    let dates = stop.form("/stop").submit(&walk.browser).await;
    let review = walk.start_date(&dates).await;
    walk.review(&review).await.is_at("/confirmation");
    assert_eq!(world.sandbox.count("enroll"), 2);
    assert_eq!(world.sandbox.count("check-credit"), 2);
    assert_eq!(world.sandbox.count("available-dates"), 2);
}

#[tokio::test]
async fn correcting_what_did_not_match_uses_the_same_record_until_the_attempts_are_used_up() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), last("Posidfail"));
    let again = go(&walk, At::Identity).await;
    again.says("3 more times");
    // Sending the very same again is not worth an attempt.
    let form = again
        .form("/identity")
        .set("birth_date_month", "3")
        .set("birth_date_day", "28")
        .set("birth_date_year", "1985");
    form.submit(&walk.browser).await.is_at("/identity");
    assert_eq!(world.sandbox.count("identity"), 1);
    for (day, end) in [("1", "/identity"), ("2", "/identity"), ("3", "/stop")] {
        let page = walk.browser.get("/identity").await;
        let page = page.form("/identity").set("birth_date_day", day).submit(&walk.browser).await;
        page.is_at(end);
    }
    assert_eq!(world.sandbox.count("identity"), 4);
    let records: std::collections::BTreeSet<_> = world
        .sandbox
        .calls()
        .into_iter()
        .filter(|call| call.endpoint == "identity")
        .skip(1)
        .map(|call| call.tracking_id)
        .collect();
    assert_eq!(records.len(), 1);
    assert!(records.iter().all(Option::is_some));
}
