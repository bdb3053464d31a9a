//! The unit: none in many words, with its designators, in the street line, in a part of the building.

use nrg_enroll::fields::Language;

use super::{fields, sent};
use crate::support::{Page, Person, Walk, World};

/// The page after the address step, with this street and unit.
async fn after(world: &World, street: &'static str, unit: &'static str) -> (Walk, Page) {
    let walk = Walk::new(world.browser(), Person { street, unit, ..Person::default() });
    let page = walk.to_contact().await;
    (walk, page)
}

const SENT: [&str; 3] = ["streetNum", "streetName", "aptNum"];

#[tokio::test]
async fn unit_that_says_there_is_none_is_never_sent() {
    let world = World::new().await;
    for unit in
        ["No", "#", "Apt", "none", "N/A", "ninguno", "Ninguna", "-", "casa", "House", "home", "no aplica"]
    {
        let (_, page) = after(&world, "100 Example Oak Ln", unit).await;
        page.is_at("/contact");
        assert_eq!(fields(&sent(&world, "cleanup-address"), SENT), ["100", "Example Oak Ln", ""], "{unit}");
        assert!(sent(&world, "cleanup-address").get("aptNum").is_none(), "{unit}");
    }
}

#[tokio::test]
async fn unit_is_sent_once_wherever_it_is_typed() {
    let world = World::new().await;
    for (street, unit, sent_unit) in [
        ("310 Example Oak Ln", "Apt 105", "105"),
        ("310 Example Oak Ln", "STE # 105", "105"),
        ("310 Example Oak Ln Apt 105", "", "105"),
        ("310 Example Oak Ln, #105", "", "105"),
        ("310 Example Oak Ln Unit 105", "105", "105"),
        ("310 Example Oak Ln Apt 105", "none", "105"),
        ("310 Example Oak Ln", "Trlr 105", "105"),
        ("310 Example Oak Ln", "Depto. 105", "105"),
        // NRG does not know a building: the unit is the one that it lists.
        ("310 Example Oak Ln", "Bldg 2 Apt 105", "105"),
        ("310 Example Oak Ln", "Edif. 3 #105", "105"),
        ("310 Example Oak Ln Bldg 2", "Apt 105", "105"),
        ("310 Example Oak Ln Bldg 2 Apt 105", "", "105"),
    ] {
        let (walk, page) = after(&world, street, unit).await;
        page.is_at("/contact");
        page.says("310 EXAMPLE OAK LN #105");
        let cleaned = sent(&world, "cleanup-address");
        assert_eq!(fields(&cleaned, SENT), ["310", "Example Oak Ln", sent_unit], "{street} {unit}");
        let journey = world.journey(&walk.browser).await.unwrap();
        assert!(journey.premise().unwrap().meter().is_some(), "{street} {unit}");
    }
}

#[tokio::test]
async fn other_unit_in_the_street_line_is_asked_about_at_the_unit() {
    let world = World::new().await;
    let (walk, page) = after(&world, "310 Example Oak Ln Apt 105", "106").await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attributes(".error-summary a", "href"), ["#unit"]);
    page.says("You entered a different unit with the street address. Keep only the right one");
    assert_eq!(page.attributes("#street", "value"), ["310 Example Oak Ln Apt 105"]);
    let spanish = walk.browser.get("/address?lang=es").await;
    let again = spanish.form("/address").submit(&walk.browser).await;
    again.says("Escribió otra unidad junto con la calle. Deje solo la correcta");
    let page = again.form("/address").set("unit", "105").submit(&walk.browser).await;
    page.is_at("/contact");
    // A number that does not fit.
    let (_, page) = after(&world, "310 Example Oak Ln", "Building 12345 Apartment 67890").await;
    assert_eq!(page.status, 422);
    page.says("Apartment or unit must be 10 characters or fewer");
}

#[tokio::test]
async fn part_of_building_without_listed_unit_is_asked_for() {
    let world = World::new().await;
    for (unit, title) in [
        ("Bldg 2 Apt 999", "We don’t know this unit"),
        ("Bldg 2", "We don’t know this unit"),
        ("", "Which apartment or unit is it?"),
    ] {
        let (walk, page) = after(&world, "310 Example Oak Ln", unit).await;
        page.is_at("/ask");
        assert_eq!(page.h1(), title, "{unit}");
        assert_eq!(page.attributes("input[name=choice]", "value").len(), 18, "{unit}");
        let page = page.form("/ask").set("unit", "Edificio 2, Apto. 105").submit(&walk.browser).await;
        page.is_at("/contact");
        page.says("#105");
    }
}

#[tokio::test]
async fn question_for_a_unit_takes_none_where_a_unit_was_typed() {
    let world = World::new().await;
    let mut walk = Walk::new(world.browser(), Person { street: "310 Example Oak Ln", ..Person::default() });
    walk.language = Language::Spanish;
    let ask = walk.to_contact().await;
    let page = ask.form("/ask").set("unit", "ninguna").submit(&walk.browser).await;
    assert_eq!(page.status, 422);
    page.says("Escriba el número de apartamento o unidad");
    // A unit that is not listed can be taken back.
    let (walk, ask) = after(&world, "310 Example Oak Ln", "999").await;
    assert_eq!(ask.h1(), "We don’t know this unit");
    let page = ask.form("/ask").set("unit", "none").submit(&walk.browser).await;
    assert_eq!(page.h1(), "Which apartment or unit is it?");
}
