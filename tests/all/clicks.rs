//! Clicks: whatever a network makes of its ids is told to the letter, and no link loses its click, wherever it leads and
//! whatever it comes upon.

use std::process::Command;

use nrg_enroll::ledger::AmendedAs;
use serde_json::{Value, json};

use crate::{
    postbacks::Receiver,
    support::{Browser, Page, Person, Walk, World},
};

/// Names, values as links have them, and as they are kept.
fn shapes() -> Vec<(&'static str, String, String)> {
    let longest = "a1".repeat(256);
    let shape = |name, written: &str, kept: &str| (name, written.to_owned(), kept.to_owned());
    vec![
        shape("cid", "Cj0KCQiA_w==", "Cj0KCQiA_w=="),
        shape("sub1", "a%2Fb%2Bc%25d", "a/b+c%d"),
        shape("sub2", "a/b?c", "a/b?c"),
        shape("sub3", "a+b%20c", "a b c"),
        shape("sub4", "-leading,(and)%23more", "-leading,(and)#more"),
        shape("sub5", "se%C3%B1al", "señal"),
        shape("sub6", "%40handle", "@handle"),
        shape("sub7", "%3Dsum", "=sum"),
        shape("sub8", "a%7Cb%3Ac%3Bd", "a|b:c;d"),
        shape("sub9", "%7B%22a%22%3A1%7D", "{\"a\":1}"),
        shape("sub10", "%3Cb%3E%26amp;", "<b>&amp;"),
        shape("utm_source", "100%25", "100%"),
        shape("utm_medium", "%2523", "%23"),
        shape("utm_campaign", "a%E2%80%8Bb", "a\u{200b}b"),
        shape("utm_term", "%23", "#"),
        shape("utm_content", "%27%22%60", "'\"`"),
        shape("utm_id", "abc-1.2_~", "abc-1.2_~"),
        shape("gclid", &longest, &longest),
        shape("clickref", "%F0%9F%92%A1+x", "💡 x"),
        shape("aff-sub_2", "+padded+", "padded"),
    ]
}

const ADDED: (&str, &str) = ("ENROLL__AFFILIATE__CLICK_PARAMS", "clickref, aff-sub_2");

/// What `nrg-enroll` prints of the ledger, as JSON.
fn ledger(world: &World, arguments: &[&str]) -> Value {
    serde_json::from_str(&ledger_text(world, arguments)).unwrap()
}

