//! Forms that were made before their step was last answered: brought back by Back, left open in another tab, sent twice,
//! kept from a visit that is over.

use std::time::Duration;

use nrg_enroll::journey::Billing;

use crate::support::{Filled, Page, Person, Walk, World, fault_proxy::Reply};

fn with_ssn(ssn: &'static str) -> Person {
    Person { ssn, ..Person::default() }
}

fn contact(page: &Page, first_name: &str) -> Filled {
    page.form("/contact")
        .set("first_name", first_name)
        .set("last_name", "Samplecase")
        .set("email", "jordan.samplecase@example.com")
        .set("phone", "(713) 555-0142")
}

async fn first_name(walk: &Walk) -> String {
    walk.browser.get("/contact").await.attributes("#first_name", "value").concat()
}

#[tokio::test]
async fn back_correct_continue_takes_the_correction_at_every_step() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let browser = &walk.browser;
    // Every page as it was first shown, as a browser restores it; the first one from before there was a session.
    let zip = browser.get("/").await;
    let plans = walk.zip().await;
    let address = walk.plan(&plans).await;
    let contact_page = walk.address(&address).await;
    let identity = walk.contact(&contact_page).await;
    let billing = browser.get("/billing").await;
    let dates = walk.identity(&identity).await;
    walk.start_date(&dates).await.is_at("/review");

    let offered = dates.attributes("input[name=date]", "value");
    dates.form("/start-date").set("date", &offered[1]).submit(browser).await.is_at("/review");
    let journey = || async { world.journey(browser).await.unwrap() };
    assert_eq!(journey().await.start_date.unwrap().iso(), offered[1]);

    // The number is the same: what is known about its credit stands.
    walk.identity_form(&identity).set("birth_date_day", "27").submit(browser).await.is_at("/review");
    assert_eq!(journey().await.person.unwrap().birth_date.date().day(), 27);

    let po_box = billing.form("/billing").set("choice", "po_box").set("po_box", "PO Box 7");
    let po_box = po_box.set("city", "Sampleton").set("state", "TX").set("zip", "77999");
    assert_eq!(po_box.submit(browser).await.status, 200);
    assert!(matches!(journey().await.billing, Some(Billing::Other(_))));

    contact(&contact_page, "Robin").submit(browser).await;
    assert_eq!(first_name(&walk).await, "Robin");

    let street = address.form("/address").set("street", "110 Example Oak Ln").set("city", "Sampleton");
    assert_eq!(street.submit(browser).await.status, 200);
    assert_eq!(browser.get("/address").await.attributes("#street", "value"), ["110 Example Oak Ln"]);

    let chosen = journey().await.plan.unwrap().offer.code;
    let forms = (0..40).map(|nth| plans.form_at("/plans", nth));
    let own =
        |form: &Filled| form.value("brand") == Some("RE") && form.value("offer") != Some(chosen.as_str());
    let other = forms.into_iter().find(own).unwrap();
    let code = other.value("offer").unwrap().to_owned();
    assert_eq!(other.submit(browser).await.status, 200);
    assert_eq!(journey().await.plan.unwrap().offer.code.as_str(), code);

    let moved = zip.form("/").set("zip", "75999").set("transaction", "MVI").submit(browser).await;
    moved.is_at("/plans");
    assert_eq!(journey().await.service.unwrap().zip.as_str(), "75999");
}

#[tokio::test]
async fn older_form_that_changes_nothing_leads_on_and_asks_nothing() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let plans = walk.to_plans().await;
    let address = walk.plan(&plans).await;
    let contact_page = walk.address(&address).await;
    let identity = walk.contact(&contact_page).await;
    let billing = walk.browser.get("/billing").await;
    billing.form("/billing").submit(&walk.browser).await.is_at("/identity");
    let dates = walk.identity(&identity).await;
    let review = walk.start_date(&dates).await;
    review.is_at("/review");
    let (calls, before) = (world.sandbox.calls().len(), world.journey(&walk.browser).await);
    walk.plan(&plans).await.is_at("/review");
    walk.address(&address).await.is_at("/review");
    // The same, written another way.
    contact(&contact_page, " Jordan ")
        .set("phone", "7135550142")
        .submit(&walk.browser)
        .await
        .is_at("/review");
    billing.form("/billing").submit(&walk.browser).await.is_at("/review");
    walk.identity(&identity).await.is_at("/review");
    walk.identity_form(&identity).set("birth_date_month", "03").submit(&walk.browser).await.is_at("/review");
    walk.start_date(&dates).await.is_at("/review");
    assert_eq!(world.sandbox.calls().len(), calls);
    assert_eq!(world.journey(&walk.browser).await, before);
}

