//! Out of hours: a window in which nothing begins, and a brand that is out. The world's clock stands at ten in the
//! morning in Texas.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use nrg_enroll::{
    cli::health,
    config::Settings,
    entropy::Entropy,
    fields::Brand,
    journey::{Outages, Site, Window},
};
use url::Url;

use crate::support::{Page, Person, Walk, World};

const WINDOW: [(&str, &str); 1] = [("ENROLL__OUTAGE__WINDOWS", "2030-06-18T09:00/2030-06-18T12:00")];
const HOUR: Duration = Duration::from_secs(3600);

/// At the one site there is.
fn off(outages: Outages) -> BTreeMap<String, Outages> {
    BTreeMap::from([(Site::MAIN.to_owned(), outages)])
}

fn out(brands: &[Brand]) -> Outages {
    Outages { brands: BTreeSet::from_iter(brands.iter().copied()), ..Outages::default() }
}

#[track_caller]
fn is_out(page: &Page, retry_after: &str, words: &[&str]) {
    assert_eq!(page.status, 503, "{}", page.text());
    assert_eq!(page.headers["retry-after"], retry_after);
    assert!(!page.attributes("main a[href^='tel:']", "href").is_empty(), "the phone");
    words.iter().for_each(|part| page.says(part));
}

#[tokio::test]
async fn outage_window_blocks_new_journeys_and_shows_its_end() {
    let world = World::with(&WINDOW).await;
    let browser = world.browser();
    let english = "You can enroll here again from Tuesday, June 18, 2030, 12:00 pm Central Time";
    let spanish = "a partir de: martes 18 de junio de 2030, 12:00 p. m., hora del Centro";
    is_out(&browser.get("/?lang=en").await, "7201", &["We’ll be back soon", english, "(866) 222-7100"]);
    is_out(&browser.get("/?lang=es").await, "7201", &["Regresamos pronto", spanish]);
    // Wherever one comes in; and a link is not used up.
    is_out(&browser.get("/plans").await, "7201", &[english]);
    let link = "/?zip=77999&type=MVI&brand=RE&offer=51010101&cid=1";
    let page = browser.get(link).await;
    is_out(&page, "7201", &[english]);
    assert_eq!(page.attributes("main a.button", "href"), [link]);
    let fields = [("zip", "77999"), ("transaction", "MVI")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    is_out(&browser.post("/", &fields).await, "7201", &[english]);
    assert!(world.journey(&browser).await.is_none());
    assert!(world.sandbox.calls().is_empty());
    // Words only, and the health of the server, are as ever.
    for path in ["/help", "/privacy", "/about", "/session-ended"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    assert!(health::ask(world.server.private_address, true).await.is_ok());
    assert!(
        world.metric("enroll_requests_total", &["step=\"outage\"", "method=\"GET\"", "status=\"503\""]).await
            >= 4.0
    );
    assert_eq!(world.metric("enroll_requests_total", &["step=\"zip\"", "status=\"503\""]).await, 0.0);

    world.forward(2 * HOUR);
    browser.get(link).await.is_at("/address");
}

#[tokio::test]
async fn journey_begun_before_outage_window_continues() {
    let world = World::with(&[("ENROLL__OUTAGE__WINDOWS", "2030-06-18T15:10Z/2030-06-18T16:00Z")]).await;
    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.to_address().await;
    world.forward(Duration::from_secs(900));
    assert_eq!(world.browser().get("/").await.status, 503);
    walk.on_from_address(&page).await.is_at("/confirmation");
    // Who starts over begins.
    walk.browser.post("/leave", &[]).await;
    assert_eq!(walk.browser.get("/").await.status, 503);
}

#[tokio::test]
async fn brand_out_is_not_offered_and_its_journeys_keep_their_answers() {
    let world = World::new().await;
    let outages = &world.server.app.outages;
    let walk = Walk::new(world.browser(), Person { brand: "GM", ..Person::default() });
    let plan = {
        let plans = Walk::new(world.browser(), Person::default()).to_plans().await;
        let words = plans.attributes("input[name=compare]", "value");
        words.into_iter().find(|word| word.starts_with("GM")).unwrap().replace('-', "/")
    };
    let contact = walk.to_contact().await;
    assert!(outages.replace(off(out(&[Brand::GreenMountain]))));
    let calls = world.sandbox.calls().len();

    let phone = "(866) 785-4668";
    let page = walk.browser.get("/contact").await;
    is_out(&page, "600", &["Green Mountain isn’t taking enrollments online right now", "30 minutes", phone]);
    assert_eq!(page.attributes("main a.button", "href"), ["/contact", "/plans"]);
    is_out(
        &walk.browser.get("/contact?lang=es").await,
        "600",
        &["Green Mountain no acepta inscripciones", phone],
    );
    // What is typed meanwhile is kept, as much as a draft holds of it.
    let long = contact.form("/contact").set("last_name", &"n".repeat(600)).submit(&walk.browser).await;
    is_out(&long, "600", &["Green Mountain"]);
    let (_, draft) = world.journey(&walk.browser).await.unwrap().draft.unwrap();
    assert_eq!(draft["last_name"].len(), 512);
    is_out(&walk.contact(&contact).await, "600", &["Green Mountain"]);
    for path in ["/address", "/identity", "/review"] {
        walk.browser.get(path).await;
    }
    assert_eq!(world.sandbox.calls().len(), calls);
    outages.replace(off(Outages::default()));
    let page = walk.browser.get("/contact").await;
    assert_eq!(page.attributes("#last_name", "value"), ["Samplecase"]);

    // The list says why, and nothing of the brand can be chosen.
    outages.replace(off(out(&[Brand::GreenMountain])));
    let plans = walk.browser.get("/plans?lang=en").await;
    plans.says("Green Mountain isn’t taking online enrollments right now, so its plans aren’t shown");
    plans.says(phone);
    let words = plans.attributes(".plan input[name=compare]", "value");
    assert!(!words.is_empty() && words.iter().all(|word| !word.starts_with("GM")), "{words:?}");
    walk.browser.get(&format!("/plans/{plan}")).await.is_at("/plans");
    walk.browser
        .get(&format!("/plans/compare?compare={}", plan.replace('/', "-")))
        .await
        .says("Check up to three");
    let (brand, offer) = plan.split_once('/').unwrap();
    let forged = plans.form("/plans").set("brand", brand).set("offer", offer).submit(&walk.browser).await;
    assert_eq!(forged.status, 422);
    // Another brand's plan goes on.
    let other = Walk::new(walk.browser.clone(), Person { brand: "RE", ..Person::default() });
    let page = other.plan(&walk.browser.get("/plans").await).await;
    page.is_at("/contact");
}

#[tokio::test]
async fn plan_link_to_brand_out_waits_until_it_is_back() {
    let world = World::new().await;
    let outages = &world.server.app.outages;
    outages.replace(off(out(&[Brand::Reliant])));
    let browser = world.browser();
    // The default brand is out: another is asked who serves the area.
    let page = browser.get("/?zip=77999&type=MVI&brand=RE&offer=51010101").await;
    page.is_at("/plans");
    page.says("Reliant isn’t taking online enrollments right now");
    assert_eq!(world.sandbox.calls().iter().filter(|call| call.parameters["brandId"] == "RE").count(), 0);
    outages.replace(off(Outages::default()));
    browser.get("/plans").await.is_at("/address");
}

#[tokio::test]
async fn all_brands_out_block_new_journeys() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.to_plans().await.is_at("/plans");
    world.server.app.outages.replace(off(out(&Brand::ALL)));
    let words = ["We’ll be back soon", "No enrollments can start online right now"];
    is_out(&world.browser().get("/").await, "600", &words);
    let page = walk.browser.get("/plans").await;
    is_out(&page, "600", &words);
    assert_eq!(page.attributes("main a.button", "href"), ["/plans"]);
}

#[tokio::test]
async fn submission_continues_while_its_brand_is_out() {
    let world = World::new().await;
    let walk = Walk::new(world.browser(), Person::default());
    let review = walk.through_start_date().await;
    let page = walk.review_form(&review).submit(&walk.browser).await;
    world.server.app.outages.replace(off(Outages {
        windows: vec![Window {
            from: "2030-06-18T00:00:00Z".parse().unwrap(),
            to: "2030-06-19T00:00:00Z".parse().unwrap(),
        }],
        ..out(&Brand::ALL)
    }));
    walk.wait(page).await.is_at("/confirmation");
    assert_eq!(world.sandbox.count("enroll"), 1);
    // Who has not submitted cannot now.
    let late = Walk::new(world.browser(), Person::default());
    world.server.app.outages.replace(off(Outages::default()));
    let review = late.through_start_date().await;
    world.server.app.outages.replace(off(out(&[Brand::Reliant])));
    is_out(&late.review_form(&review).submit(&late.browser).await, "600", &["Reliant"]);
    assert_eq!(world.sandbox.count("enroll"), 1);
}

#[tokio::test]
async fn outage_settings_are_hot_reloaded_and_invalid_ones_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("windows");
    std::fs::write(&file, "").unwrap();
    let world = World::new().await;
    let read = {
        let (data, nrg, file) = (Arc::clone(&world.data), world.nrg, file.clone());
        move || {
            let windows = std::fs::read_to_string(&file).unwrap();
            let nrg = Url::parse(&format!("http://{nrg}")).unwrap();
            Settings::demo(
                data.path(),
                &nrg,
                &Entropy::system(),
                [("ENROLL__OUTAGE__WINDOWS".to_owned(), windows)],
            )
        }
    };
    let reloader = world.server.watch_settings(Duration::from_millis(50), read);
    let becomes = async |status: u16| {
        for _ in 0..200 {
            if world.browser().get("/").await.status == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the landing page never became {status}");
    };
    std::fs::write(&file, "2030-06-18T09:00/2030-06-18T12:00").unwrap();
    becomes(503).await;
    std::fs::write(&file, "2030-06-18T09:00/tomorrow").unwrap();
    reloader.reload(true);
    tokio::time::sleep(Duration::from_millis(200)).await;
    becomes(503).await;
    std::fs::write(&file, "").unwrap();
    becomes(200).await;
}

#[tokio::test]
async fn check_command_reports_outages() {
    let world = World::new().await;
    let env = [
        ("ENROLL__OUTAGE__WINDOWS", "2030-06-18T09:00/2030-06-18T12:00,2029-01-01T00:00Z/2029-01-02T00:00Z"),
        ("ENROLL__BRANDS__RE__OUTAGE", "true"),
    ];
    let data = tempfile::tempdir().unwrap();
    let settings = crate::support::settings(data.path(), &format!("http://{}", world.nrg), &env);
    let (said, _) = crate::check::checked(&settings, world.server.app.clock.clone()).await;
    assert!(
        said.contains(
            "from Tuesday, June 18, 2030, 9:00 am Central Time to Tuesday, June 18, 2030, 12:00 pm"
        ),
        "{said}"
    );
    assert!(said.contains("RE is out for now") && !said.contains("2029"), "{said}");
}