/// What `nrg-enroll` prints of the ledger.
fn ledger_text(world: &World, arguments: &[&str]) -> String {
    let url = format!("sqlite://{}", world.data.path().join("demo.db").display());
    let mut program = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
    let program = program.env_clear().env("ENROLL__STORE__URL", url).arg("ledger").args(arguments);
    let output = program.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn click_of_every_shape_is_told_everywhere_with_one_order_id() {
    let receiver = Receiver::open(&[]).await;
    let told: Vec<&str> =
        shapes().into_iter().map(|(name, ..)| if name == "cid" { "click_id" } else { name }).collect();
    let url = format!("http://{}/in", receiver.address);
    let world = World::with(&[
        ADDED,
        ("ENROLL__POSTBACKS__OWN__URL", &url),
        ("ENROLL__POSTBACKS__OWN__SECRET", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
        ("ENROLL__POSTBACKS__OWN__LOOPBACK", "true"),
        ("ENROLL__POSTBACKS__OWN__FIELDS", &told.join(",")),
        ("ENROLL__POSTBACKS__OWN__ENDINGS", "enrolled,cancelled"),
    ])
    .await;
    let walk = Walk::new(world.browser(), Person::default());
    let query: Vec<_> = shapes().iter().map(|(name, written, _)| format!("{name}={written}")).collect();
    walk.browser.get(&format!("/?{}", query.join("&"))).await.is_at("/");
    let plans = walk.zip().await;
    let page = walk.plan(&plans).await;
    walk.on_from_address(&page).await.is_at("/confirmation");

    let kept = shapes().into_iter().map(|(name, _, kept)| (name.to_owned(), json!(kept)));
    let kept = Value::Object(kept.collect());
    let id = world.journey(&walk.browser).await.unwrap().record.unwrap().tracking_id;
    let shown = ledger(&world, &["show", id.as_str(), "--json"]);
    assert_eq!(shown["attribution"], kept);
    let exported = ledger(&world, &["export", "--tracking-id", id.as_str()]);
    assert_eq!(exported["submissions"][0]["attribution"], kept);
    let order_id = &shown["order_id"];
    assert_eq!(&exported["order_id"], order_id);
    // A reversal reaches the same target, about the same click and order.
    let amended =
        world.server.app.ledger.amend(id.as_str(), AmendedAs::Cancelled, None, "NRG's list", "Operator");
    amended.await.unwrap();
    receiver.receives(2).await;
    let mut bodies = receiver.bodies();
    // Two at once may overtake one another.
    bodies.sort_by_key(|body| body["ending"] == "cancelled");
    for (posted, ending) in bodies.iter().zip(["enrolled", "cancelled"]) {
        assert_eq!((&posted["order_id"], &posted["ending"]), (order_id, &json!(ending)));
        for field in &told {
            let param = if *field == "click_id" { "cid" } else { field };
            assert_eq!(posted[*field], kept[param], "{field}");
        }
    }
    let csv = ledger_text(&world, &["export", "--format", "csv"]);
    let mut csv = csv::Reader::from_reader(csv.as_bytes());
    let names = csv.headers().unwrap().clone();
    let row = csv.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[names.iter().position(|known| known == name).unwrap()];
    assert_eq!((cell("order_id"), cell("amended_as")), (order_id.as_str().unwrap(), "cancelled"));
    for (name, _, kept) in shapes().iter().filter(|(name, ..)| !ADDED.1.contains(name)) {
        // What a spreadsheet would take for a formula is marked.
        assert_eq!(cell(name).trim_start_matches('\''), kept.trim_start_matches('\''), "{name}");
    }
}

/// Starts over by the offer of `page`, and begins a journey. Returns the click that it is credited to.
async fn started_over(world: &World, page: &Page, browser: &Browser) -> String {
    let [action] = page.attributes("form[action^='/start-over?']", "action").try_into().unwrap();
    let landing = browser.post(&action, &[]).await;
    landing.is_at("/");
    assert_eq!(landing.path, "/", "its address is cleaned");
    credited(world, browser).await
}

/// Answers the first page, and returns the click of the journey.
async fn credited(world: &World, browser: &Browser) -> String {
    let walk = Walk::new(browser.clone(), Person::default());
    walk.zip().await.is_at("/plans");
    let journey = world.journey(browser).await.unwrap();
    journey.attribution.get("cid").unwrap_or_default().to_owned()
}

#[tokio::test]
async fn link_after_confirmation_offers_to_start_over_with_its_click() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.browser.get("/?cid=old").await;
    let plans = walk.zip().await;
    let page = walk.plan(&plans).await;
    walk.on_from_address(&page).await.is_at("/confirmation");
    let before = world.journey(&walk.browser).await.unwrap();
    for (link, words) in [
        ("/?cid=new&zip=75999", "You’ve already enrolled here."),
        ("/?zip=75999", "You’ve already enrolled here."),
        ("/plans/RE/51010101?cid=new&lang=es", "Usted ya se inscribió aquí."),
        ("/plans?cid=new&lang=en", "You’ve already enrolled here."),
    ] {
        let page = walk.browser.get(link).await;
        page.is_at("/confirmation");
        page.says(words);
        page.says(before.record.as_ref().unwrap().tracking_id.as_str());
        let shown_again = walk.browser.get(&page.path).await;
        shown_again.says(words);
    }
    walk.browser.get("/confirmation").await.never_says("already enrolled");
    let page = walk.browser.get("/?cid=new&sub1=x").await;
    assert_eq!(started_over(&world, &page, &walk.browser).await, "new");
    // What was enrolled stays credited to the click that led to it.
    let row =
        world.server.app.ledger.find(before.record.unwrap().tracking_id.as_str()).await.unwrap().unwrap();
    assert_eq!(row.attribution.iter().collect::<Vec<_>>(), [("cid", "old")]);
}

#[tokio::test]
async fn link_after_stop_or_in_processing_offers_to_start_over_with_its_click() {
    let world = World::new().await;
    // A stop that ends the journey, and one that can be left by another ZIP code.
    let ended = Person { last_name: "Restricted", ..Person::default() };
    let walk = Walk::new(world.browser(), ended);
    walk.browser.get("/?cid=old").await;
    walk.through_identity().await.is_at("/stop");
    let page = walk.browser.get("/?gclid=new-google&cid=new").await;
    page.is_at("/stop");
    page.says("The enrollment you began here has stopped.");
    page.never_says("Go back to my enrollment");
    assert_eq!(started_over(&world, &page, &walk.browser).await, "new");

    let area = Walk::new(world.browser(), Person { zip: "77990", ..Person::default() });
    area.browser.get("/?cid=old").await;
    area.zip().await.is_at("/stop");
    let page = area.browser.get("/?cid=new").await;
    page.says("The enrollment you began here has stopped.");
    assert_eq!(page.attributes("main a.button[href='/stop']", "href").len(), 1);
    assert_eq!(started_over(&world, &page, &area.browser).await, "new");

    // NRG's answer is never understood.
    let unknown = Walk::new(world.browser(), Person { first_name: "Garbage", ..Person::default() });
    unknown.browser.get("/?cid=old").await;
    let review = unknown.through_start_date().await;
    unknown.review(&review).await.is_at("/processing");
    let page = unknown.browser.get("/?cid=new&lang=es").await;
    page.is_at("/processing");
    page.says("Su inscripción se envió y se está procesando.");
    assert!(page.attributes("main", "data-again").concat().contains("cid=new"), "it is kept while it waits");
    assert_eq!(started_over(&world, &page, &unknown.browser).await, "new");
}

#[tokio::test]
async fn link_in_mid_journey_offers_to_go_back_or_start_over_with_its_click() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.browser.get("/?cid=old").await;
    walk.to_contact().await.is_at("/contact");
    for link in
        ["/?cid=new", "/?zip=75999&cid=new", "/help?cid=new", "/plans?cid=new", "/plans/GM/52010401?cid=new"]
    {
        let page = walk.browser.get(link).await;
        page.says("You had already started here, so the link changed nothing.");
        assert_eq!(page.attributes("main a.button[href='/contact']", "href").len(), 1, "{link}");
        let journey = world.journey(&walk.browser).await.unwrap();
        assert_eq!(journey.attribution.get("cid"), Some("old"), "{link}");
    }
    // A page that is no step says so too, and the way back is without the link.
    walk.browser.get("/contact").await.never_says("already started here");
    let page = walk.browser.get("/privacy?cid=new&lang=es").await;
    page.says("Usted ya había empezado aquí");
    assert_eq!(started_over(&world, &page, &walk.browser).await, "new");
    // A link without a click keeps the one that led here.
    let page = walk.browser.get("/?zip=75999").await;
    let [action] = page.attributes("form[action^='/start-over?']", "action").try_into().unwrap();
    walk.browser.post(&action, &[]).await.is_at("/");
    assert_eq!(credited(&world, &walk.browser).await, "new");
}