#[tokio::test]
async fn older_identity_form_with_other_number_asks_nrg_again() {
    let world = World::new().await;
    let mut walk = Walk::new(world.browser(), Person::default());
    let identity = walk.to_identity().await;
    walk.identity(&identity).await.is_at("/start-date");
    let count = || (world.sandbox.count("token"), world.sandbox.count("identity"));
    assert_eq!(count(), (1, 1));
    // Everything else is as it was.
    walk.person = with_ssn("900-45-6788");
    walk.identity(&identity).await.is_at("/start-date");
    assert_eq!(count(), (2, 2));
    walk.identity(&identity).await.is_at("/start-date");
    assert_eq!(count(), (2, 2), "the number that was answered last");
}

#[tokio::test]
async fn older_form_with_fault_is_shown_again_with_its_message() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    walk.contact(&page).await.is_at("/identity");
    let wrong = contact(&page, "Robin").set("email", "robin").submit(&walk.browser).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.attributes("#first_name", "value")),
        (422, vec!["Robin".to_owned()])
    );
    contact(&wrong, "Robin").submit(&walk.browser).await.is_at("/identity");
}

#[tokio::test]
async fn last_answer_of_two_tabs_counts() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let one = walk.to_contact().await;
    let two = walk.browser.get("/contact").await;
    contact(&one, "Jordan").submit(&walk.browser).await.is_at("/identity");
    contact(&two, "Robin").submit(&walk.browser).await.is_at("/identity");
    assert_eq!(first_name(&walk).await, "Robin");
    contact(&one, "Jordan").submit(&walk.browser).await.is_at("/identity");
    assert_eq!(first_name(&walk).await, "Jordan");
}

/// The second tab posts while NRG still answers the first.
#[tokio::test]
async fn last_identity_of_two_tabs_at_once_counts() {
    let slow = |world: &World| {
        let as_sandbox = Reply::Changed(serde_json::json!({}));
        world.fault_proxy().once("identity", Reply::Later(Duration::from_millis(900), Box::new(as_sandbox)));
    };
    for (day, ssn) in [("27", "900-45-6789"), ("28", "900-45-6788")] {
        let world = World::with_fault_proxy(&[]).await;
        let walk = Walk::new(world.browser(), Person::default());
        let identity = walk.to_identity().await;
        slow(&world);
        let one = walk.identity_form(&identity);
        let two = walk.identity_form(&identity).set("birth_date_day", day).set("ssn", ssn);
        let later = async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            two.submit(&walk.browser).await
        };
        let (_, page) = tokio::join!(one.submit(&walk.browser), later);
        page.is_at("/start-date");
        let journey = world.journey(&walk.browser).await.unwrap();
        let asked: Vec<_> = world.fault_proxy().exchanges();
        assert_eq!(asked.iter().filter(|call| call.endpoint == "identity").count(), 2, "{day} {ssn}");
        assert_eq!(journey.person.as_ref().unwrap().birth_date.date().day().to_string(), day);
        assert!(
            journey.number()
                == Some(&world.server.app.limits.of_ssn(&nrg_enroll::fields::Ssn::parse(ssn).unwrap()))
        );
        assert!(journey.identity().is_some(), "NRG has answered what is kept");
    }
}

/// The first tab's answer comes last; it is not the last one given.
#[tokio::test]
async fn last_address_of_two_tabs_at_once_counts() {
    let world = World::with_fault_proxy(&[]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let address = walk.to_address().await;
    let as_sandbox = Reply::Changed(serde_json::json!({}));
    let slow = Reply::Later(Duration::from_millis(900), Box::new(as_sandbox));
    world.fault_proxy().once("cleanup-address", slow);
    let form = |street: &str| address.form("/address").set("street", street).set("city", "Sampleton");
    let later = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        form("110 Example Oak Ln").submit(&walk.browser).await
    };
    tokio::join!(form("100 Example Oak Ln").submit(&walk.browser), later);
    walk.browser.get("/contact").await.is_at("/contact");
    assert_eq!(walk.browser.get("/address").await.attributes("#street", "value"), ["110 Example Oak Ln"]);
}

