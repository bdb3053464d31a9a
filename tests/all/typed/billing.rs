//! Where bills go: lines without a house number, and a PO box typed as a street.

use super::{fields, sent};
use crate::support::{Filled, Page, Person, Walk, World};

async fn billing(world: &World) -> (Walk, Page) {
    let walk = Walk::new(world.browser(), Person { billed_elsewhere: true, ..Person::default() });
    let contact = walk.to_contact().await;
    let page = walk.contact(&contact).await;
    (walk, page)
}

fn filled(page: &Page, choice: &str, line: &str, city: &str, state: &str) -> Filled {
    let field = if choice == "po_box" { "po_box" } else { "street" };
    let form = page.form("/billing").set("choice", choice).set(field, line);
    form.set("city", city).set("state", state).set("zip", "77999")
}

#[tokio::test]
async fn mail_line_without_house_number_reaches_nrg_as_it_is_written() {
    let world = World::new().await;
    for (choice, line, city, state, expected) in [
        ("street", "PSC 1234 Box 5678", "APO", "AE", ["PSC 1234", "BOX 5678", ""]),
        ("street", "PSC 1234 Box 5678, APO AE", "APO", "AE", ["PSC 1234", "BOX 5678", ""]),
        ("street", "Unit 2050 Box 4190", "APO", "AP", ["UNIT 2050", "BOX 4190", ""]),
        ("street", "RR 2 Box 152", "Sampleton", "TX", ["RR 2", "BOX 152", ""]),
        ("street", "Rural Route 2, Box 152", "Sampleton", "TX", ["RR 2", "BOX 152", ""]),
        ("street", "HC 65 Box 12", "Sampleton", "TX", ["HC 65", "BOX 12", ""]),
        ("street", "General Delivery", "Sampleton", "TX", ["GENERAL", "DELIVERY", ""]),
        ("po_box", "RR 2 Box 152", "Sampleton", "TX", ["RR 2", "BOX 152", ""]),
        ("street", "P.O. Box 12", "Sampleton", "TX", ["", "", "12"]),
        ("street", "Apartado postal 12", "Sampleton", "TX", ["", "", "12"]),
        ("po_box", "PO Box 12", "Sampleton", "TX", ["", "", "12"]),
        ("street", "7 Sample St Apt 3", "Sampleton", "TX", ["7", "SAMPLE ST", ""]),
    ] {
        let (walk, page) = billing(&world).await;
        let identity = filled(&page, choice, line, city, state).submit(&walk.browser).await;
        identity.is_at("/identity");
        walk.identity(&identity).await.is_at("/start-date");
        let call = sent(&world, "identity");
        let [number, name, po_box] = fields(&call, ["billStreetNum", "billStreetName", "billPOBox"]);
        assert_eq!([&*number, &name.to_uppercase(), &*po_box], expected, "{line}");
        assert_eq!(
            fields(&call, ["billCity", "billState"]),
            [city.to_uppercase(), state.to_owned()],
            "{line}"
        );
        // What was typed as a street and is a PO box is shown as one.
        let again = walk.browser.get("/billing").await;
        let chosen = again.attributes("input[name=choice][checked]", "value");
        assert_eq!(chosen, [if po_box.is_empty() { "street" } else { "po_box" }], "{line}");
    }
    assert_eq!(fields(&sent(&world, "identity"), ["billStreetAptNum"]), ["3"]);
}

#[tokio::test]
async fn billing_line_nobody_can_read_says_whom_to_call() {
    let world = World::new().await;
    let (walk, page) = billing(&world).await;
    let wrong = filled(&page, "street", "Sample Ranch", "Sampleton", "TX").submit(&walk.browser).await;
    assert_eq!(wrong.status, 422);
    wrong.says(
        "A line like RR 2 Box 152 is fine too. Is your address written in another way? Call (866) 222-7100",
    );
    wrong.never_says("Electricity cannot be delivered");
    walk.browser.get("/billing?lang=es").await;
    let spanish = filled(&wrong, "street", "Rancho Sample", "Sampleton", "TX").submit(&walk.browser).await;
    spanish.says("¿Su dirección se escribe de otra manera? Llame al (");
    let both =
        filled(&page, "street", "7 Sample St, PO Box 12", "Sampleton", "TX").submit(&walk.browser).await;
    assert_eq!(both.status, 422);
    both.says("Escriba la dirección de una calle o un apartado postal, pero no los dos");
}

#[tokio::test]
async fn service_address_needs_a_street_with_a_number() {
    let world = World::new().await;
    for (street, said) in [
        ("RR 2 Box 152", "Start the street address with the house or building number"),
        ("General Delivery", "Start the street address with the house or building number"),
        ("P.O. Box 12", "Electricity can’t be delivered to a PO box"),
    ] {
        let walk = Walk::new(world.browser(), Person { street, ..Person::default() });
        let page = walk.to_contact().await;
        assert_eq!(page.status, 422, "{street}");
        page.says(said);
    }
}
