//! Each call once, whatever is done while a page waits for it.

use std::time::Duration;

use nrg_enroll::{fields::Language, messages::Catalogs};

use super::{ENV, after, waits, walk, was_answered_in_time};
use crate::{
    lost_answers::{Pair, on_each_database_with},
    support::{Filled, Page, Person, Walk, World},
};

/// Reload, another language and back, a second tab, and the other server: all of them wait at `path`.
async fn looks_on(pair: &Pair, walk: &Walk, path: &str) {
    let here = &walk.browser.impatient();
    waits(&here.get(path).await, path);
    let spanish = here.get(&format!("{path}?lang=es")).await;
    waits(&spanish, path);
    assert_eq!(spanish.attributes("html", "lang"), ["es"]);
    waits(&here.get(&format!("{path}?lang=en")).await, path);
    let elsewhere = pair.elsewhere(here);
    waits(&elsewhere.get(path).await, path);
    was_answered_in_time(here);
}

/// Posts `form`, does everything that a visitor may do while NRG does not answer, and returns the page that follows.
async fn posted(pair: &Pair, walk: &Walk, (path, endpoint): (&str, &str), form: Filled) -> Page {
    let nrg = pair.world.fault_proxy();
    let before = nrg.begun(endpoint);
    nrg.hold(endpoint);
    let here = walk.browser.impatient();
    waits(&form.clone().submit(&here).await, path);
    looks_on(pair, walk, path).await;
    // Back, and sent again; here and at the other server.
    waits(&form.clone().submit(&here).await, path);
    waits(&form.submit(&pair.elsewhere(&here)).await, path);
    assert_eq!(nrg.begun(endpoint), before + 1, "{endpoint}");
    let page = after(nrg, endpoint, &walk.browser, path).await;
    assert_eq!((page.status.as_u16(), nrg.begun(endpoint)), (200, before + 1), "{endpoint}\n{}", page.text());
    page
}

/// The same for a page that waits for what it shows.
async fn read(pair: &Pair, walk: &Walk, (path, endpoint): (&str, &str), calls: usize) -> Page {
    let nrg = pair.world.fault_proxy();
    waits(&walk.browser.impatient().get(path).await, path);
    looks_on(pair, walk, path).await;
    assert_eq!(nrg.begun(endpoint), calls, "{endpoint}");
    let page = after(nrg, endpoint, &walk.browser, path).await;
    assert_eq!((page.status.as_u16(), nrg.begun(endpoint)), (200, calls), "{endpoint}\n{}", page.text());
    page
}

