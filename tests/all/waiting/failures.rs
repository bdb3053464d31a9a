//! Calls that end badly once their request has gone, and calls whose server has died.

use std::time::Duration;

use nrg_enroll::{entropy::Entropy, fields::Language, messages::Catalogs, server::Server};
use serde_json::json;

use super::{ENV, after, waits, walk};
use crate::support::{
    Browser, Page, Person, Walk, World,
    fault_proxy::{FaultProxy, json as answer},
    settings,
};

/// Words of the notice that no answer came, up to the phone number.
fn no_answer() -> String {
    let catalogs = Catalogs::load().unwrap();
    let words = &catalogs.of(Language::English).error.no_answer;
    words.split('{').next().unwrap().trim().to_owned()
}

fn attempt_again() -> String {
    Catalogs::load().unwrap().of(Language::English).error.attempt_again.clone()
}

/// The form of `path` after its call failed unseen: it says so, and `field` has what was typed.
async fn form_again(browser: &Browser, path: &str, (field, typed): (&str, &str)) -> Page {
    let page = browser.get(path).await;
    page.is_at(path);
    assert_eq!(page.status, 200);
    page.says(&no_answer());
    assert_eq!(page.form(path).value(field), Some(typed), "{path} {field}");
    page
}

/// Fails the call that waits at `path`, and returns the page that then stands there.
async fn fail(nrg: &FaultProxy, endpoint: &str, browser: &Browser, path: &str) -> Page {
    nrg.always(endpoint, answer(503, &json!({})));
    let page = after(nrg, endpoint, browser, path).await;
    nrg.pass_on();
    assert_eq!((page.path.split('?').next(), page.status.as_u16()), (Some(path), 503), "{}", page.text());
    page
}

#[tokio::test]
async fn failure_after_the_request_has_gone_keeps_what_was_typed_but_numbers() {
    let world = World::with_fault_proxy(&ENV).await;
    let nrg = world.fault_proxy();
    let walk = walk(&world.browser(), Person::default());
    let here = &walk.browser;
    let hasty = Walk { browser: here.impatient(), ..walk.clone() };

    nrg.hold("tdsp");
    waits(&hasty.zip().await, "/");
    fail(nrg, "tdsp", here, "/").await;
    let page = form_again(here, "/", ("zip", "77999")).await;
    let plans = page.form("/").set("transaction", "MVI").submit(here).await;
    let page = walk.plan(&plans).await;

    nrg.hold("cleanup-address");
    waits(&hasty.address(&page).await, "/address");
    fail(nrg, "cleanup-address", here, "/address").await;
    let page = form_again(here, "/address", ("street", "100 Example Oak Ln")).await;
    let page = page.form("/address").submit(here).await;
    let page = walk.contact(&page).await;
    let page = walk.billing(&page).await;

    nrg.hold("identity");
    waits(&hasty.identity(&page).await, "/identity");
    fail(nrg, "identity", here, "/identity").await.says(&attempt_again());
    let page = form_again(here, "/identity", ("birth_date_year", "1985")).await;
    page.says(&attempt_again());
    assert_eq!(page.form("/identity").value("ssn"), Some(""));
    page.never_says("6789-");
    let page = walk.identity_form(&page).submit(here).await;
    page.is_at("/start-date");

    let date = page.attributes("input[name=date]", "value").remove(0);
    nrg.hold("check-credit");
    waits(&page.form("/start-date").set("date", &date).submit(&hasty.browser).await, "/start-date");
    fail(nrg, "check-credit", here, "/start-date").await;
    let page = form_again(here, "/start-date", ("date", date.as_str())).await;
    page.form("/start-date").submit(here).await.is_at("/review");
    assert_eq!((nrg.begun("identity"), nrg.begun("check-credit")), (2, 2));
}

/// A server of `world` that can be killed: with its runtime, all that it does ends at once.
struct Doomed {
    runtime: tokio::runtime::Runtime,
    server: Server,
}

impl Doomed {
    async fn start(world: &World) -> Self {
        let nrg = format!("http://{}", world.fault_proxy().address);
        let settings = settings(world.data.path(), &nrg, &ENV);
        let clock = world.server.app.clock.clone();
        let start = move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let server = runtime.block_on(Server::start(&settings, clock, Entropy::system())).unwrap();
            Self { runtime, server }
        };
        tokio::task::spawn_blocking(start).await.unwrap()
    }

    /// `browser`, at this server.
    fn visited_by(&self, browser: &Browser) -> Browser {
        browser.impatient().moved_to(&format!("http://{}", self.server.address))
    }

    /// One at which somebody waits on the identity page for `endpoint`, and that person.
    async fn asking(world: &World, endpoint: &str) -> (Self, Walk) {
        let doomed = Self::start(world).await;
        let walk = walk(&world.browser(), Person::default());
        let page = walk.to_identity().await;
        world.fault_proxy().hold(endpoint);
        waits(&walk.identity_form(&page).submit(&doomed.visited_by(&walk.browser)).await, "/identity");
        (doomed, walk)
    }

    fn kill(self) {
        self.runtime.shutdown_background();
    }
}

#[tokio::test]
async fn call_whose_server_died_is_not_answered_once_its_lease_is_over() {
    let world = World::with_fault_proxy(&ENV).await;
    let nrg = world.fault_proxy();
    let (doomed, walk) = Doomed::asking(&world, "identity").await;
    while nrg.begun("identity") == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    doomed.kill();
    // Nobody can know yet that it has died.
    waits(&walk.browser.impatient().get("/identity?waits=1").await, "/identity");
    world.forward(Duration::from_secs(31));
    let page = walk.browser.impatient().get("/identity?waits=1").await;
    assert_eq!(page.status, 503);
    page.says(&attempt_again());
    let page = form_again(&walk.browser, "/identity", ("birth_date_year", "1985")).await;
    page.says(&attempt_again());
    assert_eq!(page.form("/identity").value("ssn"), Some(""));
    nrg.release("identity");
    walk.identity_form(&page).submit(&walk.browser).await.is_at("/start-date");
    assert_eq!(nrg.begun("identity"), 2);
}

/// Here the number went with the server.
#[tokio::test]
async fn number_lost_with_its_server_is_typed_again() {
    let world = World::with_fault_proxy(&ENV).await;
    let nrg = world.fault_proxy();
    let (doomed, walk) = Doomed::asking(&world, "token").await;
    doomed.kill();
    world.forward(Duration::from_secs(31));
    assert_eq!(walk.browser.impatient().get("/identity?waits=1").await.status, 503);
    let page = form_again(&walk.browser, "/identity", ("birth_date_year", "1985")).await;
    let words = Catalogs::load().unwrap().of(Language::English).problem.secret_again.clone();
    page.says(&words);
    nrg.release("token");
    walk.identity_form(&page).submit(&walk.browser).await.is_at("/start-date");
    assert_eq!(nrg.count("identity"), 1);
}

#[tokio::test]
async fn stopped_server_ends_its_calls_before_it_exits() {
    let world = World::with_fault_proxy(&ENV).await;
    let nrg = world.fault_proxy();
    let (doomed, walk) = Doomed::asking(&world, "identity").await;
    let Doomed { runtime, server } = doomed;
    let stopping = runtime.spawn(server.stop());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!stopping.is_finished());
    nrg.release("identity");
    stopping.await.unwrap();
    walk.browser.get("/identity?waits=1").await.is_at("/start-date");
    assert_eq!(nrg.begun("identity"), 1);
    runtime.shutdown_background();
}
