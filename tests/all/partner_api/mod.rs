//! What systems of partners ask for, and the keys that they ask with. Every answer is held against the description that is
//! served.

mod commands;
mod description;
mod failures;
mod handovers;
mod requests;
mod schema;

use http::HeaderMap;
use nrg_enroll::partners::{NewKey, Which};
use serde_json::{Value, json};

use self::schema::Description;
use crate::support::{Person, Walk, World, database::Database};

const PLANS: &str = "/api/plans?zip=77999&type=MVI";
const ENABLED: (&str, &str) = ("ENROLL__API__ENABLED", "true");

/// An answer, which is as it is described.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
    text: String,
}

impl Answer {
    /// The end of the problem's type.
    #[track_caller]
    fn problem(&self) -> &str {
        let kind = self.body["type"].as_str().unwrap_or_else(|| panic!("{}", self.text));
        assert_eq!(self.body["status"], json!(self.status));
        assert_eq!(self.headers["cache-control"], "no-store");
        kind.strip_prefix("urn:nrg-enroll:problem:").unwrap()
    }

    /// The parameters that are at fault, each with the reason.
    fn errors(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| (text(&error["field"]), text(&error["reason"]))).collect()
    }

    fn plans(&self) -> &[Value] {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body["plans"].as_array().unwrap()
    }
}

async fn asked(base: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let answer = crate::support::Browser::new(base).ask("GET", path, headers).await;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    assert!(!headers.contains_key("set-cookie"), "{path}");
    let kind = headers.get("content-type").map(|kind| kind.to_str().unwrap());
    Description::new().check("get", "/api/plans", status, kind, &body);
    Answer {
        status,
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
        text: String::from_utf8(body.to_vec()).unwrap(),
    }
}

impl World {
    /// A world with the API, and the key of a partner.
    async fn with_api(env: &[(&str, &str)]) -> (Self, String) {
        let world = Self::with(&[&[ENABLED], env].concat()).await;
        let key = world.partner("shop", None).await;
        (world, key)
    }

    /// The header with a new key of the partner `name`.
    async fn partner(&self, name: &str, site: Option<&str>) -> String {
        self.titled_partner(name, None, site).await
    }

    async fn titled_partner(&self, name: &str, title: Option<&str>, site: Option<&str>) -> String {
        let key = self.server.app.partners.add(NewKey { name, title, site }).await.unwrap().unwrap();
        format!("Bearer {}", key.expose())
    }

    async fn api(&self, path: &str, key: &str) -> Answer {
        asked(&self.base, path, &[("authorization", key)]).await
    }
}

#[tokio::test]
async fn feed_has_the_plans_of_the_page_in_its_order() {
    let (world, key) = World::with_api(&[]).await;
    let walk = Walk::new(world.browser(), Person::default());
    walk.zip().await.is_at("/plans");
    for (query, page) in [("", ""), ("&kwh=1350", "?usage=1350"), ("&brand=GM", "?brand=GM")] {
        let feed = world.api(&format!("{PLANS}{query}"), &key).await;
        let page = walk.browser.get(&format!("/plans{page}")).await;
        let codes: Vec<&str> = feed.plans().iter().map(|plan| plan["offer_code"].as_str().unwrap()).collect();
        let shown = page.attributes("form[action^='/plans'] input[name=offer]", "value");
        assert!(!shown.is_empty());
        assert_eq!(codes[..shown.len()], shown, "{query}");
        for plan in feed.plans() {
            let is_shown = shown.iter().any(|code| plan["offer_code"] == **code);
            if is_shown && let Some(dollars) = plan["estimate_dollars"].as_u64() {
                page.says(&format!("${dollars}"));
            }
        }
    }
    let feed = world.api(PLANS, &key).await;
    assert_eq!(feed.body["utility"]["code"], "D0001");
    assert_eq!((&feed.body["zip"], &feed.body["kwh"]), (&json!("77999"), &Value::Null));
    assert_eq!(feed.body["unavailable"], json!([]));
    assert!(feed.plans().iter().any(|plan| !plan["flags"]["bill_credit"].is_null()));
    assert!(feed.plans().iter().all(|plan| plan["estimate_dollars"].is_null()));
}

#[tokio::test]
async fn link_of_a_plan_begins_an_enrollment_with_it_in_either_language() {
    let (world, key) = World::with_api(&[]).await;
    for (language, kind, text) in [("en", "fixed", "Fixed price"), ("es", "fixed", "Precio fijo")] {
        let feed = world.api(&format!("{PLANS}&lang={language}"), &key).await;
        assert_eq!(feed.body["language"], language);
        let plan = feed.plans().iter().find(|plan| plan["kind"]["code"] == kind).unwrap();
        assert_eq!(plan["kind"]["text"], text);
        let link = url::Url::parse(plan["link"].as_str().unwrap()).unwrap();
        assert_eq!(link.origin(), world.server.app.sites.main().public_url.origin());
        let browser = world.browser();
        let page = browser.get(&link[url::Position::BeforePath..]).await;
        page.is_at("/address");
        assert_eq!(page.attributes("html", "lang"), [language]);
        let chosen = world.journey(&browser).await.unwrap().chosen().unwrap().offer.clone();
        assert_eq!(plan["offer_code"], chosen.code.as_str());
        assert_eq!(plan["brand"]["id"], chosen.brand.id());
    }
}

