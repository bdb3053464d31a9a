//! Wrong forms, wrong order, forged choices, ended sessions: a clear answer, nothing sent, nothing lost.

use std::time::Duration;

use crate::support::{Page, Person, Walk, World, fault_proxy::html, log::Log};

async fn walk(world: &World) -> Walk {
    Walk::new(world.browser(), Person::default())
}

#[tokio::test]
async fn invalid_form_is_shown_again_with_input_kept_and_nothing_sent() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let page = walk.browser.get("/").await;
    let wrong = page.form("/").set("zip", "7799").submit(&walk.browser).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.one("title").unwrap().starts_with("Error: "));
    let summary = wrong.attributes(".error-summary a", "href");
    assert_eq!(summary, ["#zip", "#transaction"]);
    assert_eq!(wrong.attributes("#zip", "value"), ["7799"]);
    assert_eq!(world.sandbox.calls().len(), 0);

    let page = walk.to_contact().await;
    let before = world.sandbox.calls().len();
    let wrong = page
        .form("/contact")
        .set("first_name", "Jordan")
        .set("last_name", "")
        .set("email", "jordan@")
        .set("phone", "555")
        .submit(&walk.browser)
        .await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attributes(".error-summary a", "href"), ["#last_name", "#email", "#phone"]);
    for (field, value) in [("first_name", "Jordan"), ("email", "jordan@"), ("phone", "555")] {
        assert_eq!(wrong.attributes(&format!("#{field}"), "value"), [value]);
    }
    assert_eq!(world.sandbox.calls().len(), before);

    // Switching the language, or coming back later, brings back what was typed.
    let spanish = walk.browser.get("/contact?lang=es").await;
    assert_eq!(spanish.attributes("#email", "value"), ["jordan@"]);
    assert_eq!(spanish.attributes("html", "lang"), ["es"]);
}

#[tokio::test]
async fn refused_form_longer_than_a_draft_is_cut_and_the_page_says_so() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let page = walk.to_contact().await;
    let cut = |page: &Page, said: &str| {
        assert_eq!(page.attributes("#first_name", "value"), ["ñ".repeat(256)]);
        assert_eq!(page.attributes("#email", "value"), ["jordan@"]);
        page.says(said);
    };
    let wrong = page.form("/contact").set("first_name", &"ñ".repeat(600)).set("email", "jordan@");
    let wrong = wrong.submit(&walk.browser).await;
    assert_eq!(wrong.status, 422);
    let summary = wrong.attributes(".error-summary a", "href");
    assert_eq!(summary, ["#main", "#first_name", "#last_name", "#email", "#phone"]);
    cut(&wrong, "longer than we can keep, and was cut");
    // A later return shows what was kept, in either language.
    cut(&walk.browser.get("/contact").await, "longer than we can keep, and was cut");
    cut(&walk.browser.get("/contact?lang=es").await, "más largo de lo que podemos guardar");
    let (_, draft) = world.journey(&walk.browser).await.unwrap().draft.unwrap();
    assert!(draft.values().all(|value| value.len() <= 512));
}

#[tokio::test]
async fn invalid_identity_form_never_returns_the_ssn() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let page = walk.to_identity().await;
    let wrong = page
        .form("/identity")
        .set("birth_date_month", "3")
        .set("birth_date_day", "")
        .set("birth_date_year", "1985")
        .set("ssn", "900-45-6789")
        .submit(&walk.browser)
        .await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attributes("#birth_date_year", "value"), ["1985"]);
    wrong.never_says("900-45-6789");
    wrong.never_says("900456789");
    assert_eq!(world.sandbox.count("token"), 0);
    assert_eq!(world.sandbox.count("identity"), 0);
}

#[tokio::test]
async fn zip_and_ssn_with_spaces_and_plus_four_are_accepted() {
    let world = World::new().await;
    let walk =
        Walk::new(world.browser(), Person { zip: " 77999-0001 ", ssn: " 900 45 6789", ..Person::default() });
    walk.through_identity().await.is_at("/start-date");
}

#[tokio::test]
async fn page_requested_too_early_or_unknown_leads_to_position() {
    let world = World::new().await;
    let walk = walk(&world).await;
    for path in ["/plans", "/identity", "/review", "/quiz", "/deposit"] {
        walk.browser.get(path).await.is_at("/");
    }
    walk.to_address().await.is_at("/address");
    for path in ["/identity", "/quiz", "/deposit", "/review", "/confirmation", "/processing", "/ask", "/stop"]
    {
        walk.browser.get(path).await.is_at("/address");
    }
    // Posting ahead is no way round it.
    let posted = walk.browser.post("/review", &[("documents".into(), "yes".into())]).await;
    posted.is_at("/address");
    assert_eq!(world.sandbox.count("enroll"), 0);
    let unknown = walk.browser.get("/no-such-page").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.attributes("main a", "href").iter().any(|href| href == "/address"));
}

