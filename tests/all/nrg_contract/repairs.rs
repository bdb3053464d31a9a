//! Answers that come more than once: attempts, repetitions, repairs, and advice on its way to the end.

use std::{collections::BTreeSet, time::Duration};

use nrg_enroll::{fields::Language, messages::Catalogs};
use serde_json::json;

use super::row::{INTERNAL, says};
use crate::support::{
    Page, Person, Walk, World,
    fault_proxy::{Reply, json as answer},
};

fn last(last_name: &'static str) -> Person {
    Person { last_name, ..Person::default() }
}

fn first(first_name: &'static str) -> Person {
    Person { first_name, ..Person::default() }
}

fn refused(code: &str) -> Reply {
    answer(400, &json!({"statusCode": "01", "errorCode": code, "errorDescription": INTERNAL}))
}

/// Sends the identity page again with another day of birth.
async fn correct(walk: &Walk, day: &str) -> Page {
    let page = walk.browser.get("/identity").await;
    page.form("/identity").set("birth_date_day", day).submit(&walk.browser).await
}

#[tokio::test]
pub async fn identity_correction_uses_same_record_until_attempts_are_used_up() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), last("Posidfail"));
    let again = walk.through_identity().await;
    again.says("3 more times");
    // Sending the very same again is not worth an attempt.
    correct(&walk, "28").await.is_at("/identity");
    assert_eq!(world.sandbox.count("identity"), 1);
    for (day, end, left) in
        [("1", "/identity", "2 more times"), ("2", "/identity", "1 more time"), ("3", "/stop", "")]
    {
        let page = correct(&walk, day).await;
        page.is_at(end);
        page.says(left);
    }
    assert_eq!(world.sandbox.count("identity"), 4);
    let calls = world.sandbox.calls().into_iter().filter(|call| call.endpoint == "identity").skip(1);
    let records: BTreeSet<_> = calls.map(|call| call.tracking_id).collect();
    assert_eq!(records.len(), 1);
    assert!(records.iter().all(Option::is_some));
}

#[tokio::test]
pub async fn identity_hold_at_last_attempt_continues_only_where_allowed() {
    for (allowed, end) in [("true", "/start-date"), ("false", "/stop")] {
        let env = [("ENROLL__AFFILIATE__ALLOW_IDENTITY_HOLD", allowed), ("ENROLL__AFFILIATE__QUIZ", "false")];
        let world = World::with(&env).await;
        let walk = Walk::new(world.browser(), last("Posidlate"));
        walk.through_identity().await.is_at("/identity");
        for day in ["1", "2"] {
            correct(&walk, day).await.is_at("/identity");
        }
        correct(&walk, "3").await.is_at(end);
        assert_eq!(world.sandbox.count("identity"), 4);
    }
}

#[tokio::test]
pub async fn used_up_record_locks_identity_steps_and_is_never_repeated() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), last("Posidfail"));
    walk.through_identity().await.is_at("/identity");
    for day in ["1", "2"] {
        correct(&walk, day).await.is_at("/identity");
    }
    let contact = walk.browser.get("/contact").await;
    let form = contact.form("/contact").set("last_name", "Samplecase");
    form.submit(&walk.browser).await.is_at("/identity");
    let dates = correct(&walk, "3").await;
    let review = walk.start_date(&dates).await;
    review.is_at("/review");
    for path in ["/contact", "/address", "/billing", "/identity"] {
        walk.browser.get(path).await.is_at("/review");
    }
    let catalogs = Catalogs::load().unwrap();
    assert!(says(&review.text(), &catalogs.of(Language::English).identity.no_attempts_left));
    assert!(review.attributes("main a", "href").iter().all(|href| href != "/contact"));
    assert_eq!(world.sandbox.count("identity"), 4);
}

/// A failure to talk may have used an attempt; only the person repeats it, on the same record.
#[tokio::test]
pub async fn identity_repeat_that_times_out_is_not_retried() {
    let world = World::with_fault_proxy(&[("ENROLL__NRG__TIMEOUTS__IDENTITY", "1500ms")]).await;
    let walk = Walk::new(world.browser(), last("Posidfail"));
    walk.through_identity().await.is_at("/identity");
    world.fault_proxy().once("identity", Reply::Later(Duration::from_secs(3), Box::new(Reply::Cut)));
    assert_eq!(correct(&walk, "1").await.status, 503);
    assert_eq!(world.fault_proxy().count("identity"), 2);
    let page = walk.browser.get("/identity").await;
    assert_eq!(page.attributes("#birth_date_day", "value"), ["1"], "what was typed is kept");
    page.form("/identity").submit(&walk.browser).await.is_at("/identity");
    assert_eq!(world.fault_proxy().count("identity"), 3);
    assert!(
        world.sandbox.calls().iter().rfind(|call| call.endpoint == "identity").unwrap().tracking_id.is_some()
    );
}

#[tokio::test]
pub async fn submission_without_answer_is_never_sent_again() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), first("Cut"));
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/processing");
    for path in ["/review", "/", "/processing", "/confirmation"] {
        walk.browser.get(path).await.is_at("/processing");
    }
    assert_eq!(world.sandbox.count("enroll"), 1);
}

