//! Changing one's mind after everything is answered: what NRG is asked anew, on which record, and what is not.

use std::collections::BTreeMap;

use crate::support::{Page, Person, Walk, World};

/// One change: the page it is made on, and what is set there.
struct Change {
    name: &'static str,
    path: &'static str,
    set: &'static [(&'static str, &'static str)],
    /// How often each endpoint is asked until all is answered again.
    asks: &'static [(&'static str, usize)],
    /// Whether `identity` repeats the record; none where it is not asked.
    repeats: Option<bool>,
}

fn changes() -> Vec<Change> {
    let change = |name, path, set, asks, repeats| Change { name, path, set, asks, repeats };
    vec![
        change("nothing, on contact", "/contact", &[], &[], None),
        change("nothing, on the address", "/address", &[], &[], None),
        change("nothing, on billing", "/billing", &[], &[], None),
        change("nothing, on identity", "/identity", &[], &[], None),
        change("nothing, on the date", "/start-date", &[], &[], None),
        change("another plan", "/plans", &[("brand", "RE")], &[("check-credit", 1)], None),
        change(
            "a plan of another brand",
            "/plans",
            &[("brand", "GM")],
            &[("token", 1), ("identity", 1), ("available-dates", 1), ("check-credit", 1)],
            Some(false),
        ),
        change("another date", "/start-date", &[("date", "last")], &[("check-credit", 1)], None),
        change("the name", "/contact", &[("first_name", "Sam")], &[("identity", 1)], Some(true)),
        change("the e-mail", "/contact", &[("email", "sam@example.com")], &[("identity", 1)], Some(true)),
        change("the phone box", "/contact", &[("marketing_phone", "yes")], &[], None),
        // NRG is told of it with the identity only.
        change("the e-mail box", "/contact", &[("marketing_email", "yes")], &[("identity", 1)], Some(true)),
        change("the birth date", "/identity", &[("birth_date_day", "27")], &[("identity", 1)], Some(true)),
        change(
            "the number",
            "/identity",
            &[("ssn", "900-45-1234")],
            &[("token", 1), ("identity", 1), ("check-credit", 1)],
            Some(true),
        ),
        change(
            "the bill's address",
            "/billing",
            &[("choice", "po_box"), ("po_box", "123"), ("city", "Sampleton"), ("zip", "77999")],
            &[("cleanup-address", 1), ("identity", 1)],
            Some(true),
        ),
        // NRG keeps the meter of the old address (contract 5.15): a new record, without asking the number again.
        change(
            "the address",
            "/address",
            &[("street", "102 Example Oak Ln")],
            &[
                ("cleanup-address", 1),
                ("esid/residential", 1),
                ("identity", 1),
                ("available-dates", 1),
                ("check-credit", 1),
            ],
            Some(false),
        ),
        change(
            "a switch instead",
            "/",
            &[("transaction", "SWI")],
            &[("tdsp", 1), ("offers", 5), ("identity", 1), ("available-dates", 1), ("check-credit", 1)],
            Some(true),
        ),
        change(
            "another ZIP",
            "/",
            &[("zip", "75999")],
            &[
                ("tdsp", 1),
                ("offers", 5),
                ("cleanup-address", 1),
                ("esid/residential", 1),
                ("identity", 1),
                ("available-dates", 1),
                ("check-credit", 1),
            ],
            Some(false),
        ),
    ]
}

/// Answers whatever is asked again, with what is there, until review.
async fn answer_again(walk: &Walk, mut page: Page) -> Page {
    for _ in 0..10 {
        page = match page.path.as_str() {
            "/plans" => walk.plan(&page).await,
            "/address" => walk.address(&page).await,
            "/contact" => page.form("/contact").submit(&walk.browser).await,
            "/billing" => page.form("/billing").submit(&walk.browser).await,
            "/identity" if page.text().contains("6789") || page.text().contains("1234") => {
                page.form("/identity").submit(&walk.browser).await
            }
            "/identity" => walk.identity(&page).await,
            "/start-date" => walk.start_date(&page).await,
            _ => return page,
        };
    }
    page
}

async fn make(walk: &Walk, change: &Change) -> Page {
    let page = walk.browser.get(change.path).await;
    page.is_at(change.path);
    if change.path == "/plans" {
        let brand = change.set[0].1;
        let forms = (0..40).map(|nth| page.form_at("/plans", nth));
        let mut of_brand = forms.filter(|form| form.value("brand") == Some(brand));
        let form = if brand == "RE" { of_brand.nth(1) } else { of_brand.next() };
        return form.unwrap().submit(&walk.browser).await;
    }
    let mut form = page.form(change.path);
    for (name, value) in change.set {
        let dates = page.attributes("input[name=date]", "value");
        let value = if *value == "last" { dates.last().unwrap() } else { *value };
        form = form.set(name, value);
    }
    form.submit(&walk.browser).await
}

#[tokio::test]
async fn changed_answer_repeats_only_the_nrg_calls_it_affects() {
    for change in changes() {
        let world = World::new().await;
        let walk = Walk::new(world.browser(), Person::default());
        walk.through_start_date().await.is_at("/review");
        world.sandbox.clear_calls();
        let page = make(&walk, &change).await;
        let review = answer_again(&walk, page).await;
        review.is_at("/review");
        let mut asked = BTreeMap::new();
        for call in world.sandbox.calls() {
            *asked.entry(call.endpoint).or_insert(0) += 1;
        }
        let expected = change.asks.iter().map(|(endpoint, calls)| ((*endpoint).to_owned(), *calls)).collect();
        assert_eq!(asked, expected, "{}", change.name);
        let identity = world.sandbox.calls().into_iter().find(|call| call.endpoint == "identity");
        assert_eq!(identity.map(|call| call.tracking_id.is_some()), change.repeats, "{}", change.name);
        walk.review(&review).await.is_at("/confirmation");
    }
}

/// The answer about the past decides what NRG does with the match: changed, the dates are fetched again.
#[tokio::test]
async fn past_service_answer_is_changed_without_identity_attempt() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Pastservice", ..Person::default() });
    let ask = walk.through_identity().await;
    let dates = ask.form("/ask").set("choice", "no").submit(&walk.browser).await;
    walk.start_date(&dates).await.is_at("/review");
    world.sandbox.clear_calls();
    let ask = walk.browser.get("/identity").await.form("/identity").submit(&walk.browser).await;
    ask.is_at("/ask");
    let dates = ask.form("/ask").set("choice", "yes").submit(&walk.browser).await;
    walk.start_date(&dates).await.is_at("/review");
    assert_eq!(world.sandbox.count("identity"), 0);
    let flag = |call: &nrg_enroll::sandbox::Call| call.parameters["pastServiceMatchedFlag"].clone();
    let flags: Vec<_> =
        world.sandbox.calls().iter().filter(|call| call.endpoint == "available-dates").map(flag).collect();
    assert_eq!(flags, ["Y"]);
}