#[tokio::test]
async fn forged_plan_or_date_is_refused() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let plans = walk.to_plans().await;
    let form = plans.form("/plans");
    let forged = form.forge("offer", "99999999").submit(&walk.browser).await;
    forged.is_at("/plans");
    forged.says("no longer offered");
    let changed =
        plans.form("/plans").forge("digest", "0000").forge("revision", "1").submit(&walk.browser).await;
    changed.is_at("/plans");
    changed.says("have changed");

    let page = walk.plan(&walk.browser.get("/plans").await).await;
    let page = walk.address(&page).await;
    let page = walk.contact(&page).await;
    let page = walk.billing(&page).await;
    let dates = walk.identity(&page).await;
    let forged = dates.form("/start-date").forge("date", "2031-01-01").submit(&walk.browser).await;
    assert_eq!(forged.status, 422);
    forged.says("isn’t available");
    assert_eq!(world.sandbox.count("check-credit"), 0);
}

#[tokio::test]
async fn cross_site_form_is_refused_with_link_back_to_step() {
    let log = Log::listen();
    let world = World::new().await;
    let walk = walk(&world).await;
    let page = walk.to_contact().await;
    let fields = page.form("/contact").fields().to_vec();
    let foreign = [("origin", "https://elsewhere.example"), ("sec-fetch-site", "cross-site")];
    let refused = walk.browser.post_only("/contact", &fields, &foreign).await;
    assert_eq!(refused.status(), 403);
    let body = refused.text().await.unwrap();
    assert!(body.contains("href=\"/contact\""), "{body}");
    // The operator who has set another address reads which setting it is.
    let logged = log.lines("page: request refused").pop().unwrap();
    assert!(logged["error"].as_str().unwrap().contains("server.public_url"), "{logged}");
}

#[tokio::test]
async fn oversized_form_is_refused_with_error_page() {
    let world = World::new().await;
    let walk = walk(&world).await;
    walk.to_contact().await;
    let large = [("first_name".to_owned(), "A".repeat(200_000))];
    let page = walk.browser.post("/contact", &large).await;
    assert_eq!(page.status, 413);
    assert!(!page.h1().is_empty());
    walk.browser.get("/contact").await.is_at("/contact");
}

#[tokio::test]
async fn expired_session_shows_session_ended_and_allows_restart() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let page = walk.to_contact().await;
    world.forward(Duration::from_secs(31 * 60));
    let ended = walk.contact(&page).await;
    ended.is_at("/session-ended");
    walk.to_address().await.is_at("/address");
}

/// The pages to which only a journey leads.
const OUTCOMES: [(&str, &str); 9] = [
    ("GET", "/confirmation"),
    ("GET", "/pay"),
    ("POST", "/pay"),
    ("GET", "/pay/return"),
    ("GET", "/processing"),
    ("GET", "/stop"),
    ("POST", "/stop"),
    ("GET", "/ask"),
    ("POST", "/ask"),
];

/// Asserts that the page says what to do after submitting, with the number of each of the five providers.
fn says_not_to_enroll_again(page: &Page, title: &str) {
    assert_eq!((page.status.as_u16(), page.h1().as_str()), (200, title));
    page.says("If you pressed “Submit my enrollment”");
    page.says("Don’t enroll again.");
    page.says("Your enrollment keeps going without this page");
    page.says("If you noted the reference from our pages, have it ready.");
    assert_eq!(page.attributes("main .phone-number", "href").len(), 5);
}

#[tokio::test]
async fn outcome_page_after_session_end_says_not_to_enroll_again() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let review = walk.through_start_date().await;
    walk.wait(walk.review(&review).await).await.is_at("/confirmation");
    let cookie = walk.browser.cookies()["cookie"].to_str().unwrap().to_owned();
    world.forward(Duration::from_secs(31 * 60));
    for (method, path) in OUTCOMES {
        let answer = world.browser().ask(method, path, &[("cookie", &cookie)]).await;
        assert_eq!(answer.headers()["location"], "/session-ended?lang=en", "{method} {path}");
    }
    let ended = walk.browser.get("/confirmation").await;
    says_not_to_enroll_again(&ended, "Your session has ended");
}

