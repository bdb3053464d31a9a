//! What leaves for NRG, in which order, and what every answer to a browser carries.

use std::sync::Arc;

use crate::support::{Person, Walk, World};

#[tokio::test]
async fn nrg_calls_carry_base_fields_and_nothing_of_the_browser() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    let calls = world.sandbox.calls();
    for call in &calls {
        let endpoint = &call.endpoint;
        for (field, value) in [("affiliateId", "AFF-EXAMPLE"), ("channelType", "AFF"), ("languageCode", "E")]
        {
            assert_eq!(call.parameters[field], value, "{endpoint} {field}");
        }
        for field in ["companyCode", "brandId"] {
            assert!(call.parameters[field].is_string(), "{endpoint} {field}");
        }
        assert_eq!(call.language_code.as_deref(), Some("E"), "{endpoint}");
        assert_eq!(call.accept.as_deref(), Some("application/json"), "{endpoint}");
        // The access gateway's own, not one of a browser's.
        assert_eq!(call.cookie.as_deref(), Some("SMCHALLENGE=YES"), "{endpoint}");
        if let Some(kind) = &call.content_type {
            assert_eq!(kind, "application/json", "{endpoint}");
        }
    }
    let order: Vec<_> =
        calls.iter().map(|call| call.endpoint.as_str()).filter(|endpoint| *endpoint != "offers").collect();
    assert_eq!(
        order,
        [
            "tdsp",
            "cleanup-address",
            "esid/residential",
            "token",
            "identity",
            "available-dates",
            "check-credit",
            "enroll",
            "holds",
        ]
    );
    // Plans of the five brands, asked once.
    assert_eq!(world.sandbox.count("offers"), 5);
}

#[tokio::test]
async fn every_response_carries_security_headers() {
    let world = World::new().await;
    let browser = world.browser();
    for path in ["/", "/help", "/no-such-page", "/static/none.css", "/session-ended"] {
        let page = browser.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(page.headers[name], value, "{path} {name}");
        }
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert!(!page.headers.contains_key("server"), "{path}");
        assert!(page.headers.contains_key("x-request-id"), "{path}");
    }
    assert_eq!(browser.get("/").await.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn page_view_sets_no_cookie_and_first_answer_does() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let landing = walk.browser.get("/").await;
    assert!(!landing.headers.contains_key("set-cookie"));
    let fields = landing.form("/").set("zip", "77999").set("transaction", "MVI").fields().to_vec();
    let answer = walk.browser.post_only("/", &fields, &[]).await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["enroll=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} is not in the cookie");
    }
    assert!(!cookie.contains("Domain"));
}

#[tokio::test]
async fn plain_move_in_takes_seven_posts_and_eleven_fields() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    assert_eq!((walk.browser.posts(), walk.browser.typed()), (7, 11));
}

#[tokio::test]
async fn database_files_contain_no_readable_personal_data() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Canarybird", ..Person::default() });
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    let enroll = world.sandbox.calls().into_iter().find(|call| call.endpoint == "enroll").unwrap();
    let guid = enroll.parameters["guid"].as_str().unwrap().to_owned();
    let mut read = 0;
    for file in std::fs::read_dir(world.data.path()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "toml") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        read += bytes.len();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for secret in [
            "900456789",
            "900-45-6789",
            "canarybird",
            "jordan",
            "example oak",
            "1985-03-28",
            "03281985",
            &guid,
        ] {
            assert!(!text.contains(secret), "{secret} is in {}", path.display());
        }
        // The tracking id is the ledger's key: the search does find what is there.
    }
    assert!(read > 50_000, "the database was read");
}

#[tokio::test]
async fn record_submitted_by_another_journey_never_shows_its_account() {
    let world = World::new().await;
    let first = Walk::new(world.browser(), Person::default());
    let review = first.through_start_date().await;
    let end = first.review(&review).await;
    end.is_at("/confirmation");
    let account = end.one("dl.summary dd").unwrap();

    // An NRG that gives the same record ids again.
    let again = World::over(Arc::clone(&world.data), &[]).await;
    let person = Person { street: "102 Example Oak Ln", last_name: "Othercase", ..Person::default() };
    let second = Walk::new(again.browser(), person);
    let review = second.through_start_date().await;
    let stop = second.review(&review).await;
    stop.is_at("/stop");
    stop.says("already submitted");
    stop.never_says(&account);
    assert_eq!(again.sandbox.count("enroll"), 0);
}
