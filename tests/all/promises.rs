//! What the pages promise: no day of service that is not certain, no e-mail that nobody sends, no way out of a deposit that
//! the brand does not offer, and no price whose conditions are not named.

use std::time::Duration;

use nrg_enroll::{fields::Language, messages::Catalogs};

use crate::support::{Page, Person, Walk, World};

const HOLD_ALLOWED: [(&str, &str); 2] =
    [("ENROLL__AFFILIATE__QUIZ", "false"), ("ENROLL__AFFILIATE__ALLOW_IDENTITY_HOLD", "true")];

/// Somebody who enrolls in `language`.
fn walk_in(world: &World, language: Language, person: Person) -> Walk {
    Walk { language, ..Walk::new(world.browser(), person) }
}

/// The page after the submission.
async fn to_the_end(walk: &Walk) -> Page {
    let page = walk.through_start_date().await;
    let page = if page.path == "/deposit" { walk.deposit(&page).await } else { page };
    let page = walk.review(&page).await;
    page.is_at("/confirmation");
    page
}

/// The terms of the summary lists.
fn terms(page: &Page) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.body);
    let terms = scraper::Selector::parse("dl.summary dt").unwrap();
    html.select(&terms).map(|term| term.text().collect::<String>().trim().to_owned()).collect()
}

#[tokio::test]
async fn confirmation_names_a_first_day_only_where_nothing_stands_in_its_way() {
    let person = Person::default;
    let catalogs = Catalogs::load().unwrap();
    for language in [Language::English, Language::Spanish] {
        let text = catalogs.of(language);
        let promise = match language {
            Language::English => ["Your service starts on", "Your provider changes on"],
            Language::Spanish => ["Su servicio empieza el", "Su compañía cambia el"],
        };
        for (name, person, certain) in [
            ("nothing", person(), true),
            ("a switch", Person { transaction: "SWI", ..person() }, true),
            ("a deposit", Person { ssn: "900-45-0200", ..person() }, false),
            ("no account", Person { first_name: "Blank", ..person() }, false),
            (
                "a switch without account",
                Person { transaction: "SWI", first_name: "Zeros", ..person() },
                false,
            ),
            ("a duplicate", Person { first_name: "Already", ..person() }, false),
            ("a switch hold", Person { street: "600 Example Oak Ln", ..person() }, false),
            ("an identity hold", Person { last_name: "Hold", ..person() }, false),
            ("no meter", Person { street: "700 Example Oak Ln", ..person() }, false),
            ("a hold", Person { first_name: "Listed", ..person() }, false),
        ] {
            let world = World::with(&HOLD_ALLOWED).await;
            let page = to_the_end(&walk_in(&world, language, person)).await;
            let promised = promise.iter().any(|words| page.text().contains(words));
            assert_eq!(promised, certain, "{name}: {}", page.text());
            assert_eq!(page.text().contains(&text.confirmation.first_heading), !certain, "{name}");
            let terms = terms(&page);
            assert_eq!(terms.contains(&text.review.start_date), certain, "{name} {terms:?}");
            assert_eq!(terms.contains(&text.confirmation.date_asked), !certain, "{name} {terms:?}");
        }
    }
}

#[tokio::test]
async fn holds_that_could_not_be_looked_up_are_asked_for_on_a_later_visit() {
    let catalogs = Catalogs::load().unwrap();
    for language in [Language::English, Language::Spanish] {
        let t = &catalogs.of(language).confirmation;
        let beginning = |words: &str| words.split('{').next().unwrap().trim().to_owned();
        let world = World::new().await;
        let walk = walk_in(&world, language, Person { first_name: "Unread", ..Person::default() });
        let page = to_the_end(&walk).await;
        page.says(&beginning(&t.holds_unknown));
        page.never_says(&beginning(&t.holds_none));
        walk.browser.get("/confirmation").await;
        assert_eq!(world.sandbox.count("holds"), 1);
        world.forward(Duration::from_secs(6 * 60));
        let page = walk.wait(walk.browser.get("/confirmation").await).await;
        page.says(&beginning(&t.holds_unknown));
        assert_eq!(world.sandbox.count("holds"), 2);
    }
}

