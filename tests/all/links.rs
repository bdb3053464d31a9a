//! Links into the journey: what they fill in and choose, what is said of what they get wrong, and the page that makes
//! them.

use crate::support::{Page, Person, Walk, World};

/// Where a link that begins a journey leads: the start page, with the mark of a first cookie.
const CLEAN: &str = "/?cookie=set";

/// A plan of `brand` as the list shows it, as a link names it.
async fn listed(world: &World, brand: &'static str) -> String {
    let walk = Walk::new(world.browser(), Person { brand, ..Person::default() });
    let plans = walk.to_plans().await;
    let words = plans.attributes("input[name=compare]", "value");
    let word = words.into_iter().find(|word| word.starts_with(brand)).unwrap();
    let (brand, offer) = word.split_once('-').unwrap();
    format!("brand={brand}&offer={offer}")
}

#[tokio::test]
async fn deep_link_with_zip_and_plan_skips_two_posts() {
    let world = World::new().await;
    let plan = listed(&world, "GM").await;
    let walk = Walk::new(world.browser(), Person { brand: "GM", ..Person::default() });
    let page = walk.browser.get(&format!("/?zip=77999&type=MVI&{plan}&lang=es")).await;
    page.is_at("/address");
    assert_eq!(page.attributes("html", "lang"), ["es"]);
    assert_eq!(page.one(".order .plan-brand").unwrap(), "Green Mountain");
    walk.on_from_address(&page).await.is_at("/confirmation");
    assert!(walk.browser.posts() <= 6, "{} posts", walk.browser.posts());
}

#[tokio::test]
async fn deep_link_does_not_change_a_begun_journey() {
    let world = World::new().await;
    let plan = listed(&world, "GM").await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    let brand = page.one(".order .plan-brand").unwrap();
    walk.browser.get(&format!("/?zip=75999&type=SWI&{plan}")).await.is_at("/");
    let page = walk.browser.get("/contact").await;
    page.is_at("/contact");
    assert_eq!(page.one(".order .plan-brand").unwrap(), brand);
}

#[tokio::test]
async fn deep_link_incomplete_or_unsellable_leads_as_far_as_possible() {
    let world = World::new().await;
    let plan = listed(&world, "RE").await;
    for (query, path) in [
        (format!("zip=77999&{plan}"), "/"),
        (format!("zip=7799&type=MVI&{plan}"), "/"),
        ("zip=77999&type=MVI".to_owned(), "/"),
        ("zip=77999&type=MVI&brand=RE&offer=1".to_owned(), "/plans"),
        ("zip=77999&type=MVI&brand=RE&offer=99999999".to_owned(), "/plans"),
        (format!("zip=77990&type=MVI&{plan}"), "/stop"),
        (format!("zip=77997&type=MVI&{plan}"), "/ask"),
        // Another utility's ZIP: its plans have other codes.
        (format!("zip=75999&type=MVI&{plan}"), "/plans"),
        (format!("zip=77980&type=MVI&{plan}"), "/"),
    ] {
        let browser = world.browser();
        browser.get(&format!("/?{query}")).await.is_at(path);
        browser.get("/confirmation").await;
    }
}

#[tokio::test]
async fn click_id_is_stored_with_submission_and_never_sent_to_nrg() {
    let world = World::new().await;
    let plan = listed(&world, "RE").await;
    world.sandbox.clear_calls();
    let walk = Walk::new(world.browser(), Person::default());
    let click =
        "cid=canary-click-7&sub3=canary-blue&utm_source=canary+news&fbclid=canary-other&sub1=a%40example.com";
    let page = walk.browser.get(&format!("/?{click}&zip=77999&type=MVI&{plan}&lang=es")).await;
    page.is_at("/address");
    // A second click changes nothing.
    walk.browser.get("/?cid=canary-second").await.says("el enlace no cambió nada");
    let page = walk.browser.get("/address").await;
    walk.on_from_address(&page).await.is_at("/confirmation");

    let journey = world.journey(&walk.browser).await.unwrap();
    let tracking_id = journey.record.unwrap().tracking_id;
    let row = world.server.app.ledger.find(tracking_id.as_str()).await.unwrap().unwrap();
    assert_eq!(row.attribution, journey.attribution);
    assert_eq!(
        row.attribution.iter().collect::<Vec<_>>(),
        [
            ("cid", "canary-click-7"),
            ("fbclid", "canary-other"),
            ("sub1", "a@example.com"),
            ("sub3", "canary-blue"),
            ("utm_source", "canary news")
        ]
    );
    for call in world.sandbox.calls() {
        assert!(!format!("{:?}", call.parameters).contains("canary"), "{}", call.endpoint);
    }
}

