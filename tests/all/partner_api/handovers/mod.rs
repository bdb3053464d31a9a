//! Customers handed over by a partner's system: the link, what the person sees and does, and the status.

mod links;
mod refused;
mod status;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answer, ENABLED, PLANS, schema::Description};
use crate::support::{Browser, Page, Person, Walk, World, database::Database, log::Log};

/// Longer than what was asked for the list of plans is kept.
const CACHED: Duration = Duration::from_secs(23 * 3600);

/// A world with the API, and the key of a partner whom people know as "The Shop & Sons".
async fn world(env: &[(&str, &str)]) -> (World, String) {
    let world = World::with(&[&[ENABLED], env].concat()).await;
    let key = world.titled_partner("shop", Some("The Shop & Sons"), None).await;
    (world, key)
}

/// All that a partner can know of a customer.
async fn customer(world: &World, key: &str) -> Value {
    json!({
        "zip": "77999", "type": "MVI", "brand": "RE", "offer_code": offer_code(world, key).await, "lang": "en",
        "street": "100 Example Oak Ln", "unit": "12b", "city": "Sampleton",
        "first_name": "Canaryname", "last_name": "Samplecase", "email": "canary.sample@example.com",
        "phone": "713-555-0187", "bill_language": "es", "start_date": "2030-06-26",
        "click": {"cid": "click of The Shop", "sub1": "newsletter"},
    })
}

/// A plan that is sold.
async fn offer_code(world: &World, key: &str) -> Value {
    let feed = world.api(&format!("{PLANS}&brand=RE"), key).await;
    feed.plans()[0]["offer_code"].clone()
}

impl World {
    async fn hand_over(&self, key: &str, body: &Value) -> Answer {
        self.post_journey(&body.to_string(), &[("authorization", key)]).await
    }

    async fn post_journey(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.post_journey_as_it_is(body, &headers).await
    }

    async fn post_journey_as_it_is(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request =
            reqwest::Client::new().post(format!("{}/api/journeys", self.base)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::read("post", "/api/journeys", request.send().await.unwrap()).await
    }

    async fn status(&self, key: &str, order_id: &str) -> Answer {
        let url = format!("{}/api/journeys/{order_id}", self.base);
        let answer = reqwest::Client::new().get(url).header("authorization", key).send().await.unwrap();
        Answer::read("get", "/api/journeys/{order_id}", answer).await
    }

    /// State, step, stop and ending.
    async fn stands(&self, key: &str, order_id: &str) -> [Value; 4] {
        let status = self.status(key, order_id).await;
        assert_eq!(status.status, 200, "{}", status.text);
        ["state", "step", "stop", "ending"].map(|name| status.body[name].clone())
    }
}

impl Answer {
    async fn read(method: &str, path: &str, answer: reqwest::Response) -> Self {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        assert!(!headers.contains_key("set-cookie"));
        assert_eq!(headers["cache-control"], "no-store", "{path}: {status}");
        let kind = headers.get("content-type").map(|kind| kind.to_str().unwrap());
        Description::new().check(method, path, status, kind, text.as_bytes());
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }

    fn order_id(&self) -> &str {
        assert_eq!(self.status, 201, "{}", self.text);
        self.body["order_id"].as_str().unwrap()
    }

    /// Path and query of the link.
    fn link(&self) -> String {
        assert_eq!(self.status, 201, "{}", self.text);
        let link = url::Url::parse(self.body["link"].as_str().unwrap()).unwrap();
        link[url::Position::BeforePath..].to_owned()
    }
}

/// The page that the link leads to, and the one after its button.
async fn opened(browser: &Browser, link: &str) -> Page {
    let page = browser.get(link).await;
    page.is_at("/handed-over");
    assert_eq!(page.status, 200, "{}", page.text());
    page.form("/handed-over").submit(browser).await
}

fn values(page: &Page, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| page.attributes(&format!("main [name={name}]"), "value").remove(0)).collect()
}

