//! One try too many: the same page for everyone, with the wait and the phone, and nothing asked of NRG.

use std::{net::IpAddr, time::Duration};

use crate::support::{Browser, Page, Person, Walk, World};

const HOUR: Duration = Duration::from_secs(3600);

/// A new visit that comes as far as the identity form.
async fn at_identity(world: &World, person: Person) -> (Walk, Page) {
    let walk = Walk::new(world.browser(), person);
    let page = walk.to_identity().await;
    (walk, page)
}

fn retry_after(page: &Page) -> u64 {
    page.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

#[track_caller]
fn is_refused(page: &Page, wait: &str) {
    assert_eq!(page.status, 429, "{}", page.text());
    page.says("Wait before you try again");
    page.says(wait);
    assert!(!page.attributes("main a[href^='tel:']", "href").is_empty(), "the phone");
}

#[tokio::test]
async fn identity_limit_counts_ssn_over_all_sessions_and_servers() {
    let world = World::with(&[("ENROLL__LIMITS__IDENTITY__PERSON", "2 per 6h")]).await;
    for last_name in ["Samplecase", "Posidfail"] {
        let (walk, page) = at_identity(&world, Person { last_name, ..Person::default() }).await;
        assert_eq!(walk.identity(&page).await.status, 200);
    }
    let asked = (world.sandbox.count("token"), world.sandbox.count("identity"));
    // Typed another way, in another visit, it is the same number.
    let person = Person { ssn: "900.45.6789", ..Person::default() };
    let (walk, page) = at_identity(&world, person.clone()).await;
    let refused = walk.identity(&page).await;
    is_refused(&refused, "7 hours");
    refused.says("your answers are deleted before then");
    assert!((6 * 3600..=7 * 3600).contains(&retry_after(&refused)), "{}", retry_after(&refused));
    refused.never_says("900.45.6789");
    // The number did not even leave for its token.
    assert_eq!((world.sandbox.count("token"), world.sandbox.count("identity")), asked);

    // On another server with the same database, too.
    let other = World::over(world.data.clone(), &[("ENROLL__LIMITS__IDENTITY__PERSON", "2 per 6h")]).await;
    let (walk, page) = at_identity(&other, person.clone()).await;
    is_refused(&walk.identity(&page).await, "hours");
    assert_eq!(other.sandbox.count("token"), 0);

    // Another number is not held back, and this one no longer than `Retry-After` says.
    let (walk, page) = at_identity(&world, Person { ssn: "900-45-6788", ..Person::default() }).await;
    walk.identity(&page).await.is_at("/start-date");
    world.forward(14 * HOUR);
    let (walk, page) = at_identity(&world, person).await;
    walk.identity(&page).await.is_at("/start-date");
}

#[tokio::test]
async fn rate_limit_page_is_identical_for_right_and_wrong_identity() {
    let mut pages = Vec::new();
    for last_name in ["Samplecase", "Posidfail", "Current", "Failmax", "Technical"] {
        let world = World::with(&[("ENROLL__LIMITS__IDENTITY__PERSON", "1 per 6h")]).await;
        let (walk, page) = at_identity(&world, Person { last_name, ..Person::default() }).await;
        walk.identity(&page).await;
        let (walk, page) = at_identity(&world, Person { last_name, ..Person::default() }).await;
        let refused = walk.identity(&page).await;
        is_refused(&refused, "hours");
        let reference = refused.one(".reference b").unwrap();
        let mut headers: Vec<_> =
            refused.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.retain(|line| !["x-request-id", "date"].iter().any(|own| line.starts_with(own)));
        pages.push((refused.body.replace(&reference, ""), headers));
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]), "{pages:?}");
}