#[tokio::test]
async fn click_value_that_is_none_is_counted_by_name_and_reason() {
    let world = World::new().await;
    for query in ["cid=%7Bclickid%7D&sub1=a%00&sub1=good", "cid=%7Bclickid%7D"] {
        world.browser().get(&format!("/?{query}")).await.is_at("/");
    }
    let counted = async |name: &str, reason: &str| {
        let labels = [format!("name=\"{name}\""), format!("reason=\"{reason}\"")];
        world.metric("enroll_unusable_link_params_total", &labels.each_ref().map(String::as_str)).await
    };
    assert_eq!((counted("cid", "macro").await, counted("sub1", "control").await), (2.0, 1.0));
}

#[tokio::test]
async fn click_without_plan_prefills_start_page_at_clean_url() {
    let world = World::new().await;
    for (query, zip, checked) in [
        ("cid=1&zip=77999&type=SWI&lang=es", "77999", 1),
        ("cid=%40&zip=77999&lang=es", "77999", 0),
        ("gclid=1&zip=00000000000000000000&type=odd&lang=es", "", 0),
    ] {
        let browser = world.browser();
        let first = browser.ask("GET", &format!("/?{query}"), &[]).await;
        assert_eq!((first.status().as_u16(), &first.headers()["location"]), (303, &CLEAN.parse().unwrap()));
        let page = browser.get("/").await;
        page.is_at("/");
        assert_eq!(page.attributes("html", "lang"), ["es"], "{query}");
        assert_eq!(page.attributes("input[name=zip]", "value").concat(), zip, "{query}");
        assert_eq!(page.attributes("main input[type=radio]", "checked").len(), checked, "{query}");
    }
}

#[tokio::test]
async fn plan_link_without_zip_is_kept_until_zip_is_given() {
    let world = World::new().await;
    let plan = listed(&world, "GM").await;
    for (query, zip) in [(plan.clone(), "77999"), (format!("{plan}&type=MVI&lang=en"), "77997")] {
        let walk = Walk::new(world.browser(), Person { zip, ..Person::default() });
        let first = walk.browser.ask("GET", &format!("/?{query}"), &[]).await;
        assert_eq!(first.headers()["location"], CLEAN, "the address is cleaned of it");
        let landing = walk.browser.get("/").await;
        let page = landing.form("/").set("zip", zip).set("transaction", "MVI").submit(&walk.browser).await;
        // The utility is asked first where there are several; the plan is sold by the first.
        let page = if zip == "77997" {
            page.is_at("/ask");
            page.form("/ask").set("choice", "D0001").submit(&walk.browser).await
        } else {
            page
        };
        page.is_at("/address");
        assert_eq!(page.one(".order .plan-brand").unwrap(), "Green Mountain", "{zip}");
        // Once: whoever goes back to the plans chooses among them.
        walk.browser.get("/plans").await.is_at("/plans");
    }
}

#[tokio::test]
async fn brand_link_filters_plans_until_one_is_chosen() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { brand: "PW", ..Person::default() });
    let plans = walk.browser.get("/?zip=77999&type=MVI&brand=pw").await;
    assert_eq!(plans.path, "/plans?brand=PW");
    assert!(plans.attributes(".plan input[name=compare]", "value").iter().all(|word| word.starts_with("PW")));
    walk.plan(&plans).await.is_at("/address");
    assert_eq!(world.journey(&walk.browser).await.unwrap().link_request.brand, None);
}