#[tokio::test]
async fn deposit_page_lists_the_ways_out_of_its_brand_only() {
    let world = World::with(&[("ENROLL__BRANDS__PW__DEPOSIT__WAYS_OUT", "letter_of_credit,age")]).await;
    let catalogs = Catalogs::load().unwrap();
    let t = &catalogs.of(Language::English).deposit;
    let all = [
        &t.way_age,
        &t.way_military,
        &t.way_violence,
        &t.way_medical,
        &t.way_payment,
        &t.way_guarantee,
        &t.way_letter_of_credit,
    ];
    let usual = [&t.way_age, &t.way_military, &t.way_violence, &t.way_medical, &t.way_payment];
    let with_guarantor = [&usual[..], &[&t.way_guarantee]].concat();
    for (brand, street, ways) in [
        ("RE", "101 Example Oak Ln", usual.to_vec()),
        ("GM", "102 Example Oak Ln", with_guarantor.clone()),
        ("CE", "103 Example Oak Ln", with_guarantor),
        ("PW", "104 Example Oak Ln", vec![&t.way_letter_of_credit, &t.way_age]),
        ("DE", "105 Example Oak Ln", usual.to_vec()),
    ] {
        let person = Person { brand, street, ssn: "900-45-0200", ..Person::default() };
        let page = Walk::new(world.browser(), person).through_start_date().await;
        page.is_at("/deposit");
        for way in all {
            assert_eq!(page.text().contains(way.as_str()), ways.contains(&way), "{brand}: {way}");
        }
    }
}

#[tokio::test]
async fn deposit_without_ways_out_offers_no_papers() {
    let world = World::with(&[("ENROLL__BRANDS__RE__DEPOSIT__WAYS_OUT", "")]).await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let page = walk.through_start_date().await;
    page.is_at("/deposit");
    assert_eq!(page.attributes("input[name=choice]", "value"), ["go_on", "with_ssn"]);
    page.never_says("Ways to avoid");
    page.says("two installments");
}

#[tokio::test]
async fn papers_instead_of_a_deposit_lead_to_a_call_and_agree_to_nothing() {
    for (language, call) in
        [(Language::English, "Call Reliant first"), (Language::Spanish, "Primero llame a Reliant")]
    {
        let world = World::new().await;
        let walk = walk_in(&world, language, Person { ssn: "900-45-0200", ..Person::default() });
        let page = walk.through_start_date().await;
        page.never_says(call);
        let page = page.form("/deposit").set("choice", "papers").submit(&walk.browser).await;
        page.is_at("/deposit");
        assert_eq!(page.status, 200);
        page.says(call);
        let advice = page.one(".notice p").unwrap();
        assert!(advice.contains("866") && advice.contains("30"), "{advice}");
        assert_eq!(page.attributes("input[name=choice][checked]", "value"), ["papers"]);
        let asked = |endpoint| world.sandbox.count(endpoint);
        assert_eq!((asked("check-credit"), asked("recheck-credit"), asked("token")), (1, 0, 1));
        let journey = world.journey(&walk.browser).await.unwrap();
        assert_eq!(journey.deposit_accepted, None);
        // Nothing was agreed to, so review is not open, and the same page waits in any later visit.
        walk.browser.get("/review").await.is_at("/deposit");
        let page = walk.browser.get("/deposit").await;
        page.says(call);

        let review = walk.deposit(&page).await;
        review.is_at("/review");
        review.never_says(call);
        walk.browser.get("/deposit").await.never_says(call);
        walk.review(&review).await.is_at("/confirmation");
    }
}

