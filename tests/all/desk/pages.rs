//! What is found and shown, and the record of it.

use super::{Desk, on_each_database};
use crate::support::{Person, Walk, log::Log};

const PHONE: &str = "(713) 555-0142";

#[tokio::test]
async fn caller_with_only_a_phone_number_is_found_in_one_page() {
    on_each_database(async |desk| {
        let log = Log::listen();
        let (journey, tracking_id) = desk.enroll(Person { first_name: "Cut", ..Person::default() }).await;
        let ben = desk.signed_in("ben").await;
        let page = desk.find(&ben, "phone", PHONE).await;
        assert_eq!(page.path, "/desk");
        for shown in [&journey, &tracking_id, "unknown", "RE"] {
            page.says(shown);
        }
        let links = page.attributes("table a", "href");
        assert_eq!(links, [format!("/desk/journeys/{journey}")]);

        let page = ben.get(&links[0]).await;
        for shown in
            ["To do first", "Requests to NRG", "Consents of the journey", "Click: cid", "click-of-the-caller"]
        {
            page.says(shown);
        }
        // Twice within a quarter of an hour is one record.
        ben.get(&links[0]).await;
        desk.find(&ben, "phone", "713.555.0142").await;
        let action = |action: &str, reason: &str| (action.to_owned(), "ben".to_owned(), reason.to_owned());
        let recorded = [action("find", "by phone number"), action("show", "at the desk")];
        assert_eq!(desk.actions(&journey).await, recorded);
        ben.get(&links[0]).await.says("Privacy actions of the journey");
        assert_eq!(desk.world.server.app.ledger.verify().await.unwrap().breaks, []);

        desk.find(&ben, "phone", "713-555-0199").await.says("No journey was found.");
        for text in [log.text(), ben.seen().iter().map(|seen| seen.asked.clone()).collect()] {
            for never in ["5550142", "555-0142", "555.0142", "Samplecase", "jordan"] {
                assert!(!text.contains(never), "{never}");
            }
        }
        assert_eq!(log.lines("desk: looked for a person").len(), 3);
    })
    .await;
}

#[tokio::test]
async fn journey_is_found_by_whatever_a_caller_may_know() {
    let desk = Desk::open(&[]).await;
    let (journey, tracking_id) = desk.enroll(Person::default()).await;
    let row = desk.world.server.app.ledger.find(&tracking_id).await.unwrap().unwrap();
    let account = row.result.unwrap().account_number.unwrap();
    let whole = format!("{journey} / {tracking_id}");
    let ana = desk.signed_in("ana").await;
    ana.get("/desk").await.says("Newest");
    for (by, wanted) in [
        ("phone", PHONE),
        ("email", "JORDAN.samplecase@example.com"),
        ("name", "jordan samplecase"),
        ("reference", &whole),
        ("reference", &journey.to_lowercase()),
        ("reference", &tracking_id),
        ("order", &nrg_enroll::journey::order_id(&journey)),
        ("account", &account),
        ("meter", row.esi_id.as_deref().unwrap()),
        ("click", "click-of-the-caller"),
    ] {
        let page = desk.find(&ana, by, wanted).await;
        assert_eq!(page.attributes("table a", "href"), [format!("/desk/journeys/{journey}")], "{by}");
    }
    for (by, wanted, problem) in [
        ("phone", "555", "Enter a phone number of ten digits."),
        ("email", "jordan", "Enter a whole email address."),
        ("name", "Jordan", "Enter given name and family name."),
        ("account", "12a", "Enter one to twelve digits."),
        ("phone", "", "Enter what the caller knows."),
    ] {
        let page = desk.find(&ana, by, wanted).await;
        assert_eq!(page.status, 422, "{by}");
        page.says(problem);
    }
    assert_eq!(ana.get("/desk/journeys/NONE").await.status, 404);
    assert_eq!(ana.get("/desk/submissions/none/settle").await.status, 404);
}

