//! The start date: a day of the calendar, or one that is typed; and what is said where both, or neither, can be meant.

use nrg_enroll::{fields::Language, messages::Catalogs};

use crate::support::{Page, Person, Walk, World};

/// The page, and the days it offers.
async fn shown(world: &World) -> (Walk, Page, Vec<String>) {
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.through_identity().await;
    page.is_at("/start-date");
    let days = page.attributes("input[name=date]", "value");
    (walk, page, days)
}

fn date(iso: &str) -> jiff::civil::Date {
    iso.parse().unwrap()
}

/// The day that the journey starts on.
async fn chosen(world: &World, walk: &Walk) -> String {
    world.journey(&walk.browser).await.unwrap().start_date.unwrap().iso()
}

#[tokio::test]
async fn date_typed_as_the_page_prints_it_is_taken() {
    let world = World::new().await;
    let catalogs = Catalogs::load().unwrap();
    let printed = |language: Language, iso: &str| catalogs.of(language).date(date(iso));
    let (walk, mut page, days) = shown(&world).await;
    let (first, second) = (days[0].as_str(), days[1].as_str());
    for (typed, day) in [
        (printed(Language::English, first), first),
        (printed(Language::Spanish, second), second),
        (first.to_owned(), first),
        (printed(Language::Spanish, second).to_uppercase(), second),
    ] {
        page.form("/start-date").set("typed", &typed).submit(&walk.browser).await.is_at("/review");
        assert_eq!(chosen(&world, &walk).await, day, "{typed}");
        // The day of before is picked on the page now, and the one that is typed counts.
        page = walk.browser.get("/start-date").await;
    }
}

#[tokio::test]
async fn typed_and_picked_dates_that_differ_are_said() {
    let world = World::new().await;
    let (walk, page, days) = shown(&world).await;
    let form = page.form("/start-date").set("date", &days[0]).set("typed", &days[1]);
    let refused = form.submit(&walk.browser).await;
    assert_eq!(refused.status, 422);
    let catalogs = Catalogs::load().unwrap();
    let text = catalogs.of(Language::English);
    for day in &days[..2] {
        refused.says(&text.date(date(day)));
    }
    assert_eq!(refused.attributes(".error-summary a", "href"), ["#typed"]);
    assert_eq!(refused.attributes("#typed", "value"), [days[1].as_str()]);
    assert_eq!(refused.attributes("input[name=date][checked]", "value"), [days[0].as_str()]);
    // Unchanged it is said again; what is changed counts.
    assert_eq!(refused.form("/start-date").submit(&walk.browser).await.status, 422);
    refused.form("/start-date").set("typed", "").submit(&walk.browser).await.is_at("/review");
    assert_eq!(chosen(&world, &walk).await, days[0]);
    let page = walk.browser.get("/start-date").await;
    page.form("/start-date").set("typed", &days[0]).submit(&walk.browser).await.is_at("/review");
    assert_eq!(chosen(&world, &walk).await, days[0]);
}

#[tokio::test]
async fn day_picked_after_a_refused_text_is_taken() {
    let world = World::new().await;
    for pick_first in [false, true] {
        let (walk, page, days) = shown(&world).await;
        let form = page.form("/start-date").set("typed", "July 40");
        let form = if pick_first { form.set("date", &days[1]) } else { form };
        let refused = form.submit(&walk.browser).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.body.contains("delete what you typed"), pick_first);
        // Also where the page was loaded again meanwhile, in the other language.
        let again = walk.browser.get("/start-date?lang=es").await;
        assert_eq!(again.attributes("#typed", "value"), ["July 40"]);
        for page in [&refused, &again] {
            page.form("/start-date").set("date", &days[0]).submit(&walk.browser).await.is_at("/review");
            assert_eq!(chosen(&world, &walk).await, days[0]);
        }
    }
}

#[tokio::test]
async fn weekday_that_is_not_the_dates_is_said() {
    let world = World::new().await;
    let (walk, page, days) = shown(&world).await;
    let catalogs = Catalogs::load().unwrap();
    let text = catalogs.of(Language::English);
    let (first, next) = (date(&days[0]), date(&days[0]).tomorrow().unwrap());
    let printed = text.date(first);
    let typed = printed.replace(text.weekday(first.weekday()), text.weekday(next.weekday()));
    let refused = page.form("/start-date").set("typed", &typed).submit(&walk.browser).await;
    assert_eq!(refused.status, 422);
    refused.says(&printed);
}

#[tokio::test]
async fn soonest_day_is_taken_by_one_press() {
    let world = World::new().await;
    let (walk, page, days) = shown(&world).await;
    let catalogs = Catalogs::load().unwrap();
    for (language, lang) in [(Language::English, "en"), (Language::Spanish, "es")] {
        let page = walk.browser.get(&format!("/start-date?lang={lang}")).await;
        let (text, first) = (catalogs.of(language), date(&days[0]));
        let printed = text.date(first);
        let (without_year, _) = printed.rsplit_once(first.year().to_string().as_str()).unwrap();
        let label = page.one("button[form=soonest]").unwrap();
        let short = without_year.trim_end_matches(" de ").trim_end_matches(", ");
        assert!(label.ends_with(short), "{label} does not end with {short}");
        assert_eq!(page.attributes("button[form=soonest][name=date]", "value"), [days[0].as_str()]);
    }
    let press = |page: &Page, day: &str| page.form_at("/start-date", 1).forge("date", day);
    press(&page, &days[0]).submit(&walk.browser).await.is_at("/review");
    assert_eq!(chosen(&world, &walk).await, days[0]);
    // A day that is offered no more is answered as a picked one is.
    let before = date(&days[0]).yesterday().unwrap().to_string();
    let refused = press(&page, &before).submit(&walk.browser).await;
    assert_eq!(refused.status, 422);
    refused.says(&catalogs.of(Language::Spanish).date(date(&days[0])));
    assert_eq!(refused.attributes(".error-summary a", "href"), ["#date"]);
}
