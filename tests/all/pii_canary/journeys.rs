//! The journeys of the canaries.

use std::{collections::BTreeSet, time::Duration};

use super::{
    people::{Canary, PEOPLE},
    served::Served,
};
use crate::support::{Browser, Filled, Page, Seen, Walk};

async fn contact(walk: &Walk, page: &Page, person: &Canary) -> Page {
    page.is_at("/contact");
    page.form("/contact")
        .set("first_name", person.first_name)
        .set("last_name", person.last_name)
        .set("email", person.email)
        .set("phone", person.phone)
        .submit(&walk.browser)
        .await
}

pub fn identity_form(page: &Page, person: &Canary) -> Filled {
    page.is_at("/identity");
    page.form("/identity")
        .set("birth_date_month", person.born[0])
        .set("birth_date_day", person.born[1])
        .set("birth_date_year", person.born[2])
        .set("document", person.document)
        .set(person.document, person.number)
}

async fn identity(walk: &Walk, page: &Page, person: &Canary) -> Page {
    identity_form(page, person).submit(&walk.browser).await
}

pub async fn to_identity(walk: &Walk, person: &Canary) -> Page {
    let mut page = walk.to_contact().await;
    if page.path.starts_with("/ask") {
        page = page.form("/ask").set("choice", "suggested").submit(&walk.browser).await;
    }
    let page = contact(walk, &page, person).await;
    walk.billing(&page).await
}

/// The journeys: every answer they brought, and the browsers, whose connections stay open.
pub async fn journeys(served: &Served) -> (Vec<Seen>, Vec<Browser>) {
    let [deposit, quiz, wrong, technical, cut, refused, garbage, current] = &PEOPLE;
    let (mut seen, mut open) = (Vec::new(), Vec::new());

    // With a deposit, checked again with the SSN, paid at the gateway, looked at in both languages, and left.
    let walk = served.walk(deposit);
    let page = to_identity(&walk, deposit).await;
    let page = identity(&walk, &page, deposit).await;
    // Saved for later, and resumed in another browser at the second try.
    let saved = page.form("/later").submit(&walk.browser).await;
    let link = saved.attributes("main .saved a", "href").remove(0);
    saved.form("/later/mail").submit(&walk.browser).await.says("The link was sent to");
    open.push(walk.browser);
    let walk = served.walk(deposit);
    let mut page = walk.browser.get(&link[link.find("/resume").unwrap()..]).await;
    for day in ["1", deposit.born[1]] {
        let form = page.form("/resume").set("birth_date_month", deposit.born[0]).set("birth_date_day", day);
        page = form.set("birth_date_year", deposit.born[2]).submit(&walk.browser).await;
    }
    let page = walk.start_date(&page).await;
    page.is_at("/deposit");
    let form = page.form("/deposit").set("choice", "with_ssn").set("ssn", deposit.number);
    form.clone().switch_language(&page).submit(&walk.browser).await.is_at("/deposit");
    walk.browser.get("/deposit?lang=en").await;
    let page = form.submit(&walk.browser).await;
    walk.deposit(&page).await.is_at("/review");
    for path in ["/contact", "/identity?lang=es", "/review?lang=en", "/address", "/billing"] {
        walk.browser.get(path).await;
    }
    let page = walk.review(&walk.browser.get("/review").await).await;
    page.is_at("/confirmation");
    let pay = walk.browser.get("/pay").await;
    walk.browser.post_only("/pay", pay.form("/pay").fields(), &[]).await;
    walk.browser.get("/pay/return?status=paid").await;
    let page = walk.browser.get("/confirmation").await;
    page.leave(&walk.browser).await.is_at("/session-ended");
    open.push(walk.browser);

    // With a license and a quiz, in Spanish, to the end; the session stays.
    let walk = served.walk(quiz);
    walk.browser.get("/?lang=es").await;
    let page = to_identity(&walk, quiz).await;
    let page = identity(&walk, &page, quiz).await;
    page.is_at("/quiz");
    let names: BTreeSet<String> =
        page.attributes("form[action='/quiz'] input[type=radio]", "name").into_iter().collect();
    let mut form = page.form("/quiz");
    for name in &names {
        let choices = page.attributes(&format!("input[name={name}]"), "value");
        form = form.set(name, &choices[0]);
    }
    form.submit(&walk.browser).await;
    open.push(walk.browser);

    // Not verified, corrected, not verified again, and then held back by a limit.
    let walk = served.walk(wrong);
    let page = to_identity(&walk, wrong).await;
    let mut page = identity(&walk, &page, wrong).await;
    for day in ["1", "2"] {
        page = walk.browser.get("/identity").await;
        let form = page.form("/identity").set("birth_date_day", day).set("ssn", wrong.number);
        page = form.submit(&walk.browser).await;
    }
    assert_eq!(page.status, 429);
    open.push(walk.browser);

    // NRG fails, answers with rubbish, knows the person already.
    for person in [technical, garbage, current] {
        let walk = served.walk(person);
        let page = to_identity(&walk, person).await;
        identity(&walk, &page, person).await;
        // Forms with everything in them that are refused: garbled, from elsewhere, too large, of another kind.
        let page = walk.browser.get("/identity").await;
        if page.path == "/identity" {
            let all = page
                .form("/identity")
                .set("ssn", person.number)
                .set("birth_date_month", "")
                .fields()
                .to_vec();
            let twice = [&all[..], &[("ssn".to_owned(), person.number.to_owned())]].concat();
            let large = [&all[..], &[("more".to_owned(), "x".repeat(70_000))]].concat();
            let foreign = [("sec-fetch-site", "cross-site")];
            for (fields, headers) in [(&all, &[][..]), (&twice, &[]), (&large, &[]), (&all, &foreign)] {
                let answer = walk.browser.post_only("/identity", fields, headers).await;
                let seen_page = Page::read(answer, "/identity".to_owned()).await.unwrap();
                assert!(seen_page.status.is_client_error(), "{}", seen_page.status);
                seen.push(Seen {
                    asked: "POST /identity".into(),
                    head: String::new(),
                    body: seen_page.body,
                    took: Duration::ZERO,
                });
            }
        }
        open.push(walk.browser);
    }

    // The answer to the submission is lost, and refused.
    for (person, end) in [(cut, "/processing"), (refused, "/stop")] {
        let walk = served.walk(person);
        let page = to_identity(&walk, person).await;
        let page = identity(&walk, &page, person).await;
        let page = walk.start_date(&page).await;
        walk.review(&page).await.is_at(end);
        walk.browser.get("/no-such-page").await;
        open.push(walk.browser);
    }
    seen.extend(open.iter().flat_map(Browser::seen));
    (seen, open)
}
