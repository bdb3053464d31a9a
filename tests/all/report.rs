//! How far journeys come, as it is counted while people walk; and the page that shows it.

#[path = "report/sixty.rs"]
mod sixty;

use std::{process::Command, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::{
    journey::Step,
    ledger::{LedgerKey, LedgerReader, State},
    report::{By, Numbers, PartnerLinks, Report, ReportQuery, Reporter},
};

use crate::support::{Browser, Person, Walk, World};

const PASSWORD: &str = "correct horse battery";

async fn report(world: &World, by: Option<By>) -> Report {
    let app = &world.server.app;
    app.funnel.flush().await.unwrap();
    let reporter = Reporter { funnel: app.funnel.clone(), ledger: LedgerReader::clone(&app.ledger) };
    let query = ReportQuery::new(None, None, Vec::from_iter(by), app.funnel.today()).unwrap();
    reporter.report(query).await.unwrap()
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
    assert_eq!((before.stopped_before, before.abandoned(), before.left[&Step::Contact]), (1, 1, 1));
    assert_eq!(before.at(State::Enrolled), 1);
    assert_eq!(before.median().as_deref(), Some("5 to 8"));
    for (state, count) in world.server.app.ledger.count().await.unwrap() {
        assert_eq!(before.at(state), count, "{state:?}");
    }

    // The enrolled one and the one who never came back end by time: one of them was not over.
    world.forward(Duration::from_secs(3600));
    world.server.app.sessions.cleanup(10).await.unwrap();
    let after = all(&world).await;
    assert_eq!((after.stopped_before, after.abandoned(), after.left[&Step::Plans]), (1, 2, 1));
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
    let names: Vec<_> = by_brand.groups.iter().map(|group| group.names.concat()).collect();
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
    let (status, headers, page) = get("/report?by=sub1&by=&from=2030-06-01&to=2030-06-18", PASSWORD).await;
    assert_eq!(status, 200);
    assert_eq!(headers["x-frame-options"], "DENY");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("script") && !policy.contains("unsafe")
    );
    for shown in [
        "<svg",
        "Journeys that began: 4; links alone: 0; submitted: 1; stopped: 1; minutes of the middle one: 5 to 8.",
        "2030-06-18: 4 journeys, 1 submitted",
        "2030-06-17: 0 journeys, 0 submitted",
        ">current customer</span>",
        "<ol class=\"scale\"><li>4</li><li>3</li><li>2</li><li>1</li><li>0</li></ol>",
        "<th scope=\"row\" class=\"name\">canary-blue</th><td>0</td><td>1</td><td>1</td><td>1</td>",
        "<th scope=\"row\" class=\"name\">address</th><td>3</td><td>75%</td>",
        "5 to 8",
    ] {
        assert!(page.contains(shown), "{shown} is not in\n{page}");
    }
    for never in
        ["<script", "style=", "canary-click", "Jordan", "Samplecase", "Example Oak", "77999", "456789"]
    {
        assert!(!page.contains(never), "{never} is in the report");
    }
    let (status, headers, csv) = get("/report?by=day&by=sub1&format=csv", PASSWORD).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "text/csv; charset=utf-8"));
    let name = headers["content-disposition"].to_str().unwrap();
    assert_eq!(name, "attachment; filename=\"report-2030-05-20-2030-06-18.csv\"");
    assert!(csv.starts_with("day,sub1,event,name,count\n"), "{csv}");
    assert!(csv.contains("\n2030-06-18,canary-blue,submission,enrolled,1\n"), "{csv}");
    for (wrong, why) in [
        ("by=person", "`by` cannot be `person`"),
        ("from=x", "`from` cannot be `x`"),
        ("to=2030-06-19", "has not begun yet"),
        ("from=2030-06-02&to=2030-06-01", "is before `from`"),
        ("until=2030-06-01", "no parameter `until`"),
    ] {
        let (status, headers, body) = get(&format!("/report?{wrong}"), PASSWORD).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (400, "text/plain; charset=utf-8"));
        assert!(body.contains(why), "{wrong}: {body}");
    }
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