#[tokio::test]
async fn call_of_every_form_is_made_once_while_its_page_waits() {
    on_each_database_with(&ENV, async |pair| {
        let person = Person { street: "200 Example Oak Ln", ssn: "900-45-0200", ..Person::default() };
        let walk = walk(&pair.world.browser(), person);
        let zip = walk.browser.get("/").await.form("/").set("zip", "77999").set("transaction", "MVI");
        let plans = posted(pair, &walk, ("/", "tdsp"), zip).await;
        plans.is_at("/plans");
        let page = walk.plan(&plans).await;
        let address = page.form("/address").set("street", walk.person.street).set("city", "Sampleton");
        let page = posted(pair, &walk, ("/address", "cleanup-address"), address).await;
        page.is_at("/ask");
        let asked = page.form("/ask").set("choice", "suggested");
        let page = posted(pair, &walk, ("/ask", "esid/residential"), asked).await;
        let page = walk.contact(&page).await;
        let page = walk.billing(&page).await;
        let identity = walk.identity_form(&page);
        let page = posted(pair, &walk, ("/identity", "identity"), identity).await;
        page.is_at("/start-date");
        let date = page.attributes("input[name=date]", "value").remove(0);
        let dates = page.form("/start-date").set("date", &date);
        let page = posted(pair, &walk, ("/start-date", "check-credit"), dates).await;
        page.is_at("/deposit");
        let again = page.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-6789");
        let review = posted(pair, &walk, ("/deposit", "recheck-credit"), again).await;
        walk.review(&review).await.is_at("/confirmation");
        was_answered_in_time(&walk.browser);
        let nrg = pair.world.fault_proxy();
        assert_eq!((nrg.begun("token"), nrg.begun("enroll"), nrg.begun("holds")), (2, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn call_of_every_page_is_made_once_while_the_page_waits() {
    on_each_database_with(&ENV, async |pair| {
        let walk = walk(&pair.world.browser(), Person { last_name: "Kba", ..Person::default() });
        let nrg = pair.world.fault_proxy();
        let page = walk.to_identity().await;
        nrg.hold("kba-oe");
        walk.identity_form(&page).submit(&walk.browser.impatient()).await;
        while nrg.begun("kba-oe") == 0 {
            walk.browser.impatient().get("/identity?waits=1").await;
        }
        let quiz = read(pair, &walk, ("/quiz", "kba-oe"), 1).await;
        nrg.hold("available-dates");
        nrg.hold("kba-result");
        let hasty = Walk { browser: walk.browser.impatient(), ..walk.clone() };
        waits(&hasty.quiz(&quiz, true).await, "/quiz");
        looks_on(pair, &walk, "/quiz").await;
        nrg.release("kba-result");
        while nrg.begun("available-dates") == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let dates = read(pair, &walk, ("/start-date", "available-dates"), 1).await;
        assert_eq!(nrg.begun("kba-result"), 1);
        walk.start_date(&dates).await.is_at("/review");
    })
    .await;
}

#[tokio::test]
async fn plans_wait_for_offers_at_the_list_the_plan_and_the_comparison() {
    on_each_database_with(&ENV, async |pair| {
        let walk = walk(&pair.world.browser(), Person::default());
        let nrg = pair.world.fault_proxy();
        nrg.hold("offers");
        let hasty = Walk { browser: walk.browser.impatient(), ..walk.clone() };
        hasty.zip().await;
        // The utility of the ZIP comes first, and may be waited for, too.
        while nrg.begun("offers") < 5 {
            hasty.browser.get("/plans").await;
        }
        waits(&hasty.browser.get("/plans").await, "/plans");
        assert_eq!(nrg.begun("offers"), 5, "one for each brand");
        let plans = after(nrg, "offers", &walk.browser, "/plans").await;
        let one = plans.form_at("/plans", 0);
        let (brand, offer) = (one.value("brand").unwrap(), one.value("offer").unwrap());
        // In another language they are asked for again.
        nrg.hold("offers");
        let ticked = plans.attributes("input[name=compare]", "value").remove(0);
        for path in [format!("/plans/{brand}/{offer}?lang=es"), format!("/plans/compare?compare={ticked}")] {
            let page = hasty.browser.get(&path).await;
            assert!(page.is_waiting(), "{path}: {}", page.text());
        }
        nrg.release("offers");
        walk.browser.get("/plans").await.is_at("/plans");
        assert_eq!(nrg.begun("offers"), 10);
        was_answered_in_time(&walk.browser);
    })
    .await;
}

#[tokio::test]
async fn journey_saved_while_identity_is_asked_is_resumed_elsewhere() {
    on_each_database_with(&ENV, async |pair| {
        let walk = walk(&pair.world.browser(), Person::default());
        let nrg = pair.world.fault_proxy();
        let page = walk.to_identity().await;
        nrg.hold("identity");
        let page = walk.identity_form(&page).submit(&walk.browser.impatient()).await;
        waits(&page, "/identity");
        let saved = page.form("/later").submit(&walk.browser).await;
        let link = saved.attributes("main .saved a", "href").remove(0);
        let (_, path) = link.split_once("/resume?").unwrap();
        let other = pair.elsewhere(&pair.world.browser());
        let page = other.get(&format!("/resume?{path}")).await;
        let form = page.form("/resume").set("birth_date_month", "3").set("birth_date_day", "28");
        waits(&form.set("birth_date_year", "1985").submit(&other.impatient()).await, "/identity");
        walk.browser.get("/identity").await.is_at("/session-ended");
        after(nrg, "identity", &other, "/identity").await.is_at("/start-date");
        assert_eq!(nrg.begun("identity"), 1);
        was_answered_in_time(&walk.browser);
        was_answered_in_time(&other);
    })
    .await;
}

/// Nobody waits for what is still open.
#[tokio::test]
async fn confirmation_shows_account_number_before_holds_are_known() {
    let world = World::with_fault_proxy(&ENV).await;
    let nrg = world.fault_proxy();
    let walk = walk(&world.browser(), Person::default());
    let review = walk.through_start_date().await;
    nrg.hold("holds");
    let mut page = walk.review_form(&review).submit(&walk.browser).await;
    while page.path == "/processing" {
        tokio::time::sleep(Duration::from_millis(50)).await;
        page = walk.browser.get("/processing").await;
    }
    page.is_at("/confirmation");
    page.says("Account number");
    let catalogs = Catalogs::load().unwrap();
    let t = &catalogs.of(Language::English).confirmation;
    page.says(&t.holds_looking);
    walk.browser.get("/confirmation").await.says(&t.holds_looking);
    nrg.release("holds");
    walk.wait(page).await.never_says(&t.holds_looking);
    assert_eq!(nrg.begun("holds"), 1);
    was_answered_in_time(&walk.browser);
}
