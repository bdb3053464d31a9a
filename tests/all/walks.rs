//! Whole journeys, from a ZIP to an account number or to the page where they rightly end.

use std::time::Duration;

use crate::support::{Page, Person, Walk, World};

async fn walk(world: &World, person: Person) -> Walk {
    Walk::new(world.browser(), person)
}

#[track_caller]
fn is_enrolled(page: &Page) {
    page.is_at("/confirmation");
    page.says("You are enrolled");
    page.says("Account number");
}

fn owes_the_deposit(page: &Page) {
    page.is_at("/confirmation");
    page.says("Almost done: pay your deposit");
    page.says("Account number");
}

#[tokio::test]
async fn move_in_without_deposit_is_enrolled_once() {
    let world = World::new().await;
    let walk = walk(&world, Person::default()).await;
    let review = walk.through_start_date().await;
    review.says("100 EXAMPLE OAK LN");
    review.says("ending in 6789");
    review.never_says("900-45-6789");
    review.never_says("900456789");
    let end = walk.review(&review).await;
    is_enrolled(&end);
    assert_eq!(world.sandbox.count("enroll"), 1);
    assert_eq!(world.sandbox.count("identity"), 1);
    assert_eq!(world.sandbox.count("check-credit"), 1);

    // Reload, Back and a second tab stay there; nothing is sent twice.
    for path in ["/confirmation", "/review", "/identity", "/", "/processing"] {
        is_enrolled(&walk.browser.get(path).await);
    }
    assert_eq!(world.sandbox.count("enroll"), 1);
}

#[tokio::test]
async fn every_brand_can_be_chosen_and_receives_the_enrollment() {
    let world = World::new().await;
    // The same person at the same address would be asked about: one street each.
    for (brand, company, street) in [
        ("RE", "0121", "101 Example Oak Ln"),
        ("GM", "0271", "102 Example Oak Ln"),
        ("CE", "0391", "103 Example Oak Ln"),
        ("PW", "0391", "104 Example Oak Ln"),
        ("DE", "0315", "105 Example Oak Ln"),
    ] {
        world.sandbox.clear_calls();
        let walk = walk(&world, Person { brand, street, ..Person::default() }).await;
        let review = walk.through_start_date().await;
        is_enrolled(&walk.review(&review).await);
        let enroll = world.sandbox.calls().into_iter().find(|call| call.endpoint == "enroll").unwrap();
        assert_eq!(enroll.parameters["brandId"], brand);
        assert_eq!(enroll.parameters["companyCode"], company);
    }
}

#[tokio::test]
async fn move_in_with_deposit_goes_to_gateway_and_back() {
    let world = World::new().await;
    let walk = walk(&world, Person { ssn: "900-45-0200", ..Person::default() }).await;
    let deposit = walk.through_start_date().await;
    deposit.is_at("/deposit");
    deposit.says("$200");
    let review = walk.deposit(&deposit).await;
    review.says("$200");
    let confirmation = walk.review(&review).await;
    owes_the_deposit(&confirmation);
    confirmation.says("$200");
    // What `holds` says is still open.
    confirmation.says("Deposit needed");
    assert_eq!(world.sandbox.count("holds"), 1);
    walk.browser.get("/confirmation").await;
    assert_eq!(world.sandbox.count("holds"), 1);

    let pay = walk.browser.get("/pay").await;
    pay.is_at("/pay");
    let policy = pay.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("form-action 'self' http://127.0.0.1"), "{policy}");
    let handed = walk.browser.post_only("/pay", pay.form("/pay").fields(), &[]).await;
    assert_eq!(handed.status(), 303);
    let to = handed.headers()["location"].to_str().unwrap().to_owned();
    assert!(to.contains("/gateway/pay?") && to.contains("amount=200"), "{to}");

    let back = walk.browser.get("/pay/return?status=paid&amount=0").await;
    back.is_at("/pay/return");
    back.says("Back from payment");
    // The address proves nothing.
    owes_the_deposit(&walk.browser.get("/confirmation").await);
}