/// Links that are followed by a program take no place from those of people.
#[tokio::test]
async fn machines_that_follow_links_take_no_places_of_sub1() {
    let world = World::with(&[("ENROLL__LIMITS__BEGIN__ADDRESS", "0")]).await;
    for number in 0..101 {
        world.browser().get(&format!("/?cid=1&sub1=machine-{number}&zip=77999&type=MVI&brand=RE")).await;
    }
    world.forward(Duration::from_secs(3600));
    world.server.app.sessions.cleanup(200).await.unwrap();
    assert_eq!((all(&world).await.journeys(), all(&world).await.links_alone), (0, 101));
    let walk = Walk::new(world.browser(), Person::default());
    walk.browser.get("/?cid=1&sub1=person").await;
    walk.zip().await;
    let by_sub1 = report(&world, Some(By::Sub1)).await;
    let groups: Vec<_> =
        by_sub1.groups.iter().map(|group| (group.names.concat(), group.numbers.journeys())).collect();
    assert_eq!(groups, [("person".to_owned(), 1), ("(other)".to_owned(), 0)]);
}

#[tokio::test]
async fn partner_link_shows_the_numbers_of_its_sub1_alone() {
    let key = STANDARD.encode((0..32).map(|n| n ^ 7).collect::<Vec<u8>>());
    let world = World::with(&[("ENROLL__LEDGER__KEY", &key), ("ENROLL__REPORT__PARTNER_LINKS", "1")]).await;
    people(&world).await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.browser.get("/?cid=1&sub1=canary-red").await;
    walk.to_contact().await;
    world.server.app.funnel.flush().await.unwrap();

    let links = PartnerLinks::new(LedgerKey::parse(&key).unwrap(), 1).unwrap();
    let (now, day) = (*world.time().lock().unwrap(), Duration::from_secs(24 * 3600));
    let link = links.link(&world.base.parse().unwrap(), "canary-red", 30, day, now);
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    let browser = world.browser();
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    for shown in
        ["canary-red: journeys from 2030-05-20 to 2030-06-18", "Journeys that began: 1;", "<svg", "contact"]
    {
        assert!(page.body.contains(shown), "{shown} is not in\n{}", page.body);
    }
    for never in ["canary-blue", "enrolled</span>", "<form", "<script", "canary-click", "RE</th>"] {
        assert!(!page.body.contains(never), "{never} is in the report");
    }
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
    assert!(!page.headers.contains_key("set-cookie"), "a session was begun");
    assert_eq!(browser.get("/partner/report.css").await.headers["content-type"], "text/css; charset=utf-8");

    // Whatever is wrong with a link, the answer is that of a page that does not exist.
    let unknown = browser.get("/partner/nothing").await;
    assert_eq!(unknown.status, 404);
    let wrong = [
        path.replace("canary-red", "canary-blue"),
        path.replace("days=30", "days=31"),
        link.path().to_owned(),
    ];
    for wrong in &wrong {
        let page = browser.get(wrong).await;
        assert_eq!((page.status, page.h1()), (unknown.status, unknown.h1()), "{wrong}");
    }
    world.forward(day);
    assert_eq!(browser.get(&path).await.status, 404, "it has ended");
    assert_eq!(World::new().await.browser().get(&path).await.status, 404, "off by default");
}

#[test]
fn partner_link_is_printed_with_the_whole_address() {
    let data = tempfile::tempdir().unwrap();
    let run = |words: &str, generation: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
        program.args(["report", "--demo"]).arg(data.path()).args(words.split_whitespace());
        let output = program.env_clear().env("ENROLL__REPORT__PARTNER_LINKS", generation).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let (printed, link, _) = run("link --sub1 blue --days 7", "2");
    assert!(
        printed && link.starts_with("http://127.0.0.1:8080/partner/report?sub1=blue&days=7&until="),
        "{link}"
    );
    for (words, generation, why) in [
        ("link --sub1 blue", "0", "report.partner_links is 0"),
        ("link --sub1 {sub}", "2", "no link can have this sub1"),
        ("link --sub1 blue --site beta", "2", "there is no site beta"),
        ("--by day link --sub1 blue", "2", "stand for themselves"),
        ("--from 2999-01-01", "2", "has not begun yet"),
    ] {
        let (printed, _, error) = run(words, generation);
        assert!(!printed && error.contains(why), "{words}: {error}");
    }
}