#[tokio::test]
async fn search_text_is_neither_sql_nor_markup() {
    on_each_database(async |desk| {
        let (journey, _) = desk.enroll(Person::default()).await;
        let ana = desk.signed_in("ana").await;
        for wanted in
            ["' OR '1'='1", "x'; DELETE FROM submissions; --", "\"><script>alert(1)</script>", "%", "\u{0}"]
        {
            for by in ["phone", "email", "name", "reference", "order", "account", "meter", "click"] {
                let page = desk.find(&ana, by, wanted).await;
                assert!([200, 422].contains(&page.status.as_u16()), "{by} {wanted}: {}", page.status);
                assert_eq!(page.attributes("table a", "href"), [""; 0], "{by} {wanted}");
                page.never_says("<script");
            }
        }
        assert_eq!(desk.find(&ana, "reference", &journey).await.attributes("table a", "href").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn outages_and_health_say_what_is_out_and_what_is_to_do() {
    let desk = Desk::open(&[
        ("ENROLL__OUTAGE__WINDOWS", "2030-06-18T09:00/2030-06-18T11:00,2030-07-01T00:00/2030-07-01T02:00"),
        ("ENROLL__BRANDS__RE__OUTAGE", "true"),
    ])
    .await;
    let ben = desk.signed_in("ben").await;
    let page = ben.get("/desk/outages").await;
    page.says("No journey begins since 2030-06-18 09:00:00 CDT, until 2030-06-18 11:00:00 CDT.");
    page.says("RE takes no enrollment");
    page.says("Planned: no journey begins from 2030-07-01 00:00:00 CDT");

    let desk = Desk::open(&[]).await;
    let ben = desk.signed_in("ben").await;
    ben.get("/desk/outages").await.says("Nothing is out.");
    let to_do = |page: &crate::support::Page| page.attributes("dd a", "href");
    let page = ben.get("/desk/health").await;
    assert_eq!(to_do(&page), [""; 0]);
    page.says("NRG");
    desk.enroll(Person { first_name: "Cut", ..Person::default() }).await;
    assert_eq!(to_do(&ben.get("/desk/health").await), ["/desk"]);
    ben.get("/desk").await.says("To be settled");
}

#[tokio::test]
async fn mail_that_fails_is_listed_and_tried_now_by_who_may_settle() {
    let away = crate::support::free_port().port().to_string();
    let desk = Desk::open(&[
        ("ENROLL__MAIL__HOST", "127.0.0.1"),
        ("ENROLL__MAIL__PORT", &away),
        ("ENROLL__MAIL__TLS", "none"),
    ])
    .await;
    let (ana, ben) = (desk.signed_in("ana").await, desk.signed_in("ben").await);
    ana.get("/desk/mails").await.says("No mail fails.");
    let walk = Walk::new(desk.world.browser(), Person::default());
    let page = walk.through_identity().await;
    let page = page.form("/later").submit(&walk.browser).await;
    page.form("/later/mail").submit(&walk.browser).await;
    let mut page = ben.get("/desk/mails").await;
    for _ in 0..1000 {
        if page.text().contains("cannot be reached") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        page = ben.get("/desk/mails").await;
    }
    page.says("cannot be reached: it refuses connections");
    page.never_says("@");
    assert!(page.attributes("main form", "action").is_empty(), "who may only read, changes nothing");
    desk.world.forward(std::time::Duration::from_secs(2 * 3600));
    // The sign-in is over by then.
    let ana = desk.signed_in("ana").await;
    let wrong = ana.get("/desk/health").await.attributes("dd a", "href");
    assert_eq!(wrong, ["/desk/mails"]);
    let page = ana.get("/desk/mails").await;
    let id = page.attributes("main button[name=id]", "value").remove(0);
    let post = async |browser: &crate::support::Browser, id: &str| {
        browser.post("/desk/mails", &[("id".to_owned(), id.to_owned())]).await
    };
    let ben = desk.signed_in("ben").await;
    assert_eq!(post(&ben, &id).await.status, 403);
    assert_eq!(post(&ana, "0").await.status, 409);
    post(&ana, &id).await.says("The mail is tried again now.");
}

#[tokio::test]
async fn desk_says_where_no_mails_are_sent() {
    let desk = Desk::open(&[("ENROLL__MAIL__ENABLED", "false")]).await;
    desk.signed_in("ben").await.get("/desk/mails").await.says("No mails are sent");
}