async fn customer_enrolls(env: &[(&str, &str)]) {
    let log = Log::listen();
    let (world, key) = world(env).await;
    let body = customer(&world, &key).await;
    let calls = world.sandbox.calls().len();
    let handed = world.hand_over(&key, &body).await;
    let order_id = handed.order_id().to_owned();
    assert_eq!(handed.headers["location"], format!("/api/journeys/{order_id}"));
    assert_eq!(world.sandbox.calls().len(), calls, "NRG is asked when the person comes");

    let walk = Walk::new(world.browser(), Person::default());
    let page = walk.browser.get(&handed.link()).await;
    assert_eq!(page.h1(), "The Shop & Sons has sent you here");
    page.says("Your date of birth and ID are asked for here only");
    assert_eq!(page.headers["referrer-policy"], "strict-origin");
    assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
    for person in ["Canaryname", "canary.sample", "0187", "Example Oak"] {
        page.never_says(person);
    }
    let address = page.form("/handed-over").submit(&walk.browser).await;
    address.is_at("/address");
    address.says("The Shop & Sons filled this in for you.");
    assert_eq!(values(&address, &["street", "unit", "city"]), ["100 Example Oak Ln", "12b", "Sampleton"]);
    assert_eq!(address.attributes("[name=bills_here][checked]", "value"), ["yes"]);
    // Nothing is answered for the person but the first two pages, and those can be changed.
    assert_eq!(world.stands(&key, &order_id).await, ["open", "address", "", ""].map(word));
    assert!(address.attributes("a", "href").iter().any(|href| href == "/plans"));
    let contact = address.form("/address").set("unit", "").submit(&walk.browser).await;
    contact.is_at("/contact");
    contact.says("The Shop & Sons filled this in for you.");
    assert_eq!(
        values(&contact, &["first_name", "last_name", "email", "phone"]),
        ["Canaryname", "Samplecase", "canary.sample@example.com", "713-555-0187"]
    );
    assert_eq!(contact.attributes("[name=language][checked]", "value"), ["es"]);
    assert!(contact.attributes("[type=checkbox][checked]", "name").is_empty(), "no consent is given");
    let identity = contact.form("/contact").set("first_name", "Jordan").submit(&walk.browser).await;
    identity.is_at("/identity");
    identity.never_says("The Shop");
    let dates = walk.identity(&identity).await;
    dates.is_at("/start-date");
    dates.says("The Shop & Sons filled this in for you.");
    assert_eq!(dates.attributes("[name=date][checked]", "value"), ["2030-06-26"]);
    let review = dates.form("/start-date").submit(&walk.browser).await;
    walk.review(&review).await.is_at("/confirmation");
    assert_eq!(world.stands(&key, &order_id).await, ["ended", "", "", "enrolled"].map(word));

    let journey = world.journey(&walk.browser).await.unwrap();
    assert_eq!(nrg_enroll::journey::order_id(&journey.id), order_id);
    let contact = journey.contact.unwrap();
    assert_eq!(
        (contact.first_name.as_str(), contact.phone.to_string().as_str()),
        ("Jordan", "(713) 555-0187")
    );
    let row = world.server.app.ledger.list(&Default::default(), 1).await.unwrap().remove(0);
    assert_eq!(row.attribution.get("cid"), Some("click of The Shop"));
    let text = log.text();
    for secret in ["Canaryname", "canary.sample", "555-0187", "Example Oak", "code="] {
        assert!(!text.contains(secret), "{secret}");
    }
    world.server.stop().await;
}