#[tokio::test]
async fn several_utilities_are_listed_until_one_is_chosen() {
    let (world, key) = World::with_api(&[]).await;
    let both = world.api("/api/plans?zip=77997&type=SWI", &key).await;
    assert_eq!((both.status, both.problem()), (400, "utility-needed"));
    assert_eq!(both.errors(), [("utility".to_owned(), "missing".to_owned())]);
    let codes: Vec<&str> =
        both.body["utilities"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["D0001", "D0003"]);
    for code in codes {
        let feed = world.api(&format!("/api/plans?zip=77997&type=SWI&utility={code}"), &key).await;
        assert_eq!(feed.body["utility"]["code"], code);
        assert!(!feed.plans().is_empty());
    }
    for zip in ["77997", "77999"] {
        let other = world.api(&format!("/api/plans?zip={zip}&type=SWI&utility=D0009"), &key).await;
        assert_eq!((other.status, other.problem()), (400, "invalid-parameters"));
        assert!(!other.body["utilities"].as_array().unwrap().is_empty());
    }
    assert_eq!(world.api("/api/plans?zip=77990&type=MVI", &key).await.problem(), "not-served");
}

async fn keys(env: &[(&str, &str)]) {
    let (world, key) = World::with_api(env).await;
    assert_eq!(world.api(PLANS, &key).await.status, 200);
    let none = asked(&world.base, PLANS, &[]).await;
    assert_eq!((none.status, none.problem()), (401, "key-needed"));
    assert_eq!(none.headers["www-authenticate"], "Bearer realm=\"nrg-enroll\"");
    let foreign = format!("Bearer enroll_partner_{}", "A".repeat(43));
    let (other, lower) = (key.replace("Bearer", "Basic"), key.to_lowercase());
    for bad in [&foreign, &other, &lower, "Bearer", "", "Bearer  ", &key[..key.len() - 1]] {
        let refused = world.api(PLANS, bad).await;
        assert_eq!((refused.status, refused.problem()), (401, "key-unknown"), "{bad}");
        assert!(refused.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"));
    }
    let twice = asked(&world.base, PLANS, &[("authorization", &key), ("authorization", &key)]).await;
    assert_eq!(twice.problem(), "key-unknown");

    let second = world.partner("shop", None).await;
    assert_eq!(world.server.app.partners.end("shop", Which::Older).await.unwrap(), 1);
    assert_eq!((world.api(PLANS, &key).await.status, world.api(PLANS, &second).await.status), (401, 200));
    world.server.stop().await;
}

#[tokio::test]
async fn keys_bad_or_ended_open_nothing() {
    keys(&[]).await;
}

#[tokio::test]
async fn keys_bad_or_ended_open_nothing_on_postgresql() {
    let Some(database) = Database::new().await else { return };
    keys(&[("ENROLL__STORE__URL", &database.url)]).await;
    database.drop().await;
}

#[tokio::test]
async fn key_of_one_site_opens_no_other_and_each_site_has_its_brands() {
    let (world, every) = World::with_api(&[
        ("ENROLL__SITES__BETA__PUBLIC_URL", "http://localhost"),
        ("ENROLL__SITES__BETA__AFFILIATE__NAME", "Beta Sample Power"),
        ("ENROLL__SITES__BETA__BRANDS__GM__ENABLED", "false"),
    ])
    .await;
    let beta = format!("http://localhost:{}", world.server.address.port());
    let own = world.partner("beta_shop", Some("beta")).await;
    let has_gm = |feed: &Answer| feed.plans().iter().any(|plan| plan["brand"]["id"] == "GM");
    let (at_main, at_beta) =
        (world.api(PLANS, &every).await, asked(&beta, PLANS, &[("authorization", &own)]).await);
    assert!(has_gm(&at_main) && !has_gm(&at_beta));
    assert!(at_beta.plans()[0]["link"].as_str().unwrap().starts_with("http://localhost/plans/"));
    let other = world.api(PLANS, &own).await;
    assert_eq!((other.status, other.problem()), (403, "other-site"));
    let gm = asked(&beta, &format!("{PLANS}&brand=GM"), &[("authorization", &own)]).await;
    assert_eq!(gm.errors(), [("brand".to_owned(), "invalid".to_owned())]);
    let nowhere = asked(&world.base, PLANS, &[("authorization", &own), ("host", "other.test")]).await;
    assert_eq!((nowhere.status, nowhere.problem()), (421, "unknown-host"));
}
