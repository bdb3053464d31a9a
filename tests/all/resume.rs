//! Save and resume: a journey is saved on one device and resumed on another, with the link and the answer to its question.

use std::time::Duration;

use crate::support::{Browser, Page, Person, Walk, World, database::Database};

const HOUR: Duration = Duration::from_secs(3600);

/// Puts the journey of `browser` aside by the button of `page`. Answers the page and the address of its link.
async fn later(browser: &Browser, page: &Page) -> (Page, String) {
    let saved = page.form("/later").submit(browser).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    let link = saved.attributes("main .saved a", "href").remove(0);
    let (_, query) = link.split_once("/resume?code=").unwrap();
    let code = query.split_once('&').unwrap().0;
    assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4], "{code}");
    let path = format!("/resume?code={query}");
    (saved, path)
}

fn born(page: &Page, day: &str) -> crate::support::Filled {
    page.form("/resume")
        .set("birth_date_month", "march")
        .set("birth_date_day", day)
        .set("birth_date_year", "1985")
}

#[track_caller]
fn is_gone(page: &Page) {
    assert_eq!(page.status, 410, "{}", page.text());
    page.says("This link or code no longer works");
    assert_eq!(page.attributes("main .button.secondary", "href"), ["/resume"]);
    page.says("(866) 222-7100");
}

async fn a_journey_moves(world: &World) {
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.through_identity().await;
    page.is_at("/start-date");
    let before = world.journey(&walk.browser).await.unwrap();
    let cookie = walk.browser.cookies()["cookie"].to_str().unwrap().to_owned();
    let (saved, link) = later(&walk.browser, &page).await;
    saved.says("It works once, until Tuesday, June 18, 2030, 10:00 pm Central Time");
    saved.says("It will ask for your date of birth");
    // The cookie stays: should this answer be lost, it gets another link, and nothing else.
    assert!(!saved.headers.contains_key("set-cookie"));
    assert!(saved.headers.contains_key("clear-site-data"));
    assert!(saved.attributes("main a[href^='mailto:']", "href")[0].contains("resume%3Fcode%3D"));
    // The old device has nothing any more, whatever it kept.
    for browser in [walk.browser.clone(), world.browser()] {
        let answer = browser.ask("GET", "/start-date", &[("cookie", &cookie)]).await;
        assert_eq!(answer.headers()["location"], "/session-ended");
    }

    // Long after the idle limit, elsewhere. Looking at it, as a program that checks links does, uses nothing up.
    world.forward(11 * HOUR);
    let other = Walk::new(world.browser(), Person::default());
    other.browser.ask("HEAD", &link, &[]).await;
    let page = other.browser.get(&link).await;
    page.is_at("/resume");
    assert_eq!(page.headers["referrer-policy"], "strict-origin");
    page.never_says("Samplecase");
    page.never_says("Example Oak");
    assert!(world.journey(&other.browser).await.is_none(), "nothing is begun by looking");
    let page = born(&page, "28").submit(&other.browser).await;
    page.is_at("/start-date");
    let after = world.journey(&other.browser).await.unwrap();
    assert_eq!((&after.id, &after.record, &after.person), (&before.id, &before.record, &before.person));
    is_gone(&world.browser().get(&link).await);
    is_gone(&born_again(&world.browser(), &link).await);
    // Dates are asked for anew; identity is not.
    let review = other.start_date(&page).await;
    other.review(&review).await.is_at("/confirmation");
    assert_eq!((world.sandbox.count("identity"), world.sandbox.count("enroll")), (1, 1));
}

/// The right answer, posted without having looked.
async fn born_again(browser: &Browser, link: &str) -> Page {
    let code = link.split(['=', '&']).nth(1).unwrap();
    let fields = [
        ("code", code),
        ("asked", "yes"),
        ("birth_date_month", "3"),
        ("birth_date_day", "28"),
        ("birth_date_year", "1985"),
    ];
    browser.post("/resume", &fields.map(|(name, value)| (name.to_owned(), value.to_owned()))).await
}

#[tokio::test]
async fn saved_journey_is_resumed_elsewhere_and_old_cookie_is_dead() {
    a_journey_moves(&World::new().await).await;
    let Some(database) = Database::new().await else { return };
    let world = World::with(&[("ENROLL__STORE__URL", database.url.as_str())]).await;
    a_journey_moves(&world).await;
    world.server.stop().await;
    database.drop().await;
}

