//! Forms of other sites, and forms and addresses with forged values.

use scraper::{Html, Selector};
use url::Url;

use super::sessions::id_of;
use super::{SOON, walk};
use crate::support::{Page, Person, Walk, World, raw};

#[tokio::test]
async fn cross_site_form_saves_nothing_and_links_back_to_step() {
    let world = World::new().await;
    let walk = walk(&world);
    let page = walk.to_contact().await;
    let mut fields = page.form("/contact").fields().to_vec();
    fields.retain(|(name, _)| name == "revision" || name == "hp_leave_blank");
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
    walk.contact(&page).await.is_at("/identity");
}

#[tokio::test]
async fn form_of_a_page_without_tls_is_refused_where_the_site_has_it() {
    let world = World::with(&[("ENROLL__SERVER__PUBLIC_URL", "https://enroll.test")]).await;
    let browser = world.browser();
    let fields = [("zip".to_owned(), "77999".to_owned()), ("transaction".to_owned(), "MVI".to_owned())];
    for (path, origin, site, status) in [
        ("/", "http://enroll.test", "", 403),
        ("/", "http://enroll.test", "same-site", 403),
        ("/", "http://enroll.test", "cross-site", 403),
        ("/", "http://enroll.test:80", "", 403),
        ("/", "https://enroll.test", "", 303),
        ("/", "https://enroll.test", "same-origin", 303),
        // What comes back from the payment gateway is not read.
        ("/pay/return", "http://enroll.test", "", 303),
    ] {
        for host in ["enroll.test", "inner.test"] {
            let headers = [("host", host), ("origin", origin), ("sec-fetch-site", site)];
            let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            let answer = browser.post_only(path, &fields, &headers).await;
            assert_eq!(answer.status(), status, "{path} {host} {origin} {site}");
        }
    }
    // A site without TLS has such pages.
    let world = World::new().await;
    let host = world.server.address.to_string();
    let headers = [("host", host.as_str()), ("origin", &format!("http://{host}"))];
    assert_eq!(world.browser().post_only("/", &fields, &headers).await.status(), 303);
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
async fn links_on_page_of_any_path_stay_on_site() {
    let world = World::new().await;
    let own = Url::parse("https://enroll.example/").unwrap();
    for path in
        ["//evil.example/", "/\\evil.example", "/%5Cevil.example", "///x", "/.//x", "//evil.example/?lang=es"]
    {
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = raw::send(world.server.address, &[head.as_bytes()], SOON).await;
        assert_eq!(answer.statuses(), [404], "{path}");
        let page = Html::parse_document(&answer.text);
        let (mut links, mut languages) = (0, 0);
        for (selector, name) in [("[href]", "href"), ("[action]", "action"), ("[src]", "src")] {
            for link in page.select(&Selector::parse(selector).unwrap()) {
                let link = link.attr(name).unwrap();
                if link.starts_with("tel:") || link.starts_with("https://") {
                    continue;
                }
                links += 1;
                languages += usize::from(link.contains("?lang="));
                assert_eq!(own.join(link).unwrap().origin(), own.origin(), "{path}: {link}");
            }
        }
        assert!(links > 5 && languages == 1, "{path}: {links} links");
    }
}

#[tokio::test]
async fn gateway_returning_by_post_is_led_to_return_page() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let deposit = walk.through_start_date().await;
    let review = walk.deposit(&deposit).await;
    walk.review(&review).await.is_at("/confirmation");
    let before = world.journey(&walk.browser).await;
    let fields = [("paid".to_owned(), "yes".to_owned())];
    for origin in ["https://pay.gateway.example", "null"] {
        let headers = [("origin", origin), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        // Without the cookie, which is not sent with a form of another site; and even with it.
        for browser in [&world.browser(), &walk.browser] {
            let answer = browser.post_only("/pay/return?paid=yes", &fields, &headers).await;
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["location"]),
                (303, &"/pay/return".parse().unwrap())
            );
            assert!(!answer.headers().contains_key("set-cookie"));
            assert_eq!(browser.post_only("/pay", &fields, &headers).await.status(), 403);
        }
    }
    walk.browser.get("/pay/return").await.is_at("/pay/return");
    assert_eq!(world.journey(&walk.browser).await, before);
}
