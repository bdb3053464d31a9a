//! Requests that are odd, repeated, too large, too many, or somebody else's.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Answer, customer, opened, world};
use crate::support::{World, database::Database};

fn keyed<'a>(key: &'a str, request: &'a str) -> [(&'a str, &'a str); 2] {
    [("authorization", key), ("idempotency-key", request)]
}

async fn same_request(env: &[(&str, &str)]) {
    let (world, key) = world(env).await;
    let body = customer(&world, &key).await.to_string();
    let at_once =
        join_all((0..8).map(|_| async { world.post_journey(&body, &keyed(&key, "order 1")).await })).await;
    let first = &at_once[0];
    for other in &at_once {
        assert_eq!((other.order_id(), other.link()), (first.order_id(), first.link()));
        assert_eq!(other.body["expires_at"], first.body["expires_at"]);
    }
    let browser = world.browser();
    opened(&browser, &first.link()).await.is_at("/address");
    browser.get("/address").await.is_at("/address");
    world.forward(Duration::from_secs(3600));
    let later = world.post_journey(&body, &keyed(&key, "order 1")).await;
    assert_eq!((later.order_id(), later.link()), (first.order_id(), first.link()), "also once it was opened");
    let changed = world.post_journey("{}", &keyed(&key, "order 1")).await;
    assert_eq!((changed.status, changed.problem()), (422, "idempotency-key-reused"));
    // Another key, no key, or another partner: another customer.
    let other = world.partner("other", None).await;
    for (key, headers) in [(&key, Some("order 2")), (&key, None), (&other, Some("order 1"))] {
        let headers = match headers {
            Some(request) => keyed(key, request).to_vec(),
            None => vec![("authorization", key.as_str())],
        };
        assert_ne!(world.post_journey(&body, &headers).await.order_id(), first.order_id());
    }
    world.server.stop().await;
}

#[tokio::test]
async fn same_request_has_the_same_link() {
    same_request(&[]).await;
}

#[tokio::test]
async fn same_request_has_the_same_link_on_postgresql() {
    let Some(database) = Database::new().await else { return };
    same_request(&[("ENROLL__STORE__URL", &database.url)]).await;
    database.drop().await;
}

#[tokio::test]
async fn odd_request_is_a_problem_that_names_each_field() {
    let (world, key) = world(&[]).await;
    let authorized = [("authorization", key.as_str())];
    for (body, fields) in [
        (
            json!({"zip": "7799", "phone": "911", "click": {"gclick": "1"}}),
            &["zip", "phone", "click.gclick"][..],
        ),
        (
            json!({"ssn": "900-45-6789", "birth_date": "1985-03-28", "consent": true}),
            &["birth_date", "consent", "ssn"],
        ),
        (
            json!({"street": ["100 Example Oak Ln"], "city": {"en": "Sampleton"}, "unit": 12}),
            &["city", "street", "unit"],
        ),
        (json!({"brand": "XX", "offer_code": "59990001"}), &["brand"]),
        (json!({"first_name": "<script>", "\u{202e}": "x"}), &["first_name", "\u{202e}"]),
    ] {
        let refused = world.hand_over(&key, &body).await;
        assert_eq!((refused.status, refused.problem()), (400, "invalid-parameters"), "{body}");
        let mut named: Vec<String> = refused.errors().into_iter().map(|(field, _)| field).collect();
        let mut fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        named.sort();
        fields.sort();
        assert_eq!(named, fields);
        assert!(!refused.text.contains("6789"), "no value is repeated");
    }
    let deep = format!("{{\"click\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
    for body in ["", "[]", "zip=77999", "{\"zip\":", "\u{feff}{}", "null", &deep] {
        let refused = world.post_journey(body, &authorized).await;
        assert_eq!((refused.status, refused.problem()), (400, "not-json"), "{body:.20}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "", "application/json-patch+json"] {
        let headers = [("authorization", key.as_str()), ("content-type", kind)];
        assert_eq!(world.post_journey_as_it_is("{}", &headers).await.problem(), "not-json", "{kind}");
    }
    let charset = [("authorization", key.as_str()), ("content-type", "Application/JSON; charset=utf-8")];
    assert_eq!(world.post_journey_as_it_is("{}", &charset).await.status, 201);
    let large = format!("{{\"street\": \"{}\"}}", "a".repeat(16 * 1024));
    let refused = world.post_journey(&large, &authorized).await;
    assert_eq!((refused.status, refused.problem()), (413, "too-large"));
    let long = "k".repeat(256);
    for request in ["", " ", &long] {
        let refused = world.post_journey("{}", &keyed(&key, request)).await;
        assert_eq!((refused.status, refused.problem()), (400, "idempotency-key-invalid"));
    }
    let answer = reqwest::Client::new().get(format!("{}/api/journeys", world.base)).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["allow"]), (405, &"POST".parse().unwrap()));
}

