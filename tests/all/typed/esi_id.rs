//! The ESI ID, where NRG does not know the address.

use nrg_enroll::{fields::Language, journey::Typed};

use crate::support::{Person, Walk, World};

/// The ESI ID of a home that the sandbox has listed.
async fn known(world: &World) -> String {
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await.is_at("/contact");
    let journey = world.journey(&walk.browser).await.unwrap();
    journey.premise().unwrap().meter().unwrap().esi_id.as_str().to_owned()
}

#[tokio::test]
async fn unknown_address_offers_esi_id_which_counts_beside_the_address() {
    let world = World::new().await;
    let known = known(&world).await;
    for (language, street, link) in [
        (Language::English, "400 Example Oak Ln", "Use the ESI ID on your electricity bill instead"),
        (Language::English, "410 Example Oak Ln", "Use the ESI ID on your electricity bill instead"),
        (Language::Spanish, "400 Example Oak Ln", "Usar en su lugar el ESI ID de su recibo de luz"),
    ] {
        let mut walk = Walk::new(world.browser(), Person { street, ..Person::default() });
        walk.language = language;
        let ask = walk.to_contact().await;
        ask.is_at("/ask");
        ask.says(link);
        let href = ask.attributes("main a[href^='/address?']", "href").remove(0);
        let (path, control) = href.split_once('#').unwrap();
        let page = walk.browser.get(path).await;
        page.is_at("/address");
        assert_eq!(page.attributes(&format!("details[open] #{control}"), "name"), ["esi_id"]);
        // The address that was not known still stands there.
        assert_eq!(page.attributes("#street", "value"), [street]);
        let contact = page.form("/address").set("esi_id", &known).submit(&walk.browser).await;
        contact.is_at("/contact");
        let journey = world.journey(&walk.browser).await.unwrap();
        assert!(
            matches!(&journey.premise().unwrap().typed, Typed::Meter(esi_id) if esi_id.as_str() == known)
        );
        // And the other way round: an address beside the ESI ID that was there.
        let page = walk.browser.get("/address").await;
        assert_eq!(page.attributes("#esi_id", "value"), [known.as_str()]);
        let form = page.form("/address").set("street", "100 Example Oak Ln").set("city", "Sampleton");
        form.submit(&walk.browser).await.is_at("/contact");
        let journey = world.journey(&walk.browser).await.unwrap();
        assert!(matches!(&journey.premise().unwrap().typed, Typed::Address(_)));
    }
}

#[tokio::test]
async fn esi_id_and_another_address_are_not_taken_together() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_address().await;
    assert!(page.attributes("details[open] #esi_id", "name").is_empty());
    let form = page.form("/address").set("street", "100 Example Oak Ln").set("city", "Sampleton");
    let wrong = form.clone().set("esi_id", "10000009999999912").submit(&walk.browser).await;
    assert_eq!(wrong.status, 422);
    wrong.says("Enter either the address or the ESI ID, not both");
    // What says that there is none is none.
    form.set("esi_id", "N/A").submit(&walk.browser).await.is_at("/contact");
}
