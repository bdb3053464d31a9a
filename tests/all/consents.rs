//! What the ledger keeps of a consent is what its page showed: the words, the language, the brand, the documents.

use std::fmt::Write as _;

use nrg_enroll::ledger::Records;
use sha2::{Digest, Sha256};

use crate::support::{Page, Person, Walk, World};

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

async fn records(world: &World, walk: &Walk) -> Records {
    let journey = world.journey(&walk.browser).await.unwrap().id;
    world.server.app.ledger.records(&journey).await.unwrap()
}

/// The contact page with both marketing boxes ticked.
async fn contact_with_marketing(walk: &Walk, page: &Page) -> Page {
    page.form("/contact")
        .set("first_name", walk.person.first_name)
        .set("last_name", walk.person.last_name)
        .set("email", "jordan.samplecase@example.com")
        .set("phone", "(713) 555-0142")
        .set("marketing_email", "yes")
        .set("marketing_phone", "yes")
        .submit(&walk.browser)
        .await
}

#[tokio::test]
async fn consent_is_recorded_with_text_and_language_as_shown() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let contact = walk.to_contact().await;
    let marketing = [
        contact.one("label[for=marketing_email]").unwrap(),
        contact.one("label[for=marketing_phone]").unwrap(),
    ];
    let page = contact_with_marketing(&walk, &contact).await;
    let identity = walk.billing(&page).await;
    let credit = identity.one("form section.card p").unwrap();
    let dates = walk.identity(&identity).await;
    walk.start_date(&dates).await.is_at("/review");
    // The language changes before the end: what was agreed to in English stays English.
    let review = walk.browser.get("/review?lang=es").await;
    let shown = ["documents", "affirmation", "records"]
        .map(|name| review.one(&format!("label[for={name}]")).unwrap());
    let documents = review.attributes("ul.documents a", "href");
    walk.review(&review).await.is_at("/confirmation");

    let records = records(&world, &walk).await;
    let recorded: Vec<_> = records
        .consents
        .iter()
        .map(|consent| (consent.kind.as_str(), consent.language.as_str(), consent.text_hash.clone()))
        .collect();
    let [by_email, by_phone] = marketing.map(|text| sha256(&text));
    let [of_documents, affirmation, electronic] = shown.map(|text| sha256(&text));
    assert_eq!(
        recorded,
        [
            ("credit", "en", sha256(&credit)),
            ("documents", "es", of_documents),
            ("affirmation", "es", affirmation),
            ("electronic-records", "es", electronic),
            ("marketing", "en", by_email),
            ("marketing", "en", by_phone),
        ]
    );
    for consent in &records.consents {
        assert_eq!((consent.brand.as_str(), consent.state.as_str()), ("RE", "TX"));
        assert_eq!(consent.documents.lines().collect::<Vec<_>>(), documents);
    }
    let tracking_id = &records.submissions[0].row.tracking_id;
    assert!(records.consents[1..].iter().all(|consent| consent.tracking_id.as_ref() == Some(tracking_id)));
    assert!(world.server.app.ledger.verify().await.unwrap().breaks.is_empty());
}

#[tokio::test]
async fn marketing_consent_does_not_carry_over_to_another_brand() {
    let world = World::new().await;
    let mut walk = Walk::new(world.browser(), Person::default());
    let contact = walk.to_contact().await;
    let page = contact_with_marketing(&walk, &contact).await;
    let identity = walk.billing(&page).await;
    let dates = walk.identity(&identity).await;
    let review = walk.start_date(&dates).await;
    review.says("By email, By phone and text");

    walk.person.brand = "GM";
    let identity = walk.plan(&walk.browser.get("/plans").await).await;
    let dates = walk.identity(&identity).await;
    let review = walk.start_date(&dates).await;
    review.never_says("By phone and text");
    // The boxes of the other brand are not ticked beforehand.
    let contact = walk.browser.get("/contact").await;
    assert!(contact.attributes("input[type=checkbox][checked]", "name").is_empty());
    walk.review(&review).await.is_at("/confirmation");
    let records = records(&world, &walk).await;
    assert!(records.consents.iter().all(|consent| consent.kind != "marketing"));
    let identities = world.sandbox.calls().into_iter().filter(|call| call.endpoint == "identity");
    let preferences: Vec<_> =
        identities.map(|call| call.parameters.get("mktPref").map(|flag| flag.to_string())).collect();
    assert_eq!(preferences, [Some("\"Y\"".to_owned()), None]);
}

#[tokio::test]
async fn stale_review_page_is_shown_again_and_sends_nothing() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let before = walk.through_start_date().await;
    // Another plan of the same brand, in another tab.
    let plans = walk.browser.get("/plans").await;
    let forms = (0..40).map(|nth| plans.form_at("/plans", nth));
    let other = forms.filter(|form| form.value("brand") == Some("RE")).nth(1).unwrap();
    let dates = other.submit(&walk.browser).await;
    let now = walk.start_date(&dates).await;
    now.is_at("/review");
    let again = walk.review_form(&before).submit(&walk.browser).await;
    assert_eq!((again.path.as_str(), again.status.as_u16()), ("/review", 409));
    again.says("were changed after you opened the page");

    // The language was switched in another tab.
    let spanish = walk.browser.get("/review?lang=es").await;
    assert_eq!(walk.review_form(&now).submit(&walk.browser).await.status, 409);
    assert_eq!(world.sandbox.count("enroll"), 0);
    walk.review(&spanish).await.is_at("/confirmation");
    assert_eq!(world.sandbox.count("enroll"), 1);
}

#[tokio::test]
async fn credit_authorization_for_another_brand_is_refused() {
    let world = World::new().await;
    let mut walk = Walk::new(world.browser(), Person::default());
    let identity = walk.to_identity().await;
    walk.person.brand = "GM";
    walk.plan(&walk.browser.get("/plans").await).await.is_at("/identity");
    let again = walk.identity(&identity).await;
    assert_eq!((again.path.as_str(), again.status.as_u16()), ("/identity", 409));
    again.says("Green Mountain");
    assert_eq!((world.sandbox.count("token"), world.sandbox.count("identity")), (0, 0));
    assert!(records(&world, &walk).await.consents.is_empty());
    walk.identity(&again).await.is_at("/start-date");
    assert_eq!(records(&world, &walk).await.consents[0].brand, "GM");
}

#[tokio::test]
async fn credit_consent_of_stopped_applicant_is_kept() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Current", ..Person::default() });
    walk.through_identity().await.is_at("/stop");
    let records = records(&world, &walk).await;
    assert!(records.submissions.is_empty());
    let [consent] = &records.consents[..] else { panic!("{:?}", records.consents) };
    assert_eq!((consent.kind.as_str(), consent.tracking_id.as_deref()), ("credit", None));
}