#[tokio::test]
async fn link_that_is_waited_for_leads_on_when_it_is_followed_again() {
    let world = World::new().await;
    let browser = world.browser();
    let link = "/?zip=77999&type=MVI&brand=RE&offer=51010101&cid=one";
    browser.get(link).await.is_at("/address");
    let page = browser.get(link).await;
    page.is_at("/address");
    page.never_says("already started here");
    browser.get(&link.replace("one", "two")).await.says("You had already started here");
}

#[tokio::test]
async fn link_to_plan_page_without_session_keeps_plan_and_click() {
    let world = World::new().await;
    for (link, cid) in [
        ("/plans/GM/52010401?cid=x&sub1=a%2Bb", "x"),
        ("/plans/GM/52010401", ""),
        ("/plans?brand=GM&cid=y", "y"),
    ] {
        let browser = world.browser();
        let landing = browser.get(link).await;
        assert_eq!(landing.path, "/", "{link}");
        let form = landing.form("/").set("zip", "77999").set("transaction", "MVI");
        let page = form.submit(&browser).await;
        let journey = world.journey(&browser).await.unwrap();
        assert_eq!(journey.attribution.get("cid").unwrap_or_default(), cid);
        assert_eq!(journey.attribution.get("sub1"), (cid == "x").then_some("a+b"));
        if link.contains("52010401") {
            page.is_at("/address");
            assert_eq!(page.one(".order .plan-brand").unwrap(), "Green Mountain", "{link}");
        }
    }
    // A session that has ended is no reason to lose a click.
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_plans().await;
    let old = walk.browser.cookies()["cookie"].to_str().unwrap().to_owned();
    walk.browser.post("/leave", &[]).await;
    for (link, there) in [
        ("/plans/GM/52010401?cid=x", "/?brand=GM&offer=52010401&cid=x"),
        ("/plans?cid=x", "/?cid=x"),
        ("/plans", "/session-ended"),
        ("/plans/GM/52010401", "/session-ended"),
    ] {
        let answer = world.browser().ask("GET", link, &[("cookie", old.as_str())]).await;
        assert_eq!(answer.headers()["location"], there, "{link}");
    }
}