#[tokio::test]
async fn resume_link_ends_after_five_wrong_answers_and_invalid_input_is_free() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.through_identity().await;
    let (_, link) = later(&walk.browser, &page).await;
    let browser = world.browser();
    let mut page = browser.get(&link).await;
    for (day, says) in [("", "must include a day"), ("32", "Enter the day"), ("", "must include a day")] {
        page = born(&page, day).submit(&browser).await;
        assert_eq!(page.status, 422);
        page.says(says);
    }
    for left in ["4 more times", "3 more times", "2 more times", "1 more time"] {
        page = born(&page, "27").submit(&browser).await;
        assert_eq!(page.status, 422);
        page.says(left);
        assert_eq!(page.attributes(".error-summary a", "href"), ["#birth_date_month"]);
    }
    is_gone(&born(&page, "27").submit(&browser).await);
    is_gone(&born_again(&browser, &link).await);
    is_gone(&browser.get(&link).await);
    assert_eq!(world.server.app.sessions.count().await.unwrap(), 0, "it is deleted");
}

#[tokio::test]
async fn resume_asks_phone_before_identity_and_nothing_before_contact() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    let page = walk.contact(&page).await;
    page.is_at("/identity");
    let (saved, link) = later(&walk.browser, &walk.browser.get("/billing?lang=es").await).await;
    saved.says("Le pedirá el número de teléfono que dio");
    let browser = world.browser();
    let page = browser.get(&link).await;
    assert_eq!(page.attributes("html", "lang"), ["es"], "the link knows its language");
    let wrong = page.form("/resume").set("phone", "713-555-0143").submit(&browser).await;
    wrong.says("Puede intentarlo 4 veces más");
    wrong.form("/resume").set("phone", "7135550142").submit(&browser).await.is_at("/identity");

    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    let (saved, link) = later(&walk.browser, &page).await;
    saved.says("Whoever has it can continue with your answers");
    // By hand, in a browser that has begun something of its own.
    let other = Walk::new(world.browser(), Person { zip: "75999", ..Person::default() });
    other.to_plans().await;
    let replaced = world.journey(&other.browser).await.unwrap();
    let page = other.browser.get("/resume").await;
    page.says("You’ve started another enrollment in this browser");
    page.form("/resume").submit(&other.browser).await.says("Enter the code");
    let code = link.split(['=', '&']).nth(1).unwrap();
    let page = page.form("/resume").set("code", &format!(" {code} ")).submit(&other.browser).await;
    page.is_at("/contact");
    assert_ne!(world.journey(&other.browser).await.unwrap().id, replaced.id);
    assert_eq!(world.server.app.sessions.count().await.unwrap(), 2, "the other is deleted");
}

#[tokio::test]
async fn resume_link_expires_with_absolute_limit_of_its_session() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    world.forward(HOUR / 4);
    let (_, link) = later(&walk.browser, &page).await;
    world.forward(12 * HOUR - HOUR / 4 - Duration::from_secs(1));
    assert_eq!(world.browser().get(&link).await.status, 200);
    world.forward(Duration::from_secs(1));
    is_gone(&world.browser().get(&link).await);
    is_gone(&world.browser().get("/resume?code=AAAAAAAAAAAAAAAAAAAAAA").await);
    is_gone(&world.browser().get("/resume?code=%3Cscript%3E").await);
}

#[tokio::test]
async fn journey_submitted_stopped_or_not_begun_cannot_be_saved() {
    let world = World::new().await;
    let browser = world.browser();
    browser.get("/?zip=77999").await;
    assert!(browser.get("/").await.attributes("form[action='/later']", "action").is_empty());
    browser.post("/later", &[]).await.is_at("/");
    world.browser().post("/later", &[]).await.is_at("/session-ended");

    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    let end = walk.review(&review).await;
    end.is_at("/confirmation");
    assert!(end.attributes("form[action='/later']", "action").is_empty());
    walk.browser.post("/later", &[]).await.is_at("/confirmation");

    let walk = Walk::new(world.browser(), Person { last_name: "Restricted", ..Person::default() });
    let stop = walk.through_identity().await;
    stop.is_at("/stop");
    assert!(stop.attributes("form[action='/later']", "action").is_empty());
    walk.browser.post("/later", &[]).await.is_at("/stop");
}

#[tokio::test]
async fn resume_code_is_typed_in_any_case_with_blanks_and_dashes() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.through_identity().await;
    let (saved, link) = later(&walk.browser, &page).await;
    let code = link.split(['=', '&']).nth(1).unwrap();
    saved.says(code);
    let typed = format!(" {}\u{a0}", code.to_lowercase().replace('-', " \u{2013} "));
    let browser = world.browser();
    let page = browser.get("/resume").await.form("/resume").set("code", &typed).submit(&browser).await;
    assert_eq!(page.status, 200);
    page.says("enter your date of birth as before");
    born(&page, "28").submit(&browser).await.is_at("/start-date");
}

