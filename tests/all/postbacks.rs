//! Postbacks: what the affiliate's servers and tracking networks receive when a journey ends.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::time::sleep;

use crate::{
    multi_server::second_server,
    support::{Page, Person, Walk, World, database::Database, fault_proxy::Reply},
};

const KEY: [u8; 32] = *b"the key of postbacks in the test";
const CLICK: &str = "cid=canary-click&sub1=blue&sub4=four";

struct Received {
    method: Method,
    query: String,
    headers: HeaderMap,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The signature is the one the published library makes.
    #[track_caller]
    fn is_signed(&self) {
        let content = if self.method == Method::GET { &self.query } else { &self.body };
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        // Not `verify`, which compares the time with the system's clock: the server's is turned by hand.
        let library = Webhook::from_bytes(KEY.to_vec()).unwrap();
        let expected = library.sign(id, time.parse().unwrap(), content.as_bytes()).unwrap();
        assert_eq!(self.header("webhook-signature"), expected);
    }
}

/// A server of the affiliate. It answers with the given statuses, and then always 204.
#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    statuses: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    pub async fn open(statuses: &[u16]) -> Self {
        Self::at("127.0.0.1:0", statuses).await
    }

    pub async fn at(address: &str, statuses: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let statuses = Arc::new(Mutex::new(statuses.iter().copied().collect()));
        let receiver = Self { address, received: Arc::default(), statuses };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    /// Waits for `count` of them.
    pub async fn receives(&self, count: usize) {
        for _ in 0..1000 {
            if self.received.lock().unwrap().len() >= count {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(self.received.lock().unwrap().len(), count);
    }

    /// Everything that came, in one text; without the time stamps: the sandbox makes its ids of the time, too.
    pub fn all(&self) -> String {
        let received = self.received.lock().unwrap();
        let text = |one: &Received| {
            let mut headers = one.headers.clone();
            headers.remove("webhook-timestamp");
            format!("{} {} {headers:?} {}\n", one.method, one.query, one.body)
        };
        received.iter().map(text).collect()
    }

    pub fn bodies(&self) -> Vec<Value> {
        let received = self.received.lock().unwrap();
        received.iter().map(|received| serde_json::from_str(&received.body).unwrap()).collect()
    }

    /// The settings that make it a target of JSON.
    pub fn env(&self, endings: &str) -> Vec<(&'static str, String)> {
        vec![
            ("ENROLL__POSTBACKS__OWN__URL", format!("http://{}/in", self.address)),
            ("ENROLL__POSTBACKS__OWN__SECRET", STANDARD.encode(KEY)),
            ("ENROLL__POSTBACKS__OWN__LOOPBACK", "true".to_owned()),
            ("ENROLL__POSTBACKS__OWN__ENDINGS", endings.to_owned()),
        ]
    }
}

async fn receive(
    State(receiver): State<Receiver>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let query = uri.query().unwrap_or_default().to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    receiver.received.lock().unwrap().push(Received { method, query, headers, body });
    let status = receiver.statuses.lock().unwrap().pop_front().unwrap_or(204);
    StatusCode::from_u16(status).unwrap()
}

fn pairs<'a>(env: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    env.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// A click, and then a walk to the page after the landing page.
async fn clicked(world: &World, person: Person) -> (Walk, Page) {
    let walk = Walk::new(world.browser(), person);
    walk.browser.get(&format!("/?{CLICK}")).await;
    let plans = walk.zip().await;
    let page = walk.plan(&plans).await;
    (walk, page)
}

/// A click goes through an enrollment. A network that takes a query and fails three times receives the postback a
/// fourth time, and then no more.
async fn enrollment_is_delivered(database: &str) {
    let receiver = Receiver::open(&[500, 503, 404]).await;
    let template = "c={click_id}&s1={sub1}&s2={sub2}&b={brand}&e={ending}&p={deposit}&k=token";
    let url = format!("http://{}/in?{template}", receiver.address);
    let mut env = receiver.env("enrolled,accepted,stopped,abandoned,unknown");
    env.push(("ENROLL__POSTBACKS__OWN__METHOD", "GET".to_owned()));
    env.push(("ENROLL__POSTBACKS__OWN__URL", url));
    env.push(("ENROLL__STORE__LEASE", "10m".to_owned()));
    if !database.is_empty() {
        env.push(("ENROLL__STORE__URL", database.to_owned()));
    }
    let world = World::with(&pairs(&env)).await;
    let other = if database.is_empty() { None } else { Some(second_server(&world, &pairs(&env)).await) };
    let (walk, page) = clicked(&world, Person::default()).await;
    walk.on_from_address(&page).await.is_at("/confirmation");
    for (tries, wait) in [(1, 30), (2, 60), (3, 120), (4, 100_000)] {
        receiver.receives(tries).await;
        let recorded = async || world.metric("enroll_postbacks", &["to=\"own\"", "state=\"sent\""]).await;
        // The answer is recorded a moment after it was given.
        while tries == 4 && recorded().await < 1.0 {
            sleep(Duration::from_millis(10)).await;
        }
        sleep(Duration::from_millis(300)).await;
        world.forward(Duration::from_secs(wait));
    }
    // Long after, and with its session deleted, there is nothing more to tell.
    world.server.app.sessions.cleanup(10).await.unwrap();
    sleep(Duration::from_millis(1300)).await;
    receiver.receives(4).await;
    let journey = world.server.app.ledger.list(&Default::default(), 1).await.unwrap().remove(0);
    let posted = receiver.all();
    let received = std::mem::take(&mut *receiver.received.lock().unwrap());
    for one in &received {
        assert_eq!(one.method, Method::GET);
        assert_eq!(one.query, "c=canary-click&s1=blue&s2=&b=RE&e=enrolled&p=no&k=token");
        one.is_signed();
        assert_eq!(one.header("webhook-id"), received[0].header("webhook-id"));
    }
    for person in ["Jordan", "Samplecase", "900-45", "456789", &journey.tracking_id, &journey.journey] {
        assert!(!posted.contains(person), "{person} is in a postback");
    }
    if let Some(other) = other {
        other.stop().await;
    }
    world.server.stop().await;
}

#[tokio::test]
async fn enrollment_postback_is_delivered_once_after_three_failures() {
    enrollment_is_delivered("").await;
}

#[tokio::test]
async fn enrollment_postback_with_two_servers_is_delivered_once() {
    let Some(database) = Database::new().await else { return };
    enrollment_is_delivered(&database.url).await;
    database.drop().await;
}

#[tokio::test]
async fn session_put_aside_is_posted_abandoned_once_and_enrolled_later() {
    let receiver = Receiver::open(&[]).await;
    let mut env = receiver.env("enrolled,abandoned");
    env.push(("ENROLL__SESSION__KEEP_TIMED_OUT", "true".to_owned()));
    let world = World::with(&pairs(&env)).await;
    let at_dates = async || {
        let (walk, page) = clicked(&world, Person::default()).await;
        let page = walk.address(&page).await;
        let page = walk.contact(&page).await;
        let page = walk.billing(&page).await;
        walk.identity(&page).await.is_at("/start-date");
        walk
    };
    let born = async |walk: &Walk| {
        let page = walk.browser.get("/session-ended").await;
        let form = page.form("/session-ended").set("birth_date_month", "3").set("birth_date_day", "28");
        form.set("birth_date_year", "1985").submit(&walk.browser).await
    };
    let time_out = async || {
        world.forward(Duration::from_secs(1800));
        world.server.app.sessions.cleanup(1).await.unwrap();
    };
    let (resumed, _left) = (at_dates().await, at_dates().await);
    time_out().await;
    receiver.receives(2).await;
    born(&resumed).await.is_at("/start-date");
    time_out().await;
    let dates = born(&resumed).await;
    let review = resumed.start_date(&dates).await;
    resumed.review(&review).await.is_at("/confirmation");
    receiver.receives(3).await;
    world.forward(Duration::from_secs(12 * 3600));
    world.server.app.sessions.cleanup(10).await.unwrap();
    sleep(Duration::from_millis(1300)).await;
    receiver.receives(3).await;
    let endings: Vec<_> =
        receiver.bodies().iter().map(|body| body["ending"].as_str().unwrap().to_owned()).collect();
    assert_eq!(endings, ["abandoned", "abandoned", "enrolled"]);
}

#[tokio::test]
async fn stopped_and_abandoned_journeys_send_postback_with_click() {
    let receiver = Receiver::open(&[]).await;
    let env = receiver.env("enrolled,stopped,abandoned");
    let world = World::with(&pairs(&env)).await;

    let person = Person { last_name: "Current", ..Person::default() };
    let (walk, page) = clicked(&world, person).await;
    let page = walk.address(&page).await;
    let page = walk.contact(&page).await;
    let page = walk.billing(&page).await;
    let stop = walk.identity(&page).await;
    stop.is_at("/stop");
    receiver.receives(1).await;
    // Starting over from there is no second ending.
    stop.leave(&walk.browser).await;

    let (walk, page) = clicked(&world, Person::default()).await;
    page.leave(&walk.browser).await;
    receiver.receives(2).await;

    // No click, nothing to tell; and one who closes the window.
    Walk::new(world.browser(), Person::default()).zip().await.is_at("/plans");
    let (_, page) = clicked(&world, Person::default()).await;
    page.is_at("/address");
    world.forward(Duration::from_secs(1800));
    world.server.app.sessions.cleanup(10).await.unwrap();
    receiver.receives(3).await;
    sleep(Duration::from_millis(1300)).await;
    receiver.receives(3).await;

    let bodies = receiver.bodies();
    let endings: Vec<_> = bodies.iter().map(|body| body["ending"].as_str().unwrap()).collect();
    assert_eq!(endings, ["stopped", "abandoned", "abandoned"]);
    for (body, received) in bodies.iter().zip(receiver.received.lock().unwrap().iter()) {
        received.is_signed();
        assert_eq!((&body["click_id"], &body["sub4"]), (&"canary-click".into(), &"four".into()));
        assert_eq!((&body["brand"], &body["deposit"]), (&"RE".into(), &Value::Null));
        let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        let known = [
            "brand",
            "click_id",
            "deposit",
            "ending",
            "id",
            "offer_code",
            "order_id",
            "sub1",
            "sub2",
            "sub3",
            "sub4",
            "sub5",
            "time",
        ];
        assert_eq!(names, known);
    }
}

#[tokio::test]
async fn journey_begun_by_link_alone_sends_no_postback_and_is_not_counted() {
    let receiver = Receiver::open(&[]).await;
    let world = World::with(&pairs(&receiver.env("abandoned"))).await;
    let link = format!("/?{CLICK}&zip=77999&type=MVI&brand=RE");
    let linked = world.browser();
    linked.get(&link).await.is_at("/plans");
    // A form that was refused is a form, too.
    let posted = world.browser();
    let plans = posted.get(&link).await;
    assert_eq!(plans.form("/plans").forge("brand", "XX").submit(&posted).await.status, 422);
    world.forward(Duration::from_secs(1800));
    assert_eq!(world.server.app.sessions.cleanup(10).await.unwrap(), 2);
    receiver.receives(1).await;
    sleep(Duration::from_millis(1300)).await;
    receiver.receives(1).await;
    let funnel = &world.server.app.funnel;
    funnel.flush().await.unwrap();
    let (from, to) = (funnel.today(), funnel.today());
    let selection = nrg_enroll::funnel::Selection { from, to, by: [None, None], sub1: None };
    let counts = funnel.read(&selection).await.unwrap();
    let left: i64 = counts
        .iter()
        .filter(|counts| counts.event == nrg_enroll::funnel::Event::Left)
        .map(|counts| counts.count)
        .sum();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn unknown_submission_sends_postback_after_an_hour_and_when_settled() {
    let receiver = Receiver::open(&[]).await;
    let env = receiver.env("enrolled,unknown");
    let world = World::with_fault_proxy(&pairs(&env)).await;
    world.fault_proxy().once("enroll", Reply::Cut);
    let (walk, page) = clicked(&world, Person::default()).await;
    walk.on_from_address(&page).await.is_at("/processing");
    let ledger = &world.server.app.ledger;
    let absolute = Duration::from_secs(12 * 3600);
    assert_eq!(ledger.enqueue_delayed_postbacks(absolute).await.unwrap(), 0);
    world.forward(Duration::from_secs(3600));
    // The server looks for it every quarter of a minute; here it is not waited for.
    ledger.enqueue_delayed_postbacks(absolute).await.unwrap();
    receiver.receives(1).await;
    let row = ledger.list(&Default::default(), 1).await.unwrap().remove(0);
    let settled = nrg_enroll::ledger::Resolution::Enrolled(Default::default());
    ledger.settle(&row.tracking_id, settled, "NRG says so", "Sam").await.unwrap();
    receiver.receives(2).await;
    let bodies = receiver.bodies();
    assert_eq!([&bodies[0]["ending"], &bodies[1]["ending"]], ["unknown", "enrolled"]);
    assert_ne!(bodies[0]["id"], bodies[1]["id"]);
}

#[tokio::test]
async fn saved_session_is_posted_abandoned_only_when_it_expires() {
    let receiver = Receiver::open(&[]).await;
    let env = receiver.env("abandoned");
    let world = World::with(&pairs(&env)).await;
    let (walk, page) = clicked(&world, Person::default()).await;
    page.form("/later").submit(&walk.browser).await;
    for hours in [1, 10] {
        world.forward(Duration::from_secs(hours * 3600));
        world.server.app.sessions.cleanup(10).await.unwrap();
        sleep(Duration::from_millis(1300)).await;
        receiver.receives(0).await;
    }
    world.forward(Duration::from_secs(3600));
    world.server.app.sessions.cleanup(10).await.unwrap();
    receiver.receives(1).await;
    assert_eq!(receiver.bodies()[0]["ending"], "abandoned");
}
