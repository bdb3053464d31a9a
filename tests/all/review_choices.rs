//! The page where all answers are checked: what was chosen there stays while answers are changed, and what a change costs.

use crate::support::{Filled, Page, Person, Walk, World};

#[tokio::test]
async fn choices_on_review_stay_while_answers_are_changed() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    let boxes =
        |page: &Page| page.attributes("#documents[checked], #affirmation[checked], #records[checked]", "id");
    let change = |page: &Page, form: Filled, step: &str| {
        let action = format!("/change/{step}");
        assert!(page.attributes(".change button[form=step]", "formaction").contains(&action));
        form.to(&action)
    };
    assert!(boxes(&review).is_empty() && review.one("input[name=paperless][checked]").is_none());
    // The birth date can be looked at without script.
    assert!(review.one(".row details").unwrap().contains("March 28, 1985"));

    // A box for calls costs no check; what was chosen here stays, though it was never sent.
    let form = walk.review_form(&review);
    let contact = change(&review, form, "contact").submit(&walk.browser).await;
    contact.is_at("/contact");
    contact.says(
        "If you change something here, Reliant will check your identity again. You can try 3 more times.",
    );
    contact.says("Your choice about calls and texts can change without that.");
    let review = contact.form("/contact").set("marketing_phone", "yes").submit(&walk.browser).await;
    review.is_at("/review");
    review.says("By phone and text");
    assert_eq!(boxes(&review), ["documents", "affirmation", "records"]);
    assert_eq!(review.attributes("input[name=paperless][checked]", "value"), ["yes"]);
    assert_eq!(world.sandbox.count("identity"), 1);

    // Another name is checked, and the statement that all is true is made anew.
    let form = review.form("/review");
    let contact = change(&review, form, "contact").submit(&walk.browser).await;
    let identity = contact.form("/contact").set("first_name", "Sam").submit(&walk.browser).await;
    identity.is_at("/identity");
    let review = identity.form("/identity").submit(&walk.browser).await;
    assert_eq!(world.sandbox.count("identity"), 2);
    assert_eq!(boxes(&review), ["documents", "records"]);
    walk.browser.get("/contact").await.says("You can try 2 more times.");
    walk.browser.get("/billing").await.says("You can try 2 more times.");
    walk.browser.get("/address").await.says("will check your identity again");

    // A form that was refused keeps them too, in both languages.
    let review = walk.browser.get("/review").await;
    let refused = review.form("/review").set("paperless", "no").submit(&walk.browser).await;
    assert_eq!(refused.status, 422);
    let spanish = walk.browser.get("/review?lang=es").await;
    assert_eq!(boxes(&spanish), ["documents", "records"]);
    assert_eq!(spanish.attributes("input[name=paperless][checked]", "value"), ["no"]);
    // The path leads to the answer, and past no check.
    assert_eq!(walk.browser.get("/change/contact").await.path, "/contact");
    assert_eq!(walk.browser.post("/change/nothing", &[]).await.status, 404);
    let walk = Walk { language: nrg_enroll::fields::Language::Spanish, ..walk };
    walk.review(&spanish).await.is_at("/confirmation");
    walk.browser.post("/change/contact", &[]).await.is_at("/confirmation");
}

#[tokio::test]
async fn bills_go_home_by_the_box_or_elsewhere_by_their_page() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let address = walk.to_address().await;
    let is_checked = |page: &Page| page.one("#bills_here[checked]").is_some();
    assert!(is_checked(&address), "most bills go home");
    let elsewhere = address.form("/address").set("street", "100 Example Oak Ln").set("city", "Sampleton");
    let contact = elsewhere.set("bills_here", "").submit(&walk.browser).await;
    assert!(!is_checked(&walk.browser.get("/address").await), "as it was answered");
    contact.says("Step 4 of 7: Contact details");
    let billing = walk.contact(&contact).await;
    billing.is_at("/billing");
    billing.says("Step 4 of 7: Billing address");
    assert_eq!(billing.one("[aria-current=step]").as_deref(), Some("Contact details"));
    assert_eq!(billing.attributes("a.back", "href"), ["/contact"]);
    let form = billing.form("/billing").set("choice", "po_box").set("po_box", "123");
    let identity = form.set("city", "Sampleton").set("zip", "77999").submit(&walk.browser).await;
    identity.says("Step 5 of 7");
    assert_eq!(identity.attributes("a.back", "href"), ["/billing"]);

    // The box changes it back, and then the page is passed over; the review leads to it.
    let address = walk.browser.get("/address").await;
    assert!(!is_checked(&address));
    let identity = address.form("/address").set("bills_here", "yes").submit(&walk.browser).await;
    identity.is_at("/identity");
    assert_eq!(identity.attributes("a.back", "href"), ["/contact"]);
    let review = walk.start_date(&walk.identity(&identity).await).await;
    review.says("Step 7 of 7");
    review.says("Billing address Same as the service address");
    assert!(review.attributes(".change button", "formaction").contains(&"/change/billing".to_owned()));
    walk.browser.get("/billing").await.is_at("/billing");
    assert!(is_checked(&walk.browser.get("/address").await));

    // A journey that a version before led to the page goes on there, and its address page has no box.
    let old = Walk::new(world.browser(), Person::default());
    let address = old.to_address().await;
    let form = address.form("/address").set("street", "100 Example Oak Ln").set("city", "Sampleton");
    let fields: Vec<_> = form.fields().iter().filter(|(name, _)| name != "bills_here").cloned().collect();
    let contact = old.browser.post("/address", &fields).await;
    let billing = old.contact(&contact).await;
    billing.is_at("/billing");
    billing.form("/billing").set("choice", "same").submit(&old.browser).await.is_at("/identity");
}

#[tokio::test]
async fn progress_counts_the_same_steps_from_the_first_to_the_last() {
    let world = World::new().await;
    let person = Person { last_name: "Kba", ssn: "900-45-0350", billed_elsewhere: true, ..Person::default() };
    let walk = Walk::new(world.browser(), person);
    let said = |page: &Page| page.one(".steps-now").unwrap();
    let contact = walk.to_contact().await;
    let billing = walk.contact(&contact).await;
    let identity = walk.billing(&billing).await;
    let quiz = walk.identity(&identity).await;
    let dates = walk.quiz(&quiz, true).await;
    let deposit = walk.start_date(&dates).await;
    let review = walk.deposit(&deposit).await;
    for (page, n, current) in [
        (&contact, "4 of 7: Contact details", "Contact details"),
        (&billing, "4 of 7: Billing address", "Contact details"),
        (&identity, "5 of 7: Identity", "Identity"),
        (&quiz, "5 of 7: ", "Identity"),
        (&dates, "6 of 7: Start date", "Start date"),
        (&deposit, "6 of 7: Deposit", "Start date"),
        (&review, "7 of 7: ", "Review and submit"),
    ] {
        assert!(said(page).starts_with(&format!("Step {n}")), "{}: {}", page.path, said(page));
        assert_eq!(page.one("[aria-current=step]").as_deref(), Some(current), "{}", page.path);
        assert_eq!(page.attributes(".steps li", "class").len(), 7, "{}", page.path);
    }
}
