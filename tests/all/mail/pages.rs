//! The link that is asked for on the page, the copy of the confirmation, and unsubscribing.

use nrg_enroll::{fields::Language, mail::State};

use super::{ADDRESS, links, messages};
use crate::support::{Page, Person, Walk, World, database::Database};

/// Saves the journey of `walk`, which is at the start date.
async fn saved(walk: &Walk) -> Page {
    let page = walk.through_identity().await;
    page.form("/later").submit(&walk.browser).await
}

/// A mail program's request to unsubscribe: without cookie, from nowhere.
async fn one_click(world: &World, link: &str) -> u16 {
    let fields = [("List-Unsubscribe".to_owned(), "One-Click".to_owned())];
    let headers = [("user-agent", "mail program")];
    world.browser().post_only(link, &fields, &headers).await.status().as_u16()
}

async fn link_is_mailed(world: &World) {
    let walk = Walk::new(world.browser(), Person::default());
    let page = saved(&walk).await;
    assert_eq!(page.form("/later/mail").value("email"), Some(ADDRESS));
    let wrong = page.form("/later/mail").set("email", "jordan@").submit(&walk.browser).await;
    assert_eq!(wrong.status, 422, "{} {}", wrong.path, wrong.text());
    // A double post, and one whose answer was lost.
    for _ in 0..3 {
        let sent = wrong.form("/later/mail").set("email", ADDRESS).submit(&walk.browser).await;
        sent.says("The link was sent to jordan.samplecase@example.com");
        assert!(!sent.attributes("main .saved a", "href").is_empty(), "the link stays on the page");
    }
    let rows = world.ended(1).await;
    assert_eq!((rows.len(), rows[0].kind.as_str(), rows[0].state()), (1, "link", State::Sent));
    let shown = world.captured().await;
    let message = &messages(&shown)[0];
    for header in [
        "From: \"Demo Affiliate\" <hello@example.com>",
        "To: jordan.samplecase@example.com",
        "Subject: Your link to continue with Demo Affiliate",
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Date: Tue, 18 Jun 2030 15:00:00 +0000",
        &format!("Message-ID: <{}@example.com>", rows[0].id),
        "List-Unsubscribe: <http://127.0.0.1:0/unsubscribe?t=",
    ] {
        assert!(message.contains(header), "{header} is not in\n{message}");
    }
    let browser = world.browser();
    let resumed = browser.get(&links(&shown, "/resume?code=")[0]).await;
    resumed.is_at("/resume");
    let resumed = resumed
        .form("/resume")
        .set("birth_date_month", "3")
        .set("birth_date_day", "28")
        .set("birth_date_year", "1985");
    resumed.submit(&browser).await.is_at("/start-date");
    // The form of a page that was left open tells nothing, and sends nothing.
    let again = page.form("/later/mail").set("email", "other@example.com").submit(&walk.browser).await;
    again.is_at("/resume");
    assert_eq!(world.outbox().await.len(), 1);
}

#[tokio::test]
async fn link_asked_for_on_the_page_is_mailed_once_and_works() {
    link_is_mailed(&World::new().await).await;
    if let Some(database) = Database::new().await {
        link_is_mailed(&World::with(&[("ENROLL__STORE__URL", &database.url)]).await).await;
        database.drop().await;
    }
}

#[tokio::test]
async fn link_mails_beyond_the_limit_of_a_recipient_or_client_are_refused() {
    for limit in ["ENROLL__LIMITS__MAIL__RECIPIENT", "ENROLL__LIMITS__MAIL__ADDRESS"] {
        let world = World::with(&[(limit, "2 per 1h")]).await;
        let mut last = None;
        for _ in 0..3 {
            let walk = Walk::new(world.browser(), Person::default());
            let page = saved(&walk).await;
            last = Some(page.form("/later/mail").submit(&walk.browser).await);
        }
        assert_eq!(last.unwrap().status, 429, "{limit}");
        assert_eq!(world.outbox().await.len(), 2, "{limit}");
    }
}