#[tokio::test]
async fn text_that_is_no_code_is_shown_again_and_counts_as_no_look() {
    let world = World::with(&[("ENROLL__LIMITS__RESUME__ADDRESS", "1 per 1h")]).await;
    let browser = world.browser();
    for typed in ["7KLM-23XY-ZPQ", "7KLM-23XY-ZPQ0", "<b>"] {
        let page = browser.get("/resume").await.form("/resume").set("code", typed).submit(&browser).await;
        assert_eq!(page.status, 422);
        page.says("Enter all 12 letters and digits of the code");
        assert_eq!(page.attributes("#code", "value"), [typed]);
        is_gone(&browser.get(&format!("/resume?code={typed}")).await);
    }
}

#[tokio::test]
async fn code_unknown_used_or_expired_gets_the_same_page() {
    let world = World::new().await;
    let link_of = async || {
        let walk = Walk::new(world.browser(), Person::default());
        let page = walk.to_contact().await;
        later(&walk.browser, &page).await.1.replace("&lang=en", "")
    };
    let used = link_of().await;
    born_again(&world.browser(), &used).await.is_at("/contact");
    let expired = link_of().await;
    world.forward(12 * HOUR);
    let (unknown, old) = ("/resume?code=AAAA-AAAA-AAAA", "/resume?code=AAAAAAAAAAAAAAAAAAAAAA");
    let mut pages = Vec::new();
    for link in [unknown, old, &used, &expired] {
        let (seen, answered) = (world.browser().get(link).await, born_again(&world.browser(), link).await);
        is_gone(&seen);
        is_gone(&answered);
        pages.extend([seen.text(), answered.text()]);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
}

#[tokio::test]
async fn every_look_at_a_code_is_rate_limited_by_get_and_by_post() {
    let world = World::with(&[("ENROLL__LIMITS__RESUME__ADDRESS", "2 per 1h")]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    let (_, link) = later(&walk.browser, &page).await;
    let code = link.split(['=', '&']).nth(1).unwrap();
    let look = async |code: &str| world.browser().get(&format!("/resume?code={code}")).await;
    let type_in =
        async |code: &str| world.browser().post("/resume", &[("code".to_owned(), code.to_owned())]).await;
    is_gone(&look("AAAA-AAAA-AAAA").await);
    is_gone(&type_in("AAAA-AAAA-AAAA").await);
    for refused in [look(code).await, type_in(code).await, born_again(&world.browser(), &link).await] {
        assert_eq!(refused.status, 429);
        assert!(refused.headers.contains_key("retry-after"));
    }
    world.forward(2 * HOUR);
    assert_eq!(look(code).await.status, 200);
    born_again(&world.browser(), &link).await.is_at("/contact");
}

#[tokio::test]
async fn resume_can_be_disabled() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    let (_, link) = later(&walk.browser, &page).await;

    let world = World::with(&[("ENROLL__SESSION__RESUME", "false")]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    assert!(page.attributes("form[action='/later']", "action").is_empty());
    assert_eq!(walk.browser.post("/later", &[]).await.status, 404);
    assert_eq!(walk.browser.get(&link).await.status, 404);
    assert_eq!(born_again(&walk.browser, &link).await.status, 404);
    walk.browser.get("/contact").await.is_at("/contact");
}

#[tokio::test]
async fn save_pressed_twice_without_script_yields_working_link() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await;
    walk.browser.get("/contact?lang=es").await;
    let cookie = walk.browser.cookies()["cookie"].to_str().unwrap().to_owned();
    let own = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let press = async || {
        let answer = world.browser().post_only("/later", &[], &own).await;
        Page::read(answer, "/later".to_owned()).await.unwrap()
    };
    let mut links = Vec::new();
    for page in [press().await, press().await] {
        page.says("Sus respuestas están guardadas");
        let link = page.attributes("main .saved a", "href").remove(0);
        links.push(link[link.find("/resume").unwrap()..].to_owned());
    }
    is_gone(&world.browser().get(&format!("{}&lang=en", links[0].replace("&lang=es", ""))).await);
    let browser = world.browser();
    let page = browser.get(&links[1]).await;
    page.form("/resume").submit(&browser).await.is_at("/contact");
    assert_eq!(press().await.status, 303, "it was taken up");
}