#[tokio::test]
async fn bad_keys_hand_nobody_over_however_open_the_feed_is() {
    let (world, key) = world(&[("ENROLL__API__OPEN", "true")]).await;
    let none = world.post_journey("{}", &[]).await;
    assert_eq!((none.status, none.problem()), (401, "key-needed"));
    let handed = world.hand_over(&key, &json!({})).await;
    let unsigned = world.status("Basic x", handed.order_id()).await;
    assert_eq!((unsigned.status, unsigned.problem()), (401, "key-unknown"));
    world.server.app.partners.end("shop", nrg_enroll::partners::Which::All).await.unwrap();
    for answer in [world.hand_over(&key, &json!({})).await, world.status(&key, handed.order_id()).await] {
        assert_eq!((answer.status, answer.problem()), (401, "key-unknown"));
    }
    // A page of somebody else's can ask for plans only.
    let preflight = reqwest::Client::new()
        .request(reqwest::Method::OPTIONS, format!("{}/api/journeys", world.base))
        .header("origin", "https://www.affiliate.test")
        .header("access-control-request-method", "POST")
        .send();
    assert!(!preflight.await.unwrap().headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn order_of_another_partner_site_or_origin_is_not_found() {
    let env = [
        ("ENROLL__SITES__BETA__PUBLIC_URL", "http://localhost"),
        ("ENROLL__SITES__BETA__AFFILIATE__NAME", "Beta Sample Power"),
    ];
    let (world, key) = world(&env).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    let other = world.partner("other", None).await;
    let own = crate::support::Walk::new(world.browser(), crate::support::Person::default());
    own.to_plans().await;
    let own = nrg_enroll::journey::order_id(&world.journey(&own.browser).await.unwrap().id);
    let long = "0".repeat(5000);
    for (key, order_id) in [
        (&other, handed.order_id()),
        (&key, own.as_str()),
        (&key, "0"),
        (&key, &long),
        (&key, "%00"),
        (&key, "%F1"),
        (&key, &handed.order_id().to_uppercase()),
    ] {
        let found = world.status(key, order_id).await;
        assert_eq!((found.status, found.problem()), (404, "not-found"), "{order_id:.40}");
    }
    let at_beta =
        format!("http://localhost:{}/api/journeys/{}", world.server.address.port(), handed.order_id());
    let at_beta = reqwest::Client::new().get(at_beta).header("authorization", &key).send().await.unwrap();
    assert_eq!(at_beta.status(), 404);
    assert_eq!(world.status(&key, handed.order_id()).await.status, 200);
}

#[tokio::test]
async fn partner_hands_over_no_more_than_its_limit() {
    let (world, key) = world(&[("ENROLL__LIMITS__HANDOVER__PARTNER", "3 per 1h")]).await;
    let other = world.partner("other", None).await;
    let statuses = async |key: &str| -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(world.hand_over(key, &json!({})).await.status);
        }
        statuses
    };
    assert_eq!(statuses(&key).await, [201, 201, 201, 429]);
    assert_eq!(statuses(&other).await, [201, 201, 201, 429]);
    let refused: Answer = world.status(&key, "0").await;
    assert_eq!(refused.problem(), "too-many-requests");
    assert!(refused.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn full_server_hands_nobody_over() {
    let (world, key) = world(&[
        ("ENROLL__SESSION__MOST", "3"),
        ("ENROLL__SESSION__MOST_PER_NETWORK", "3"),
        ("ENROLL__SESSION__MOST_PER_ADDRESS", "3"),
    ])
    .await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(world.hand_over(&key, &json!({})).await.status);
    }
    assert_eq!(statuses, [201, 201, 201, 503]);
    let refused = world.hand_over(&key, &json!({})).await;
    assert_eq!(refused.problem(), "unavailable");
}

/// What was given is encrypted where it waits.
#[tokio::test]
async fn database_has_nothing_of_the_person_in_the_clear() {
    let (world, key) = world(&[]).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    let link = handed.link();
    let code = link.split_once("code=").unwrap().1;
    let secrets: [&str; 6] =
        ["Canaryname", "canary.sample", "555-0187", "Example Oak", code, &code.replace('-', "")];
    for file in std::fs::read_dir(world.data.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in secrets {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
        }
    }
    assert_eq!(handed.body.get("partner"), None::<&Value>);
}

async fn off(world: &World, key: &str) -> u16 {
    world.hand_over(key, &json!({})).await.status
}

#[tokio::test]
async fn api_that_is_off_hands_nobody_over() {
    let world = World::new().await;
    let key = world.partner("shop", None).await;
    assert_eq!(off(&world, &key).await, 404);
}