#[tokio::test]
async fn pages_offer_no_mail_where_mails_are_off() {
    let world = World::with(&[("ENROLL__MAIL__ENABLED", "false")]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let contact = walk.to_contact().await;
    assert!(contact.one("input[name=reminder]").is_none());
    let page = walk.contact(&contact).await;
    let page = page.form("/later").submit(&walk.browser).await;
    assert!(page.one("form[action='/later/mail']").is_none());
    for path in ["/unsubscribe?t=A", "/later/mail"] {
        let status = walk.browser.post_only(path, &[], &[]).await.status();
        assert_eq!(status, 404, "{path}");
    }
    assert_eq!(world.captured().await.status, 404);
}

/// Enrolls `person` in `language`.
async fn enrolled(world: &World, person: Person, language: Language) -> (Walk, Page) {
    let walk = Walk { language, ..Walk::new(world.browser(), person) };
    let mut page = walk.through_start_date().await;
    if page.path.starts_with("/deposit") {
        page = walk.deposit(&page).await;
    }
    let page = walk.review(&page).await;
    (walk, page)
}

#[tokio::test]
async fn confirmation_is_mailed_in_the_language_with_documents_and_status_link() {
    let world = World::with(&[("ENROLL__FOLLOW_UP__ENABLED", "true")]).await;
    let (walk, page) = enrolled(&world, Person::default(), Language::Spanish).await;
    page.is_at("/confirmation");
    let rows = world.ended(1).await;
    assert_eq!((rows[0].kind.as_str(), rows[0].language.as_str()), ("confirmation", "es"));
    let shown = world.captured().await;
    shown.says("Su inscripción con Reliant");
    shown.says("Reliant recibió su inscripción.");
    let journey = world.journey(&walk.browser).await.unwrap();
    let documents = &journey.chosen().unwrap().offer.documents;
    for link in [&documents.efl, &documents.tos, &documents.yrac] {
        shown.says(link.as_str());
    }
    let browser = world.browser();
    let status = browser.get(&links(&shown, "/status?code=")[0]).await;
    status.form("/status").set("phone", "713 555 0142").submit(&browser).await.is_at("/status");
    // Nothing of what was typed, and nothing of NRG's ids.
    let message = messages(&shown).remove(0);
    let record = journey.record.as_ref().unwrap();
    let account = page.one("dl.summary dd").unwrap();
    for secret in [
        "Samplecase",
        "Example Oak",
        "555-0142",
        "5550142",
        "1985",
        "900-45",
        "900456789",
        "77999",
        record.tracking_id.as_str(),
        record.guid.as_str(),
        account.as_str(),
        &journey.id,
    ] {
        let text = message.replace("=\r\n", "").replace(ADDRESS, "");
        assert!(!secret.is_empty() && !text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn refused_enrollment_is_not_mailed_and_accepted_one_says_so() {
    let world = World::new().await;
    // What the sandbox makes of these names is in docs/reference/sandbox-inputs.md.
    enrolled(&world, Person { first_name: "Existing", ..Person::default() }, Language::English).await;
    assert!(world.outbox().await.is_empty(), "{:?}", world.outbox().await);
    let (_, page) =
        enrolled(&world, Person { first_name: "Blank", ..Person::default() }, Language::English).await;
    page.is_at("/confirmation");
    world.ended(1).await;
    let shown = world.captured().await;
    shown.says("Reliant has accepted your enrollment.");
    shown.says("Before service can start");
}

async fn unsubscribing_holds(world: &World, other: Option<&World>) {
    let walk = Walk::new(world.browser(), Person::default());
    let page = saved(&walk).await;
    page.form("/later/mail").submit(&walk.browser).await;
    world.ended(1).await;
    // Either of two servers may have sent it.
    let mut shown = links(&world.captured().await, "/unsubscribe?t=");
    if let Some(other) = other {
        shown.extend(links(&other.captured().await, "/unsubscribe?t="));
    }
    let link = shown.remove(0);
    // GET asks, as often as programs follow the link.
    let browser = world.browser();
    browser.get(&link).await.says("Get no more messages from us?");
    let sent = page.form("/later/mail").set("email", "JORDAN.samplecase@example.com").submit(&walk.browser);
    sent.await.says("The link was sent to");
    assert_eq!(one_click(world, &link).await, 200);
    let page = page.form("/later/mail").submit(&walk.browser).await;
    assert_eq!(page.status, 422);
    page.says("This email address gets no messages from us");
    let before = world.outbox().await.len();
    // No copy of a confirmation either, by whichever server.
    let world = other.unwrap_or(world);
    let (_, page) = enrolled(world, Person::default(), Language::English).await;
    page.is_at("/confirmation");
    let rows = world.ended(before + 1).await;
    let confirmation = rows.iter().find(|row| row.kind == "confirmation").unwrap();
    assert_eq!((confirmation.state(), confirmation.outcome.as_deref()), (State::Dead, Some("unsubscribed")));
    // The button does the same as the mail program.
    let done = browser.get(&link).await.form("/unsubscribe").submit(&browser).await;
    done.says("You won’t get any more messages");
}

#[tokio::test]
async fn unsubscribed_address_gets_no_mail_of_any_kind_on_any_server() {
    unsubscribing_holds(&World::new().await, None).await;
    if let Some(database) = Database::new().await {
        let world = World::with(&[("ENROLL__STORE__URL", &database.url)]).await;
        let other = World::over(world.data.clone(), &[("ENROLL__STORE__URL", &database.url)]).await;
        unsubscribing_holds(&world, Some(&other)).await;
        database.drop().await;
    }
}

#[tokio::test]
async fn unsubscribe_link_that_was_changed_names_no_address() {
    let world = World::new().await;
    for link in ["/unsubscribe", "/unsubscribe?t=", "/unsubscribe?t=AAAA&lang=es"] {
        assert_eq!(world.browser().get(link).await.status, 404, "{link}");
        assert_eq!(one_click(&world, link).await, 404, "{link}");
    }
}