#[tokio::test]
async fn deposit_rechecked_with_ssn_leads_to_review_and_enrollment() {
    let world = World::new().await;
    let walk = walk(&world, Person { ssn: "900-45-0200", ..Person::default() }).await;
    let deposit = walk.through_start_date().await;
    let form = deposit.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-6789");
    let review = form.submit(&walk.browser).await;
    review.is_at("/review");
    assert_eq!(world.sandbox.count("recheck-credit"), 1);
    assert_eq!(world.sandbox.count("identity"), 1);
    is_enrolled(&walk.review(&review).await);
}

#[tokio::test]
async fn switch_is_enrolled() {
    let world = World::new().await;
    let walk = walk(&world, Person { transaction: "SWI", ..Person::default() }).await;
    let review = walk.through_start_date().await;
    review.says("three federal business days");
    let end = walk.review(&review).await;
    is_enrolled(&end);
    let identity = world.sandbox.calls().into_iter().find(|call| call.endpoint == "identity").unwrap();
    assert_eq!(identity.parameters["transactionType"], "SWI");
}

#[tokio::test]
async fn switch_in_spanish_is_enrolled_in_spanish() {
    let world = World::new().await;
    let walk = walk(&world, Person { transaction: "SWI", ..Person::default() }).await;
    let landing = walk.browser.get("/?lang=es").await;
    assert_eq!(landing.attributes("html", "lang"), ["es"]);
    let form = landing.form("/").set("zip", "77999").set("transaction", "SWI");
    let plans = form.submit(&walk.browser).await;
    plans.is_at("/plans");
    let page = walk.plan(&plans).await;
    let page = walk.address(&page).await;
    let page = walk.contact(&page).await;
    let page = walk.billing(&page).await;
    let page = walk.identity(&page).await;
    let review = walk.start_date(&page).await;
    assert_eq!(review.attributes("html", "lang"), ["es"]);
    let end = walk.review(&review).await;
    end.is_at("/confirmation");
    assert_eq!(end.attributes("html", "lang"), ["es"]);
    for call in world.sandbox.calls() {
        assert_eq!(call.parameters["languageCode"], "S", "{}", call.endpoint);
        assert_eq!(call.language_code.as_deref(), Some("S"), "{}", call.endpoint);
    }
}

#[tokio::test]
async fn quiz_passed_leads_to_enrollment() {
    let world = World::new().await;
    let walk = walk(&world, Person { last_name: "Kba", ..Person::default() }).await;
    let quiz = walk.through_identity().await;
    quiz.is_at("/quiz");
    quiz.never_says("keyAnswer");
    let dates = walk.quiz(&quiz, true).await;
    let review = walk.start_date(&dates).await;
    is_enrolled(&walk.review(&review).await);
    assert_eq!(world.sandbox.count("kba-result"), 1);
}

#[tokio::test]
async fn quiz_failed_ends_the_journey() {
    let world = World::new().await;
    let walk = walk(&world, Person { last_name: "Kba", ..Person::default() }).await;
    let quiz = walk.through_identity().await;
    let stop = walk.quiz(&quiz, false).await;
    stop.is_at("/stop");
    for path in ["/quiz", "/identity", "/start-date", "/review"] {
        walk.browser.get(path).await.is_at("/stop");
    }
    assert_eq!(world.sandbox.count("available-dates"), 0);
}

#[tokio::test]
async fn past_service_answer_is_sent_with_available_dates() {
    for (answer, flag) in [("yes", "Y"), ("no", "N")] {
        let world = World::new().await;
        let walk = walk(&world, Person { last_name: "Pastservice", ..Person::default() }).await;
        let ask = walk.through_identity().await;
        ask.is_at("/ask");
        let dates = ask.form("/ask").set("choice", answer).submit(&walk.browser).await;
        let review = walk.start_date(&dates).await;
        let end = walk.review(&review).await;
        end.is_at("/confirmation");
        let asked =
            world.sandbox.calls().into_iter().find(|call| call.endpoint == "available-dates").unwrap();
        assert_eq!(asked.parameters["pastServiceMatchedFlag"], flag);
    }
}

