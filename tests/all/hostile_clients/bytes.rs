//! Header values with bytes beyond ASCII, as scripts of other sites of the domain, proxies and programs send them.

use super::sessions::id_of;
use super::{SOON, walk};
use crate::support::{World, raw};

/// One request whose head ends with `headers`, raw bytes; the answer as text.
async fn asked(world: &World, request: &str, headers: &[&[u8]], body: &str) -> raw::Received {
    let mut bytes = format!("{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header);
        bytes.extend_from_slice(b"\r\n");
    }
    let length = format!("content-length: {}\r\n\r\n{body}", body.len());
    raw::send(world.server.address, &[&bytes, length.as_bytes()], SOON / 300).await
}

#[tokio::test]
async fn session_is_found_beside_cookies_of_any_bytes() {
    let world = World::new().await;
    let walk = walk(&world);
    walk.to_contact().await;
    let own = format!("enroll={}", id_of(&walk.browser));
    let line = |before: &[u8], after: &[u8]| [b"cookie: ", before, own.as_bytes(), after].concat();
    for (what, headers) in [
        ("UTF-8", vec![line("ciudad=Cañón; ".as_bytes(), b"")]),
        ("Latin-1", vec![line(b"ciudad=Ca\xf1\xf3n; ", b"; \xff=\xfe")]),
        ("no pair", vec![line(b"\xf1; =; ;;", b";\xc3")]),
        ("two lines", vec![b"cookie: ciudad=\xf1".to_vec(), line(b"a=b;", b"")]),
        ("its own name before it", vec![line(b"enroll=\xf1; enroll=none; ", b"; enroll=later")]),
    ] {
        let headers: Vec<&[u8]> = headers.iter().map(Vec::as_slice).collect();
        let page = asked(&world, "GET /contact", &headers, "").await;
        assert_eq!(page.statuses(), [200], "{what}: {}", page.text);
        assert!(page.text.contains("name=\"first_name\""), "{what}");
    }
}

#[tokio::test]
async fn forwarded_for_of_any_bytes_counts_client_not_proxy() {
    let env = [("ENROLL__SERVER__TRUSTED_PROXIES", "1"), ("ENROLL__LIMITS__BEGIN__ADDRESS", "1 per 1h")];
    let world = World::with(&env).await;
    let begun = async |forwarded: &[u8]| {
        let forwarded = [b"x-forwarded-for: ", forwarded].concat();
        let kind = b"content-type: application/x-www-form-urlencoded";
        asked(&world, "POST /", &[&forwarded, kind], "zip=77999&transaction=MVI").await.statuses()
    };
    // What a client makes up stands before what the proxy appends.
    assert_eq!(begun(b"\xf1, 203.0.113.1").await, [303]);
    assert_eq!(begun("Cañón, 203.0.113.1".as_bytes()).await, [429], "the same client");
    assert_eq!(begun(b"\xf1, 203.0.113.2").await, [303], "another client behind the same proxy");
}

#[tokio::test]
async fn user_agent_of_any_bytes_is_kept_with_consent() {
    let world = World::new().await;
    let walk = walk(&world);
    let page = walk.to_identity().await;
    let mut form = page.form("/identity").set("birth_date_month", "1").set("birth_date_day", "2");
    form = form.set("birth_date_year", "1970").set("document", "ssn").set("ssn", "900-45-6789");
    let body = serde_urlencoded::to_string(form.fields()).unwrap();
    let cookie = format!("cookie: enroll={}", id_of(&walk.browser));
    let kind = b"content-type: application/x-www-form-urlencoded";
    let agent = b"user-agent: Explorador/1.0 (Ca\xf1\xf3n)";
    let answer = asked(&world, "POST /identity", &[cookie.as_bytes(), kind, agent], &body).await;
    assert_eq!(answer.statuses(), [303], "{}", answer.text);
    let store = format!("sqlite://{}/demo.db", world.data.path().display());
    let pool = sqlx::SqlitePool::connect(&store).await.unwrap();
    let (kept,): (String,) =
        sqlx::query_as("SELECT user_agent FROM consents").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, "Explorador/1.0 (Ca\u{fffd}\u{fffd}n)");
}