#[tokio::test]
async fn ssn_kept_as_token_counts_like_a_typed_one() {
    let world = World::with(&[("ENROLL__LIMITS__IDENTITY__PERSON", "2 per 6h")]).await;
    let (walk, page) = at_identity(&world, Person { last_name: "Posidfail", ..Person::default() }).await;
    let mut page = walk.identity(&page).await;
    for (day, status) in [("1", 200), ("2", 429)] {
        page.is_at("/identity");
        page = page.form("/identity").set("birth_date_day", day).submit(&walk.browser).await;
        assert_eq!(page.status, status);
        if status == 200 {
            page = walk.browser.get("/identity").await;
        }
    }
    assert_eq!(world.sandbox.count("identity"), 2);
}

#[tokio::test]
async fn session_address_meter_and_affiliate_have_separate_rate_limits() {
    for (key, rate) in
        [("SESSION", "1 per 1h"), ("ADDRESS", "1 per 1h"), ("METER", "1 per 1h"), ("AFFILIATE", "1 per 1h")]
    {
        let name = format!("ENROLL__LIMITS__IDENTITY__{key}");
        let world = World::with(&[(&name, rate)]).await;
        let person = Person { last_name: "Posidfail", ..Person::default() };
        let (walk, page) = at_identity(&world, person.clone()).await;
        walk.identity(&page).await.is_at("/identity");
        let page = walk.browser.get("/identity").await;
        let again = page.form("/identity").set("birth_date_day", "1").submit(&walk.browser).await;
        is_refused(&again, "65 minutes");
        // Another visit with another number: held back by what it shares with the first.
        for (street, held) in [
            ("100 Example Oak Ln", key != "SESSION"),
            ("101 Example Oak Ln", key != "SESSION" && key != "METER"),
        ] {
            let person = Person { ssn: "900-45-6788", street, ..person.clone() };
            let (walk, page) = at_identity(&world, person).await;
            let status = walk.identity(&page).await.status;
            assert_eq!(status == 429, held, "{key} {street}: {status}");
        }
    }
}

#[tokio::test]
async fn accepted_visitor_is_not_stopped_by_strangers_and_a_newcomer_for_an_hour_at_most() {
    let world = World::with(&[("ENROLL__LIMITS__IDENTITY__PERSON", "2 per 6h")]).await;
    let from = async |last: u8, first_name: &'static str| {
        let browser = Browser::at_address(&world.base, Some(IpAddr::from([127, 0, 0, last])));
        let walk = Walk::new(browser, Person { first_name, ..Person::default() });
        let page = walk.to_identity().await;
        let page = walk.identity(&page).await;
        (walk, page)
    };
    let (visitor, page) = from(1, "Jordan").await;
    page.is_at("/start-date");
    // Strangers from three addresses, until the number is tried too often.
    for (last, status) in [(2, 200), (3, 429), (4, 429)] {
        let (_, page) = from(last, "Robin").await;
        assert_eq!(page.status, status, "{last}");
        if status == 429 {
            assert!((50 * 60..=3600).contains(&retry_after(&page)), "{}", retry_after(&page));
        }
    }
    // A changed answer is checked again, from wherever the visitor is now.
    let page = visitor.browser.get("/contact").await;
    let page = page.form("/contact").set("first_name", "Jordana").submit(&visitor.browser).await;
    let identity =
        if page.path.starts_with("/identity") { page } else { visitor.browser.get("/identity").await };
    visitor.identity(&identity).await.is_at("/start-date");
    world.forward(HOUR);
    assert_eq!(from(5, "Robin").await.1.status, 200);
}

#[tokio::test]
async fn rate_limit_address_is_the_one_seen_by_trusted_proxy() {
    let env = [("ENROLL__SERVER__TRUSTED_PROXIES", "1"), ("ENROLL__LIMITS__BEGIN__ADDRESS", "1 per 1h")];
    let world = World::with(&env).await;
    let begin = async |forwarded: &'static str| {
        let browser = world.browser();
        let landing = browser.get("/").await;
        let fields = landing.form("/").set("zip", "77999").set("transaction", "MVI").fields().to_vec();
        browser.post_only("/", &fields, &[("x-forwarded-for", forwarded)]).await.status().as_u16()
    };
    assert_eq!(begin("203.0.113.9").await, 303);
    // What the visitor puts in front of the proxy's entry changes nothing.
    assert_eq!(begin("198.51.100.1, 203.0.113.9").await, 429);
    assert_eq!(begin("nonsense, 203.0.113.9").await, 429);
    assert_eq!(begin("203.0.113.10").await, 303);
}

