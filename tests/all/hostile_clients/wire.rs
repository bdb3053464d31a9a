//! Requests that no browser sends: malformed, smuggled, slow, large.

use std::time::Duration;

use super::sessions::id_of;
use super::{SOON, walk};
use crate::support::{Browser, Person, Walk, World, raw};

#[tokio::test]
async fn malformed_form_is_refused_with_page_and_unknown_fields_ignored() {
    let world = World::new().await;
    let walk = walk(&world);
    let contact = walk.to_contact().await;
    let session = format!("enroll={}", id_of(&walk.browser));
    // What the page showed was seen; all else about these forms is strange.
    let seen = format!("agreed={}&", contact.attributes("input[name=agreed]", "value")[0]);
    let post = async |kind: &str, body: &[u8]| {
        let body = &[seen.as_bytes(), body].concat();
        let head = format!(
            "POST /contact HTTP/1.1\r\nhost: x\r\ncookie: {session}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let response =
            raw::send(world.server.address, &[&[head.as_bytes(), body.as_slice()].concat()], SOON).await;
        assert!(response.text.contains("<h1>"), "{}", response.text);
        response.statuses()
    };
    let form = "application/x-www-form-urlencoded";
    for (kind, body, status) in [
        (form, &b"first_name=A&first_name=B"[..], 422),
        (form, b"first_name=%FF%FE", 422),
        (form, b"first_name=\xff\xfe", 422),
        (form, b"%FF=A", 422),
        (form, b"", 422),
        (form, b"nobody=knows&last_name=A", 422),
        ("application/x-www-form-urlencoded; charset=utf-8", b"last_name=A", 422),
        ("application/x-www-form-urlencoded; name=Cañón", b"last_name=A", 422),
        ("application/x-www-form-urlencodedx", b"last_name=A", 415),
        ("application/json", b"{}", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("text/plain", b"last_name=A", 415),
        ("", b"last_name=A", 415),
    ] {
        assert_eq!(post(kind, body).await, [status], "{kind} {}", String::from_utf8_lossy(body));
    }
    // Longer than any field, shorter than the body may be: the field says so.
    let long = format!("first_name={}", "a".repeat(60_000));
    assert_eq!(post(form, long.as_bytes()).await, [422]);
    let page = walk.browser.get("/contact").await;
    assert_eq!((page.status.as_u16(), page.attributes("#last_name", "value")), (200, vec![String::new()]));
}

#[tokio::test]
async fn oversized_or_malformed_head_is_refused_and_connection_closed() {
    let world = World::new().await;
    let many: String = (0..100).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = format!("x-long: {}\r\n", "a".repeat(40_000));
    let kind = "content-type: application/x-www-form-urlencoded";
    let chunked = |coding: &str| {
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\n{kind}\r\n{coding}\r\n\r\n0\r\n\r\nGET /help HTTP/1.1\r\nhost: x\r\n\r\n"
        )
    };
    for (what, head, statuses) in [
        ("good", "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(), vec![200]),
        ("many lines", format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"), vec![431]),
        ("long line", format!("GET / HTTP/1.1\r\nhost: x\r\n{long}\r\n"), vec![431]),
        ("long address", format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(70_000)), vec![431]),
        ("no HTTP", "\u{16}\u{3}\u{1} nonsense\r\n\r\n".to_owned(), vec![400]),
        ("odd version", "GET / HTTP/9.9\r\nhost: x\r\n\r\n".to_owned(), vec![400]),
        ("line break in a value", "GET / HTTP/1.1\r\nhost: x\r\nx: a\u{0}b\r\n\r\n".to_owned(), vec![400]),
        (
            "two lengths",
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab".to_owned(),
            vec![400],
        ),
        ("odd length", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +1\r\n\r\na".to_owned(), vec![400]),
        (
            "odd coding",
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n".to_owned(),
            vec![400],
        ),
        ("two codings", chunked("transfer-encoding: gzip, chunked"), vec![501]),
        (
            "two codings in two lines",
            chunked("transfer-encoding: gzip\r\ntransfer-encoding: chunked"),
            vec![501],
        ),
        ("chunks twice", chunked("transfer-encoding: chunked, chunked"), vec![501]),
        ("a blank coding", chunked("transfer-encoding: , chunked"), vec![501]),
        ("a parameter", chunked("transfer-encoding: chunked;q=1"), vec![400]),
        ("chunks", chunked("transfer-encoding: Chunked"), vec![422]),
    ] {
        let response = raw::send(world.server.address, &[head.as_bytes()], SOON).await;
        assert_eq!(response.statuses(), statuses, "{what}: {}", response.text);
        assert!(response.closed_after.is_some(), "{what}");
        assert!(!response.text.to_lowercase().contains("server:"), "{what}");
    }
}

#[tokio::test]
async fn request_that_names_no_host_or_two_is_refused() {
    let world = World::with(&[("ENROLL__SERVER__PUBLIC_URL", "https://enroll.test")]).await;
    for (hosts, status) in [
        ("", 400),
        ("host: enroll.test\r\nhost: enroll.test\r\n", 400),
        ("host: enroll.test\r\nhost: evil.test\r\n", 400),
        ("host:\r\n", 400),
        ("host: enroll.test, evil.test\r\n", 400),
        ("host: enroll.test/\r\n", 400),
        ("host: evil@enroll.test\r\n", 400),
        ("host: enroll.test\r\nconnection: close\r\n", 200),
        ("host: [::1]:8080\r\nconnection: close\r\n", 200),
    ] {
        for address in ["/help", "http://enroll.test/help"] {
            let head = format!("GET {address} HTTP/1.1\r\n{hosts}\r\n");
            let response = raw::send(world.server.address, &[head.as_bytes()], SOON).await;
            assert_eq!(response.statuses(), [status], "{address} {hosts:?}: {}", response.text);
            assert!(response.text.contains("content-security-policy: "), "{address} {hosts:?}");
            assert!(response.closed_after.is_some(), "{address} {hosts:?}");
        }
    }
    // HTTP/1.0 knows no such header; the checks of some balancers speak it.
    let response = raw::send(world.server.address, &[b"GET /help HTTP/1.0\r\n\r\n"], SOON).await;
    assert!(response.text.starts_with("HTTP/1.0 200"), "{}", response.text);
}

#[tokio::test]
async fn smuggled_request_in_body_is_never_answered() {
    let world = World::new().await;
    let hidden = "GET /help HTTP/1.1\r\nhost: x\r\n\r\n";
    for request in [
        // Length and chunks together: the chunks are read, and whatever follows is not a request.
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
             transfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
            5 + hidden.len()
        ),
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n{hidden}"
        ),
    ] {
        let response = raw::send(world.server.address, &[request.as_bytes()], SOON).await;
        assert_eq!(response.statuses(), [422], "{}", response.text);
        assert!(
            response.text.to_lowercase().contains("connection: close") && response.closed_after.is_some()
        );
    }
}

#[tokio::test]
async fn slow_client_is_disconnected_at_timeout() {
    let env = [("ENROLL__SERVER__HEAD_TIMEOUT", "1s"), ("ENROLL__SERVER__FORM_TIMEOUT", "1s")];
    let world = World::with(&env).await;
    let byte_by_byte = |text: &str| -> Vec<Vec<u8>> { text.bytes().map(|byte| vec![byte]).collect() };
    let bounds = Duration::from_millis(900)..Duration::from_secs(4);

    // A head that never ends, though something comes all the time.
    let parts = byte_by_byte(
        "GET / HTTP/1.1\r\nhost: x\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n",
    );
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let response = raw::send(world.server.address, &parts, Duration::from_millis(100)).await;
    assert!(
        response.closed_after.is_some_and(|after| bounds.contains(&after)),
        "{:?}",
        response.closed_after
    );
    assert!(response.statuses().is_empty(), "{}", response.text);

    // Nothing at all, and a connection that lies idle after an answer.
    for parts in [&[][..], &[&b"GET /help HTTP/1.1\r\nhost: x\r\n\r\n"[..]]] {
        let response = raw::send(world.server.address, parts, SOON).await;
        assert!(
            response.closed_after.is_some_and(|after| bounds.contains(&after)),
            "{:?}",
            response.closed_after
        );
    }

    // A form that never ends.
    let head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 500\r\n\r\n";
    let mut parts = vec![head.as_bytes().to_vec()];
    parts.extend(byte_by_byte(&"a".repeat(60)));
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let response = raw::send(world.server.address, &parts, Duration::from_millis(100)).await;
    assert_eq!(response.statuses(), [408], "{}", response.text);
    assert!(
        response.text.contains("<h1>") && response.text.contains("content-security-policy"),
        "{}",
        response.text
    );
    assert!(
        response.closed_after.is_some_and(|after| bounds.contains(&after)),
        "{:?}",
        response.closed_after
    );
    // Meanwhile and afterwards people are served.
    assert_eq!(world.browser().get("/").await.status, 200);
}

#[tokio::test]
async fn shutdown_finishes_request_in_flight_and_readiness_reports_it() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Slow", ..Person::default() });
    let page = walk.to_identity().await;
    let private = Browser::new(&format!("http://{}", world.server.private_address));
    assert_eq!(private.get("/readyz").await.status, 200);
    let mut fields = page.form("/identity").set("ssn", "900-45-6789").fields().to_vec();
    for (name, value) in [("birth_date_month", "3"), ("birth_date_day", "28"), ("birth_date_year", "1985")] {
        fields.retain(|(known, _)| known != name);
        fields.push((name.to_owned(), value.to_owned()));
    }
    let (browser, server) = (walk.browser.clone(), world.server);
    let posting = tokio::spawn(async move { browser.post_only("/identity", &fields, &[]).await.status() });
    tokio::time::sleep(Duration::from_millis(150)).await;
    let stopping = tokio::spawn(server.stop());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(private.get("/readyz").await.status, 503, "it drains");
    assert_eq!(private.get("/healthz").await.status, 200);
    assert_eq!(posting.await.unwrap(), 303, "what was under way is answered");
    stopping.await.unwrap();
    assert_eq!(world.sandbox.count("identity"), 1);
}

#[tokio::test]
async fn form_that_may_carry_ssn_always_closes_its_connection() {
    let world = World::new().await;
    let form = "application/x-www-form-urlencoded";
    for (path, kind, site, status, ends) in [
        ("/identity", form, "same-origin", 303, true),
        ("/deposit", form, "same-origin", 303, true),
        ("/identity", form, "cross-site", 403, true),
        ("/language/identity?lang=es", form, "same-origin", 303, true),
        ("/language/deposit?lang=es", form, "same-origin", 303, true),
        ("/identity", "text/plain", "same-origin", 415, true),
        ("/contact", form, "same-origin", 303, false),
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nsec-fetch-site: {site}\r\ncontent-type: {kind}\r\n\
             content-length: 13\r\n\r\nssn=900456789"
        );
        let response = raw::send(world.server.address, &[request.as_bytes()], SOON).await;
        assert_eq!(response.statuses(), [status], "{path} {kind} {site}");
        assert_eq!(response.closed_after.is_some(), ends, "{path} {kind} {site}");
    }
}
