//! How far journeys come, as it is counted while people walk; and the page that shows it.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::{
    journey::Step,
    ledger::{LedgerReader, State},
    report::{By, Numbers, Report, ReportQuery, Reporter},
};

use crate::support::{Browser, Person, Walk, World};

const PASSWORD: &str = "correct horse battery";

async fn report(world: &World, by: Option<By>) -> Report {
    let app = &world.server.app;
    app.funnel.flush().await.unwrap();
    let reporter = Reporter { funnel: app.funnel.clone(), ledger: LedgerReader::clone(&app.ledger) };
    let (from, to) = ("2030-01-01".parse().unwrap(), "2030-12-31".parse().unwrap());
    reporter.report(ReportQuery { from, to, by }).await.unwrap()
}

async fn all(world: &World) -> Numbers {
    report(world, None).await.all
}

/// An enrollment, a stop that is left again, one that is not, someone who leaves, and one who never comes back.
async fn people(world: &World) {
    let walk = Walk::new(world.browser(), Person::default());
    walk.browser.get("/?cid=canary-click&sub1=canary-blue").await;
    let plans = walk.zip().await;
    let page = walk.plan(&plans).await;
    // Back and forth is no second journey.
    walk.browser.get("/").await;
    let plans = walk.zip().await;
    let page = if plans.path == "/plans" { walk.plan(&plans).await } else { page };
    world.forward(Duration::from_secs(400));
    walk.on_from_address(&page).await.is_at("/confirmation");

    let walk = Walk::new(world.browser(), Person { zip: "77990", ..Person::default() });
    walk.zip().await.is_at("/stop");
    Walk { person: Person::default(), ..walk }.zip().await.is_at("/plans");

    let walk = Walk::new(world.browser(), Person { last_name: "Current", ..Person::default() });
    walk.through_identity().await.is_at("/stop");
    walk.browser.post("/leave", &[]).await;

    let walk = Walk::new(world.browser(), Person::default());
    walk.to_contact().await.leave(&walk.browser).await;
}

#[tokio::test]
async fn journey_whose_cookie_never_came_back_is_not_counted() {
    let world = World::new().await;
    let landing = world.browser().get("/").await;
    let form = landing.form("/").set("zip", "77999").set("transaction", "MVI");
    let browser = world.browser();
    browser.post_only("/", form.fields(), &[]).await;
    assert_eq!(all(&world).await.reached(Step::Zip), 0);
    browser.get("/plans").await.is_at("/plans");
    assert_eq!(all(&world).await.reached(Step::Zip), 1, "it came back");
    world.browser().post_only("/", form.fields(), &[]).await;
    world.forward(Duration::from_secs(3600));
    assert_eq!(world.server.app.sessions.cleanup(10).await.unwrap(), 2);
    let numbers = all(&world).await;
    assert_eq!((numbers.reached(Step::Zip), numbers.abandoned()), (1, 1));
}

#[tokio::test]
async fn journey_is_counted_once_per_step_reached_and_by_its_ending() {
    let world = World::with(&[("ENROLL__STORE__LEASE", "10m")]).await;
    people(&world).await;
    let before = all(&world).await;
    let reached: Vec<_> = Step::ALL.iter().map(|step| before.reached(*step)).collect();
    //                  zip plans address contact billing identity quiz date deposit review
    assert_eq!(reached, [4, 4, 3, 3, 2, 2, 0, 1, 0, 1]);
    let stops: Vec<_> = before.stops.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(stops, [("area_not_served", 1), ("current_customer", 1)]);
    assert_eq!((before.stopped, before.abandoned(), before.left[&Step::Contact]), (1, 1, 1));
    assert_eq!(before.at(State::Enrolled), 1);
    assert_eq!(before.median().as_deref(), Some("5 to 8"));
    for (state, count) in world.server.app.ledger.count().await.unwrap() {
        assert_eq!(before.at(state), count, "{state:?}");
    }

    // The enrolled one and the one who never came back end by time: one of them was not over.
    world.forward(Duration::from_secs(3600));
    world.server.app.sessions.cleanup(10).await.unwrap();
    let after = all(&world).await;
    assert_eq!((after.stopped, after.abandoned(), after.left[&Step::Plans]), (1, 2, 1));
    let unchanged = Numbers { left: before.left.clone(), ..after };
    assert_eq!(unchanged, before);

    // A server that stops writes down what it has counted, and the next one goes on.
    let walk = Walk::new(world.browser(), Person::default());
    walk.zip().await;
    let data = Arc::clone(&world.data);
    world.server.stop().await;
    let again = World::over(data, &[]).await;
    assert_eq!(all(&again).await.journeys(), 5);
}