#[tokio::test]
async fn rejected_link_param_is_shown_on_target_page_in_both_languages() {
    let world = World::new().await;
    let plan = listed(&world, "RE").await;
    let all = "zip=77999&type=MVI";
    for (query, path, english, spanish) in [
        ("zip=7799", "/", "We couldn’t read its ZIP code", "No se pudo leer el código postal"),
        ("type=BOTH", "/", "whether you’re moving in or switching", "si usted se muda o cambia de compañía"),
        (
            "brand=XX",
            "/",
            "names a provider whose plans aren’t offered",
            "una compañía cuyos planes no se ofrecen",
        ),
        ("offer=59990001", "/", "It names no plan we know", "No nombra ningún plan que conozcamos"),
        ("promo=NOSUCH", "/", "We don’t know its promotion", "No conocemos su promoción"),
        (&format!("{all}&brand=RE&offer=x"), "/plans", "It names no plan we know", "No nombra ningún plan"),
        (
            &format!("{all}&brand=RE&offer=99999999"),
            "/plans",
            "isn’t offered for your ZIP code right now",
            "no se ofrece ahora",
        ),
        (
            &format!("zip=75999&type=MVI&{plan}"),
            "/plans",
            "isn’t offered for your ZIP code right now",
            "no se ofrece ahora",
        ),
        (
            &format!("{all}&promo=NOSUCH"),
            "/plans",
            "We don’t know its promotion",
            "No conocemos su promoción",
        ),
        // The plan is chosen all the same.
        (
            &format!("{all}&{plan}&promo=NOSUCH"),
            "/address",
            "We don’t know its promotion",
            "No conocemos su promoción",
        ),
    ] {
        for (lang, words) in [("en", english), ("es", spanish)] {
            let browser = world.browser();
            let page = browser.get(&format!("/?{query}&lang={lang}")).await;
            page.is_at(path);
            assert_eq!(page.status, 200, "{query}");
            page.says(words);
            page.never_says("undefined");
            browser.get(path).await.says(words);
        }
    }
    for query in ["lang=fr", "lang=fr&zip=77999", &format!("lang=fr&{all}&{plan}")] {
        world.browser().get(&format!("/?{query}")).await.says("It asks for a language we don’t have");
    }
    // It is shown until it is answered.
    let walk = Walk::new(world.browser(), Person::default());
    let landing = walk.browser.get("/?zip=7799&promo=NOSUCH").await;
    let plans = landing.form("/").set("zip", "77999").set("transaction", "MVI").submit(&walk.browser).await;
    plans.says("We don’t know its promotion");
    plans.never_says("couldn’t read");
    walk.plan(&plans).await.never_says("its promotion");
}

#[tokio::test]
async fn deep_link_into_begun_journey_shows_notice() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_address().await;
    page.is_at("/address");
    let page = walk.browser.get("/?zip=75999&brand=GM&offer=59990001").await;
    page.says("You had already started here, so the link changed nothing");
    assert_eq!(page.attributes("input[name=zip]", "value"), ["77999"]);
    // Before anything is answered, the newer link counts, and the first click.
    let walk = Walk::new(world.browser(), Person::default());
    walk.browser.get("/?zip=75999&cid=first").await;
    let page = walk.browser.get("/?zip=77998&cid=second").await;
    page.never_says("already started here");
    assert_eq!(page.attributes("input[name=zip]", "value"), ["77998"]);
    let journey = world.journey(&walk.browser).await.unwrap();
    assert_eq!(journey.attribution.iter().collect::<Vec<_>>(), [("cid", "first")]);
    // Without a session no page speaks of one.
    world.browser().get("/?begun=1").await.never_says("already started here");
}

#[tokio::test]
async fn deep_link_url_is_cleaned_and_language_alone_starts_no_session() {
    let world = World::new().await;
    for query in ["zip=77999", "type=SWI", "lang=es&zip=77999&type=SWI", "promo=x", "cid=1", "offer=1&x=y"] {
        let answer = world.browser().ask("GET", &format!("/?{query}"), &[]).await;
        assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &CLEAN.parse().unwrap()));
    }
    let browser = world.browser();
    let page = browser.get("/?lang=es&zip=77999&type=SWI").await;
    assert_eq!((page.path.as_str(), page.attributes("html", "lang")), ("/", vec!["es".to_owned()]));
    assert_eq!(page.attributes("input[name=zip]", "value"), ["77999"]);
    for query in ["lang=es", "lang=fr", "first_name=Jordan", "zip=&type=&cid_=1"] {
        let browser = world.browser();
        assert_eq!(browser.get(&format!("/?{query}")).await.path, format!("/?{query}"));
        assert!(world.journey(&browser).await.is_none(), "{query}");
    }
}