/// A text, or null for a blank one.
fn word(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

#[tokio::test]
async fn customer_sees_what_the_partner_gave_and_enrolls() {
    customer_enrolls(&[]).await;
}

#[tokio::test]
async fn customer_sees_what_the_partner_gave_and_enrolls_on_postgresql() {
    let Some(database) = Database::new().await else { return };
    customer_enrolls(&[("ENROLL__STORE__URL", &database.url)]).await;
    database.drop().await;
}

#[tokio::test]
async fn any_part_of_a_customer_is_enough() {
    let (world, key) = world(&[]).await;
    let (shop, given, offer) = ("The Shop & Sons", "filled this in", offer_code(&world, &key).await);
    for (body, path, says) in [
        (json!({}), "/", None),
        (json!({"zip": "77999"}), "/", None),
        (json!({"zip": "77999", "type": "SWI"}), "/plans", None),
        (json!({"zip": "77999", "type": "MVI", "brand": "GM"}), "/plans", Some("Green Mountain")),
        (json!({"phone": "713-555-0187", "lang": "es"}), "/", None),
        (
            json!({"zip": "77999", "type": "MVI", "brand": "RE", "offer_code": offer, "city": "Sampleton"}),
            "/address",
            Some(given),
        ),
        // It is not sold any more: the list says so.
        (
            json!({"zip": "77999", "type": "MVI", "brand": "RE", "offer_code": "59999999"}),
            "/plans",
            Some("plan"),
        ),
        // No brand sells there: a stop like every other.
        (json!({"zip": "77990", "type": "MVI"}), "/stop", None),
    ] {
        let handed = world.hand_over(&key, &body).await;
        let browser = world.browser();
        browser.get(&handed.link()).await.says(shop);
        let page = opened(&browser, &handed.link()).await;
        page.is_at(path);
        if let Some(words) = says {
            page.says(words);
        }
        if body["lang"] == "es" {
            assert_eq!(page.attributes("html", "lang"), ["es"]);
        }
        if body == json!({"zip": "77999"}) {
            assert_eq!(values(&page, &["zip"]), ["77999"]);
        }
    }
}

#[tokio::test]
async fn page_of_a_link_is_in_the_language_that_was_given() {
    let (world, key) = world(&[]).await;
    let handed = world.hand_over(&key, &json!({"lang": "es", "street": "100 Example Oak Ln"})).await;
    let page = world.browser().get(&handed.link()).await;
    assert_eq!(page.attributes("html", "lang"), ["es"]);
    assert_eq!(page.h1(), "The Shop & Sons le envió aquí");
    page.says("Dirección del servicio");
}

#[tokio::test]
async fn zip_that_nrg_does_not_answer_is_filled_in_on_its_page() {
    let world = World::with_fault_proxy(&[ENABLED, ("ENROLL__SERVER__PATIENCE", "1s")]).await;
    let key = world.partner("shop", None).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    world.forward(CACHED);
    world.fault_proxy().always("tdsp", crate::support::fault_proxy::html(500));
    let browser = world.browser();
    let page = opened(&browser, &handed.link()).await;
    page.is_at("/");
    assert_eq!(values(&page, &["zip"]), ["77999"]);
    assert_eq!(page.attributes("[name=transaction][checked]", "value"), ["MVI"]);
    world.fault_proxy().pass_on();
    // With the partner's plan, as if nothing had happened.
    let address = page.form("/").submit(&browser).await;
    address.is_at("/address");
    assert_eq!(values(&address, &["street"]), ["100 Example Oak Ln"]);
}

#[tokio::test]
async fn zip_that_nrg_answers_late_is_waited_for() {
    let world = World::with_fault_proxy(&[ENABLED, ("ENROLL__SERVER__PATIENCE", "1s")]).await;
    let key = world.partner("shop", None).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    world.forward(CACHED);
    world.fault_proxy().hold("tdsp");
    let browser = world.browser().impatient();
    let waiting = opened(&browser, &handed.link()).await;
    assert!(waiting.is_waiting(), "{}", waiting.text());
    world.fault_proxy().release("tdsp");
    let page = browser.patient().get(&waiting.again()).await;
    page.is_at("/address");
    assert_eq!(values(&page, &["street"]), ["100 Example Oak Ln"]);
}
