//! Makes the fixtures: walks the router into every state, and takes out what was stored and posted. Only the program
//! of the previous release may do it; see `tests/fixtures/previous_release/README.md`.

mod asked;
mod ended;
pub mod posted;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use nrg_enroll::{
    fields::Language,
    journey::Meters,
    ledger::{Resolution, State},
    postback,
    server::{self, open_store},
    session::{ResumeCode, SessionId, stored_journey},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use super::fixtures::{
    Circumstances, RecordedForms, SavedJourney, StoredJourney, env, pairs, repeating, take_rows,
    with_targets, write, write_text,
};
use crate::{
    postbacks::Receiver,
    support::{
        Browser, Filled, Page, Person, Request, Walk, World,
        fault_proxy::{Reply, html, json as answer},
        settings,
    },
};

const CLICK: &str = "cid=click-1&sub1=blue&sub2=two&sub5=five";
const HOUR: Duration = Duration::from_secs(3600);

/// What answers the page of a journey saved for later: names and values.
type Answer = Vec<(&'static str, &'static str)>;

/// Those who walk, each at an address of its own: the same person twice would be asked about.
struct Walkers {
    world: World,
    data: Arc<TempDir>,
    receivers: [Receiver; 2],
    count: std::cell::Cell<usize>,
    sessions: Vec<(&'static str, String)>,
    saved: Vec<(&'static str, String, Answer)>,
}

impl Walkers {
    async fn new() -> Self {
        let data = Arc::new(tempfile::tempdir().unwrap());
        let receivers = [Receiver::open(&[]).await, Receiver::open(&[503; 200]).await];
        let env = with_targets(env(), [&receivers[0], &receivers[1]]);
        let now = "2030-06-17T14:30:00Z".parse().unwrap();
        let world = World::at(now, repeating(), Arc::clone(&data), &pairs(&env)).await;
        let count = std::cell::Cell::default();
        Self { world, data, receivers, count, sessions: Vec::new(), saved: Vec::new() }
    }

    fn walk(&self, person: Person) -> Walk {
        let count = self.count.get();
        self.count.set(count + 1);
        let plain = person.street == Person::default().street;
        let street: &'static str = Box::leak(format!("{} Example Oak Ln", 1001 + count).into_boxed_str());
        let person = if plain { Person { street, ..person } } else { person };
        // The page of the billing address is walked, too.
        Walk::new(self.world.browser(), Person { billed_elsewhere: true, ..person })
    }

    fn once(&self, endpoint: &str, says: Reply) {
        self.world.fault_proxy().once(endpoint, says);
    }

    fn keep(&mut self, name: &'static str, walk: &Walk) {
        let cookie = cookie(&walk.browser);
        assert!(self.sessions.iter().all(|(known, _)| *known != name), "{name} twice");
        self.sessions.push((name, cookie));
    }

    /// After a refusal NRG is not asked for a minute, but for what has changed on our side.
    async fn let_in(&self) {
        self.world.fault_proxy().pass_on();
        let nrg = &self.world.server.app.nrg;
        for name in ["another", "sandbox-example"] {
            nrg.use_credentials(name, "sandbox-example").unwrap();
        }
        let walk = self.walk(Person::default());
        walk.to_contact().await.is_at("/contact");
    }

    async fn until(&self, walk: &Walk, state: State) {
        let journey = self.world.journey(&walk.browser).await.unwrap();
        let tracking_id = journey.record.unwrap().tracking_id;
        for _ in 0..600 {
            let row = self.world.server.app.ledger.find(tracking_id.as_str()).await.unwrap();
            if row.is_some_and(|row| row.state == state && (state != State::Ready || row.tries == 1)) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the submission never became {}", state.word());
    }

    async fn until_postbacks(&self, holds: impl Fn(&BTreeMap<(String, postback::State), i64>) -> bool) {
        let env = with_targets(env(), [&self.receivers[0], &self.receivers[1]]);
        let settings = settings(self.data.path(), "http://127.0.0.1:1", &pairs(&env));
        let app = &self.world.server.app;
        let store = open_store(&settings).await.unwrap();
        let outbox = server::outbox(&settings, &store, &app.clock, &app.entropy);
        let mut counts = BTreeMap::new();
        for _ in 0..600 {
            let listed = outbox.count().await.unwrap();
            counts = listed.into_iter().map(|(target, state, rows)| ((target, state), rows)).collect();
            if holds(&counts) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the postbacks stand otherwise: {counts:?}");
    }
}

fn cookie(browser: &Browser) -> String {
    let cookies = browser.cookies()["cookie"].to_str().unwrap().to_owned();
    cookies.strip_prefix("enroll=").unwrap().to_owned()
}

fn last(last_name: &'static str) -> Person {
    Person { last_name, ..Person::default() }
}

fn first(first_name: &'static str) -> Person {
    Person { first_name, ..Person::default() }
}

fn ssn(ssn: &'static str) -> Person {
    Person { ssn, ..Person::default() }
}

fn street(street: &'static str) -> Person {
    Person { street, ..Person::default() }
}

fn refused(code: &str) -> Reply {
    answer(400, &json!({"statusCode": "01", "errorCode": code, "errorDescription": "internal"}))
}

/// Over the landing page with a click, to the address page.
async fn clicked(walk: &Walk) -> Page {
    walk.browser.get(&format!("/?{CLICK}")).await;
    walk.to_address().await
}

/// By the form of a stop that no answer changes.
async fn start_over(walk: &Walk) {
    walk.browser.get(&format!("/?{CLICK}")).await;
    let stop = walk.to_plans().await;
    stop.form("/start-over").submit(&walk.browser).await.is_at("/");
}

async fn enrolled(walk: &Walk) -> Page {
    let review = walk.through_start_date().await;
    walk.review(&review).await
}

fn contact_form(walk: &Walk, page: &Page) -> Filled {
    page.form("/contact")
        .set("first_name", walk.person.first_name)
        .set("last_name", walk.person.last_name)
        .set("email", "jordan.samplecase@example.com")
        .set("phone", "(713) 555-0142")
}

fn po_box(page: &Page) -> Filled {
    let form = page.form("/billing").set("choice", "po_box").set("po_box", "123");
    form.set("city", "Sampleton").set("state", "TX").set("zip", "77999")
}

fn other_street(page: &Page, street: &str) -> Filled {
    let form = page.form("/billing").set("choice", "street").set("street", street);
    form.set("city", "Sampleton").set("state", "TX").set("zip", "77999")
}

fn licence(form: &Filled) -> Filled {
    form.clone().set("document", "licence").set("ssn", "").set("licence", "12345678")
}

/// Walks everything and writes it down.
pub async fn stored() {
    let mut all = Walkers::new().await;
    ended::yesterday(&all).await;
    asked::steps(&mut all).await;
    asked::questions(&mut all).await;
    ended::stops(&mut all).await;
    ended::submissions(&mut all).await;
    ended::saved(&mut all).await;
    all.world.fault_proxy().pass_on();

    let app = &all.world.server.app;
    let json = |data: &str| -> Value {
        assert!(stored_journey(data).is_some());
        serde_json::from_str(data).unwrap()
    };
    let mut journeys = Vec::new();
    for (name, cookie) in &all.sessions {
        let browser = all.world.browser().with_cookie(&format!("enroll={cookie}; Path=/"));
        // Where there is nothing to ask, this leads to where the journey stands.
        let page = browser.get("/ask").await;
        assert_eq!(page.status, 200, "{name}: {}", page.text());
        let loaded = app.sessions.peek(&SessionId::from_cookie(cookie).unwrap()).await.unwrap().unwrap();
        let (name, cookie) = ((*name).to_owned(), cookie.clone());
        journeys.push(StoredJourney { name, cookie, path: page.path, journey: json(&loaded) });
    }
    let mut saved = Vec::new();
    for (name, code, answer) in &all.saved {
        let data = app.sessions.saved(&ResumeCode::parse(code).unwrap()).await.unwrap().unwrap();
        let path = match answer.len() {
            0 => "/contact",
            1 => "/billing",
            _ => "/start-date",
        };
        saved.push(SavedJourney {
            name: (*name).to_owned(),
            code: code.clone(),
            answer: answer.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            path: path.to_owned(),
            journey: json(&data),
        });
    }
    let now: Timestamp = app.clock.now();
    write("journeys.json", &journeys);
    write("saved.json", &saved);
    let (data, world) = (Arc::clone(&all.data), all.world);
    world.server.stop().await;
    let schema = take_rows(&data.path().join("demo.db")).await;
    let circumstances = Circumstances { schema, now, env: env() };
    write_text("circumstances.json", &format!("{}\n", serde_json::to_string_pretty(&circumstances).unwrap()));
}
