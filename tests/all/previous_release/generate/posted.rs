//! The walks whose forms are kept.

use super::*;

/// Walks that post every form, and writes the forms down.
pub async fn posted() {
    let world = World::with_fault_proxy(&pairs(&env_of_forms())).await;
    let mut forms = Vec::new();
    let walk = Walk::new(world.browser(), Person::default());
    enrolled(&walk).await.is_at("/confirmation");
    forms.push(("a plain move-in", walk.browser.requests()));

    let walk = Walk::new(world.browser(), Person::default());
    let ask = enrolled(&walk).await;
    let review = ask.form("/ask").submit(&walk.browser).await;
    walk.review(&review).await.is_at("/confirmation");
    forms.push(("the same again within a day", walk.browser.requests()));

    let person = Person {
        zip: "77997",
        street: "300 Example Oak Ln",
        last_name: "Kba",
        ssn: "900-45-0200",
        ..Person::default()
    };
    let walk = Walk {
        language: Language::Spanish,
        ..Walk::new(world.browser(), Person { billed_elsewhere: true, ..person })
    };
    walk.browser.get(&format!("/?{CLICK}")).await;
    let ask = walk.to_plans().await;
    let plans = ask.form("/ask").set("choice", "D0001").submit(&walk.browser).await;
    let page = walk.plan(&plans).await;
    let ask = walk.address(&page).await;
    let page = ask.form("/ask").set("unit", "2").submit(&walk.browser).await;
    let form = contact_form(&walk, &page).set("marketing_email", "yes").set("marketing_phone", "yes");
    let page = form.submit(&walk.browser).await;
    let page = po_box(&page).submit(&walk.browser).await;
    let page = if page.path == "/ask" { page.form("/ask").submit(&walk.browser).await } else { page };
    let quiz = walk.identity(&page).await;
    quiz.is_at("/quiz");
    let dates = walk.quiz(&quiz, true).await;
    let deposit = walk.start_date(&dates).await;
    let review = walk.deposit(&deposit).await;
    walk.review(&review).await.is_at("/confirmation");
    walk.browser.get("/pay").await.form("/pay").submit(&walk.browser).await;
    forms.push(("everything asked, in Spanish", walk.browser.requests()));

    let walk = Walk::new(world.browser(), Person { billed_elsewhere: true, ..first("Notyet") });
    let page = walk.to_contact().await;
    let page = walk.contact(&page).await;
    let page = other_street(&page, "200 Sample Elm St").submit(&walk.browser).await;
    let page = page.form("/ask").set("choice", "typed").submit(&walk.browser).await;
    let dates = licence(&walk.identity_form(&page)).submit(&walk.browser).await;
    let review = walk.start_date(&dates).await;
    let stop = walk.review(&review).await;
    let dates = stop.form("/stop").submit(&walk.browser).await;
    let review = walk.start_date(&dates).await;
    walk.review(&review).await.is_at("/confirmation");
    forms.push(("a refusal that is repaired", walk.browser.requests()));

    let person = Person { street: "104 Example Oak Ln", ssn: "900-45-0200", ..Person::default() };
    let walk = Walk::new(world.browser(), Person { transaction: "SWI", ..person });
    let page = walk.through_identity().await;
    let saved = page.form("/later").submit(&walk.browser).await;
    let link = saved.attributes("main .saved a", "href").remove(0);
    let page = walk.browser.get(&link[link.find("/resume").unwrap()..]).await;
    let form = page.form("/resume").set("birth_date_month", "3").set("birth_date_day", "28");
    let dates = form.set("birth_date_year", "1985").submit(&walk.browser).await;
    let deposit = walk.start_date(&dates).await;
    let form = deposit.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-6789");
    let review = form.submit(&walk.browser).await;
    walk.review(&review).await.is_at("/confirmation");
    forms.push(("a switch saved for later", walk.browser.requests()));

    let walk = Walk::new(world.browser(), Person { zip: "77990", ..Person::default() });
    start_over(&walk).await;
    let walk = Walk { person: Person::default(), ..walk };
    let page = walk.to_contact().await;
    walk.browser.post("/stay", page.form("/stay").fields()).await;
    walk.browser.get("/contact").await.form("/leave").submit(&walk.browser).await.is_at("/session-ended");
    forms.push(("started over and left", walk.browser.requests()));

    let forms: Vec<_> = forms
        .into_iter()
        .map(|(name, requests)| RecordedForms {
            name: name.to_owned(),
            requests: waited(requests).into_iter().map(blanked).collect(),
        })
        .collect();
    write("forms.json", &forms);
}

/// Without the looks at the processing page, whose number is chance: what was posted before leads to its end.
fn waited(requests: Vec<Request>) -> Vec<Request> {
    let mut kept: Vec<Request> = Vec::new();
    for request in requests {
        match kept.last_mut() {
            Some(before) if request.path == "/processing" => before.leads_to = request.leads_to,
            _ => kept.push(request),
        }
    }
    kept
}

/// The settings the forms are posted with.
pub fn env_of_forms() -> Vec<(String, String)> {
    vec![("ENROLL__LIMITS__HONEYPOT".to_owned(), "true".to_owned())]
}

/// With words instead of what is secret, and of what is another each time.
fn blanked(mut request: Request) -> Request {
    for (name, value) in &mut request.fields {
        match name.as_str() {
            "ssn" => *value = value.replace("900-45-", "{ssn}-"),
            "licence" => *value = value.replace("12345678", "{licence}"),
            "agreed" | "code" => *value = "{page}".to_owned(),
            _ => {}
        }
    }
    if request.path.starts_with("/resume?code=") {
        request.path = "{link}".to_owned();
    }
    request
}
