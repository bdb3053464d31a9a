//! A switch of language: what was typed and not sent goes with it, and no number does; and what NRG said in the other
//! language is marked, or asked for again.

use nrg_enroll::{fields::Language, messages::Catalogs};

use crate::support::{Filled, Page, Person, Walk, World, fault_proxy::html};

async fn walk(world: &World) -> Walk {
    Walk::new(world.browser(), Person::default())
}

/// Presses the switch of `page` with the form as it is filled in: the same page in the other language, without errors.
async fn switched(walk: &Walk, page: &Page, form: Filled, path: &str, language: &str) -> Page {
    let page = form.switch_language(page).submit(&walk.browser).await;
    page.is_at(path);
    assert_eq!(page.status, 200);
    assert_eq!(page.attributes("html", "lang"), [language]);
    assert!(page.one(".error-summary").is_none(), "{path}");
    page
}

#[tokio::test]
async fn switch_keeps_what_was_typed_on_every_step_and_judges_nothing() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let value = |page: &Page, field: &str| page.attributes(&format!("#{field}"), "value").concat();

    let page = walk.to_address().await;
    let calls = world.sandbox.calls().len();
    let typed = page.form("/address").set("street", "PO Box").set("city", "Sampl");
    let page = switched(&walk, &page, typed, "/address", "es").await;
    assert_eq!((value(&page, "street"), value(&page, "city")), ("PO Box".to_owned(), "Sampl".to_owned()));
    let form = page.form("/address");
    let page = switched(&walk, &page, form, "/address", "en").await;
    assert_eq!(value(&page, "street"), "PO Box");
    assert_eq!(world.sandbox.calls().len(), calls, "nothing is asked");

    let page = walk.address(&page).await;
    let typed =
        page.form("/contact").set("first_name", "José").set("email", "jose@").set("marketing_phone", "yes");
    let page = switched(&walk, &page, typed, "/contact", "es").await;
    assert_eq!((value(&page, "first_name"), value(&page, "email")), ("José".to_owned(), "jose@".to_owned()));
    assert_eq!(page.attributes("#marketing_phone[checked]", "value"), ["yes"]);
    // What is not sent is no answer: the journey still stands here.
    walk.browser.get("/review").await.is_at("/contact");

    let page = walk.browser.get("/contact?lang=en").await;
    let page = walk.contact(&page).await;
    let page = walk.identity(&walk.billing(&page).await).await;
    page.is_at("/start-date");
    let typed = page.form("/start-date").set("typed", "someday");
    let page = switched(&walk, &page, typed, "/start-date", "es").await;
    assert_eq!(value(&page, "typed"), "someday");
    let page = walk.browser.get("/start-date?lang=en").await;
    let first = page.attributes("input[name=date]", "value").remove(0);
    let page = page.form("/start-date").set("typed", "").set("date", &first).submit(&walk.browser).await;
    page.is_at("/review");
    let typed = page.form("/review").set("paperless", "no").set("records", "yes");
    let page = switched(&walk, &page, typed, "/review", "es").await;
    assert_eq!(page.attributes("input[name=paperless][checked]", "value"), ["no"]);
    assert_eq!(page.attributes("#records[checked], #documents[checked]", "id"), ["records"]);
}

#[tokio::test]
async fn switch_drops_numbers_unread_and_says_so() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_identity().await;
    let calls = world.sandbox.calls().len();
    let catalogs = Catalogs::load().unwrap();
    for (language, of) in [("es", Language::Spanish), ("en", Language::English)] {
        let again = &catalogs.of(of).problem.secret_again;
        let shown = walk.browser.get("/identity").await;
        let form = walk.identity_form(&shown).set("birth_date_day", "40");
        let page = switched(&walk, &shown, form, "/identity", language).await;
        assert_eq!(page.attributes("#birth_date_day", "value"), ["40"]);
        page.never_says("6789");
        assert!(page.one("#ssn-hint").unwrap().starts_with(again), "{language}");
        assert!(!page.one("#licence-hint").unwrap().starts_with(again), "only the number that was typed");
    }
    let (_, draft) = world.journey(&walk.browser).await.unwrap().draft.unwrap();
    assert!(!format!("{draft:?}").contains("6789"));
    assert_eq!(world.sandbox.calls().len(), calls, "no number is traded");
    // Without a number nothing was dropped, and nothing is said.
    let form = page.form("/identity").set("birth_date_day", "4");
    let page = switched(&walk, &walk.browser.get("/identity").await, form, "/identity", "es").await;
    assert!(!page.one("#ssn-hint").unwrap().contains("no guardamos"));
    // What stands there can be sent.
    walk.identity(&page).await.is_at("/start-date");
}

#[tokio::test]
async fn number_typed_on_deposit_page_is_dropped_and_asked_for_again() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person { ssn: "900-45-0200", ..Person::default() });
    let page = walk.through_start_date().await;
    page.is_at("/deposit");
    let form = page.form("/deposit").set("choice", "with_ssn").set("ssn", "900-45-0150");
    let page = switched(&walk, &page, form, "/deposit", "es").await;
    assert_eq!(page.attributes("input[name=choice][checked]", "value"), ["with_ssn"]);
    page.never_says("0150");
    assert!(page.one("#ssn-hint").unwrap().starts_with("Por su seguridad no guardamos este número"));
}

