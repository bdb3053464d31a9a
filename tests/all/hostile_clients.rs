//! Who is no person at a page of ours: other sites, forgers, other visitors, programs that talk too long or too slowly.
//! Each test fails where its defence is taken away.

use std::{collections::BTreeSet, time::Duration};

use reqwest::header::HeaderMap;

use crate::support::{Browser, Page, Person, Walk, World, raw};

const SOON: Duration = Duration::from_millis(300);

fn walk(world: &World) -> Walk {
    Walk::new(world.browser(), Person::default())
}

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
        ("GET", "/leave", 405),
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
    check("twice", 400, browser.post_only("/", &fields(&[("zip", "1"), ("zip", "2")]), &[]).await).await;
    check("large", 413, browser.post_only("/", &fields(&[("zip", &"1".repeat(70_000))]), &[]).await).await;
    check("trap", 429, browser.post_only("/", &fields(&[("website", "x")]), &[]).await).await;
    check("good", 303, browser.post_only("/", &good, &[]).await).await;
    check("NRG away", 503, world.browser().post_only("/", &down, &[]).await).await;
    check("too many", 429, world.browser().post_only("/", &good, &[]).await).await;
    check("stay", 204, browser.post_only("/stay", &[], &[]).await).await;
    check("leave", 303, browser.post_only("/leave", &[], &[]).await).await;
    check("left", 303, browser.post_only("/stay", &[], &[]).await).await;
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [200, 204, 303, 400, 403, 404, 405, 413, 415, 422, 429, 503]
    );
}