#[tokio::test]
async fn words_of_the_brand_about_a_deposit_stand_wherever_it_is_owed() {
    let env = [
        ("ENROLL__BRANDS__RE__DEPOSIT__DEADLINE__EN", "Pay within 30 days, or it expires."),
        ("ENROLL__BRANDS__RE__DEPOSIT__DEADLINE__ES", "Pague en 30 días, o vence."),
        ("ENROLL__BRANDS__RE__DEPOSIT__WAYS_TO_PAY__EN", "Pay by card or at a store."),
        ("ENROLL__BRANDS__RE__DEPOSIT__WAYS_TO_PAY__ES", "Pague con tarjeta o en una tienda."),
        ("ENROLL__BRANDS__RE__DEPOSIT__PAPERS__EN", "Fax papers to 555-0100."),
        ("ENROLL__BRANDS__RE__DEPOSIT__PAPERS__ES", "Envíe los papeles por fax al 555-0100."),
    ];
    let world = World::with(&env).await;
    for (language, street, at) in
        [(Language::English, "101 Example Oak Ln", 0), (Language::Spanish, "102 Example Oak Ln", 1)]
    {
        let [deadline, ways_to_pay, papers] = [0, 2, 4].map(|from| env[from + at].1);
        let person = Person { street, ssn: "900-45-0200", ..Person::default() };
        let walk = walk_in(&world, language, person);
        let deposit = walk.through_start_date().await;
        let review = walk.deposit(&deposit).await;
        let end = walk.review(&review).await;
        end.is_at("/confirmation");
        for page in [&deposit, &review, &end] {
            page.says(deadline);
            page.says(ways_to_pay);
        }
        for page in [&deposit, &end] {
            page.says(papers);
        }
        // Who owes none reads none of it.
        let person = Person { street: "103 Example Oak Ln", first_name: "Sam", ..Person::default() };
        let review = walk_in(&world, language, person).through_start_date().await;
        review.is_at("/review");
        review.never_says(deadline);
    }
}

#[tokio::test]
async fn switch_says_not_to_cancel_and_affirmation_authorizes_the_brand() {
    for (language, cancel, authorizes) in [
        (
            Language::English,
            "Don’t cancel with your current provider yourself",
            "I authorize Reliant to switch",
        ),
        (
            Language::Spanish,
            "No cancele usted con su compañía actual",
            "Autorizo a Reliant a hacer el cambio",
        ),
    ] {
        for transaction in ["SWI", "MVI"] {
            let world = World::new().await;
            let walk = walk_in(&world, language, Person { transaction, ..Person::default() });
            let review = walk.through_start_date().await;
            review.says(authorizes);
            let end = walk.review(&review).await;
            end.is_at("/confirmation");
            for page in [&review, &end] {
                assert_eq!(page.text().contains(cancel), transaction == "SWI", "{transaction} {}", page.path);
            }
        }
    }
}

