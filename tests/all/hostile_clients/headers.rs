//! Every response has the security headers.

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;

use crate::support::World;

/// The headers every answer has; those of static files may be kept.
#[track_caller]
fn is_guarded(headers: &HeaderMap, what: &str) {
    let header = |name: &str| {
        let mut all = headers.get_all(name).iter();
        let first = all.next().and_then(|value| value.to_str().ok()).map(str::to_owned);
        assert!(all.next().is_none(), "{what}: {name} twice");
        first.unwrap_or_else(|| panic!("{what}: no {name}"))
    };
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(header(name), value, "{what}: {name}");
    }
    let policy = header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.split("; ").any(|own| own.trim() == part), "{what}: {part} in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
    assert!(header("permissions-policy").contains("camera=()"), "{what}");
    assert_eq!(header("x-request-id").len(), 16, "{what}");
    let year = header("strict-transport-security");
    assert!(year.starts_with("max-age=31536000"), "{what}: {year}");
    for name in ["server", "x-powered-by", "via"] {
        assert!(!headers.contains_key(name), "{what}: {name}");
    }
}

#[tokio::test]
async fn every_response_even_an_error_has_security_headers_and_no_store() {
    let env = [
        ("ENROLL__SERVER__PUBLIC_URL", "https://enroll.test"),
        ("ENROLL__LIMITS__BEGIN__ADDRESS", "2 per 1h"),
        ("ENROLL__LIMITS__HONEYPOT", "true"),
    ];
    let world = World::with(&env).await;
    let browser = world.browser();
    let mut seen = BTreeSet::new();
    let mut check = async |what: &str, status: u16, answer: reqwest::Response| {
        assert_eq!(answer.status().as_u16(), status, "{what}");
        is_guarded(answer.headers(), what);
        if !what.starts_with("GET /static/") {
            assert_eq!(answer.headers()["cache-control"], "no-store", "{what}");
        }
        seen.insert(status);
        let head = what.starts_with("HEAD");
        let (sent, body) = (answer.headers().contains_key("content-type"), answer.text().await.unwrap());
        // An error is a page with a way on; it says nothing about what answered.
        if status >= 400 && !head {
            assert!(sent && body.contains("<h1>") && body.contains("tel:"), "{what}: {body}");
        }
        for word in ["panicked", "src/", ".rs:", "axum", "hyper", "RUST", "sqlx", "backtrace"] {
            assert!(!body.contains(word), "{what}: {word}");
        }
    };
    let landing = browser.get("/").await;
    let style = landing.attributes("link[rel=stylesheet]", "href")[0].clone();
    for (method, path, status) in [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/help", 200),
        ("GET", "/session-ended", 200),
        ("GET", "/plans", 303),
        ("GET", "/identity", 303),
        ("GET", style.as_str(), 200),
        ("GET", "/static/none.css", 404),
        ("GET", "/no-such-page", 404),
        ("GET", "/plans/RE/59990001", 303),
        ("PUT", "/", 405),
        ("PATCH", "/identity", 405),
        ("DELETE", "/review", 405),
        ("OPTIONS", "/", 405),
        ("TRACE", "/", 405),
        ("GET", "/leave", 303),
        ("POST", "/help", 405),
    ] {
        check(&format!("{method} {path}"), status, browser.ask(method, path, &[]).await).await;
    }
    let fields = |names: &[(&str, &str)]| -> Vec<(String, String)> {
        names.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let good = fields(&[("zip", "77999"), ("transaction", "MVI")]);
    let down = fields(&[("zip", "77980"), ("transaction", "MVI")]);
    let foreign = [("sec-fetch-site", "cross-site")];
    let json = [("content-type", "application/json")];
    check("foreign", 403, browser.post_only("/", &good, &foreign).await).await;
    check("no form", 415, browser.ask("POST", "/", &json).await).await;
    check("wrong", 422, browser.post_only("/", &fields(&[("zip", "7")]), &[]).await).await;
    check("twice", 422, browser.post_only("/", &fields(&[("zip", "1"), ("zip", "2")]), &[]).await).await;
    check("large", 413, browser.post_only("/", &fields(&[("zip", &"1".repeat(70_000))]), &[]).await).await;
    check("good", 303, browser.post_only("/", &good, &[]).await).await;
    check("NRG away", 503, world.browser().post_only("/", &down, &[]).await).await;
    check("too many", 429, world.browser().post_only("/", &good, &[]).await).await;
    check("stay", 204, browser.post_only("/stay", &[], &[]).await).await;
    check("leave", 303, browser.post_only("/leave", &[], &[]).await).await;
    check("left", 303, browser.post_only("/stay", &[], &[]).await).await;
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [200, 204, 303, 403, 404, 405, 413, 415, 422, 429, 503]);
}