#[tokio::test]
async fn begin_look_up_and_credit_are_rate_limited_and_page_views_are_not() {
    let world = World::with(&[("ENROLL__LIMITS__BEGIN__ADDRESS", "2 per 1h")]).await;
    for status in [200, 200, 429] {
        assert_eq!(Walk::new(world.browser(), Person::default()).zip().await.status, status);
    }
    // Pages are looked at as often as one likes.
    let browser = world.browser();
    for _ in 0..50 {
        assert_eq!(browser.get("/").await.status, 200);
    }

    // A call for the ZIP, five for the plans, and two for each address.
    let world = World::with(&[("ENROLL__LIMITS__LOOK_UP__SESSION", "10 per 10m")]).await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await.is_at("/contact");
    for (street, status) in [("101 Example Oak Ln", 200), ("102 Example Oak Ln", 429)] {
        let page = walk.browser.get("/address").await;
        let form = page.form("/address").set("street", street).set("city", "Sampleton");
        let answer = form.submit(&walk.browser).await;
        assert_eq!(answer.status, status, "{street}");
        if status == 429 {
            is_refused(&answer, "11 minutes");
            answer.says("Your answers are kept until then.");
        }
    }
    assert_eq!(world.sandbox.count("cleanup-address"), 2);
    world.forward(Duration::from_secs(11 * 60));
    let page = walk.browser.get("/address").await;
    assert_eq!(page.attributes("#street", "value"), ["102 Example Oak Ln"], "what was typed is kept");
    page.form("/address").submit(&walk.browser).await.is_at("/contact");

    let world = World::with(&[("ENROLL__LIMITS__CREDIT__PERSON", "1 per 6h")]).await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let deposit = walk.through_start_date().await;
    // One's own number was checked already. Another one is the first inquiry about it.
    let form = deposit.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-0200");
    form.submit(&walk.browser).await.says("This number was already checked");
    assert_eq!(world.sandbox.count("recheck-credit"), 0);
    assert_eq!(world.sandbox.count("token"), 1);
    let page = walk.browser.get("/deposit").await;
    let form = page.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-6789");
    form.submit(&walk.browser).await.is_at("/review");
}

#[tokio::test]
async fn rate_limit_wait_is_shown_in_spanish() {
    let world = World::with(&[("ENROLL__LIMITS__IDENTITY__SESSION", "1 per 1h")]).await;
    let walk = Walk::new(world.browser(), Person { last_name: "Posidfail", ..Person::default() });
    walk.browser.get("/").await;
    let page = walk.to_identity().await;
    walk.identity(&page).await;
    let page = walk.browser.get("/identity?lang=es").await;
    let refused = page.form("/identity").set("birth_date_day", "1").submit(&walk.browser).await;
    assert_eq!(refused.status, 429);
    refused.says("Espere antes de intentar de nuevo");
    refused.says("65 minutos");
    refused.says("sus respuestas se borran antes");
}

#[tokio::test]
async fn address_with_too_many_sessions_begins_no_other_and_keeps_its_own() {
    let world = World::with(&[("ENROLL__SESSION__MOST_PER_ADDRESS", "2")]).await;
    let [first, second, third] = [0; 3].map(|_| Walk::new(world.browser(), Person::default()));
    let page = first.to_address().await;
    second.to_address().await.is_at("/address");
    let full = third.zip().await;
    assert_eq!(full.status, 503);
    assert!(full.headers.contains_key("retry-after"));
    full.says("a new one can’t start");
    full.says("(866) 222-7100");
    first.address(&page).await.is_at("/contact");
}
