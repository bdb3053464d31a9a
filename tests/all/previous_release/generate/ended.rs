//! Journeys that ended, were submitted, or were saved for later.

use super::*;

/// What the previous day left: endings of every kind, and the postbacks of them.
pub async fn yesterday(all: &Walkers) {
    let world = &all.world;
    let walk = all.walk(Person::default());
    let page = clicked(&walk).await;
    walk.on_from_address(&page).await.is_at("/confirmation");
    let walk = all.walk(last("Current"));
    let page = clicked(&walk).await;
    let page = walk.address(&page).await;
    let page = walk.contact(&page).await;
    let page = walk.billing(&page).await;
    walk.identity(&page).await.is_at("/stop");
    clicked(&all.walk(Person::default())).await.is_at("/address");
    let walk = all.walk(first("Blank"));
    let page = clicked(&walk).await;
    walk.on_from_address(&page).await.is_at("/confirmation");

    let account = nrg_enroll::ledger::SubmissionResult {
        account_number: Some("000099990001".to_owned()),
        check_digit: Some("7".to_owned()),
        ..Default::default()
    };
    let mut unknown = Vec::new();
    for settled in [
        Resolution::Enrolled(account),
        Resolution::Accepted,
        Resolution::Refused { correctable: false },
        Resolution::Refused { correctable: true },
    ] {
        let walk = all.walk(Person::default());
        let page = clicked(&walk).await;
        all.once("enroll", Reply::Cut);
        walk.on_from_address(&page).await.is_at("/processing");
        all.until(&walk, State::Unknown).await;
        let journey = world.journey(&walk.browser).await.unwrap();
        unknown.push((journey.record.unwrap().tracking_id, settled));
    }
    world.forward(HOUR);
    let app = &world.server.app;
    app.ledger.enqueue_delayed_postbacks(12 * HOUR).await.unwrap();
    app.sessions.cleanup(100).await.unwrap();
    for (tracking_id, settled) in unknown {
        app.ledger.settle(tracking_id.as_str(), settled, "NRG says so", "Sam").await.unwrap();
    }
    let own = ("own".to_owned(), postback::State::Sent);
    all.until_postbacks(|counts| counts.get(&own).is_some_and(|rows| *rows >= 11)).await;
    world.forward(24 * HOUR + HOUR / 2);
    let waiting = ("late".to_owned(), postback::State::Waiting);
    all.until_postbacks(|counts| !counts.contains_key(&waiting)).await;
    app.sessions.cleanup(100).await.unwrap();
}

/// Stops before anything is submitted.
pub async fn stops(all: &mut Walkers) {
    let switch = |street| Person { transaction: "SWI", street, ..Person::default() };
    let walk = all.walk(Person { zip: "77990", ..Person::default() });
    walk.to_plans().await.is_at("/stop");
    all.keep("stop: area not served", &walk);
    let walk = all.walk(Person::default());
    all.world
        .fault_proxy()
        .always("tdsp", answer(200, &json!({"statusCode": "01", "messageCode": "NEW_CODE"})));
    walk.to_plans().await.is_at("/stop");
    all.world.fault_proxy().pass_on();
    all.keep("stop: another area", &walk);
    for (name, person) in [
        ("stop: business meter", street("500 Example Oak Ln")),
        ("stop: switch hold", switch("600 Example Oak Ln")),
        ("stop: own customer", switch("610 Example Oak Ln")),
    ] {
        let walk = all.walk(person);
        walk.to_contact().await.is_at("/stop");
        all.keep(name, &walk);
    }
    for (name, person) in [
        ("stop: no meter", street("710 Example Oak Ln")),
        ("stop: attempts used up", last("Failmax")),
        ("stop: restricted under a hold", last("Holdrestricted")),
        ("quiz under a hold", last("Hold")),
        ("identity without questions", last("Kbanone")),
        ("stop: current customer", last("Current")),
        ("stop: restricted", last("Restricted")),
        ("stop: other", last("Oddcode")),
    ] {
        let walk = all.walk(person);
        walk.through_identity().await;
        all.keep(name, &walk);
    }
    let walk = all.walk(last("Hold"));
    all.once("kba-oe", answer(200, &json!({"statusCode": "00", "messageCode": "POSIDHOLD"})));
    walk.through_identity().await.is_at("/stop");
    all.keep("stop: identity hold", &walk);
    let walk = all.walk(last("Kba"));
    let quiz = walk.through_identity().await;
    walk.quiz(&quiz, false).await.is_at("/stop");
    all.keep("stop: quiz failed", &walk);
    for (name, number) in [("stop: credit freeze", "900-45-0001"), ("stop: credit fraud", "900-45-0002")] {
        let walk = all.walk(ssn(number));
        walk.through_start_date().await.is_at("/stop");
        all.keep(name, &walk);
    }
    let walk = all.walk(Person::default());
    let page = walk.to_identity().await;
    let form = walk.identity_form(&page).set("document", "none").set("ssn", "");
    form.submit(&walk.browser).await.is_at("/stop");
    all.keep("stop: no id", &walk);
    let walk = all.walk(last("Kba"));
    let quiz = walk.through_identity().await;
    all.once("kba-result", refused("ENROLLMENT_ALREADY_REQUESTED"));
    walk.quiz(&quiz, true).await.is_at("/stop");
    all.keep("stop: already submitted", &walk);
}

