//! Journeys that go on: their steps, their questions, and what is asked again.

use super::*;

/// Steps, without anything in their way.
pub async fn steps(all: &mut Walkers) {
    let walk = all.walk(Person::default());
    walk.browser.get(&format!("/?zip=7799&type=both&brand=XX&lang=fr&{CLICK}")).await.is_at("/");
    all.keep("zip from a link that cannot be used", &walk);
    let walk = all.walk(Person { zip: "77990", ..Person::default() });
    start_over(&walk).await;
    all.keep("zip after starting over", &walk);
    let walk = all.walk(Person::default());
    let link = format!("/?zip=77999&type=MVI&brand=CE&promo=spring&offer=1&{CLICK}");
    walk.browser.get(&link).await.is_at("/plans");
    all.keep("plans with a wish of the link", &walk);
    let walk = all.walk(Person { transaction: "SWI", ..Person::default() });
    walk.to_plans().await;
    all.keep("plans", &walk);
    let walk = all.walk(Person::default());
    clicked(&walk).await.is_at("/address");
    all.keep("address", &walk);
    let walk = all.walk(Person::default());
    let refused = walk.to_address().await.form("/address").set("street", "1").submit(&walk.browser).await;
    assert_eq!(refused.status, 422);
    all.keep("address with a draft", &walk);
    let walk = all.walk(Person::default());
    walk.to_contact().await.is_at("/contact");
    all.keep("contact", &walk);
    let Some(Meters::Residential(meters)) =
        all.world.journey(&walk.browser).await.unwrap().premise.unwrap().meters
    else {
        panic!("no meter")
    };
    let other = all.walk(Person::default());
    let form = other.to_address().await.form("/address").set("esi_id", meters[0].esi_id.as_str());
    form.submit(&other.browser).await.is_at("/contact");
    all.keep("contact with an ESI ID instead of an address", &other);
    let walk = all.walk(Person::default());
    let page = walk.to_contact().await;
    walk.contact(&page).await.is_at("/billing");
    all.keep("billing", &walk);
    for (name, transaction) in [("identity", "MVI"), ("identity of a switch", "SWI")] {
        let walk = all.walk(Person { transaction, ..Person::default() });
        walk.to_identity().await.is_at("/identity");
        all.keep(name, &walk);
    }
    let walk = all.walk(Person::default());
    let walk = Walk { language: Language::Spanish, ..walk };
    let page = walk.to_contact().await;
    let form = contact_form(&walk, &page).set("marketing_email", "yes").set("marketing_phone", "yes");
    let page = form.submit(&walk.browser).await;
    po_box(&page).submit(&walk.browser).await.is_at("/identity");
    all.keep("identity with marketing and a PO box in Spanish", &walk);
    let walk = all.walk(Person::default());
    let page = walk.to_contact().await;
    let page = walk.contact(&page).await;
    other_street(&page, "100 Sample Elm St").submit(&walk.browser).await.is_at("/identity");
    all.keep("identity with bills to another street", &walk);
    let walk = all.walk(last("Kba"));
    walk.through_identity().await.is_at("/quiz");
    all.keep("quiz", &walk);
    let walk = all.walk(Person::default());
    let page = walk.to_identity().await;
    let before = cookie(&walk.browser);
    walk.identity(&page).await.is_at("/start-date");
    all.keep("start-date", &walk);
    all.sessions.push(("start-date by the cookie of before", before));
    for (name, person) in [
        ("start-date with a switch hold", street("600 Example Oak Ln")),
        ("start-date without a meter", street("700 Example Oak Ln")),
        ("start-date after an undecided match", last("Undecided")),
        ("start-date of an exact match", last("Exact")),
    ] {
        let walk = all.walk(person);
        walk.through_identity().await.is_at("/start-date");
        all.keep(name, &walk);
    }
    let walk = all.walk(last("Kba"));
    let quiz = walk.through_identity().await;
    walk.quiz(&quiz, true).await.is_at("/start-date");
    all.keep("start-date after the quiz", &walk);
    for (name, number) in
        [("deposit", "900-45-0200"), ("deposit with reasons", "900-45-0350"), ("deposit null", "900-45-0150")]
    {
        let walk = all.walk(ssn(number));
        walk.through_start_date().await.is_at("/deposit");
        all.keep(name, &walk);
    }
    let walk = all.walk(Person::default());
    walk.through_start_date().await.is_at("/review");
    all.keep("review", &walk);
    let walk = all.walk(ssn("900-45-0200"));
    let deposit = walk.through_start_date().await;
    walk.deposit(&deposit).await.is_at("/review");
    all.keep("review with a deposit", &walk);
    let walk = all.walk(ssn("900-45-0200"));
    let deposit = walk.through_start_date().await;
    let form = deposit.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-6789");
    form.submit(&walk.browser).await.is_at("/review");
    all.keep("review after another credit check", &walk);
    let walk = all.walk(Person::default());
    let page = walk.to_identity().await;
    let dates = licence(&walk.identity_form(&page)).submit(&walk.browser).await;
    walk.start_date(&dates).await.is_at("/review");
    all.keep("review with a driver license", &walk);
    let walk = all.walk(Person { zip: "77994", ..Person::default() });
    walk.through_start_date().await.is_at("/review");
    all.keep("review with default offers", &walk);
    let walk = all.walk(Person { transaction: "SWI", brand: "GM", ..Person::default() });
    walk.through_start_date().await.is_at("/review");
    all.keep("review of a switch", &walk);
}