#[tokio::test]
async fn email_address_of_the_brand_is_shown_beside_its_number() {
    let world = World::with(&[("ENROLL__BRANDS__RE__EMAIL", "care@reliant.test")]).await;
    let links = |page: &Page| page.attributes("main a[href='mailto:care@reliant.test']", "href").len();
    let walk = Walk::new(world.browser(), Person { last_name: "Current", ..Person::default() });
    for path in ["/help", "/session-ended"] {
        assert_eq!(links(&walk.browser.get(path).await), 1, "{path}");
    }
    walk.browser.get("/about").await.says("care@reliant.test");
    let stop = walk.through_identity().await;
    stop.is_at("/stop");
    assert_eq!(links(&stop), 1);
    assert!(!stop.attributes("footer a[href^=mailto]", "href").is_empty());
    let end = to_the_end(&Walk::new(world.browser(), Person::default())).await;
    assert_eq!(links(&end), 1);

    let world = World::new().await;
    for path in ["/help", "/about", "/session-ended"] {
        let page = world.browser().get(path).await;
        assert!(page.attributes("a[href^=mailto]", "href").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn email_is_promised_only_where_nrg_sends_one() {
    for (sends, promised) in [("false", false), ("true", true)] {
        let brands =
            ["RE", "GM", "CE", "PW", "DE"].map(|id| format!("ENROLL__BRANDS__{id}__CONFIRMATION_EMAIL"));
        let env: Vec<_> = brands.iter().map(|name| (name.as_str(), sends)).collect();
        for (language, words) in [
            (
                Language::English,
                [
                    "will send your confirmation to this",
                    "will send it to",
                    "will come by email",
                    "get a confirmation",
                    "Look for an email",
                ],
            ),
            (
                Language::Spanish,
                [
                    "enviará la confirmación a este",
                    "lo enviará a",
                    "llegará por correo",
                    "Recibirá la confirmación",
                    "Busque un correo",
                ],
            ),
        ] {
            let world = World::with(&env).await;
            let walk = |first_name, street| {
                walk_in(&world, language, Person { first_name, street, ..Person::default() })
            };
            let first = walk("Jordan", "101 Example Oak Ln");
            let contact = first.to_contact().await;
            contact.is_at("/contact");
            let accepted = to_the_end(&walk("Blank", "102 Example Oak Ln")).await;
            let duplicate = to_the_end(&walk("Already", "103 Example Oak Ln")).await;
            let enrolled = to_the_end(&walk("Robin", "104 Example Oak Ln")).await;
            let ended = world.browser().get(&format!("/session-ended?lang={}", language.tag())).await;
            for (page, words) in [&contact, &accepted, &duplicate, &enrolled, &ended].into_iter().zip(words) {
                assert_eq!(page.text().contains(words), promised, "{words}: {}", page.text());
            }
        }
    }
}

/// The form that chooses the first plan of `brand` on the page.
fn offer_of(page: &Page, brand: &str) -> String {
    let brands = page.attributes("form[method=post][action^='/plans'] input[name=brand]", "value");
    let nth = brands.iter().position(|shown| shown == brand).unwrap();
    page.form_at("/plans", nth).value("offer").unwrap().to_owned()
}

#[tokio::test]
async fn conditions_of_a_price_are_named_wherever_the_plan_is_shown() {
    let catalogs = Catalogs::load().unwrap();
    for language in [Language::English, Language::Spanish] {
        let t = &catalogs.of(language).plans;
        let world = World::new().await;
        for (brand, street, flags) in [
            ("RE", "101 Example Oak Ln", [true, false]),
            ("GM", "102 Example Oak Ln", [false, true]),
            ("PW", "103 Example Oak Ln", [true, true]),
        ] {
            let walk = walk_in(&world, language, Person { zip: "77986", brand, street, ..Person::default() });
            let plans = walk.to_plans().await;
            let code = offer_of(&plans, brand);
            let plan = walk.browser.get(&format!("/plans/{brand}/{code}")).await;
            let compared = walk.browser.get(&format!("/plans/compare?compare={brand}-{code}")).await;
            let address = walk.plan(&plans).await;
            let contact = walk.address(&address).await;
            let billing = walk.contact(&contact).await;
            let identity = walk.billing(&billing).await;
            let dates = walk.identity(&identity).await;
            let review = walk.start_date(&dates).await;
            review.is_at("/review");
            for page in [&plan, &compared, &review] {
                let shown =
                    [&t.paperless_flag, &t.autopay_flag].map(|flag| page.text().contains(flag.as_str()));
                assert_eq!(shown, flags, "{brand} {}", page.path);
            }
        }
        let person = Person { zip: "77986", brand: "GM", street: "104 Example Oak Ln", ..Person::default() };
        let end = to_the_end(&walk_in(&world, language, person)).await;
        let next_autopay = &catalogs.of(language).confirmation.next_autopay;
        end.says(&next_autopay.replace("{brand}", "Green Mountain"));
        // Where no price counts a discount, no page names one.
        let plain = walk_in(&world, language, Person::default()).through_start_date().await;
        plain.never_says(&catalogs.of(language).review.paperless_needed);
    }
}

#[tokio::test]
async fn paper_bills_against_a_discounted_price_are_explained_and_not_overruled() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { zip: "77986", ..Person::default() });
    let review = walk.through_start_date().await;
    review.says("You lose the discount and pay more than the price shown.");
    assert!(review.attributes("input[name=paperless][checked]", "value").is_empty());
    let page = walk.review_form(&review).set("paperless", "no").submit(&walk.browser).await;
    walk.wait(page).await.is_at("/confirmation");
    let enroll = world.sandbox.calls().into_iter().find(|call| call.endpoint == "enroll").unwrap();
    assert_ne!(enroll.parameters.get("ebillFlag"), Some(&"Y".into()));
}

#[tokio::test]
async fn prepaid_plan_is_sold_only_by_setting_and_with_its_disclosure() {
    let shown_brands = |page: &Page| page.attributes("form[method=post] input[name=brand]", "value");
    let person = || Person { zip: "77987", brand: "DE", ..Person::default() };
    let world = World::new().await;
    let plans = Walk::new(world.browser(), person()).to_plans().await;
    assert!(shown_brands(&plans).iter().all(|brand| brand != "DE"));
    assert!(shown_brands(&plans).contains(&"RE".to_owned()));

    let catalogs = Catalogs::load().unwrap();
    for language in [Language::English, Language::Spanish] {
        let text = catalogs.of(language);
        let world = World::with(&[("ENROLL__AFFILIATE__ALLOW_PREPAID", "true")]).await;
        let walk = walk_in(&world, language, person());
        let plans = walk.to_plans().await;
        plans.says(&text.plans.prepaid_flag);
        let plan = walk.browser.get(&format!("/plans/DE/{}", offer_of(&plans, "DE"))).await;
        let address = walk.plan(&plans).await;
        let page = walk.address(&address).await;
        let page = walk.contact(&page).await;
        let page = walk.billing(&page).await;
        let page = walk.identity(&page).await;
        let review = walk.start_date(&page).await;
        let end = walk.review(&review).await;
        end.is_at("/confirmation");
        for page in [&plan, &review, &end] {
            for words in [
                &text.plans.prepaid_heading,
                &text.plans.prepaid_pay,
                &text.plans.prepaid_minimum,
                &text.plans.prepaid_cut,
                &text.plans.prepaid_notices,
                &text.plans.prepaid_deposit,
            ] {
                page.says(words);
            }
        }
        end.never_says(&text.confirmation.next_bill);
        end.never_says(text.confirmation.next_autopay.split(['{', '.']).next().unwrap());
        let other = Person { brand: "RE", street: "101 Example Oak Ln", ..person() };
        let other = to_the_end(&walk_in(&world, language, other)).await;
        other.says(&text.confirmation.next_bill);
        other.never_says(&text.plans.prepaid_heading);
    }
}

#[tokio::test]
async fn plan_of_yesterday_is_read_from_offers_where_offer_details_has_none() {
    for (zip, details) in [("77984", 1), ("77985", 3)] {
        let env = [("ENROLL__SESSION__IDLE", "23h"), ("ENROLL__SESSION__ABSOLUTE", "24h")];
        let world = World::with(&env).await;
        let walk = Walk::new(world.browser(), Person { zip, ..Person::default() });
        walk.through_start_date().await.is_at("/review");
        let offers = world.sandbox.count("offers");
        world.forward(Duration::from_secs(17 * 3600));
        let dates = walk.browser.get("/review").await;
        dates.is_at("/start-date");
        assert_eq!(world.sandbox.count("offer-details"), details, "{zip}");
        assert_eq!(world.sandbox.count("offers"), offers + 1, "{zip}: of the plan's brand only");
        let review = walk.start_date(&dates).await;
        walk.review(&review).await.is_at("/confirmation");
    }
}