#[tokio::test]
async fn first_page_keeps_what_was_typed_without_beginning_a_session() {
    let world = World::new().await;
    let browser = world.browser();
    let walk = Walk::new(browser.clone(), Person::default());
    let page = browser.get("/").await;
    let typed = page.form("/").set("zip", "7799").set("transaction", "SWI").switch_language(&page);
    let page = typed.submit(&browser).await;
    assert_eq!((page.status.as_u16(), page.attributes("html", "lang")), (200, vec!["es".to_owned()]));
    assert_eq!(page.attributes("#zip", "value"), ["7799"]);
    assert_eq!(page.attributes("input[name=transaction][checked]", "value"), ["SWI"]);
    assert!(page.one(".error-summary").is_none());
    assert!(!page.headers.contains_key("set-cookie"), "nothing begins");
    // And back, and on in that language.
    let back = page.form("/").switch_language(&page).submit(&browser).await;
    assert_eq!(back.attributes("html", "lang"), ["en"]);
    let plans = page.form("/").set("zip", "77999").submit(&browser).await;
    plans.is_at("/plans");
    assert_eq!(plans.attributes("html", "lang"), ["es"]);
    // With nothing typed, the page itself.
    let fresh = world.browser();
    let page = fresh.get("/").await;
    let page = page.form("/").switch_language(&page).submit(&fresh).await;
    assert_eq!(page.path, "/?lang=es");
    // The path that only forms are posted to leads to the page.
    assert_eq!(walk.browser.get("/language/zip?lang=es&x=1").await.path, "/?lang=es&x=1");
}

#[tokio::test]
async fn question_keeps_what_was_typed_in_the_other_language() {
    let world = World::with_fault_proxy(&[]).await;
    let walk = Walk::new(world.browser(), Person { street: "300 Example Oak Ln", ..Person::default() });
    let page = walk.address(&walk.to_address().await).await;
    page.is_at("/ask");
    world.fault_proxy().always("cleanup-address", html(503));
    let form = page.form("/ask").set("unit", "12345678901");
    let page = switched(&walk, &page, form, "/ask", "es").await;
    assert_eq!(page.attributes("#unit", "value"), ["12345678901"]);
    let form = page.form("/ask").set("unit", "2").switch_language(&page);
    // Of an older form, nothing is kept.
    let kept = form.clone().forge("revision", "0").submit(&walk.browser).await;
    assert_eq!(kept.attributes("#unit", "value"), ["12345678901"]);
    form.submit(&walk.browser).await;
    world.fault_proxy().pass_on();
    let page = walk.browser.get("/ask").await;
    page.form("/ask").submit(&walk.browser).await.is_at("/contact");
}

#[tokio::test]
async fn switch_is_bound_like_any_form_and_keeps_other_drafts() {
    let world = World::new().await;
    let walk = walk(&world).await;
    let page = walk.to_contact().await;
    let [action] = page.attributes("button.language", "formaction").try_into().unwrap();
    assert_eq!(action, "/language/contact?lang=es");
    let fields = page.form("/contact").set("first_name", "Jo").fields().to_vec();
    let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(walk.browser.post_only(&action, &fields, &foreign).await.status(), 403);
    assert!(world.journey(&walk.browser).await.unwrap().draft.is_none());
    let long = [("first_name".to_owned(), "x".repeat(200_000))];
    assert_eq!(walk.browser.post_only(&action, &long, &[]).await.status(), 413);

    // What is no answer to this step changes nothing of what was refused elsewhere.
    walk.browser
        .get("/contact?lang=en")
        .await
        .form("/contact")
        .set("email", "jo@")
        .submit(&walk.browser)
        .await;
    let address = walk.browser.get("/address").await;
    let form = address.form("/address");
    switched(&walk, &address, form, "/address", "es").await;
    assert_eq!(walk.browser.get("/contact").await.attributes("#email", "value"), ["jo@"]);

    // A longer field is cut, and the page says so; a form of another visit is shown beside the newer state.
    let page = walk.browser.get("/contact?lang=en").await;
    let long = page.form("/contact").set("first_name", &"x".repeat(600)).switch_language(&page);
    let cut = long.submit(&walk.browser).await;
    assert_eq!(cut.attributes("#first_name", "value"), ["x".repeat(512)]);
    cut.says("más largo de lo que podemos guardar");
    let other = page.form("/contact").set("first_name", "Jo").forge("visit", "OTHER").switch_language(&page);
    let other = other.submit(&walk.browser).await;
    assert_eq!(
        (other.status.as_u16(), other.attributes("#first_name", "value")),
        (409, vec!["Jo".to_owned()])
    );
    assert_eq!(other.attributes("html", "lang"), ["es"]);

    // Where there is no form to lose, the switch is a link that keeps the address.
    let plans = walk.browser.get("/plans?sort=term&lang=en").await;
    assert_eq!(plans.attributes("a.language", "href"), ["/plans?lang=es&sort=term"]);
    // After the session has ended, the language stays.
    walk.browser.get("/contact").await.form("/leave").submit(&walk.browser).await;
    let ended = walk.browser.post(&action, &fields).await;
    assert_eq!(ended.attributes("html", "lang"), ["es"]);
}