#[tokio::test]
async fn deep_link_that_starts_journey_counts_against_begin_limit() {
    let world = World::with(&[("ENROLL__LIMITS__BEGIN__ADDRESS", "2 per 1h")]).await;
    let all = "/?zip=77999&type=MVI&brand=RE&offer=51010101";
    let browser = world.browser();
    browser.get(all).await.is_at("/address");
    // The same journey begins once.
    browser.get("/?cid=1").await;
    browser.get(all).await;
    world.browser().get("/?zip=77999").await.is_at("/");
    for link in [all, "/?zip=77999", "/?cid=1", "/?brand=RE"] {
        let refused = world.browser().get(link).await;
        assert_eq!(refused.status, 429, "{link}");
    }
}

/// The promotions that plans were asked for under, by brand.
fn asked_under(world: &World) -> Vec<(String, String)> {
    let calls = world.sandbox.calls();
    let offers = calls.iter().filter(|call| call.endpoint == "offers");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut asked: Vec<_> =
        offers.map(|call| (text(&call.parameters["brandId"]), text(&call.parameters["promoCode"]))).collect();
    asked.sort();
    asked
}

#[tokio::test]
async fn link_promotion_is_requested_for_its_brand_and_reaches_enroll() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { brand: "GM", ..Person::default() });
    let page = walk.browser.get("/?zip=77999&type=MVI&promo=spring&brand=GM").await;
    let asked = asked_under(&world);
    assert!(asked.contains(&("GM".into(), "SPRING".into())), "{asked:?}");
    assert!(asked.contains(&("RE".into(), "DEMORE".into())), "{asked:?}");
    assert_eq!(asked.len(), 5, "{asked:?}");
    let page = walk.plan(&page).await;
    walk.on_from_address(&page).await.is_at("/confirmation");
    let calls = world.sandbox.calls();
    let enroll = calls.iter().find(|call| call.endpoint == "enroll").unwrap();
    assert_eq!(enroll.parameters["promoCode"], "SPRING");
    // Without a brand it is the default one's. Another visitor's plans are the usual ones.
    world.sandbox.clear_calls();
    world.browser().get("/?zip=75999&type=MVI&promo=SPRING").await.is_at("/plans");
    assert!(asked_under(&world).contains(&("RE".into(), "SPRING".into())));
    world.sandbox.clear_calls();
    Walk::new(world.browser(), Person { zip: "75999", ..Person::default() }).to_plans().await;
    assert_eq!(asked_under(&world), [("RE".to_owned(), "DEMORE".to_owned())]);
}

#[tokio::test]
async fn link_promotion_refused_by_nrg_shows_regular_plans_and_notice() {
    let world = World::new().await;
    for promo in ["OLDPROMO", "BADPROMO"] {
        let page = world.browser().get(&format!("/?zip=77999&type=MVI&promo={promo}")).await;
        page.is_at("/plans");
        page.says("Reliant: Your promotion couldn’t be used");
        let words = page.attributes(".plan input[name=compare]", "value");
        assert!(words.iter().any(|word| word.starts_with("RE")), "{promo}: {words:?}");
    }
}