#[tokio::test]
async fn https_cookie_is_bound_to_host_and_unknown_id_is_never_adopted() {
    let world = World::with(&[("ENROLL__SERVER__PUBLIC_URL", "https://enroll.test")]).await;
    let made_up = "A".repeat(43);
    let cookie = format!("__Host-enroll={made_up}");
    let landing = world.browser().get("/").await;
    let fields = landing.form("/").set("zip", "77999").set("transaction", "MVI").fields().to_vec();
    let answer = world.browser().post_only("/", &fields, &[("cookie", &cookie)]).await;
    let set: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!(set.len(), 1, "{set:?}");
    let parts: Vec<&str> = set[0].split("; ").collect();
    let (name, id) = parts[0].split_once('=').unwrap();
    assert_eq!((name, id.len()), ("__Host-enroll", 43), "256 bits in base64");
    assert_ne!(id, made_up);
    let mut rest = parts[1..].to_vec();
    rest.sort_unstable();
    assert_eq!(rest, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    // A proxy may give the site another name on the way: what people see is the settings' to say.
    for (origin, status) in [("https://enroll.test", 303), ("https://enroll.test.evil.example", 403)] {
        let answer = world.browser().post_only("/", &fields, &[("origin", origin)]).await;
        assert_eq!(answer.status(), status, "{origin}");
    }
    // The cookie of the demo is not looked at here.
    let plain = world.browser().ask("GET", "/plans", &[("cookie", &format!("enroll={id}"))]).await;
    assert_eq!(plain.headers()["location"], "/");
    let own = world.browser().ask("GET", "/plans", &[("cookie", &format!("__Host-enroll={id}"))]).await;
    assert_eq!(own.status(), 200);
}

/// The id the browser was told last.
fn id_of(browser: &Browser) -> String {
    let told = browser
        .seen()
        .iter()
        .filter_map(|seen| Some(seen.head.split_once("set-cookie: enroll=")?.1.to_owned()))
        .next_back();
    told.unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn session_id_rotates_after_identity_and_submit_and_old_one_expires() {
    let world = World::new().await;
    let walk = walk(&world);
    let page = walk.to_identity().await;
    let before = id_of(&walk.browser);
    let dates = walk.identity(&page).await;
    let verified = id_of(&walk.browser);
    let review = walk.start_date(&dates).await;
    assert_eq!(id_of(&walk.browser), verified, "no other step changes it");
    walk.review(&review).await.is_at("/confirmation");
    let submitted = id_of(&walk.browser);
    assert!(before != verified && verified != submitted);

    let at = async |id: &str| {
        let cookie = format!("enroll={id}");
        let answer = world.browser().ask("GET", "/confirmation", &[("cookie", &cookie)]).await;
        (answer.status().as_u16(), answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()))
    };
    // A browser that double-clicked has not seen the new cookie yet.
    world.forward(Duration::from_secs(59));
    assert_eq!(at(&verified).await, (200, None));
    world.forward(Duration::from_secs(2));
    for dead in [&before, &verified] {
        assert_ne!(at(dead).await.0, 200);
        let ended = world.browser().ask("GET", "/review", &[("cookie", &format!("enroll={dead}"))]).await;
        assert_eq!(ended.headers()["location"], "/session-ended");
    }
    assert_eq!(at(&submitted).await, (200, None));
}

#[tokio::test]
async fn leave_and_expiry_delete_session_row_and_clear_site_data() {
    let world = World::new().await;
    let rows = async || {
        let store = format!("sqlite://{}/demo.db", world.data.path().display());
        let pool = sqlx::SqlitePool::connect(&store).await.unwrap();
        let (rows,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM sessions").fetch_one(&pool).await.unwrap();
        rows
    };
    let left = walk(&world);
    let page = left.to_contact().await;
    assert_eq!(rows().await, 1);
    let answer = left.browser.post_only("/leave", page.form("/leave").fields(), &[]).await;
    assert_eq!(rows().await, 0);
    assert_eq!(answer.headers()["clear-site-data"], "\"cache\", \"storage\"");
    let forgotten = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(forgotten.starts_with("enroll=;") && forgotten.contains("Max-Age=0"), "{forgotten}");

    for (minutes, times) in [(31, 1), (29, 25)] {
        let walk = walk(&world);
        walk.to_contact().await.is_at("/contact");
        assert_eq!(rows().await, 1);
        let mut answer = walk.browser.ask("GET", "/contact", &[]).await;
        for _ in 0..times {
            assert_eq!(answer.status(), 200, "idle for less than the limit");
            world.forward(Duration::from_secs(minutes * 60));
            answer = walk.browser.ask("GET", "/contact", &[]).await;
        }
        // Idle for too long, or used for longer than twelve hours.
        assert_eq!(answer.headers()["location"], "/session-ended");
        assert_eq!(answer.headers()["clear-site-data"], "\"cache\", \"storage\"");
        assert_eq!(rows().await, 0);
    }
}

#[tokio::test]
async fn cross_site_form_saves_nothing_and_links_back_to_step() {
    let world = World::new().await;
    let walk = walk(&world);
    let page = walk.to_contact().await;
    let mut fields = page.form("/contact").fields().to_vec();
    fields.retain(|(name, _)| name == "revision" || name == "website");
    for (name, value) in [
        ("first_name", "Forged"),
        ("last_name", "Forged"),
        ("email", "forged@example.com"),
        ("phone", "7135550142"),
        ("bill_language", "en"),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://elsewhere.example")],
        &[("origin", "null")],
    ] {
        let refused = walk.browser.post_only("/contact", &fields, headers).await;
        assert_eq!(refused.status(), 403, "{headers:?}");
        let body = refused.text().await.unwrap();
        assert!(body.contains("href=\"/contact\""), "{body}");
        assert!(!walk.browser.get("/contact").await.body.contains("Forged"), "{headers:?}");
        // Leaving, staying, answering a question, paying: none of them from elsewhere.
        for path in ["/leave", "/ask", "/stop", "/pay", "/"] {
            assert_eq!(walk.browser.post_only(path, &fields, headers).await.status(), 403, "{path}");
        }
    }
    walk.contact(&page).await.is_at("/billing");
}

#[tokio::test]
async fn get_and_head_change_no_answer_consent_or_submission() {
    let world = World::new().await;
    let walk = walk(&world);
    let review = walk.through_start_date().await;
    let summary =
        |page: &Page| page.attributes("main input", "checked").len().to_string() + &page.one("main").unwrap();
    let before = summary(&review);
    let calls = world.sandbox.calls().len();
    for path in [
        "/review?paperless=yes&documents=yes&affirmation=yes&records=yes&revision=0",
        "/contact?first_name=Forged&last_name=Forged&email=a@example.com&phone=7135550142",
        "/identity?ssn=900456789",
        "/plans?brand=RE&offer=59990001&digest=0",
        "/leave?revision=0",
        "/?zip=75999&type=SWI",
        "/ask?choice=yes",
    ] {
        for method in ["GET", "HEAD"] {
            walk.browser.ask(method, path, &[]).await;
        }
    }
    assert_eq!(summary(&walk.browser.get("/review").await), before);
    let after = world.sandbox.calls().len();
    assert_eq!(after, calls, "nothing was asked of NRG");
    assert_eq!(world.sandbox.count("enroll"), 0);
}

#[tokio::test]
async fn forged_ids_amounts_and_prices_are_ignored() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let deposit = walk.through_start_date().await;
    let forge = |form: crate::support::Filled| {
        form.forge("tracking_id", "4999999")
            .forge("trackingId", "4999999")
            .forge("guid", "00000000-0000-4000-8000-000000000000")
            .forge("amount", "0")
            .forge("deposit", "0")
            .forge("depositAmount", "0")
            .forge("brand", "GM")
            .forge("offer", "59990999")
            .forge("price", "0.1")
            .forge("esi_id", "10000009999999999")
            .forge("submitting", "true")
            .forge("account_number", "1")
    };
    let review = forge(deposit.form("/deposit").set("choice", "go_on")).submit(&walk.browser).await;
    review.says("$200");
    let form = review.form("/review").set("paperless", "yes").set("documents", "yes");
    let page = forge(form.set("affirmation", "yes").set("records", "yes")).submit(&walk.browser).await;
    let end = walk.wait(page).await;
    end.is_at("/confirmation");
    end.says("$200");
    let calls = world.sandbox.calls();
    let of = |endpoint: &str| calls.iter().find(|call| call.endpoint == endpoint).unwrap();
    let (checked, enrolled) = (of("check-credit"), of("enroll"));
    assert_eq!(checked.tracking_id, enrolled.tracking_id);
    assert_eq!(checked.parameters["guid"], enrolled.parameters["guid"]);
    assert_eq!(checked.parameters["offerCode"], enrolled.parameters["offerCode"]);
    assert_eq!(enrolled.parameters["brandId"], "RE");
}

#[tokio::test]
async fn plan_of_other_brand_or_utility_or_disabled_brand_is_refused() {
    let world = World::with(&[("ENROLL__BRANDS__CE__ENABLED", "false")]).await;
    let walk = walk(&world);
    let plans = walk.to_plans().await;
    let form = plans.form("/plans");
    for (brand, status) in [("GM", 200), ("CE", 422), ("XX", 422), ("", 422)] {
        let plans = walk.browser.get("/plans").await;
        let forged = plans.form("/plans").forge("brand", brand).submit(&walk.browser).await;
        forged.is_at("/plans");
        assert_eq!(forged.status, status, "{brand}");
        forged.says("offered");
    }
    // A plan of the first utility, after the ZIP has become one of the second.
    let landing = walk.browser.get("/").await;
    let other = landing.form("/").set("zip", "75999").submit(&walk.browser).await;
    other.is_at("/plans");
    let revision = other.form("/plans").value("revision").unwrap().to_owned();
    let crossed = form.forge("revision", &revision).submit(&walk.browser).await;
    crossed.is_at("/plans");
    walk.browser.get("/address").await.is_at("/plans");
    assert_eq!(world.sandbox.count("identity"), 0);
}

#[tokio::test]
async fn meter_of_another_session_is_refused_and_answers_stay_separate() {
    let world = World::new().await;
    let mut asked = Vec::new();
    for street in ["300 Example Oak Ln", "720 Example Oak Ln"] {
        let walk = Walk::new(world.browser(), Person { street, ..Person::default() });
        let page = walk.to_contact().await;
        asked.push((walk, page));
    }
    let (first, _) = &asked[0];
    let (second, ask) = &asked[1];
    if ask.path.starts_with("/ask") {
        for forged in ["10000009999999999", "anything", "../none"] {
            let answer = ask.form("/ask").forge("choice", forged).submit(&second.browser).await;
            assert_eq!(answer.status, 422, "{forged}");
        }
    }
    // Each sees its own address only.
    let (one, two) = (first.browser.get("/address").await, second.browser.get("/address").await);
    assert!(one.body.contains("300 ") && !one.body.contains("720 "), "{}", one.text());
    assert!(two.body.contains("720 ") && !two.body.contains("300 "), "{}", two.text());
    // The form of one, posted by the other, at its own revision: taken as the other's own answer, never as the first's.
    let foreign = one.form("/address").fields().to_vec();
    second.browser.post("/address", &foreign).await;
    assert!(first.browser.get("/address").await.body.contains("300 "));
}

#[tokio::test]
async fn forged_host_or_return_url_never_leads_off_site() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let deposit = walk.through_start_date().await;
    let review = walk.deposit(&deposit).await;
    walk.review(&review).await.is_at("/confirmation");
    let id = format!("enroll={}", id_of(&walk.browser));
    for path in [
        "/",
        "/pay/return?return_url=https://evil.example/&url=https://evil.example/",
        "/pay",
        "/confirmation",
    ] {
        let answer = world.browser().ask("GET", path, &[("host", "evil.example"), ("cookie", &id)]).await;
        let to =
            answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        assert!(to.is_empty() || to.starts_with('/') && !to.starts_with("//"), "{path}: {to}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(!policy.contains("evil.example"), "{path}: {policy}");
        // The link to the other language keeps the query of the page, on this site.
        let page = Page::read(answer, path.to_owned()).await.unwrap();
        for (selector, name) in [("a", "href"), ("form", "action"), ("[src]", "src"), ("meta", "content")] {
            for to in page.attributes(selector, name) {
                let outside = to.split(['?', '#']).next().unwrap_or_default().contains("evil");
                assert!(!outside && !to.starts_with("//"), "{path}: {to}");
            }
        }
    }
    let pay = walk.browser.get("/pay").await;
    let fields = pay.form("/pay").forge("return_url", "https://evil.example/").fields().to_vec();
    let handed = walk.browser.post_only("/pay", &fields, &[]).await;
    let to = handed.headers()["location"].to_str().unwrap();
    assert!(to.contains("/gateway/pay?") && !to.contains("evil"), "{to}");
}

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
        let heard =
            raw::send(world.server.address, &[&[head.as_bytes(), body.as_slice()].concat()], SOON).await;
        assert!(heard.text.contains("<h1>"), "{}", heard.text);
        heard.statuses()
    };
    let form = "application/x-www-form-urlencoded";
    for (kind, body, status) in [
        (form, &b"first_name=A&first_name=B"[..], 400),
        (form, b"first_name=%FF%FE", 400),
        (form, b"first_name=\xff\xfe", 400),
        (form, b"%FF=A", 400),
        (form, b"", 422),
        (form, b"nobody=knows&last_name=A", 422),
        ("application/x-www-form-urlencoded; charset=utf-8", b"last_name=A", 422),
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
    ] {
        let heard = raw::send(world.server.address, &[head.as_bytes()], SOON).await;
        assert_eq!(heard.statuses(), statuses, "{what}: {}", heard.text);
        assert!(heard.closed_after.is_some(), "{what}");
        assert!(!heard.text.to_lowercase().contains("server:"), "{what}");
    }
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
        let heard = raw::send(world.server.address, &[request.as_bytes()], SOON).await;
        assert_eq!(heard.statuses(), [422], "{}", heard.text);
        assert!(heard.text.to_lowercase().contains("connection: close") && heard.closed_after.is_some());
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
    let heard = raw::send(world.server.address, &parts, Duration::from_millis(100)).await;
    assert!(heard.closed_after.is_some_and(|after| bounds.contains(&after)), "{:?}", heard.closed_after);
    assert!(heard.statuses().is_empty(), "{}", heard.text);

    // Nothing at all, and a connection that lies idle after an answer.
    for parts in [&[][..], &[&b"GET /help HTTP/1.1\r\nhost: x\r\n\r\n"[..]]] {
        let heard = raw::send(world.server.address, parts, SOON).await;
        assert!(heard.closed_after.is_some_and(|after| bounds.contains(&after)), "{:?}", heard.closed_after);
    }

    // A form that never ends.
    let head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 500\r\n\r\n";
    let mut parts = vec![head.as_bytes().to_vec()];
    parts.extend(byte_by_byte(&"a".repeat(60)));
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let heard = raw::send(world.server.address, &parts, Duration::from_millis(100)).await;
    assert_eq!(heard.statuses(), [408], "{}", heard.text);
    assert!(heard.text.contains("<h1>") && heard.text.contains("content-security-policy"), "{}", heard.text);
    assert!(heard.closed_after.is_some_and(|after| bounds.contains(&after)), "{:?}", heard.closed_after);
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
        ("/identity", "text/plain", "same-origin", 415, true),
        ("/contact", form, "same-origin", 303, false),
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nsec-fetch-site: {site}\r\ncontent-type: {kind}\r\n\
             content-length: 13\r\n\r\nssn=900456789"
        );
        let heard = raw::send(world.server.address, &[request.as_bytes()], SOON).await;
        assert_eq!(heard.statuses(), [status], "{path} {kind} {site}");
        assert_eq!(heard.closed_after.is_some(), ends, "{path} {kind} {site}");
    }
}
