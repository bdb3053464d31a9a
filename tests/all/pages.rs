//! What pages say and lead to, beside the walks: headings, steps, what Texas asks for.

use std::io::Read;

use crate::support::{Browser, Page, Person, Walk, World};

#[tokio::test]
async fn start_page_states_duration_needed_items_and_phone() {
    let world = World::new().await;
    let page = world.browser().get("/").await;
    for part in [
        "about 10 minutes",
        "Social Security number or Texas driver license",
        "unit number",
        "date you want service to start",
        "We keep your answers",
        "(866) 222-7100",
    ] {
        page.says(part);
    }
}

#[tokio::test]
async fn question_page_has_its_question_as_heading() {
    let world = World::new().await;
    for (person, label) in [
        (Person { zip: "77997", ..Person::default() }, "legend h1"),
        (Person { street: "200 Example Oak Ln", ..Person::default() }, "legend h1"),
    ] {
        let walk = Walk::new(world.browser(), person);
        let page = walk.to_plans().await;
        let page = if page.path == "/ask" { page } else { walk.address(&walk.plan(&page).await).await };
        page.is_at("/ask");
        assert_eq!(page.one(label).as_deref(), Some(page.h1().as_str()));
        // The error summary stands above it, once something is wrong.
        let wrong = page.form("/ask").submit(&walk.browser).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.find("error-summary") < wrong.body.find("<h1"));
    }
}

#[tokio::test]
async fn step_list_is_shown_in_both_languages_with_current_step() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await;
    for (language, now, said) in [
        ("en", "Contact details", "Step 4 of 7: Contact details"),
        ("es", "Datos de contacto", "Paso 4 de 7: Datos de contacto"),
    ] {
        let page = walk.browser.get(&format!("/contact?lang={language}")).await;
        assert_eq!(page.one(".steps-now").as_deref(), Some(said));
        assert_eq!(page.one("[aria-current=step]").as_deref(), Some(now));
        assert_eq!(page.attributes(".steps li", "class").len(), 7);
        assert_eq!(page.attributes(".steps li.done", "class").len(), 3);
        // A list of tasks would have links: the order of the steps is fixed.
        assert!(page.attributes(".steps a", "href").is_empty());
        assert!(
            page.body.find("class=\"back\"") < page.body.find("<main"),
            "the way back stands before the page"
        );
    }
}

#[tokio::test]
async fn unit_is_chosen_from_list_or_typed() {
    let world = World::new().await;
    for (field, value) in [("choice", "unit 112"), ("unit", "# 112")] {
        let walk = Walk::new(world.browser(), Person { street: "310 Example Oak Ln", ..Person::default() });
        let ask = walk.to_contact().await;
        ask.is_at("/ask");
        assert_eq!(ask.attributes("input[name=choice]", "value").len(), 18);
        // Eighteen homes are few enough to be looked through.
        assert!(ask.attributes("#contains", "name").is_empty());
        let page = ask.form("/ask").set(field, value).submit(&walk.browser).await;
        page.is_at("/contact");
        page.says("#112");
    }
    let walk = Walk::new(world.browser(), Person { street: "310 Example Oak Ln", ..Person::default() });
    let ask = walk.to_contact().await;
    ask.form("/ask").submit(&walk.browser).await.says("Enter the apartment or unit number");
    // What leads to a unit that is not there is asked again, with what was typed.
    let walk = Walk::new(world.browser(), Person { street: "310 Example Oak Ln", ..Person::default() });
    let ask = walk.to_contact().await;
    let again = ask.form("/ask").set("unit", "999").submit(&walk.browser).await;
    again.is_at("/ask");
    again.says("We don’t know this unit");
    assert_eq!(again.attributes("input[name=choice]", "value").len(), 18);
}

/// What stands in the footer of every page.
fn legal(page: &Page, name: &str, certificate: &str, phone: &str) {
    let foot = page.one("footer").unwrap();
    for part in [name, certificate, phone, "Monday to Friday", "BR000000"] {
        assert!(foot.contains(part), "{part:?} is not in the footer of {}: {foot}", page.path);
    }
}

#[tokio::test]
async fn every_page_names_provider_certificate_and_broker() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { brand: "DE", ssn: "900-45-0200", ..Person::default() });
    let landing = walk.browser.get("/").await;
    legal(&landing, "Reliant Energy Retail Services LLC", "10007", "(866) 222-7100");
    let deposit = walk.through_start_date().await;
    deposit.says("65 or older");
    let review = walk.deposit(&deposit).await;
    let end = walk.review(&review).await;
    for page in [&deposit, &review, &end, &walk.browser.get("/help").await] {
        legal(page, "Direct Energy, LP", "10040", "(855) 461-1926");
    }
    // The three documents wherever there is something to agree to or to keep.
    for page in [&review, &end] {
        assert_eq!(
            page.attributes("main a[href^='https://docs.example.com/']", "href").len(),
            3,
            "{}",
            page.path
        );
    }
    end.says("CenterPoint Energy: (800) 332-7143");
    end.says("1-888-782-8477");
}

