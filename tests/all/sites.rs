//! Several sites in one server: each with its own host, face, brands and codes, and no session of another's.

use crate::support::{Browser, Page, Person, Walk, World};

/// A second site at another name of this machine.
async fn two_sites() -> (World, Browser) {
    let world = World::with(&[
        ("ENROLL__SITES__BETA__PUBLIC_URL", "http://localhost"),
        ("ENROLL__SITES__BETA__AFFILIATE__NAME", "Beta Sample Power"),
        ("ENROLL__SITES__BETA__BRANDS__RE__PROMO_CODE", "BETA10"),
        ("ENROLL__SITES__BETA__BRANDS__RE__PHONE__EN", "866-555-0188"),
        ("ENROLL__SITES__BETA__BRANDS__GM__ENABLED", "false"),
        ("ENROLL__SITES__BETA__THEME__LIGHT__ACCENT", "#8a1c4a"),
    ])
    .await;
    let beta = Browser::new(&format!("http://localhost:{}", world.server.address.port()));
    (world, beta)
}

fn promo_codes(world: &World) -> Vec<String> {
    let calls = world.sandbox.calls();
    let offers = calls.iter().filter(|call| call.endpoint == "offers" && call.parameters["brandId"] == "RE");
    offers.map(|call| call.parameters["promoCode"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn site_has_its_own_theme_brands_promo_codes_and_submissions() {
    let (world, beta) = two_sites().await;
    let own = Walk::new(world.browser(), Person::default()).to_plans().await;
    let main_codes = promo_codes(&world);
    world.sandbox.clear_calls();
    let walk = Walk::new(beta, Person::default());
    let theirs = walk.to_plans().await;
    theirs.says("Beta Sample Power");
    theirs.says("(866) 555-0188");
    own.never_says("Beta Sample Power");
    let has =
        |page: &Page, brand: &str| page.attributes("input[name=brand]", "value").iter().any(|b| b == brand);
    assert!(has(&own, "GM") && !has(&theirs, "GM"));
    let style = |page: &Page| page.attributes("link[rel=stylesheet]", "href").remove(0);
    assert_ne!(style(&own), style(&theirs));
    assert_eq!(walk.browser.ask("GET", &style(&theirs), &[]).await.status(), 200);
    assert_eq!(walk.browser.ask("GET", &style(&own), &[]).await.status(), 404);
    // What NRG is asked for one site is not what the other one shows.
    assert_eq!(promo_codes(&world), ["BETA10"]);
    assert!(!main_codes.is_empty() && main_codes.iter().all(|code| code != "BETA10"));

    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    let rows = world.server.app.ledger.list(&Default::default(), 9).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.site.as_str()).collect::<Vec<_>>(), ["beta"]);
}

#[tokio::test]
async fn session_of_one_site_is_not_accepted_at_another() {
    let (world, beta) = two_sites().await;
    let theirs = Walk::new(beta.clone(), Person::default());
    theirs.to_contact().await.is_at("/contact");
    let cookie = beta.cookies()["cookie"].to_str().unwrap().to_owned();
    let with_it = async |browser: &Browser, path: &str| {
        let answer = browser.ask("GET", path, &[("cookie", &cookie)]).await;
        (answer.status().as_u16(), answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()))
    };
    assert_eq!(
        with_it(&Browser::new(&format!("http://localhost:{}", world.server.address.port())), "/contact")
            .await,
        (200, None)
    );
    assert_eq!(with_it(&world.browser(), "/contact").await, (303, Some("/session-ended".to_owned())));
    // Nothing of it was taken away from where it belongs.
    theirs.browser.get("/contact").await.is_at("/contact");
}

#[tokio::test]
async fn unknown_host_is_answered_421_unless_there_is_one_site() {
    let (world, _) = two_sites().await;
    for host in ["www.beta.test", "127.0.0.1.beta.test", "localhost.."] {
        for path in ["/", "/help", "/static/style.css", "/nowhere"] {
            let answer = world.browser().ask("GET", path, &[("host", host)]).await;
            assert_eq!(answer.status(), 421, "{host} {path}");
            assert!(answer.headers().contains_key("content-security-policy"));
            let body = answer.text().await.unwrap();
            assert!(!body.contains('<') && !body.contains("Power"), "{body}");
        }
    }
    // Where there is one site, a proxy may call it as it likes.
    let one = World::new().await;
    assert_eq!(one.browser().ask("GET", "/", &[("host", "www.beta.test")]).await.status(), 200);
}

#[tokio::test]
async fn host_with_trailing_dot_leads_to_the_site_and_loses_no_form() {
    let (world, beta) = two_sites().await;
    let dotted = ("host", "localhost.");
    for page in ["/", "/plans/?brand=RE", "/static/style.css"] {
        let answer = world.browser().ask("GET", page, &[dotted]).await;
        let to = answer.headers()["location"].to_str().unwrap();
        let meant = page.replace("/?b", "?b");
        assert_eq!((answer.status().as_u16(), to), (308, &*format!("http://localhost{meant}")));
    }
    // A form that was made there comes from an origin with a dot, and is taken as it is, with or without a proxy that
    // names the host otherwise.
    let walk = Walk::new(beta, Person::default());
    let page = walk.to_contact().await;
    let cookie = walk.browser.cookies()["cookie"].to_str().unwrap().to_owned();
    for host in ["localhost.", "localhost"] {
        let headers = [("host", host), ("origin", "http://localhost."), ("cookie", &cookie)];
        let answer = walk.browser.ask("POST", "/stay", &headers).await;
        assert!(answer.status().is_success(), "{host} {}", answer.status());
    }
    let foreign = [("host", "localhost."), ("origin", "http://localhost.evil.test"), ("cookie", &cookie)];
    assert_eq!(walk.browser.ask("POST", "/stay", &foreign).await.status(), 403);
    walk.contact(&page).await.is_at("/identity");
}

#[tokio::test]
async fn outage_promotion_and_resume_link_are_per_site() {
    let world = World::with(&[
        ("ENROLL__SITES__BETA__PUBLIC_URL", "http://localhost"),
        ("ENROLL__SITES__BETA__BRANDS__GM__OUTAGE", "true"),
        ("ENROLL__SITES__BETA__BRANDS__RE__LINK_PROMO_CODES", "BETAONLY"),
        ("ENROLL__SITES__BETA__AFFILIATE__LINK_BUILDER", "false"),
    ])
    .await;
    let beta = || Browser::new(&format!("http://localhost:{}", world.server.address.port()));
    let words = "taking online enrollments right now";
    Walk::new(beta(), Person::default()).to_plans().await.says(words);
    Walk::new(world.browser(), Person::default()).to_plans().await.never_says(words);

    let link = "/?zip=77999&type=MVI&promo=BETAONLY";
    world.browser().get(link).await.says("We don’t know its promotion");
    beta().get(link).await.never_says("We don’t know its promotion");
    assert_eq!(beta().get("/link-builder").await.status, 404);
    assert_eq!(world.browser().get("/link-builder").await.status, 200);

    let walk = Walk::new(beta(), Person::default());
    let page = walk.to_contact().await;
    let saved = page.form("/later").submit(&walk.browser).await;
    let link = saved.attributes("main .saved a", "href").remove(0);
    assert!(link.starts_with("http://localhost/resume?code="), "{link}");
    let path = &link[link.find("/resume").unwrap()..];
    assert_eq!(world.browser().get(path).await.status, 410);
    let page = beta().get(path).await;
    assert_eq!(page.status, 200, "nothing was taken away from where it belongs");
}