#[tokio::test]
pub async fn enroll_refusal_that_is_correctable_is_corrected_once() {
    for (name, end, calls) in [("Notyet", "/confirmation", 2), ("Never", "/stop", 2)] {
        let world = World::new().await;
        let walk = Walk::new(world.browser(), first(name));
        let review = walk.through_start_date().await;
        let stop = walk.review(&review).await;
        stop.is_at("/stop");
        let dates = stop.form("/stop").submit(&walk.browser).await;
        let review = walk.start_date(&dates).await;
        let page = walk.review(&review).await;
        page.is_at(end);
        assert_eq!(world.sandbox.count("enroll"), calls);
        assert_eq!(world.sandbox.count("check-credit"), 2);
        assert_eq!(world.sandbox.count("available-dates"), 2);
        // A second refusal ends it: there is no third try.
        for path in ["/review", "/start-date"] {
            walk.browser.get(path).await.is_at(end);
        }
    }
}

#[tokio::test]
pub async fn record_is_submitted_under_its_own_tracking_id() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    let calls = world.sandbox.calls();
    let sent: Vec<_> = calls.iter().filter_map(|call| call.tracking_id.as_deref()).collect();
    let records: BTreeSet<_> = sent.iter().copied().collect();
    assert_eq!((records.len(), sent.len()), (1, 3), "dates, credit and submission, on one record");
    assert_eq!(world.sandbox.processed(sent[0]), 1);
}

/// The deposit page of a second tab has the credit checked again while the first tab submits: what is submitted is what was
/// checked last, not what was shown before.
#[tokio::test]
pub async fn submission_waits_for_a_recheck_of_another_tab() {
    let world = World::with_fault_proxy(&[]).await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let deposit = walk.through_start_date().await;
    let review = walk.deposit(&deposit).await;
    let second_tab = walk.browser.get("/deposit").await;
    let late = Reply::Later(Duration::from_millis(2500), Box::new(Reply::Changed(json!({}))));
    world.fault_proxy().once("recheck-credit", late);
    let form = second_tab.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-6789");
    let (first, second) = tokio::join!(
        async {
            while world.fault_proxy().count("token") < 2 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            walk.review(&review).await
        },
        form.submit(&walk.browser)
    );
    first.is_at("/review");
    second.is_at("/review");
    assert_eq!((world.fault_proxy().count("recheck-credit"), world.fault_proxy().count("enroll")), (1, 0));
    walk.review(&second).await.is_at("/confirmation");
}

#[tokio::test]
pub async fn switch_hold_at_enroll_is_shown_as_refusal() {
    let world = World::with_fault_proxy(&[]).await;
    let walk = Walk::new(world.browser(), Person { transaction: "SWI", ..Person::default() });
    let review = walk.through_start_date().await;
    world.fault_proxy().once("enroll", refused("ENROLLMENT_NOT_ALLOWED"));
    walk.review(&review).await.is_at("/stop");
    assert_eq!(world.fault_proxy().count("enroll"), 1);
}

/// Advice of NRG is shown where it matters, again before submitting, and again at the end.
#[tokio::test]
async fn advice_is_shown_at_its_step_on_review_and_on_confirmation() {
    let street = |street| Person { street, ..Person::default() };
    let code =
        |code: &str| Some(Reply::Changed(json!({"messageCode": code, "messageText": "(words of NRG)"})));
    let catalogs = Catalogs::load().unwrap();
    for language in [Language::English, Language::Spanish] {
        let t = &catalogs.of(language).advice;
        for (person, says_dates, title, at) in [
            (street("600 Example Oak Ln"), None, &t.switch_hold_notify_title, "/start-date"),
            (street("700 Example Oak Ln"), None, &t.no_meter_found_title, "/start-date"),
            (Person::default(), code("MESID"), &t.several_meters_found_title, "/start-date"),
            (Person::default(), code("NEW_CODE"), &t.other_title, "/start-date"),
            (last("Undecided"), None, &t.undecided_match_title, "/review"),
            (Person { zip: "77994", ..Person::default() }, None, &t.default_offers_title, "/plans"),
        ] {
            let world = World::with_fault_proxy(&[]).await;
            if let Some(says) = says_dates {
                world.fault_proxy().once("available-dates", says);
            }
            let walk = Walk { language, ..Walk::new(world.browser(), person) };
            let plans = walk.to_plans().await;
            let page = walk.plan(&plans).await;
            let page = walk.address(&page).await;
            let page = walk.contact(&page).await;
            let page = walk.billing(&page).await;
            let dates = walk.identity(&page).await;
            let review = walk.start_date(&dates).await;
            for page in [&plans, &dates] {
                assert_eq!(page.text().contains(title.as_str()), page.path == at, "{title} on {}", page.path);
            }
            review.is_at("/review");
            assert!(review.text().contains(title.as_str()), "{title} on review");
            let end = walk.review(&review).await;
            end.is_at("/confirmation");
            assert!(end.text().contains(title.as_str()), "{title} on confirmation");
        }
    }
}
