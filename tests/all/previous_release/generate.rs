//! Makes the fixtures: walks the router into every state, and takes out what was stored and posted. Only the program
//! of the previous release may do it; see `tests/fixtures/previous_release/README.md`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use nrg_enroll::{
    fields::Language,
    journey::Meters,
    ledger::{SettledAs, State},
    postback,
    serve::open_outbox,
    session::{ResumeCode, SessionId, stored_journey},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use super::fixtures::{
    Circumstances, RecordedForms, SavedJourney, StoredJourney, env, pairs, repeating, take_rows,
    with_targets, write, write_text,
};
use crate::{
    postbacks::Ear,
    support::{
        Browser, Filled, Page, Person, Request, Walk, World,
        front::{Says, html, json as answer},
        settings,
    },
};

const CLICK: &str = "cid=click-1&sub1=blue&sub2=two&sub5=five";
const HOUR: Duration = Duration::from_secs(3600);

/// Those who walk, each at an address of its own: the same person twice would be asked about.
struct Walkers {
    world: World,
    data: Arc<TempDir>,
    receivers: [Ear; 2],
    count: std::cell::Cell<usize>,
    sessions: Vec<(&'static str, String)>,
    saved: Vec<(&'static str, String, Vec<(&'static str, &'static str)>)>,
}

impl Walkers {
    async fn new() -> Self {
        let data = Arc::new(tempfile::tempdir().unwrap());
        let receivers = [Ear::open(&[]).await, Ear::open(&[503; 200]).await];
        let env = with_targets(env(), [&receivers[0], &receivers[1]]);
        let now = "2030-06-17T14:30:00Z".parse().unwrap();
        let world = World::at(now, repeating(), Arc::clone(&data), &pairs(&env)).await;
        let count = std::cell::Cell::default();
        Self { world, data, receivers, count, sessions: Vec::new(), saved: Vec::new() }
    }

    fn walk(&self, person: Person) -> Walk {
        let count = self.count.get();
        self.count.set(count + 1);
        let plain = person.street == Person::default().street;
        let street: &'static str = Box::leak(format!("{} Example Oak Ln", 1001 + count).into_boxed_str());
        let person = if plain { Person { street, ..person } } else { person };
        Walk::new(self.world.browser(), person)
    }

    fn once(&self, endpoint: &str, says: Says) {
        self.world.front().once(endpoint, says);
    }

    fn keep(&mut self, name: &'static str, walk: &Walk) {
        let cookie = cookie(&walk.browser);
        assert!(self.sessions.iter().all(|(known, _)| *known != name), "{name} twice");
        self.sessions.push((name, cookie));
    }

    /// After a refusal NRG is not asked for a minute, but for what has changed on our side.
    async fn let_in(&self) {
        self.world.front().pass_on();
        let nrg = &self.world.server.app.nrg;
        for name in ["another", "sandbox-example"] {
            nrg.use_credentials(name, "sandbox-example").unwrap();
        }
        let walk = self.walk(Person::default());
        walk.to_contact().await.is_at("/contact");
    }

    async fn until(&self, walk: &Walk, state: State) {
        let journey = self.world.journey(&walk.browser).await.unwrap();
        let tracking_id = journey.record.unwrap().tracking_id;
        for _ in 0..600 {
            let row = self.world.server.app.ledger.find(tracking_id.as_str()).await.unwrap();
            if row.is_some_and(|row| row.state == state && (state != State::Ready || row.tries == 1)) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the submission never became {}", state.word());
    }

    async fn until_postbacks(&self, holds: impl Fn(&BTreeMap<(String, postback::State), i64>) -> bool) {
        let env = with_targets(env(), [&self.receivers[0], &self.receivers[1]]);
        let settings = settings(self.data.path(), "http://127.0.0.1:1", &pairs(&env));
        let app = &self.world.server.app;
        let outbox = open_outbox(&settings, app.clock.clone(), app.entropy.clone()).await.unwrap();
        let mut counts = BTreeMap::new();
        for _ in 0..600 {
            let listed = outbox.count().await.unwrap();
            counts = listed.into_iter().map(|(target, state, rows)| ((target, state), rows)).collect();
            if holds(&counts) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the postbacks stand otherwise: {counts:?}");
    }
}

fn cookie(browser: &Browser) -> String {
    let cookies = browser.cookies()["cookie"].to_str().unwrap().to_owned();
    cookies.strip_prefix("enroll=").unwrap().to_owned()
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

fn street(street: &'static str) -> Person {
    Person { street, ..Person::default() }
}

fn refused(code: &str) -> Says {
    answer(400, &json!({"statusCode": "01", "errorCode": code, "errorDescription": "internal"}))
}

/// Over the landing page with a click, to the address page.
async fn clicked(walk: &Walk) -> Page {
    walk.browser.get(&format!("/?{CLICK}")).await;
    walk.to_address().await
}

/// By the form of a stop that no answer changes.
async fn start_over(walk: &Walk) {
    walk.browser.get(&format!("/?{CLICK}")).await;
    let stop = walk.to_plans().await;
    stop.form("/start-over").submit(&walk.browser).await.is_at("/");
}

async fn enrolled(walk: &Walk) -> Page {
    let review = walk.through_start_date().await;
    walk.review(&review).await
}

/// What the previous day left: endings of every kind, and those who were told of them.
async fn yesterday(all: &Walkers) {
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
        SettledAs::Enrolled(account),
        SettledAs::Accepted,
        SettledAs::Refused { repairable: false },
        SettledAs::Refused { repairable: true },
    ] {
        let walk = all.walk(Person::default());
        let page = clicked(&walk).await;
        all.once("enroll", Says::Cut);
        walk.on_from_address(&page).await.is_at("/processing");
        all.until(&walk, State::Unknown).await;
        let journey = world.journey(&walk.browser).await.unwrap();
        unknown.push((journey.record.unwrap().tracking_id, settled));
    }
    world.forward(HOUR);
    let app = &world.server.app;
    app.ledger.tell_late(12 * HOUR).await.unwrap();
    app.sessions.sweep(100).await.unwrap();
    for (tracking_id, settled) in unknown {
        app.ledger.settle(tracking_id.as_str(), settled, "NRG says so", "Sam").await.unwrap();
    }
    let own = ("own".to_owned(), postback::State::Sent);
    all.until_postbacks(|counts| counts.get(&own).is_some_and(|rows| *rows >= 11)).await;
    world.forward(24 * HOUR + HOUR / 2);
    let waiting = ("late".to_owned(), postback::State::Waiting);
    all.until_postbacks(|counts| !counts.contains_key(&waiting)).await;
    app.sessions.sweep(100).await.unwrap();
}

/// Steps, without anything in their way.
async fn steps(all: &mut Walkers) {
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

fn contact_form(walk: &Walk, page: &Page) -> Filled {
    page.form("/contact")
        .set("first_name", walk.person.first_name)
        .set("last_name", walk.person.last_name)
        .set("email", "jordan.samplecase@example.com")
        .set("phone", "(713) 555-0142")
}

fn po_box(page: &Page) -> Filled {
    let form = page.form("/billing").set("choice", "po_box").set("po_box", "123");
    form.set("city", "Sampleton").set("state", "TX").set("zip", "77999")
}

fn other_street(page: &Page, street: &str) -> Filled {
    let form = page.form("/billing").set("choice", "street").set("street", street);
    form.set("city", "Sampleton").set("state", "TX").set("zip", "77999")
}

fn licence(form: &Filled) -> Filled {
    form.clone().set("document", "licence").set("ssn", "").set("licence", "12345678")
}

/// Questions, and answers that ask a step again.
async fn questions(all: &mut Walkers) {
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
        Says::Changed(json!({"statusCode": "02", "messageCode": "NEW_CODE", "messageText": "Go <b>on</b>?"})),
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

/// Stops before anything is submitted.
async fn stops(all: &mut Walkers) {
    let switch = |street| Person { transaction: "SWI", street, ..Person::default() };
    let walk = all.walk(Person { zip: "77990", ..Person::default() });
    walk.to_plans().await.is_at("/stop");
    all.keep("stop: area not served", &walk);
    let walk = all.walk(Person::default());
    all.world.front().always("tdsp", answer(200, &json!({"statusCode": "01", "messageCode": "NEW_CODE"})));
    walk.to_plans().await.is_at("/stop");
    all.world.front().pass_on();
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
async fn submissions(all: &mut Walkers) {
    let walk = all.walk(Person::default());
    let review = walk.through_start_date().await;
    all.once("enroll", html(401));
    walk.review_form(&review).submit(&walk.browser).await.is_at("/processing");
    all.until(&walk, State::Ready).await;
    all.world.forward(Duration::from_secs(3));
    all.world.front().always("enroll", html(401));
    all.until(&walk, State::Refused { repairable: true }).await;
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
    all.once("enroll", Says::Later(HOUR, Box::new(Says::Cut)));
    walk.review_form(&review).submit(&walk.browser).await.is_at("/processing");
    all.until(&walk, State::Sent).await;
    all.keep("processing, sent", &walk);
}

/// Journeys saved for later, by what is asked of whoever goes on.
async fn saved(all: &mut Walkers) {
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
    let link = saved.attributes("main p.card a", "href").remove(0);
    link.split(['=', '&']).nth(1).unwrap().to_owned()
}

/// Walks everything and writes it down.
pub async fn stored() {
    let mut all = Walkers::new().await;
    yesterday(&all).await;
    steps(&mut all).await;
    questions(&mut all).await;
    stops(&mut all).await;
    submissions(&mut all).await;
    saved(&mut all).await;
    all.world.front().pass_on();

    let app = &all.world.server.app;
    let json = |data: &[u8]| -> Value {
        assert!(stored_journey(data).is_some());
        serde_json::from_slice(data).unwrap()
    };
    let mut journeys = Vec::new();
    for (name, cookie) in &all.sessions {
        let browser = all.world.browser().with_cookie(&format!("enroll={cookie}; Path=/"));
        // Where there is nothing to ask, this leads to where the journey stands.
        let page = browser.get("/ask").await;
        assert_eq!(page.status, 200, "{name}: {}", page.text());
        let loaded = app.sessions.load(&SessionId::from_cookie(cookie).unwrap()).await.unwrap().unwrap();
        let (name, cookie) = ((*name).to_owned(), cookie.clone());
        journeys.push(StoredJourney { name, cookie, path: page.path, journey: json(&loaded.data) });
    }
    let mut saved = Vec::new();
    for (name, code, answer) in &all.saved {
        let data = app.sessions.aside(&ResumeCode::parse(code).unwrap()).await.unwrap().unwrap();
        let path = match answer.len() {
            0 => "/contact",
            1 => "/billing",
            _ => "/start-date",
        };
        saved.push(SavedJourney {
            name: (*name).to_owned(),
            code: code.clone(),
            answer: answer.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            path: path.to_owned(),
            journey: json(&data),
        });
    }
    let now: Timestamp = app.clock.now();
    write("journeys.json", &journeys);
    write("saved.json", &saved);
    let (data, world) = (Arc::clone(&all.data), all.world);
    world.server.stop().await;
    let schema = take_rows(&data.path().join("demo.db")).await;
    let circumstances = Circumstances { schema, now, env: env() };
    write_text("circumstances.json", &format!("{}\n", serde_json::to_string_pretty(&circumstances).unwrap()));
}

/// Walks that post every form, and writes the forms down.
pub async fn posted() {
    let world = World::fronted(&pairs(&env_of_forms())).await;
    let mut forms = Vec::new();
    let walk = Walk::new(world.browser(), Person::default());
    enrolled(&walk).await.is_at("/confirmation");
    forms.push(("a plain move-in", walk.browser.requests()));

    let walk = Walk::new(world.browser(), Person::default());
    let ask = enrolled(&walk).await;
    let review = ask.form("/ask").submit(&walk.browser).await;
    walk.review(&review).await.is_at("/confirmation");
    forms.push(("the same again within a day", walk.browser.requests()));

    let person = Person {
        zip: "77997",
        street: "300 Example Oak Ln",
        last_name: "Kba",
        ssn: "900-45-0200",
        ..Person::default()
    };
    let walk = Walk { language: Language::Spanish, ..Walk::new(world.browser(), person) };
    walk.browser.get(&format!("/?{CLICK}")).await;
    let ask = walk.to_plans().await;
    let plans = ask.form("/ask").set("choice", "D0001").submit(&walk.browser).await;
    let page = walk.plan(&plans).await;
    let ask = walk.address(&page).await;
    let page = ask.form("/ask").set("unit", "2").submit(&walk.browser).await;
    let form = contact_form(&walk, &page).set("marketing_email", "yes").set("marketing_phone", "yes");
    let page = form.submit(&walk.browser).await;
    let page = po_box(&page).submit(&walk.browser).await;
    let page = if page.path == "/ask" { page.form("/ask").submit(&walk.browser).await } else { page };
    let quiz = walk.identity(&page).await;
    quiz.is_at("/quiz");
    let dates = walk.quiz(&quiz, true).await;
    let deposit = walk.start_date(&dates).await;
    let review = walk.deposit(&deposit).await;
    walk.review(&review).await.is_at("/confirmation");
    walk.browser.get("/pay").await.form("/pay").submit(&walk.browser).await;
    forms.push(("everything asked, in Spanish", walk.browser.requests()));

    let walk = Walk::new(world.browser(), first("Notyet"));
    let page = walk.to_contact().await;
    let page = walk.contact(&page).await;
    let page = other_street(&page, "200 Sample Elm St").submit(&walk.browser).await;
    let page = page.form("/ask").set("choice", "typed").submit(&walk.browser).await;
    let dates = licence(&walk.identity_form(&page)).submit(&walk.browser).await;
    let review = walk.start_date(&dates).await;
    let stop = walk.review(&review).await;
    let dates = stop.form("/stop").submit(&walk.browser).await;
    let review = walk.start_date(&dates).await;
    walk.review(&review).await.is_at("/confirmation");
    forms.push(("a refusal that is repaired", walk.browser.requests()));

    let person = Person { street: "104 Example Oak Ln", ssn: "900-45-0200", ..Person::default() };
    let walk = Walk::new(world.browser(), Person { transaction: "SWI", ..person });
    let page = walk.through_identity().await;
    let saved = page.form("/later").submit(&walk.browser).await;
    let link = saved.attributes("main p.card a", "href").remove(0);
    let page = walk.browser.get(&link[link.find("/resume").unwrap()..]).await;
    let form = page.form("/resume").set("birth_date_month", "3").set("birth_date_day", "28");
    let dates = form.set("birth_date_year", "1985").submit(&walk.browser).await;
    let deposit = walk.start_date(&dates).await;
    let form = deposit.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-6789");
    let review = form.submit(&walk.browser).await;
    walk.review(&review).await.is_at("/confirmation");
    forms.push(("a switch saved for later", walk.browser.requests()));

    let walk = Walk::new(world.browser(), Person { zip: "77990", ..Person::default() });
    start_over(&walk).await;
    let walk = Walk { person: Person::default(), ..walk };
    let page = walk.to_contact().await;
    walk.browser.post("/stay", page.form("/stay").fields()).await;
    walk.browser.get("/contact").await.form("/leave").submit(&walk.browser).await.is_at("/session-ended");
    forms.push(("started over and left", walk.browser.requests()));

    let forms: Vec<_> = forms
        .into_iter()
        .map(|(name, requests)| RecordedForms {
            name: name.to_owned(),
            requests: waited(requests).into_iter().map(blanked).collect(),
        })
        .collect();
    write("forms.json", &forms);
}

/// Without the looks at the processing page, whose number is chance: what was posted before leads to its end.
fn waited(requests: Vec<Request>) -> Vec<Request> {
    let mut kept: Vec<Request> = Vec::new();
    for request in requests {
        match kept.last_mut() {
            Some(before) if request.path == "/processing" => before.leads_to = request.leads_to,
            _ => kept.push(request),
        }
    }
    kept
}

/// The settings the forms are posted with.
pub fn env_of_forms() -> Vec<(String, String)> {
    vec![("ENROLL__LIMITS__HONEYPOT".to_owned(), "true".to_owned())]
}

/// With words instead of what is secret, and of what is another each time.
fn blanked(mut request: Request) -> Request {
    for (name, value) in &mut request.fields {
        match name.as_str() {
            "ssn" => *value = value.replace("900-45-", "{ssn}-"),
            "licence" => *value = value.replace("12345678", "{licence}"),
            "agreed" | "code" => *value = "{page}".to_owned(),
            _ => {}
        }
    }
    if request.path.starts_with("/resume?code=") {
        request.path = "{link}".to_owned();
    }
    request
}