/// Submissions in every state.
pub async fn submissions(all: &mut Walkers) {
    let walk = all.walk(Person::default());
    let review = walk.through_start_date().await;
    all.once("enroll", html(401));
    walk.review_form(&review).submit(&walk.browser).await.is_at("/processing");
    all.until(&walk, State::Ready).await;
    all.world.forward(Duration::from_secs(3));
    all.world.fault_proxy().always("enroll", html(401));
    all.until(&walk, State::Correctable).await;
    all.let_in().await;
    all.keep("stop: not sent", &walk);
    for (name, person, path) in [
        ("confirmation without an account number", first("Blank"), "/confirmation"),
        ("confirmation of a duplicate", first("Double"), "/confirmation"),
        ("stop: refused", first("Existing"), "/stop"),
        ("stop: refused, repairable", first("Notyet"), "/stop"),
        ("processing of what nobody knows", first("Cut"), "/processing"),
    ] {
        let walk = all.walk(person);
        enrolled(&walk).await.is_at(path);
        all.keep(name, &walk);
    }
    let walk = all.walk(first("Notyet"));
    enrolled(&walk).await.form("/stop").submit(&walk.browser).await.is_at("/start-date");
    all.keep("start-date after a refusal", &walk);
    let walk = all.walk(first("Never"));
    let dates = enrolled(&walk).await.form("/stop").submit(&walk.browser).await;
    let review = walk.start_date(&dates).await;
    walk.review(&review).await.is_at("/stop");
    all.keep("stop: refused twice", &walk);
    let walk = all.walk(ssn("900-45-0200"));
    clicked(&walk).await;
    let page = walk.browser.get("/address").await;
    let page = walk.address(&page).await;
    let form = contact_form(&walk, &page).set("marketing_email", "yes").set("marketing_phone", "yes");
    let page = form.submit(&walk.browser).await;
    let page = walk.billing(&page).await;
    let dates = walk.identity(&page).await;
    let deposit = walk.start_date(&dates).await;
    let review = walk.deposit(&deposit).await;
    walk.review(&review).await.is_at("/confirmation");
    all.keep("confirmation with a deposit and marketing", &walk);
    let late = ("late".to_owned(), postback::State::Waiting);
    all.until_postbacks(|counts| counts.contains_key(&late)).await;
    let walk = all.walk(Person::default());
    let page = clicked(&walk).await;
    let page = walk.address(&page).await;
    let page = walk.contact(&page).await;
    let page = walk.billing(&page).await;
    let dates = walk.identity(&page).await;
    let review = walk.start_date(&dates).await;
    all.once("enroll", html(401));
    walk.review_form(&review).submit(&walk.browser).await.is_at("/processing");
    all.until(&walk, State::Ready).await;
    all.let_in().await;
    all.keep("processing, ready", &walk);
    let walk = all.walk(Person::default());
    let review = walk.through_start_date().await;
    all.once("enroll", Reply::Later(HOUR, Box::new(Reply::Cut)));
    walk.review_form(&review).submit(&walk.browser).await.is_at("/processing");
    all.until(&walk, State::Sent).await;
    all.keep("processing, sent", &walk);
}

/// Journeys saved for later, by what is asked of whoever goes on.
pub async fn saved(all: &mut Walkers) {
    const BORN: [(&str, &str); 3] =
        [("birth_date_month", "3"), ("birth_date_day", "28"), ("birth_date_year", "1985")];
    let walk = all.walk(Person::default());
    let page = walk.to_contact().await;
    all.saved.push(("nothing is asked", code(&walk, &page).await, Vec::new()));
    let walk = all.walk(Person::default());
    let page = walk.to_contact().await;
    let page = walk.contact(&page).await;
    all.saved.push(("the phone number", code(&walk, &page).await, vec![("phone", "713 555 0142")]));
    for (name, tried) in [("the birth date", false), ("the birth date, tried before", true)] {
        let walk = all.walk(Person::default());
        let page = walk.through_identity().await;
        let code = code(&walk, &page).await;
        if tried {
            let page = all.world.browser().get(&format!("/resume?code={code}")).await;
            let form = page.form("/resume").set("birth_date_month", "3").set("birth_date_day", "1");
            let wrong = form.set("birth_date_year", "1985").submit(&all.world.browser()).await;
            assert_eq!(wrong.status, 422);
        }
        all.saved.push((name, code, BORN.to_vec()));
    }
}

/// Saves for later, and gives the code of the link.
async fn code(walk: &Walk, page: &Page) -> String {
    let saved = page.form("/later").submit(&walk.browser).await;
    let link = saved.attributes("main .saved a", "href").remove(0);
    link.split(['=', '&']).nth(1).unwrap().to_owned()
}