#[tokio::test]
async fn link_to_page_of_text_keeps_its_click_for_the_journey_from_there() {
    let world = World::with(&[ADDED]).await;
    for path in ["/how-it-works", "/about", "/help", "/privacy", "/accessibility"] {
        let browser = world.browser();
        let answer = browser.ask("GET", &format!("{path}?lang=es&cid=new&CLICKREF=%3D"), &[]).await;
        assert_eq!(answer.headers()["location"], format!("{path}?lang=es"), "{path}");
        let page = browser.get(path).await;
        assert_eq!((page.status.as_u16(), page.attributes("html", "lang")), (200, vec!["es".to_owned()]));
        // The first click counts.
        browser.get(&format!("{path}?cid=second")).await.is_at(path);
        assert_eq!(credited(&world, &browser).await, "new", "{path}");
        let journey = world.journey(&browser).await.unwrap();
        assert_eq!(journey.attribution.get("clickref"), Some("="));
    }
    // A macro is no click: nothing begins by it, and it is counted.
    let browser = world.browser();
    let page = browser.get("/help?cid=%7Bclickid%7D").await;
    assert!(page.status == 200 && world.journey(&browser).await.is_none());
    assert_eq!(
        world.metric("enroll_unusable_link_params_total", &["name=\"cid\"", "reason=\"macro\""]).await,
        1.0
    );
}

#[tokio::test]
async fn page_of_text_is_read_without_cookies_and_where_no_journey_may_begin() {
    let world = World::with(&[("ENROLL__LIMITS__BEGIN__ADDRESS", "1 per 1h")]).await;
    let answer = world.browser().ask("GET", "/help?cid=1", &[]).await;
    assert_eq!(answer.headers()["location"], "/help");
    // Another browser follows, and brings no cookie.
    assert_eq!(world.browser().get("/help").await.status, 200);
    let page = world.browser().get("/help?cid=2").await;
    assert_eq!((page.status.as_u16(), page.path.as_str()), (200, "/help?cid=2"));
}

#[tokio::test]
async fn machine_that_follows_a_link_to_any_page_begins_nothing() {
    let world = World::new().await;
    for path in ["/help", "/plans/GM/52010401", "/plans"] {
        for (method, header) in [
            ("HEAD", ("accept", "*/*")),
            ("GET", ("sec-purpose", "prefetch")),
            ("GET", ("sec-fetch-dest", "image")),
        ] {
            let browser = world.browser();
            let answer = browser.ask(method, &format!("{path}?cid=1"), &[header]).await;
            assert!(!answer.headers().contains_key("set-cookie"), "{method} {path} {header:?}");
            assert!(world.journey(&browser).await.is_none(), "{method} {path} {header:?}");
        }
    }
}

#[tokio::test]
async fn added_name_is_in_link_builder_and_macro_says_what_network_puts_in() {
    let world = World::with(&[ADDED]).await;
    let browser = world.browser();
    let page = browser.get("/link-builder?clickref=%7Bclickid%7D&cid=1&aff-sub_2=%3D").await;
    assert_eq!(page.one("#clickref-hint").unwrap(), "Your network puts in its own value for {clickid}.");
    assert_eq!(page.one("#cid-hint"), None);
    let link = page.one("main p.card code").unwrap();
    assert!(link.ends_with("/?cid=1&clickref={clickid}&aff-sub_2=%3D"), "{link}");
    // In the midst of a journey, too, its address is no link that came.
    let walk = Walk::new(browser, Person::default());
    walk.to_plans().await.is_at("/plans");
    walk.browser.get("/link-builder?cid=1").await.never_says("already started here");
}