#[tokio::test]
async fn identity_page_links_privacy_policy_beside_ssn() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let identity = walk.to_identity().await;
    assert_eq!(identity.attributes(".if-ssn a[target=_blank]", "href"), ["https://www.example.com/privacy"]);
    identity.says("authorize Reliant to obtain my consumer credit report");
}

#[tokio::test]
async fn information_pages_carry_their_content_and_are_linked() {
    let world = World::new().await;
    let browser: Browser = world.browser();
    for (path, parts) in [
        ("/how-it-works", &["Choose a plan", "Have these ready", "30 minutes"][..]),
        ("/help", &["(866) 222-7100", "Why do you need my Social Security number?", "1-888-782-8477"]),
        (
            "/about",
            &["Demo Affiliate", "no. BR000000", "Green Mountain Energy Company", "10009", "(855) 461-1926"],
        ),
        ("/privacy", &["One cookie", "Demo Affiliate’s full privacy policy"]),
        ("/accessibility", &["WCAG) 2.2, level AA", "two minutes before"]),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        parts.iter().for_each(|part| page.says(part));
        // Each is one link away, from everywhere.
        assert!(
            browser.get("/").await.attributes("footer a", "href").iter().any(|href| href == path),
            "{path}"
        );
    }
}

#[tokio::test]
async fn plan_list_is_paged_by_twenty() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { zip: "77988", ..Person::default() });
    let plans = walk.to_plans().await;
    let count: usize = plans.one(".count").unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(count > 200, "{count}");
    let mut seen = Vec::new();
    for page in 1..=count.div_ceil(20) {
        let page = walk.browser.get(&format!("/plans?page={page}")).await;
        let words = page.attributes(".plan input[name=compare]", "value");
        assert!(words.len() == 20 || seen.len() + words.len() == count, "{} on a page", words.len());
        seen.extend(words);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "each plan stands on one page");
}

#[tokio::test]
async fn plans_are_ordered_by_all_three_prices_until_a_use_is_known() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let plans = walk.to_plans().await;
    let place = |page: &Page, plan: &str| {
        page.attributes(".plan input[name=compare]", "value").iter().position(|word| word == plan)
    };
    // The bill credit of this plan makes the price at 1,000 kWh the second lowest of all, and that at 500 kWh the highest.
    let teaser = "RE-51010401";
    let by_one = walk.browser.get("/plans?sort=1000").await;
    assert_eq!(place(&by_one, teaser), Some(1));
    assert!(place(&plans, teaser) > Some(10), "{:?}", place(&plans, teaser));
    assert_eq!(plans.one("#sort option[selected]").as_deref(), Some("Average price"));
    let estimated = walk.browser.get("/plans?home=1000").await;
    assert_eq!(place(&estimated, teaser), Some(1));
    assert_eq!(estimated.one("#sort option[selected]").as_deref(), Some("Your estimated cost"));
}

#[tokio::test]
async fn plan_card_shows_credit_charge_and_smart_meter_terms() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let plans = walk.to_plans().await;
    for part in [
        "You’ll get a $100 credit only in months when you use between 1,000 and 1,999 kWh",
        "$14.95 is added in months when you use less than 1,000 kWh",
        "This plan works only if your home has a smart meter",
    ] {
        plans.says(part);
    }
    let estimated = walk.browser.get("/plans?usage=1,350").await;
    estimated.says("a month, estimated for 1,350 kWh");
    // How far the published prices lie apart is said wherever the plan is shown.
    for path in ["/plans?usage=1,350", "/plans/RE/51010401", "/plans/compare?compare=RE-51010401"] {
        walk.browser.get(path).await.says("10.5¢ to 21.0¢, depending on the month");
    }
    let refused = walk.browser.get("/plans?usage=much").await;
    refused.says("Enter your monthly use as a number of kWh");
    assert_eq!(refused.attributes(".error-summary a", "href"), ["#usage"]);
    assert_eq!(refused.attributes("#usage", "value"), ["much"]);
}

#[tokio::test]
async fn text_is_compressed_for_who_takes_gzip_and_refused_to_nobody() {
    let world = World::with(&[("ENROLL__API__ENABLED", "true")]).await;
    let browser = world.browser();
    let style = browser.get("/").await.attributes("link[rel=stylesheet]", "href").remove(0);
    for path in ["/help", &style, "/api/openapi.json"] {
        let asked = async |accepts| {
            let answer = browser.ask("GET", path, &[("accept-encoding", accepts)]).await;
            assert_eq!(answer.status(), 200, "{path} for {accepts}");
            let headers = answer.headers().clone();
            let named = headers.get_all("vary").iter().filter(|names| *names == "accept-encoding").count();
            assert_eq!(named, 1, "{path} for {accepts}");
            let body = answer.bytes().await.unwrap();
            assert_eq!(headers["content-length"], body.len().to_string(), "{path} for {accepts}");
            (headers.contains_key("content-encoding"), body)
        };
        let (is_compressed, text) = asked("br, identity;q=0").await;
        assert!(!is_compressed, "{path}");
        let (is_compressed, short) = asked("gzip, br").await;
        assert!(is_compressed && short.len() < text.len() / 2, "{path}");
        let mut read = Vec::new();
        flate2::read::GzDecoder::new(&*short).read_to_end(&mut read).unwrap();
        assert_eq!(read, text, "{path}");
    }
}