#[tokio::test]
async fn outcome_page_without_cookie_says_not_to_enroll_again() {
    let world = World::new().await;
    for (method, path) in OUTCOMES {
        let answer = world.browser().ask(method, path, &[]).await;
        assert_eq!(answer.headers()["location"], "/session-ended?none=1&lang=en", "{method} {path}");
        assert!(!answer.headers().contains_key("set-cookie"), "{method} {path}");
    }
    let page = world.browser().get("/confirmation").await;
    says_not_to_enroll_again(&page, "This browser has no open enrollment");
    let spanish = world.browser().get("/processing?lang=es").await;
    assert_eq!(spanish.h1(), "Este navegador no tiene ninguna inscripción abierta");
    spanish.says("Si oprimió “Enviar mi inscripción”");
    spanish.says("No se inscriba otra vez.");
}

#[tokio::test]
async fn leave_deletes_the_answers() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let page = walk.to_contact().await;
    page.leave(&walk.browser).await.is_at("/session-ended");
    walk.browser.get("/contact").await.is_at("/");
}

#[tokio::test]
async fn quiz_double_click_makes_one_call_and_both_continue() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Kba", ..Person::default() });
    let page = walk.through_identity().await;
    page.is_at("/quiz");
    let (one, two) = tokio::join!(walk.quiz(&page, true), walk.quiz(&page, true));
    one.is_at("/start-date");
    two.is_at("/start-date");
    assert_eq!(world.sandbox.count("kba-result"), 1);
}

#[tokio::test]
async fn identity_call_survives_browser_disconnect() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { last_name: "Slow", ..Person::default() });
    let page = walk.to_identity().await;
    let gone = tokio::time::timeout(Duration::from_millis(150), walk.identity(&page)).await;
    assert!(gone.is_err(), "the answer came too soon for this test");
    let mut page = walk.browser.get("/start-date").await;
    for _ in 0..300 {
        if page.path == "/start-date" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        page = walk.browser.get("/start-date").await;
    }
    page.is_at("/start-date");
    assert_eq!(world.sandbox.count("identity"), 1);
}

#[tokio::test]
pub async fn review_posted_fifty_times_submits_once() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { first_name: "Slow", ..Person::default() });
    let review = walk.through_start_date().await;
    let posts = (0..50).map(|_| walk.review(&review));
    for page in futures_util::future::join_all(posts).await {
        page.is_at("/confirmation");
    }
    assert_eq!(world.sandbox.count("enroll"), 1);
}

#[tokio::test]
async fn answer_changed_on_review_returns_to_review() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let review = walk.through_start_date().await;
    review.is_at("/review");
    let dates = walk.browser.get("/start-date").await;
    let values = dates.attributes("input[name=date]", "value");
    let review = dates.form("/start-date").set("date", &values[1]).submit(&walk.browser).await;
    review.is_at("/review");
    assert_eq!(world.sandbox.count("check-credit"), 2);
    // The same date again is no new inquiry.
    let dates = walk.browser.get("/start-date").await;
    dates.form("/start-date").set("date", &values[1]).submit(&walk.browser).await.is_at("/review");
    assert_eq!(world.sandbox.count("check-credit"), 2);
}

#[tokio::test]
async fn same_person_at_another_address_within_a_day_is_not_asked() {
    let world = World::new().await;
    for street in ["100 Example Oak Ln", "102 Example Oak Ln"] {
        let walk = Walk::new(world.browser(), Person { street, ..Person::default() });
        let review = walk.through_start_date().await;
        walk.review(&review).await.is_at("/confirmation");
    }
    assert_eq!(world.sandbox.count("enroll"), 2);
}

#[tokio::test]
async fn honeypot_or_haste_alone_is_counted_and_both_lead_to_the_phone() {
    let world =
        World::with(&[("ENROLL__LIMITS__MINIMUM_SECONDS", "10"), ("ENROLL__LIMITS__HONEYPOT", "true")]).await;
    let walk = walk(&world).await;
    let landing = walk.browser.get("/").await;
    let trap = landing.attributes(".trap input", "name").remove(0);
    // A manager of passwords has filled it in: the form counts.
    let form = landing.form("/").set("zip", "77999").set("transaction", "MVI").set(&trap, "spam");
    form.submit(&walk.browser).await.is_at("/plans");
    let page = walk.to_identity().await;

    let both = walk.identity_form(&page).set(&trap, "spam").submit(&walk.browser).await;
    assert_eq!(both.status, 429);
    both.says("A field that people don’t see was filled in");
    both.says("Nothing has been sent to Reliant yet");
    assert!(!both.attributes("main a[href^='tel:']", "href").is_empty());
    assert_eq!(world.sandbox.count("token"), 0);
    let back = walk.browser.get(&both.attributes("main a.button", "href")[0]).await;
    back.is_at("/identity");
    assert_eq!(back.attributes("#birth_date_year", "value"), ["1985"]);
    assert_eq!(back.attributes("#ssn", "value"), Vec::<String>::new());

    // After the time that a person needs, it is only filled in; and somebody else is only quick.
    world.forward(Duration::from_secs(11));
    walk.identity_form(&back).set(&trap, "spam").submit(&walk.browser).await.is_at("/start-date");
    let quick = Walk::new(world.browser(), Person { street: "102 Example Oak Ln", ..Person::default() });
    let page = quick.to_identity().await;
    quick.identity(&page).await.is_at("/start-date");
    let count = async |sign| world.metric("enroll_bot_signs_total", &[sign]).await;
    assert_eq!([count("honeypot").await, count("hasty").await], [3.0, 2.0]);
}