#[tokio::test]
async fn suggested_or_typed_address_leads_to_enrollment() {
    for choice in ["suggested", "typed"] {
        let world = World::new().await;
        let walk = walk(&world, Person { street: "200 Example Oak Ln", ..Person::default() }).await;
        let ask = walk.to_contact().await;
        ask.is_at("/ask");
        let page = ask.form("/ask").set("choice", choice).submit(&walk.browser).await;
        let page = walk.contact(&page).await;
        let page = walk.billing(&page).await;
        let page = walk.identity(&page).await;
        let review = walk.start_date(&page).await;
        is_enrolled(&walk.review(&review).await);
        assert_eq!(world.sandbox.count("cleanup-address"), 1);
    }
}

#[tokio::test]
async fn apartment_with_several_meters_enrolls_with_typed_unit() {
    let world = World::new().await;
    let walk = walk(&world, Person { street: "300 Example Oak Ln", ..Person::default() }).await;
    let ask = walk.to_contact().await;
    ask.is_at("/ask");
    let page = ask.form("/ask").set("unit", "2").submit(&walk.browser).await;
    let page = walk.contact(&page).await;
    let page = walk.billing(&page).await;
    let page = walk.identity(&page).await;
    let review = walk.start_date(&page).await;
    is_enrolled(&walk.review(&review).await);
    let identity = world.sandbox.calls().into_iter().find(|call| call.endpoint == "identity").unwrap();
    assert_eq!(identity.parameters["servStreetAptNum"], "2");
}

#[tokio::test]
async fn terminal_stop_at_identity_ends_the_journey() {
    let world = World::new().await;
    let walk = walk(&world, Person { last_name: "Current", ..Person::default() }).await;
    let stop = walk.through_identity().await;
    stop.is_at("/stop");
    stop.says("You already have an account");
    // NRG's text ends with an address on file.
    stop.never_says("Elm");
    assert!(!stop.attributes("a[href^='tel:']", "href").is_empty());
    for path in ["/identity", "/start-date", "/review", "/contact"] {
        walk.browser.get(path).await.is_at("/stop");
    }
    assert_eq!(world.sandbox.count("available-dates"), 0);
    // Only starting over leaves it.
    let ended = stop.leave(&walk.browser).await;
    ended.is_at("/session-ended");
    walk.browser.get("/").await.is_at("/");
}

#[tokio::test]
async fn recoverable_stop_at_dates_links_to_the_answer_to_change() {
    let world = World::new().await;
    let person = Person { street: "820 Example Oak Ln", ..Person::default() };
    let walk = walk(&world, person).await;
    let stop = walk.through_identity().await;
    stop.is_at("/stop");
    let ways: Vec<_> = stop.attributes("main a[href]", "href");
    assert!(ways.iter().any(|way| way == "/address" || way == "/"), "{ways:?}");
    walk.browser.get("/address").await.is_at("/address");
    assert_eq!(world.sandbox.count("check-credit"), 0);
}

#[tokio::test]
async fn esi_id_instead_of_address_is_validated_once() {
    let world = World::new().await;
    // The sandbox knows meters that have been listed before.
    let first = walk(&world, Person::default()).await;
    let contact = first.to_contact().await;
    contact.is_at("/contact");
    let other = walk(&world, Person::default()).await;
    let page = other.to_address().await;
    let esi_id = "10000009999999912";
    let answer = page.form("/address").set("esi_id", esi_id).submit(&other.browser).await;
    assert!(answer.path == "/address" || answer.path == "/contact", "{}", answer.path);
    assert_eq!(world.sandbox.count("esidValidation"), 1);
}

