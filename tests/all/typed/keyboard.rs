//! What each field tells a keyboard: which keys to show, which capitals to write, and to mend nothing.

use std::collections::BTreeSet;

use scraper::{Html, Selector};

use crate::support::{Page, Person, Walk, World};

/// The fields that are typed into, on all pages: name, capitals, keys.
const FIELDS: [(&str, &str, &str); 45] = [
    ("birth_date_day", "none", "numeric"),
    ("birth_date_month", "none", "numeric"),
    ("birth_date_year", "none", "numeric"),
    ("cid", "none", ""),
    ("city", "words", ""),
    ("code", "characters", "text"),
    ("contains", "characters", ""),
    ("email", "none", ""),
    ("esi_id", "none", "numeric"),
    ("fbclid", "none", ""),
    ("first_name", "words", ""),
    ("gbraid", "none", ""),
    ("gclid", "none", ""),
    ("last_name", "words", ""),
    ("licence", "none", "numeric"),
    ("msclkid", "none", ""),
    ("offer", "characters", ""),
    ("phone", "none", ""),
    ("po_box", "characters", ""),
    ("promo", "none", ""),
    ("prospect_id", "characters", ""),
    ("ssn", "none", "numeric"),
    ("street", "words", ""),
    ("sub1", "none", ""),
    ("sub10", "none", ""),
    ("sub2", "none", ""),
    ("sub3", "none", ""),
    ("sub4", "none", ""),
    ("sub5", "none", ""),
    ("sub6", "none", ""),
    ("sub7", "none", ""),
    ("sub8", "none", ""),
    ("sub9", "none", ""),
    ("ttclid", "none", ""),
    ("typed", "words", ""),
    ("unit", "characters", ""),
    ("usage", "none", "numeric"),
    ("utm_campaign", "none", ""),
    ("utm_content", "none", ""),
    ("utm_id", "none", ""),
    ("utm_medium", "none", ""),
    ("utm_source", "none", ""),
    ("utm_term", "none", ""),
    ("wbraid", "none", ""),
    ("zip", "none", "numeric"),
];

/// Checks the fields of `page`, and adds their names to `seen`.
fn check(page: &Page, seen: &mut BTreeSet<String>) {
    let html = Html::parse_document(&page.body);
    let typed = "input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not(.trap input), textarea";
    for input in html.select(&Selector::parse(typed).unwrap()) {
        let name = input.attr("name").unwrap();
        let (_, capitals, keys) = FIELDS
            .iter()
            .find(|(known, ..)| *known == name)
            .unwrap_or_else(|| panic!("{name} on {} is not listed", page.path));
        let attribute = |attribute| input.attr(attribute).unwrap_or_default();
        let written = ["autocapitalize", "autocorrect", "spellcheck", "inputmode"].map(attribute);
        assert_eq!(written, [*capitals, "off", "false", *keys], "{name} on {}", page.path);
        seen.insert(name.to_owned());
    }
}

#[tokio::test]
async fn every_field_says_which_keyboard_and_capitals_it_takes() {
    let world = World::new().await;
    let mut seen = BTreeSet::new();
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0350", ..Person::default() });
    let mut pages = vec![walk.browser.get("/").await, walk.browser.get("/link-builder").await];
    pages.push(walk.browser.get("/resume").await);
    pages.push(walk.to_plans().await);
    for page in [walk.plan(&pages[3]).await] {
        let contact = walk.address(&page).await;
        let identity = walk.contact(&contact).await;
        let billing = walk.browser.get("/billing").await;
        let dates = walk.identity(&identity).await;
        let deposit = walk.start_date(&dates).await;
        deposit.is_at("/deposit");
        pages.extend([page, contact, billing, identity, dates, deposit]);
    }
    for street in ["300 Example Oak Ln", "320 Example Oak Ln", "720 Example Oak Ln"] {
        let asked = Walk::new(world.browser(), Person { street, ..Person::default() });
        pages.push(asked.to_contact().await);
    }
    // What a saved journey is opened with.
    for saved in [walk.clone(), Walk::new(world.browser(), Person::default())] {
        let page = match saved.person.ssn {
            "900-45-0350" => saved.browser.get("/deposit").await,
            _ => {
                let contact = saved.to_contact().await;
                saved.contact(&contact).await
            }
        };
        let kept = page.form("/later").submit(&saved.browser).await;
        let link = kept.attributes("main .saved a", "href").remove(0);
        let (_, query) = link.split_once("/resume?").unwrap();
        pages.push(world.browser().get(&format!("/resume?{query}")).await);
    }
    for page in &pages {
        check(page, &mut seen);
    }
    let listed: BTreeSet<String> = FIELDS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(listed.difference(&seen).collect::<Vec<_>>(), Vec::<&String>::new());
}