#[tokio::test]
async fn unreadable_field_is_named_and_the_others_are_kept() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let page = walk.to_contact().await;
    let agreed = page.attributes("input[name=agreed]", "value").remove(0);
    let good = format!(
        "agreed={agreed}&last_name=Samplecase&email=jordan%40example.com&phone=7135550142&language=en"
    );
    for (name, shown) in [
        ("first_name=Jos%E9", "Jos\u{fffd}"),
        ("first_name=Jos%EF%BF%BD", "Jos\u{fffd}"),
        ("first_name=Jos\u{fffd}", "Jos\u{fffd}"),
        ("first_name=Jordan&first_name=Jordana", "\u{fffd}"),
    ] {
        let wrong = walk.browser.post_body("/contact", format!("{good}&{name}")).await;
        assert_eq!(wrong.status, 422, "{name}");
        assert_eq!(wrong.attributes(".error-summary a", "href"), ["#first_name"], "{name}");
        wrong.says("Type it again");
        // There, and after a change of language.
        for page in [wrong, walk.browser.get("/contact?lang=es").await] {
            assert_eq!(page.attributes("#first_name", "value"), [shown]);
            assert_eq!(page.attributes("#last_name", "value"), ["Samplecase"]);
            assert_eq!(page.attributes("#email", "value"), ["jordan@example.com"]);
        }
        walk.browser.get("/contact?lang=en").await;
    }
    let right = walk.browser.post_body("/contact", format!("{good}&first_name=Jos%C3%A9")).await;
    right.is_at("/identity");
}

#[tokio::test]
async fn visitor_who_may_not_begin_yet_keeps_what_was_typed() {
    for env in [("ENROLL__LIMITS__BEGIN__ADDRESS", "1 per 1h"), ("ENROLL__SESSION__MOST", "1")] {
        let world = World::with(&[env]).await;
        walk(&world).await.zip().await.is_at("/plans");
        let browser = world.browser();
        let landing = browser.get("/").await;
        let form = landing.form("/").set("zip", "77999").set("transaction", "SWI");
        let refused = form.submit(&browser).await;
        assert!([429, 503].contains(&refused.status.as_u16()), "{env:?}: {}", refused.status);
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(refused.attributes("#zip", "value"), ["77999"]);
        assert_eq!(refused.attributes("input[name=transaction][checked]", "value"), ["SWI"]);
        assert!(refused.one(".error-summary").is_some());
    }
}

#[tokio::test]
async fn answer_to_a_question_is_kept_when_refused_or_not_answered_by_nrg() {
    let world = World::with_fault_proxy(&[]).await;
    let walk = Walk::new(world.browser(), Person { street: "300 Example Oak Ln", ..Person::default() });
    let page = walk.address(&walk.to_address().await).await;
    page.is_at("/ask");
    let long = page.form("/ask").set("unit", "12345678901").submit(&walk.browser).await;
    assert_eq!(long.status, 422);
    for path in ["/ask", "/ask?lang=es", "/ask?lang=en"] {
        assert_eq!(walk.browser.get(path).await.attributes("#unit", "value"), ["12345678901"], "{path}");
    }
    // The step's own page has its own form.
    let address = walk.browser.get("/address").await;
    assert_eq!(address.attributes("#street", "value"), ["300 Example Oak Ln"]);
    assert_eq!(address.attributes("#unit", "value"), [""]);

    world.fault_proxy().always("cleanup-address", html(503));
    let failed = walk.browser.get("/ask").await.form("/ask").set("unit", "2").submit(&walk.browser).await;
    assert!(failed.status.is_server_error(), "{}", failed.status);
    failed.says("Your answers are kept");
    world.fault_proxy().pass_on();
    let page = walk.browser.get("/ask").await;
    assert_eq!(page.attributes("#unit", "value"), ["2"]);
    page.form("/ask").submit(&walk.browser).await.is_at("/contact");
}