#[tokio::test]
async fn prospect_id_is_sent_with_identity_and_ssn_token_is_kept() {
    let world = World::new().await;
    let walk = walk(&world, Person::default()).await;
    let page = walk.to_identity().await;
    let form = |page: &Page, id: &str| {
        page.form("/identity")
            .set("birth_date_month", "March")
            .set("birth_date_day", "28")
            .set("birth_date_year", "1985")
            .set("prospect_id", id)
    };
    let again = form(&page, "P000404").set("ssn", "900-45-6789").submit(&walk.browser).await;
    again.is_at("/identity");
    again.says("We couldn’t find this invitation number");
    assert_eq!(world.sandbox.count("identity"), 0);
    // The number is kept as a token: it need not be typed again.
    let dates = form(&again, "P000123").submit(&walk.browser).await;
    dates.is_at("/start-date");
    let identity = world.sandbox.calls().into_iter().find(|call| call.endpoint == "identity").unwrap();
    assert_eq!(identity.parameters["prospectId"], "P000123");
    assert_eq!(world.sandbox.count("token"), 1);
}

#[tokio::test]
async fn texas_license_instead_of_ssn_is_sent_as_token() {
    let world = World::new().await;
    let walk = walk(&world, Person::default()).await;
    let page = walk.to_identity().await;
    let dates = page
        .form("/identity")
        .set("birth_date_month", "3")
        .set("birth_date_day", "28")
        .set("birth_date_year", "1985")
        .set("document", "licence")
        .set("licence", "12345678")
        .submit(&walk.browser)
        .await;
    dates.is_at("/start-date");
    let identity = world.sandbox.calls().into_iter().find(|call| call.endpoint == "identity").unwrap();
    assert!(identity.parameters["tokenizedTDL"].is_string());
    assert!(identity.parameters.get("tokenizedSSN").is_none());
}

#[tokio::test]
async fn plan_and_dates_are_fetched_again_on_a_later_day() {
    let world = World::with(&[("ENROLL__SESSION__IDLE", "11h"), ("ENROLL__SESSION__ABSOLUTE", "12h")]).await;
    let walk = walk(&world, Person::default()).await;
    // Ten hours later it is past midnight nowhere near; go to the evening first.
    world.forward(Duration::from_secs(9 * 3600));
    let review = walk.through_start_date().await;
    review.is_at("/review");
    world.forward(Duration::from_secs(8 * 3600));
    let page = walk.browser.get("/review").await;
    page.is_at("/start-date");
    assert_eq!(world.sandbox.count("offer-details"), 1);
    assert_eq!(world.sandbox.count("available-dates"), 2);
    let review = walk.start_date(&page).await;
    is_enrolled(&walk.review(&review).await);
}

#[tokio::test]
async fn meter_chosen_among_several_sends_its_unit_with_identity() {
    for (pick, unit) in [(0, Some("A")), (1, Some("B")), (2, None)] {
        let world = World::new().await;
        let walk = walk(&world, Person { street: "720 Example Oak Ln", ..Person::default() }).await;
        let ask = walk.to_contact().await;
        ask.is_at("/ask");
        ask.says("Which of these is your home?");
        let choices = ask.attributes("input[name=choice]", "value");
        assert_eq!(choices.len(), 3, "two meters, and none of these");
        let page = ask.form("/ask").set("choice", &choices[pick]).submit(&walk.browser).await;
        let page = walk.contact(&page).await;
        let page = walk.billing(&page).await;
        let page = walk.identity(&page).await;
        let review = walk.start_date(&page).await;
        is_enrolled(&walk.review(&review).await);
        let identity = world.sandbox.calls().into_iter().find(|call| call.endpoint == "identity").unwrap();
        assert_eq!(identity.parameters.get("servStreetAptNum").and_then(|unit| unit.as_str()), unit);
    }
}

#[tokio::test]
async fn unknown_unit_is_asked_again() {
    let world = World::new().await;
    let person = Person { street: "300 Example Oak Ln", unit: "9", ..Person::default() };
    let walk = walk(&world, person).await;
    let ask = walk.to_contact().await;
    ask.is_at("/ask");
    ask.says("We don’t know this unit");
    let page = ask.form("/ask").set("unit", "Apt 3").submit(&walk.browser).await;
    page.is_at("/contact");
}
