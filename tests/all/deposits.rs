//! A deposit: how much, until when and the choice come first, and nobody is asked for the number that was checked. What
//! is owed comes first on the confirmation, too.

use crate::support::{Page, Person, Walk, World};

/// Somebody who owes a deposit, on its page.
async fn at_deposit(world: &World) -> (Walk, Page) {
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let page = walk.through_start_date().await;
    page.is_at("/deposit");
    (walk, page)
}

/// Asserts that the page has `parts` in this order.
#[track_caller]
fn in_order(page: &Page, parts: &[&str]) {
    let places: Vec<_> =
        parts.iter().map(|part| page.body.find(part).unwrap_or_else(|| panic!("no {part}"))).collect();
    assert!(places.is_sorted(), "{parts:?} stand at {places:?}");
}

#[tokio::test]
async fn deposit_page_has_amount_and_choice_before_reasons_and_notices() {
    let world = World::new().await;
    let (_, page) = at_deposit(&world).await;
    in_order(
        &page,
        &[
            "$200",
            "When it is due",
            "name=\"choice\"",
            "Ways to avoid",
            "Main reasons",
            "Notice about your credit",
        ],
    );
}

#[tokio::test]
async fn deposit_with_ssn_offers_to_correct_it_and_asks_nobody_about_the_same() {
    let world = World::new().await;
    let (walk, page) = at_deposit(&world).await;
    page.says("Correct my Social Security number and check again");
    page.never_says("Check again with a Social Security number");
    let recheck = |ssn| page.form("/deposit").set("choice", "with_ssn").set("ssn", ssn);
    let same = recheck("900-45-0200").submit(&walk.browser).await;
    same.is_at("/deposit");
    same.says("This number was already checked");
    assert_eq!(same.attributes("[name=choice][checked]", "value"), ["with_ssn"]);
    assert_eq!(world.sandbox.count("recheck-credit"), 0);
    recheck("900-45-6789").submit(&walk.browser).await.is_at("/review");
    assert_eq!(world.sandbox.count("recheck-credit"), 1);
}

#[tokio::test]
async fn deposit_with_license_offers_to_check_again_with_ssn() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let page = walk.to_identity().await;
    let form = walk.identity_form(&page).set("document", "licence").set("ssn", "").set("licence", "90000200");
    let page = form.submit(&walk.browser).await;
    let page = walk.start_date(&page).await;
    page.is_at("/deposit");
    page.says("Check again with a Social Security number");
    page.never_says("Correct my Social Security number");
}

#[tokio::test]
async fn confirmation_with_deposit_owed_begins_with_paying_it() {
    let world = World::new().await;
    let (walk, page) = at_deposit(&world).await;
    let review = walk.deposit(&page).await;
    let end = walk.review(&review).await;
    assert_eq!(end.h1(), "Almost done: pay your deposit");
    in_order(
        &end,
        &["<h1>", "A deposit of $200 is due", "href=\"/pay\"", "Account number", "What happens next"],
    );
    // Service waits for the deposit, so no day is certain.
    assert!(end.one("a[href='/confirmation/start-date.ics']").is_none());
    let answer = walk.browser.ask("GET", "/confirmation/start-date.ics", &[]).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/confirmation".parse().unwrap())
    );
}

#[tokio::test]
async fn confirmation_has_prices_with_their_uses_and_a_calendar_entry() {
    let feedback = [("ENROLL__AFFILIATE__FEEDBACK_URL", "https://www.example.com/feedback?a=1")];
    let world = World::with(&feedback).await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    let end = walk.review(&review).await;
    for used in ["(500 kWh)", "(1,000 kWh)", "(2,000 kWh)"] {
        end.says(used);
    }
    assert_eq!(
        end.attributes("a[href^='https://www.example.com/feedback']", "href"),
        ["https://www.example.com/feedback?a=1"]
    );
    let href = end.attributes("main a[download]", "href").concat();
    let answer = walk.browser.ask("GET", &href, &[]).await;
    assert_eq!(answer.headers()["content-type"], "text/calendar; charset=utf-8");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let entry = answer.text().await.unwrap();
    assert!(entry.lines().all(|line| line.len() <= 75), "{entry}");
    assert!(entry.split('\n').all(|line| line.is_empty() || line.ends_with('\r')), "{entry}");
    let unfolded = entry.replace("\r\n ", "");
    let day = world.journey(&walk.browser).await.unwrap().start_date.unwrap().0;
    for part in [
        "BEGIN:VCALENDAR\r\n",
        &format!("DTSTART;VALUE=DATE:{}\r\n", day.strftime("%Y%m%d")),
        "DTSTAMP:20300618T",
        "SUMMARY:Electricity from Reliant starts\r\n",
        "LOCATION:100 Example Oak Ln\\, Sampleton",
        "(866) 222-7100",
        "END:VCALENDAR\r\n",
    ] {
        assert!(unfolded.contains(part), "{part} is not in {unfolded}");
    }
    // Nothing that the person must keep to themselves.
    for secret in ["Samplecase", "jordan", &end.one("main dl dd").unwrap()] {
        assert!(!unfolded.contains(secret), "{secret}");
    }
}