#[tokio::test]
async fn older_form_with_other_consent_text_is_shown_again() {
    let world = World::new().await;
    let mut walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    walk.contact(&page).await.is_at("/identity");
    walk.person.brand = "GM";
    walk.plan(&walk.browser.get("/plans").await).await;
    let again = contact(&page, "Robin").set("marketing_email", "yes").submit(&walk.browser).await;
    assert_eq!((again.path.as_str(), again.status.as_u16()), ("/contact", 409));
    again.says("were changed after you opened the page");
    assert_eq!(again.attributes("#first_name", "value"), ["Robin"]);
    assert_eq!(first_name(&walk).await, "Jordan");
    // Who agrees to nothing is not asked to look at what has changed.
    contact(&page, "Robin").submit(&walk.browser).await.is_at("/identity");
    assert_eq!(first_name(&walk).await, "Robin");
}

#[tokio::test]
async fn form_of_journey_before_starting_over_is_not_taken() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    walk.browser.post("/start-over", &[]).await.is_at("/");
    walk.to_contact().await.is_at("/contact");
    // At the very revision that the new journey has.
    let again = contact(&page, "Robin").submit(&walk.browser).await;
    assert_eq!((again.path.as_str(), again.status.as_u16()), ("/contact", 409));
    assert_eq!(first_name(&walk).await, "");
    contact(&again, "Robin").submit(&walk.browser).await.is_at("/identity");
}

#[tokio::test]
async fn form_of_another_session_is_not_taken() {
    let world = World::new().await;
    let (one, two) =
        (Walk::new(world.browser(), Person::default()), Walk::new(world.browser(), Person::default()));
    let (foreign, own) = (one.to_contact().await, two.to_contact().await);
    assert_eq!(contact(&foreign, "Robin").submit(&two.browser).await.status, 409);
    two.contact(&own).await.is_at("/identity");
    assert_eq!(contact(&foreign, "Robin").submit(&two.browser).await.status, 409);
    assert_eq!(first_name(&two).await, "Jordan");
    // What changes nothing leads on.
    contact(&foreign, "Jordan").submit(&two.browser).await.is_at("/identity");

    let person = Person { zip: "77997", ..Person::default() };
    let (one, two) = (Walk::new(world.browser(), person.clone()), Walk::new(world.browser(), person));
    let (foreign, own) = (one.zip().await, two.zip().await);
    foreign.is_at("/ask");
    let choose = |page: &Page| {
        let value = page.attributes("input[name=choice]", "value")[0].clone();
        page.form("/ask").set("choice", &value)
    };
    assert_eq!(choose(&foreign).submit(&two.browser).await.status, 409);
    choose(&own).submit(&two.browser).await.is_at("/plans");
}

#[tokio::test]
async fn older_form_of_previous_release_is_shown_again() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    let post = async |first_name: &str| {
        let mut fields = contact(&page, first_name).fields().to_vec();
        fields.retain(|(name, _)| name != "visit");
        walk.browser.post("/contact", &fields).await
    };
    // It does not say its visit: at the present revision it is taken, and no longer afterwards.
    post("Jordan").await.is_at("/identity");
    assert_eq!(post("Robin").await.status, 409);
    assert_eq!(first_name(&walk).await, "Jordan");
}

#[tokio::test]
async fn quiz_answered_before_leads_on() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Kba", ..Person::default() });
    let quiz = walk.through_identity().await;
    quiz.is_at("/quiz");
    walk.quiz(&quiz, true).await.is_at("/start-date");
    walk.quiz(&quiz, false).await.is_at("/start-date");
    assert_eq!(world.sandbox.count("kba-result"), 1);
}

#[tokio::test]
async fn deposit_form_sent_again_checks_credit_once_for_each_number() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), with_ssn("900-45-0350"));
    let deposit = walk.through_start_date().await;
    deposit.is_at("/deposit");
    let recheck = |ssn| deposit.form("/deposit").set("choice", "with_ssn").set("ssn", ssn);
    let count = || world.sandbox.count("recheck-credit");
    recheck("900-45-0200").submit(&walk.browser).await.is_at("/deposit");
    recheck("900-45-0200").submit(&walk.browser).await.is_at("/deposit");
    assert_eq!(count(), 1);
    // The amount has changed since: it is shown before it is agreed to.
    walk.deposit(&deposit).await.is_at("/deposit");
    let now = walk.browser.get("/deposit").await;
    now.says("$200");
    walk.deposit(&now).await.is_at("/review");
    // Back, and the other choice after all.
    recheck("900-45-6789").submit(&walk.browser).await.is_at("/review");
    assert_eq!(count(), 2);
}

#[tokio::test]
async fn review_sent_again_after_submission_leads_on() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    for paperless in ["yes", "no"] {
        let again = walk.review_form(&review).set("paperless", paperless).submit(&walk.browser).await;
        again.is_at("/confirmation");
    }
    assert_eq!(world.sandbox.count("enroll"), 1);
}