#[tokio::test]
async fn start_over_keeps_click_and_leave_keeps_nothing() {
    let world = World::new().await;
    let person = Person { zip: "77990", ..Person::default() };
    for (path, kept) in [("/start-over", true), ("/leave", false)] {
        let walk = Walk::new(world.browser(), person.clone());
        walk.browser.get("/?cid=canary-click&lang=es&promo=nosuch").await;
        let page = walk.browser.get("/").await;
        let form = page.form("/").set("zip", "77990").set("transaction", "MVI");
        let stop = form.submit(&walk.browser).await;
        stop.is_at("/stop");
        let before = world.journey(&walk.browser).await.unwrap();
        let cookie = walk.browser.cookies()["cookie"].to_str().unwrap().to_owned();
        let old = [("cookie", cookie.as_str())];
        walk.browser.post(path, &[]).await;
        match world.journey(&walk.browser).await {
            Some(after) => {
                assert!(kept, "{path}");
                assert!(after.id != before.id && after.service.is_none() && after.rejected_params.is_empty());
                assert_eq!(after.attribution, before.attribution);
                let page = walk.browser.get("/").await;
                assert_eq!(page.attributes("html", "lang"), ["es"]);
                assert_eq!(page.attributes("input[name=zip]", "value").concat(), "");
            }
            None => assert!(!kept, "{path}"),
        }
        // The session of before is gone at once.
        let answer = world.browser().ask("GET", "/plans", &old).await;
        assert_eq!(answer.headers()["location"], "/session-ended", "{path}");
    }
    world.browser().post("/start-over", &[]).await.is_at("/");
}

/// The link the builder made of `query`, if it made one.
fn made(page: &Page) -> Option<String> {
    page.one("main p.card code")
}

#[tokio::test]
async fn link_builder_makes_working_link_and_form() {
    let world = World::new().await;
    let plan = listed(&world, "GM").await;
    let browser = world.browser();
    let empty = browser.get("/link-builder").await;
    assert_eq!((empty.status.as_u16(), made(&empty)), (200, None));
    let page = browser
        .get(&format!("/link-builder?zip=77999&type=MVI&{plan}&link_lang=es&sub1=top+banner&cid=&x=1"))
        .await;
    let link = made(&page).unwrap();
    let (base, query) = link.split_once("/?").unwrap();
    assert_eq!(format!("{base}/"), world.server.app.sites.main().public_url.as_str());
    assert_eq!(query, format!("zip=77999&type=MVI&{plan}&lang=es&sub1=top+banner"));
    assert_eq!(page.attributes("main a.button", "href"), std::slice::from_ref(&link));
    let chosen = world.browser().get(&format!("/?{query}")).await;
    chosen.is_at("/address");
    assert_eq!(chosen.attributes("html", "lang"), ["es"]);

    let snippet = page.one("main pre code").unwrap();
    let (brand, offer) = plan.split_once('&').unwrap();
    for part in [
        &format!("<form action=\"{base}/\" method=\"get\" lang=\"es\">"),
        "<label for=\"enroll-zip\">Código postal</label>",
        "<input id=\"enroll-zip\" name=\"zip\"",
        &format!("<input type=\"hidden\" name=\"brand\" value=\"{}\">", &brand["brand=".len()..]),
        &format!("<input type=\"hidden\" name=\"offer\" value=\"{}\">", &offer["offer=".len()..]),
        "<input type=\"hidden\" name=\"sub1\" value=\"top banner\">",
    ] {
        assert!(snippet.contains(part), "{part}: {snippet}");
    }
    assert!(!snippet.contains("77999") && !snippet.contains("name=\"x\""), "{snippet}");
    browser.get("/link-builder?lang=es&zip=77999").await.says("El formulario para su página");

    // A network's macros stand in the link as they are.
    let page = browser
        .get("/link-builder?lang=en&cid=%7Bclickid%7D&sub1=%25%25PLACE%25%25&sub2=%23reqid%23&sub3=a%26b")
        .await;
    let (_, query) = made(&page).unwrap().split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(query, "cid={clickid}&sub1=%%PLACE%%&sub2=#reqid#&sub3=a%26b");
    page.says("your network puts its own value in for {clickid}, %%PLACE%%, #reqid#");
}

#[tokio::test]
async fn link_builder_refuses_invalid_params_and_can_be_disabled() {
    let world = World::new().await;
    let long = "a".repeat(3000);
    for (query, field) in [
        ("zip=7799", "zip"),
        ("type=both", "type"),
        ("brand=XX", "brand"),
        ("offer=59990001", "offer"),
        ("brand=RE&offer=%22%3E%3Cscript%3E", "offer"),
        ("promo=NOSUCH", "promo"),
        ("cid=a%0Ab", "cid"),
        (&format!("utm_term={long}"), "utm_term"),
    ] {
        let page = world.browser().get(&format!("/link-builder?{query}&sub2=ok")).await;
        assert_eq!(made(&page), None, "{query}");
        assert_eq!(page.attributes(".error-summary a", "href"), [format!("#{field}")], "{query}");
        assert!(!page.body.contains("<script>") && page.body.len() < 20_000, "{query}");
    }
    let world = World::with(&[("ENROLL__AFFILIATE__LINK_BUILDER", "false")]).await;
    assert_eq!(world.browser().get("/link-builder").await.status, 404);
}