#[tokio::test]
async fn report_page_needs_password_and_contains_no_personal_data() {
    let world = World::with(&[("ENROLL__REPORT__PASSWORD", PASSWORD), ("ENROLL__STORE__LEASE", "10m")]).await;
    people(&world).await;
    let by_brand = report(&world, Some(By::Brand)).await;
    let names: Vec<_> = by_brand.groups.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["(none)", "RE"]);
    let address = format!("http://{}", world.server.private_address);
    #[allow(clippy::disallowed_methods, reason = "a test's browser is not the door to NRG")]
    let get = async |path: &str, password: &str| {
        let mut request = reqwest::Client::new().get(format!("{address}{path}"));
        if !password.is_empty() {
            request = request
                .header("authorization", format!("Basic {}", STANDARD.encode(format!("x:{password}"))));
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.headers().clone(), answer.text().await.unwrap())
    };
    for wrong in ["", "wrong", "correct horse batter"] {
        let (status, headers, body) = get("/report", wrong).await;
        assert_eq!((status, headers["cache-control"].to_str().unwrap()), (401, "no-store"));
        assert!(headers["www-authenticate"].to_str().unwrap().starts_with("Basic ") && !body.contains("svg"));
    }
    let (status, headers, page) = get("/report?by=sub1&from=2030-06-01&to=2030-06-30", PASSWORD).await;
    assert_eq!(status, 200);
    assert_eq!(headers["x-frame-options"], "DENY");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("script") && !policy.contains("unsafe")
    );
    for shown in [
        "<svg",
        "4 began, 1 were submitted",
        "2030-06-18: 4 journeys, 1 submitted",
        "2030-06-17: 0 journeys, 0 submitted",
        ">current customer</text>",
        "<th scope=\"row\">canary-blue</th><td>1</td><td>1</td><td>1</td>",
        "5 to 8",
    ] {
        assert!(page.contains(shown), "{shown} is not in\n{page}");
    }
    for never in
        ["<script", "style=", "canary-click", "Jordan", "Samplecase", "Example Oak", "77999", "456789"]
    {
        assert!(!page.contains(never), "{never} is in the report");
    }
    assert_eq!(get("/report?from=x&to=&by=person", PASSWORD).await.0, 200);
    assert_eq!(get("/report.css", PASSWORD).await.1["content-type"], "text/css; charset=utf-8");
    // What has no password stays open, and asks for none.
    assert_eq!(get("/healthz", "").await.0, 200);
    // The public listener does not know it.
    world.browser().get("/report").await.says("not");

    let without = World::new().await;
    let (status, _) = without.private("/report").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn journey_at_another_site_is_counted() {
    let world = World::with(&[("ENROLL__SITES__BETA__PUBLIC_URL", "http://localhost")]).await;
    let beta = Browser::new(&format!("http://localhost:{}", world.server.address.port()));
    let walk = Walk::new(beta, Person::default());
    walk.to_contact().await.leave(&walk.browser).await;
    let counted = all(&world).await;
    assert_eq!((counted.journeys(), counted.reached(Step::Contact), counted.left[&Step::Contact]), (1, 1, 1));
}
