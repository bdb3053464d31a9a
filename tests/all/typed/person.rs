//! Names with suffixes, and birth dates outside of the ages that enroll online.

use super::{fields, sent};
use crate::support::{Person, Walk, World};

#[tokio::test]
async fn name_with_suffix_is_taken_and_sent_in_letters() {
    let world = World::new().await;
    for (last_name, expected) in [
        ("Samplecase, Jr.", "Samplecase Jr."),
        ("Samplecase 3rd", "Samplecase III"),
        ("Samplecase, 2nd", "Samplecase II"),
        ("Samplecase II", "Samplecase II"),
        ("Samplecase 3ro", "Samplecase III"),
    ] {
        let walk = Walk::new(world.browser(), Person { last_name, ..Person::default() });
        walk.through_identity().await.is_at("/start-date");
        assert_eq!(fields(&sent(&world, "identity"), ["lastName"]), [expected]);
    }
}

#[tokio::test]
async fn age_outside_of_18_to_100_says_whom_to_call() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let identity = walk.to_identity().await;
    for (year, said) in [
        ("2015", "You must be at least 18 to enroll online. If the date is right, call (866) 222-7100"),
        ("1920", "Check the year of your date of birth. If the date is right, call (866) 222-7100"),
    ] {
        let wrong = walk.identity_form(&identity).set("birth_date_year", year).submit(&walk.browser).await;
        assert_eq!(wrong.status, 422);
        wrong.says(said);
        // The number is there to be touched, too.
        assert_eq!(wrong.attributes("main a.phone-number", "href"), ["tel:+18662227100"]);
        assert_eq!(wrong.attributes("input[aria-invalid]", "id").len(), 3, "{year}");
    }
    assert!(identity.attributes("main a.phone-number", "href").is_empty());
    let spanish = walk.browser.get("/identity?lang=es").await;
    let wrong = walk.identity_form(&spanish).set("birth_date_year", "1920").submit(&walk.browser).await;
    wrong.says("Si la fecha es correcta, llame al (");
    assert_eq!(world.sandbox.count("identity"), 0);
    // The name of a month is read, though the field takes the keyboard of digits.
    let form = walk.identity_form(&spanish).set("birth_date_month", "marzo");
    form.submit(&walk.browser).await.is_at("/start-date");
    assert_eq!(fields(&sent(&world, "identity"), ["dob"]), ["03281985"]);
}