#[tokio::test]
async fn link_with_amp_capitals_region_or_invisible_signs_is_the_same_link() {
    let world = World::new().await;
    let plan = listed(&world, "GM").await;
    let capitals = plan.replace("brand=", "Brand=").replace("&offer=", "&amp;OFFER=");
    for query in [
        format!("ZIP=77999&amp;Type=MVI&amp;{capitals}&amp;LANG=ES"),
        format!("zip=77999%E2%80%8B&type=+mvi+&{plan}&lang=es-MX"),
        format!("lang=es_US&%EF%BB%BFzip=%C2%A077999&amp;amp;type=MVI&{plan}%20"),
    ] {
        let walk = Walk::new(world.browser(), Person { brand: "GM", ..Person::default() });
        let page = walk.browser.get(&format!("/?{query}")).await;
        page.is_at("/address");
        assert_eq!(page.attributes("html", "lang"), ["es"], "{query}");
        assert_eq!(page.one(".order .plan-brand").unwrap(), "Green Mountain", "{query}");
    }
    for (query, language) in [("lang=en-US", "en"), ("LANG=EN", "en"), ("x=1&amp;lang=es-419", "es")] {
        let page = world.browser().get(&format!("/help?{query}")).await;
        assert_eq!(page.attributes("html", "lang"), [language], "{query}");
        // Its switch leads to the other language and not back to that of the link.
        let other = page.attributes("a[hreflang]", "href").remove(0);
        let page = world.browser().get(&other).await;
        assert_ne!(page.attributes("html", "lang"), [language], "{other}");
    }
}

#[tokio::test]
async fn click_id_is_kept_to_the_letter_whatever_its_name_looks_like() {
    let world = World::new().await;
    let browser = world.browser();
    browser.get("/?CID=aB-1+&amp;Sub1=X%E2%80%8BY&amp;UTM_Source=News&zip=77999").await.is_at("/");
    let journey = world.journey(&browser).await.unwrap();
    let kept = [("cid", "aB-1"), ("sub1", "X\u{200b}Y"), ("utm_source", "News")];
    assert_eq!(journey.attribution.iter().collect::<Vec<_>>(), kept);
}

#[tokio::test]
async fn address_with_slash_or_capitals_is_the_same_page_and_takes_its_form() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_plans().await;
    for address in ["/plans/", "/plans//", "//plans", "/Plans", "/plans/?brand=RE"] {
        let answer = walk.browser.ask("GET", address, &[]).await;
        assert_eq!(answer.status(), 200, "{address}");
        let body = answer.text().await.unwrap();
        assert!(!body.contains("/plans/?lang") && !body.contains("//plans"), "{address}");
    }
    let plan = world.browser().get("/help/").await;
    assert_eq!(plan.status, 200);
    let page = walk.to_address().await;
    let form = page.form("/address").set("street", walk.person.street).set("city", walk.person.city);
    let answer = walk.browser.post("/Address/", form.fields()).await;
    answer.is_at("/contact");
    for address in ["/nowhere/", "/plans/compare/x", "/static/style.css/"] {
        assert_eq!(walk.browser.ask("GET", address, &[]).await.status(), 404, "{address}");
    }
}

#[tokio::test]
async fn saved_link_with_capitals_slash_and_spaces_finds_the_journey() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_contact().await;
    let saved = page.form("/later").submit(&walk.browser).await;
    let link = saved.attributes("main .saved a", "href").remove(0);
    let (_, code) = link.split_once("code=").unwrap();
    let code = code.split('&').next().unwrap();
    let page = world.browser().get(&format!("/Resume/?utm_source=mail&amp;CODE=%20{code}%E2%80%8B")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.attributes("input[name=code]", "value"), [code]);
    assert_eq!(page.attributes("input[name=asked]", "value"), ["yes"], "the journey was found");
}