#[tokio::test]
async fn texts_of_nrg_are_marked_with_the_language_they_came_in() {
    let world = World::new().await;
    let deposit = "Pedimos un depósito por la información";
    let quiz = Person { last_name: "Kba", ..Person::default() };
    let owes = Person { ssn: "900-45-0350", ..Person::default() };
    let listed = Person { first_name: "Listed", ..owes.clone() };
    for (path, person, texts) in [
        (
            "/stop",
            Person { last_name: "Restricted", ..Person::default() },
            vec!["No podemos completar su inscripción"],
        ),
        ("/identity", Person { last_name: "Posidfail", ..Person::default() }, vec![]),
        ("/quiz", quiz, vec!["Ninguna de las anteriores"]),
        ("/deposit", owes, vec![deposit, "El depósito debe pagarse"]),
        (
            "/confirmation",
            listed,
            vec!["Falta el depósito", "El depósito debe pagarse", "Falta un documento"],
        ),
    ] {
        let walk = Walk { language: Language::Spanish, ..Walk::new(world.browser(), person) };
        let mut page = walk.to_contact().await;
        for _ in 0..8 {
            page = match page.path.as_str() {
                at if at == path => break,
                "/contact" => walk.contact(&page).await,
                "/identity" => walk.identity(&page).await,
                "/start-date" => walk.start_date(&page).await,
                "/deposit" => walk.deposit(&page).await,
                "/review" => walk.review(&page).await,
                _ => break,
            };
        }
        page.is_at(path);
        let english = walk.browser.get(&format!("{path}?lang=en")).await;
        for text in texts {
            assert_eq!(page.language_of(text).as_deref(), Some("es"), "{path}");
            assert_eq!(english.language_of(text).as_deref(), Some("es"), "{path} {text}");
            assert!(
                page.attributes("main [lang]", "lang").is_empty(),
                "{path}: nothing is marked needlessly"
            );
        }
        let named = matches!(path, "/deposit" | "/confirmation");
        assert_eq!(english.text().contains("(en español) El depósito debe pagarse"), named, "{path}");
        let quiz_note = "These questions are in Spanish, the language you began in.";
        assert_eq!(english.text().contains(quiz_note), path == "/quiz", "{path}");
        page.never_says("Estas preguntas están en inglés");
    }
}

#[tokio::test]
async fn dates_are_asked_again_in_the_other_language_and_credit_is_not() {
    let world = World::with_fault_proxy(&[]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let fee = ("Your utility may charge a connection fee", "Su compañía de distribución puede cobrar");
    let page = walk.through_identity().await;
    page.says(fee.0);
    assert_eq!(world.sandbox.count("available-dates"), 1);
    // While NRG cannot be asked, the text stays as it came, and says in which language that was.
    world.fault_proxy().always("available-dates", html(503));
    let page = walk.browser.get("/start-date?lang=es").await;
    page.is_at("/start-date");
    assert_eq!((page.status.as_u16(), page.language_of(fee.0).as_deref()), (200, Some("en")));
    world.fault_proxy().pass_on();
    let page = walk.browser.get("/start-date").await;
    assert_eq!(page.language_of(fee.1).as_deref(), Some("es"));
    page.never_says(fee.0);
    assert_eq!(world.sandbox.count("available-dates"), 2);
    assert_eq!(walk.browser.get("/start-date").await.language_of(fee.1).as_deref(), Some("es"));
    assert_eq!(world.sandbox.count("available-dates"), 2, "once");
    walk.start_date(&page).await.is_at("/review");

    // The chosen plan stays the one that was agreed to, with its name marked.
    let review = walk.browser.get("/start-date?lang=en").await;
    review.says(fee.0);
    let review = walk.browser.get("/review").await;
    review.is_at("/review");
    assert_eq!(world.sandbox.count("check-credit"), 1, "no other inquiry");
    assert_eq!(world.sandbox.count("available-dates"), 3);
    let spanish = walk.browser.get("/review?lang=es").await;
    assert_eq!(spanish.attributes("main dd[lang]", "lang"), ["en"]);
    assert_eq!(world.sandbox.count("check-credit"), 1);
}

#[test]
fn html_of_nrg_is_printed_in_one_place_only() {
    let templates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for folder in ["", "page", "step", "ui"] {
        for entry in std::fs::read_dir(templates.join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(text) = std::fs::read_to_string(&entry) else { continue };
            let mut raw = text.lines().filter(|line| line.contains("as_str()|safe"));
            assert!(raw.all(|line| line.contains("page.lang_of_text(message)")), "{entry:?}");
        }
    }
}
