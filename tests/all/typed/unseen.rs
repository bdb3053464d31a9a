//! Characters of which nothing is seen come along when text is copied.

use nrg_enroll::fields::Language;

use super::{fields, sent};
use crate::support::{Person, Walk, World};

/// `text` with something unseen around it and inside it, another kind each time.
fn strewn(text: &str) -> String {
    let unseen =
        ["\u{200b}", "\u{202a}", "\u{feff}", "\u{2060}", "\u{ad}", "\u{200e}", "\u{61c}", "\u{fe0f}"];
    let mut strewn = String::new();
    for (at, c) in text.chars().enumerate() {
        strewn.push_str(unseen[at % unseen.len()]);
        strewn.push(c);
    }
    strewn + "\u{202c}\u{3164}\u{180e}"
}

#[tokio::test]
async fn fields_with_unseen_characters_send_nrg_the_same() {
    let world = World::new().await;
    for language in [Language::English, Language::Spanish] {
        let mut walk = Walk::new(world.browser(), Person::default());
        walk.language = language;
        let start = walk.browser.get(&format!("/?lang={}", language.tag())).await;
        let form = start.form("/").set("zip", &strewn("77999")).set("transaction", "MVI");
        let address = walk.plan(&form.submit(&walk.browser).await).await;
        let form = address.form("/address").set("street", &strewn("100 Example Oak Ln"));
        let form = form.set("unit", &strewn("Apt 12")).set("city", &strewn("Sampleton"));
        let contact = form.submit(&walk.browser).await;
        contact.is_at("/contact");
        let form = contact.form("/contact").set("first_name", &strewn("Jose\u{301}"));
        let form = form.set("last_name", &strewn("Samplecase")).set("phone", &strewn("(713) 555-0142"));
        let form = form.set("email", &strewn("jordan.samplecase@example.com"));
        let billing = form.submit(&walk.browser).await;
        let identity = walk.billing(&billing).await;
        let form = walk.identity_form(&identity);
        let form = form.set("birth_date_month", &strewn("3")).set("birth_date_day", &strewn("28"));
        let form = form.set("birth_date_year", &strewn("1985")).set("ssn", &strewn("900-45-6789"));
        let form = form.set("prospect_id", &strewn("P000123"));
        form.submit(&walk.browser).await.is_at("/start-date");
        let names = ["firstName", "lastName", "dob", "email", "phoneNum", "servStreetAptNum", "prospectId"];
        let expected = [
            "José",
            "Samplecase",
            "03281985",
            "jordan.samplecase@example.com",
            "7135550142",
            "12",
            "P000123",
        ];
        assert_eq!(fields(&sent(&world, "identity"), names), expected);
    }
    let call = sent(&world, "cleanup-address");
    let names = ["streetNum", "streetName", "aptNum", "city", "zipCode"];
    assert_eq!(fields(&call, names), ["100", "Example Oak Ln", "12", "Sampleton", "77999"]);
}

#[tokio::test]
async fn name_of_unseen_letters_is_missing() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let contact = walk.to_contact().await;
    let form = contact.form("/contact").set("first_name", "\u{3164}\u{200b}").set("last_name", "\u{115f}");
    let wrong = form.submit(&walk.browser).await;
    assert_eq!(wrong.status, 422);
    wrong.says("Enter your first name");
    wrong.says("Enter your last name");
    let spanish = walk.browser.get("/contact?lang=es").await;
    let form = spanish.form("/contact").set("first_name", "\u{2060}\u{ffa0}");
    form.submit(&walk.browser).await.says("Escriba su nombre");
}

#[tokio::test]
async fn resume_code_with_unseen_characters_is_taken() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.through_identity().await;
    let saved = page.form("/later").submit(&walk.browser).await;
    let code = saved.one("dd.typed-code").unwrap();
    let other = world.browser();
    let asked = other.get("/resume").await.form("/resume").set("code", &strewn(&code)).submit(&other).await;
    let form = asked.form("/resume").set("birth_date_month", &strewn("March")).set("birth_date_day", "28");
    form.set("birth_date_year", &strewn("1985")).submit(&other).await.is_at("/start-date");
}
