//! The texts for people that come although nobody has to stop (contract 3.1): shown where they came, and where they still
//! matter at the end.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, StreamExt, stream};
use serde_json::json;

use super::{
    all,
    row::{Row, go},
};
use crate::support::{Page, Person, Walk, World, fault_proxy::Reply};

/// What NRG says in these tests, with markup and a link that is not allowed.
const TEXT: &str = "Mind the <b>red</b> box at <a href='https://elsewhere.example/'>your meter</a>.";
/// What a page shows of it.
const SHOWN: &str = "Mind the red box at your meter.";

/// The texts of the first two end with an address in NRG's records; the page says what the others can say.
const WITHHELD: [&str; 4] =
    ["PAST_SERVICE_HISTORY", "POSID_PASTSERVICE", "NO_HOLD_ON_ACCOUNT", "HOLD_LOOKUP_ERROR"];

fn count(page: &Page, words: &str) -> usize {
    page.text().matches(words).count()
}

/// How often the page a row leads to shows the text of the row's call.
async fn shown(row: &Row) -> Result<(), String> {
    let mut env = vec![("ENROLL__SESSION__IDLE", "23h"), ("ENROLL__SESSION__ABSOLUTE", "24h")];
    env.extend_from_slice(row.env);
    let world = World::with_fault_proxy(&env).await;
    for (endpoint, says) in &row.says {
        world.fault_proxy().once(endpoint, says.clone());
    }
    let (endpoint, _, status, code) = row.met;
    world.fault_proxy().advises(endpoint, TEXT);
    let walk = Walk::new(world.browser().patient(), row.person.clone());
    let page = go(row, &world, &walk).await;
    // A question that has been answered, and a submission with an answer that it does not have.
    let is_past = status == "02" && ["/confirmation", "/processing"].contains(&row.path);
    let (seen, expected) = (count(&page, SHOWN), usize::from(!WITHHELD.contains(&code) && !is_past));
    if page.body.contains("elsewhere.example") {
        return Err(format!("{}: the link of another host is on the page", row.id));
    }
    if seen != expected {
        return Err(format!("{}: {} shows it {seen} times", row.id, page.path));
    }
    if expected == 1 && row.is_shown_again() {
        // In the other language it is marked, unless NRG was asked for it again.
        let spanish = walk.browser.patient().get(&format!("{}?lang=es", row.path)).await;
        let is_asked_again =
            [("offers", "/plans"), ("available-dates", "/start-date")].contains(&(endpoint, row.path));
        let marked = spanish.language_of(SHOWN);
        // What is asked for again need not say it again.
        let is_right = match marked.as_deref() {
            None => is_asked_again,
            Some(language) => language == if is_asked_again { "es" } else { "en" },
        };
        if !is_right {
            return Err(format!("{}: on {} it is marked {marked:?}", row.id, spanish.path));
        }
    }
    Ok(())
}

#[tokio::test]
async fn text_of_every_answer_that_goes_on_is_shown_once_where_it_came() {
    let goes_on = |row: &Row| {
        let (_, http, status, _) = row.met;
        http == 200 && ["00", "02"].contains(&status) && row.status == 200 && row.path != "/stop"
    };
    let rows: Vec<Row> = all().into_iter().filter(goes_on).collect();
    println!("{} answers that go on, each with a text", rows.len());
    let wrong: Vec<String> = stream::iter(&rows)
        .map(async |row| {
            let seen = AssertUnwindSafe(shown(row)).catch_unwind().await;
            seen.unwrap_or_else(|_| Err(format!("{}: panicked", row.id))).err()
        })
        .buffer_unordered(8)
        .filter_map(async |wrong| wrong)
        .collect()
        .await;
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn text_of_every_call_is_on_review_and_confirmation_once() {
    let world = World::with_fault_proxy(&[]).await;
    let calls = [
        "tdsp",
        "offers",
        "cleanup-address",
        "esid/residential",
        "token",
        "prospect",
        "identity",
        "available-dates",
        "check-credit",
        "enroll",
        "holds",
    ];
    let text = |call: &str| format!("Words of {}.", call.replace(['-', '/'], " "));
    for call in calls {
        world.fault_proxy().advises(call, &text(call));
    }
    // With its usual code the page says what the text can say.
    world.fault_proxy().always("holds", Reply::Changed(json!({"messageCode": ""})));
    let walk = Walk::new(world.browser().patient(), Person::default());
    let identity = walk.to_identity().await;
    let form = walk.identity_form(&identity).set("prospect_id", "P000123");
    let dates = form.submit(&walk.browser).await;
    let review = walk.start_date(&dates).await;
    let review = if review.path == "/deposit" { walk.deposit(&review).await } else { review };
    review.is_at("/review");
    let confirmation = walk.review(&review).await;
    let confirmation = walk.wait(confirmation).await;
    confirmation.is_at("/confirmation");
    let seen = |page: &Page| calls.map(|call| (call, count(page, &text(call))));
    let before = calls.map(|call| (call, usize::from(!["enroll", "holds"].contains(&call))));
    assert_eq!(seen(&review), before);
    let mut last = confirmation;
    for _ in 0..50 {
        if count(&last, &text("holds")) > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        last = walk.browser.get("/confirmation").await;
    }
    assert_eq!(seen(&last), calls.map(|call| (call, 1)));
    let spanish = walk.browser.get("/confirmation?lang=es").await;
    for call in calls {
        assert_eq!(spanish.language_of(&text(call)).as_deref(), Some("en"), "{call}");
    }
}

#[tokio::test]
async fn text_of_a_step_that_is_answered_anew_is_replaced() {
    let world = World::with_fault_proxy(&[]).await;
    world.fault_proxy().advises("cleanup-address", "First words.");
    let walk = Walk::new(world.browser().patient(), Person::default());
    let contact = walk.to_contact().await;
    assert_eq!(count(&contact, "First words."), 1);
    world.fault_proxy().advises("cleanup-address", "Second words.");
    let address = walk.browser.get("/address").await;
    assert_eq!(count(&address, "First words."), 1);
    let contact = address.form("/address").set("street", "102 Example Oak Ln").submit(&walk.browser).await;
    assert_eq!((count(&contact, "First words."), count(&contact, "Second words.")), (0, 1));
}

#[tokio::test]
async fn texts_of_refused_offers_are_shown_with_their_brand() {
    let world = World::new().await;
    for (zip, words) in [("77993", "This promotion is not available"), ("77989", "we do not offer service")] {
        let walk = Walk::new(world.browser(), Person { zip, ..Person::default() });
        let plans = walk.zip().await;
        assert!(count(&plans, words) > 0, "{zip}: {}", plans.text());
    }
}