/// Questions, and answers that ask a step again.
pub async fn questions(all: &mut Walkers) {
    for (name, person) in [
        ("a similar address", street("200 Example Oak Ln")),
        ("a unit is needed", street("300 Example Oak Ln")),
        ("the unit is not known", Person { unit: "9", ..street("300 Example Oak Ln") }),
        ("the address is not verified", street("410 Example Oak Ln")),
        ("several meters", street("720 Example Oak Ln")),
    ] {
        let walk = all.walk(person);
        walk.to_contact().await.is_at("/ask");
        all.keep(name, &walk);
    }
    let walk = all.walk(street("720 Example Oak Ln"));
    let ask = walk.to_contact().await;
    ask.form("/ask").set("choice", "none").submit(&walk.browser).await.is_at("/contact");
    all.keep("contact with none of the meters", &walk);
    let walk = all.walk(Person { zip: "77997", ..Person::default() });
    walk.to_plans().await.is_at("/ask");
    all.keep("several utilities", &walk);
    for (name, street) in [
        ("a similar billing address", "200 Sample Elm St"),
        ("a unit of the billing address is needed", "300 Sample Elm St"),
        ("the billing address is not verified", "410 Sample Elm St"),
    ] {
        let walk = all.walk(Person::default());
        let page = walk.to_contact().await;
        let page = walk.contact(&page).await;
        other_street(&page, street).submit(&walk.browser).await.is_at("/ask");
        all.keep(name, &walk);
    }
    for (name, last_name) in [("past service", "Pastservice"), ("a past balance", "Pastbalance")] {
        let walk = all.walk(last(last_name));
        walk.through_identity().await.is_at("/ask");
        all.keep(name, &walk);
    }
    for (name, last_name, choice) in [
        ("start-date after past service", "Pastservice", Some("yes")),
        ("start-date after a past balance", "Pastbalance", None),
    ] {
        let walk = all.walk(last(last_name));
        let form = walk.through_identity().await.form("/ask");
        let form = if let Some(choice) = choice { form.set("choice", choice) } else { form };
        form.submit(&walk.browser).await.is_at("/start-date");
        all.keep(name, &walk);
    }
    let walk = all.walk(Person::default());
    all.once(
        "identity",
        Reply::Changed(
            json!({"statusCode": "02", "messageCode": "NEW_CODE", "messageText": "Go <b>on</b>?"}),
        ),
    );
    walk.through_identity().await.is_at("/ask");
    all.keep("a question of NRG's own", &walk);
    for name in ["confirmation", "a recent submission"] {
        let walk = all.walk(street("99 Example Oak Ln"));
        enrolled(&walk).await;
        all.keep(name, &walk);
    }

    let forged = |form: Filled, name: &str, value: &str| form.forge(name, value);
    for (name, field, value) in
        [("the plan is gone", "offer", "99999999"), ("the plan changed", "digest", "x")]
    {
        let walk = all.walk(Person::default());
        let form = walk.to_plans().await.form_at("/plans", 0);
        forged(form, field, value).submit(&walk.browser).await.is_at("/plans");
        all.keep(name, &walk);
    }
    let walk = all.walk(street("800 Example Oak Ln"));
    walk.through_identity().await.is_at("/plans");
    all.keep("the address has another utility", &walk);
    let walk = all.walk(last("Posidfail"));
    walk.through_identity().await.is_at("/identity");
    all.keep("identity not verified", &walk);
    let walk = all.walk(last("Posidfail"));
    walk.through_identity().await;
    for day in ["1", "2"] {
        correct(&walk, day).await.is_at("/identity");
    }
    let contact = walk.browser.get("/contact").await;
    contact.form("/contact").set("last_name", "Samplecase").submit(&walk.browser).await.is_at("/identity");
    correct(&walk, "3").await.is_at("/start-date");
    all.keep("start-date with a record that is used up", &walk);
    let walk = all.walk(last("Posidfail"));
    walk.through_identity().await;
    walk.browser.get("/identity").await.form("/identity").submit(&walk.browser).await.is_at("/identity");
    all.keep("identity without a change", &walk);
    for (name, last_name) in
        [("the birth date is not taken", "Invaliddob"), ("the token failed", "Tokendown")]
    {
        let walk = all.walk(last(last_name));
        walk.through_identity().await.is_at("/identity");
        all.keep(name, &walk);
    }
    let walk = all.walk(Person::default());
    let page = walk.to_identity().await;
    let form = walk.identity_form(&page).set("prospect_id", "P000404");
    form.submit(&walk.browser).await.is_at("/identity");
    all.keep("the invitation is unknown", &walk);
    for (name, code, path) in [
        ("the record is unknown", "NO_MATCH_FOUND", "/identity"),
        ("new questions", "RETRY_NOT_ALLOWED", "/quiz"),
    ] {
        let walk = all.walk(last("Kba"));
        let quiz = walk.through_identity().await;
        all.once("kba-result", refused(code));
        walk.quiz(&quiz, true).await.is_at(path);
        all.keep(name, &walk);
    }
}

async fn correct(walk: &Walk, day: &str) -> Page {
    let page = walk.browser.get("/identity").await;
    page.form("/identity").set("birth_date_day", day).submit(&walk.browser).await
}
