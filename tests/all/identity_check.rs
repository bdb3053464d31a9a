//! An identity that is not confirmed, sent again, or cannot be proved here: what the page says, what can be done on it, and
//! what it costs.

use nrg_enroll::{
    fields::Language,
    messages::{Catalogs, Messages},
};

use crate::support::{Page, Person, Walk, World};

fn posidfail() -> Person {
    Person { last_name: "Posidfail", ..Person::default() }
}

fn text(catalogs: &Catalogs, language: Language) -> &Messages {
    catalogs.of(language)
}

/// The identity page, after the number of `person` was not confirmed once.
async fn not_confirmed(world: &World, person: Person, language: Language) -> (Walk, Page) {
    let walk = Walk { language, ..Walk::new(world.browser(), person) };
    let page = walk.to_identity().await;
    let page = walk.identity(&page).await;
    page.is_at("/identity");
    (walk, page)
}

#[tokio::test]
async fn failed_check_names_each_fact_with_a_link_that_comes_back() {
    let world = World::new().await;
    for language in [Language::English, Language::Spanish] {
        let (walk, page) = not_confirmed(&world, posidfail(), language).await;
        let catalogs = &world.server.app.catalogs;
        let t = text(catalogs, language);
        // Title, focus and alert.
        assert_eq!(page.h1(), t.identity.not_verified_title);
        let title = page.one("title").unwrap();
        assert!(title.starts_with(&format!("{} {}", t.common.error_prefix, page.h1())), "{title}");
        assert_eq!(page.attributes(".error-summary [role=alert] a", "href"), ["#compared"]);
        for usual in [
            &t.identity.usual_name,
            &t.identity.usual_nickname,
            &t.identity.usual_two_names,
            &t.identity.usual_digits,
        ] {
            page.says(usual);
        }
        let facts = page.one("#compared .summary").unwrap();
        for fact in ["Jordan Posidfail", "1985", "28", "100 EXAMPLE OAK LN", "6789"] {
            assert!(facts.to_uppercase().contains(&fact.to_uppercase()), "{fact}: {facts}");
        }
        let links = page.attributes("#compared .change a", "href");
        assert_eq!(links, ["/contact", "#birth_date_month", "/address", "#ssn"]);
        for link in &links {
            match link.strip_prefix('#') {
                Some(field) => assert!(page.one(&format!("#{field}")).is_some(), "{field}"),
                None => {
                    let changed = walk.browser.get(link).await;
                    let field = if link == "/contact" { "first_name" } else { "street" };
                    let value = if link == "/contact" { "Jordana" } else { "102 Example Oak Ln" };
                    let back = changed.form(link).set(field, value).submit(&walk.browser).await;
                    back.is_at("/identity");
                    assert_eq!(back.h1(), t.identity.title);
                    back.says(&t.identity.changed_since);
                    let facts = back.one("#compared .summary").unwrap();
                    assert!(facts.to_uppercase().contains(&value.to_uppercase()), "{facts}");
                }
            }
        }
        let sent = world.sandbox.count("identity");
        let page = walk.browser.get("/identity").await;
        page.form("/identity").submit(&walk.browser).await.is_at("/identity");
        assert_eq!(world.sandbox.count("identity"), sent + 1);
    }
}

#[tokio::test]
async fn pressing_again_without_a_change_costs_nothing_and_offers_ways_on() {
    let world = World::with(&[
        ("ENROLL__LIMITS__IDENTITY__PERSON", "2 per 6h"),
        ("ENROLL__LIMITS__IDENTITY__SESSION", "2 per 6h"),
    ])
    .await;
    let t = text(&world.server.app.catalogs, Language::English);
    let (walk, mut page) = not_confirmed(&world, posidfail(), Language::English).await;
    let asked = world.sandbox.calls().len();
    let cookie = walk.browser.cookies();
    for press in 0..8 {
        // The number typed again is the same number, however it is written.
        let ssn = if press % 2 == 0 { "" } else { "SSN: 900 45 6789" };
        page = page.form("/identity").set("ssn", ssn).submit(&walk.browser).await;
        page.is_at("/identity");
        assert_eq!(page.status, 200);
        let said = page.one(".error-summary").unwrap();
        if press == 0 {
            assert!(said.contains(&t.identity.nothing_changed), "{said}");
        } else {
            assert!(said.contains("(866)") && said.contains("another number"), "{said}");
        }
        assert!(page.one("#compared").is_some());
    }
    assert_eq!(world.sandbox.calls().len(), asked, "nothing was sent");
    assert_eq!(walk.browser.cookies(), cookie, "and the session has its id");
    // One more try is left of the two.
    let page = page.form("/identity").set("birth_date_day", "27").submit(&walk.browser).await;
    page.is_at("/identity");
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!((world.sandbox.count("identity"), world.sandbox.count("token")), (2, 1));
}

#[tokio::test]
async fn i_have_neither_leads_to_the_phone_at_once() {
    let world = World::with(&[("ENROLL__LIMITS__MINIMUM_SECONDS", "600")]).await;
    for language in [Language::English, Language::Spanish] {
        let walk = Walk { language, ..Walk::new(world.browser(), Person::default()) };
        let page = walk.to_identity().await;
        let asked = world.sandbox.calls().len();
        let stop = page.form("/identity").set("document", "none").submit(&walk.browser).await;
        stop.is_at("/stop");
        assert!(!stop.attributes("main a[href^='tel:']", "href").is_empty());
        assert_eq!(world.sandbox.calls().len(), asked);
        let journey = world.journey(&walk.browser).await.unwrap().id;
        let records = world.server.app.ledger.records(&journey).await.unwrap();
        assert!(records.consents.iter().all(|consent| consent.kind != "credit"), "nobody agreed to it");
        // Whoever finds the number after all goes on.
        let page = walk.browser.get("/identity").await;
        page.is_at("/identity");
        assert_eq!(page.attributes("input[name=document][checked]", "value"), ["none"]);
        walk.identity(&page).await.is_at("/start-date");
    }
}
