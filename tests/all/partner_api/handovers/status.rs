//! The status of a journey that was handed over, from its link to what became of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{customer, opened, word, world};
use crate::support::{Person, Walk, World, database::Database, fault_proxy::Reply};

/// A walk of the customer who is handed over, at the page of the address, and the order id.
async fn handed(world: &World, key: &str, person: Person) -> (Walk, crate::support::Page, String) {
    let feed =
        world.api(&format!("/api/plans?zip={}&type={}&brand=RE", person.zip, person.transaction), key).await;
    let offer = &feed.plans()[0]["offer_code"];
    let body = json!({"zip": person.zip, "type": person.transaction, "brand": "RE", "offer_code": offer});
    let handed = world.hand_over(key, &body).await;
    let walk = Walk::new(world.browser(), person);
    let page = opened(&walk.browser, &handed.link()).await;
    page.is_at("/address");
    let order_id = handed.order_id().to_owned();
    (walk, page, order_id)
}

async fn follows(env: &[(&str, &str)]) {
    let (world, key) = world(env).await;
    let person = Person { transaction: "SWI", street: "600 Example Oak Ln", ..Person::default() };
    let (walk, page, order_id) = handed(&world, &key, person).await;
    let status = world.status(&key, &order_id).await;
    assert_eq!(status.body["order_id"], json!(order_id));
    assert_eq!(status.body["held"], Value::Null);
    assert!(status.body["opened_at"].is_string() && status.body["expires_at"].is_string());
    walk.address(&page).await.is_at("/stop");
    assert_eq!(world.stands(&key, &order_id).await, ["stopped", "address", "switch_hold", ""].map(word));
    // Who leaves there, was stopped.
    walk.browser.post("/leave", &[]).await;
    assert_eq!(world.stands(&key, &order_id).await, ["ended", "address", "switch_hold", "stopped"].map(word));

    let (walk, page, order_id) = handed(&world, &key, Person::default()).await;
    let contact = walk.address(&page).await;
    walk.contact(&contact).await.is_at("/identity");
    assert_eq!(world.stands(&key, &order_id).await, ["open", "identity", "", ""].map(word));
    world.forward(Duration::from_secs(3600));
    world.server.app.sessions.cleanup(100).await.unwrap();
    assert_eq!(world.stands(&key, &order_id).await, ["ended", "identity", "", "abandoned"].map(word));
    world.server.stop().await;
}

#[tokio::test]
async fn status_follows_stops_and_those_who_leave() {
    follows(&[]).await;
}

#[tokio::test]
async fn status_follows_stops_and_those_who_leave_on_postgresql() {
    let Some(database) = Database::new().await else { return };
    follows(&[("ENROLL__STORE__URL", &database.url)]).await;
    database.drop().await;
}

#[tokio::test]
async fn status_of_a_journey_saved_for_later_is_where_it_goes_on() {
    let (world, key) = world(&[]).await;
    let (walk, page, order_id) = handed(&world, &key, Person::default()).await;
    let contact = walk.address(&page).await;
    contact.form("/later").submit(&walk.browser).await;
    world.forward(Duration::from_secs(3600));
    assert_eq!(world.stands(&key, &order_id).await, ["open", "contact", "", ""].map(word));
}

#[tokio::test]
async fn status_of_an_unknown_submission_changes_once_it_is_settled() {
    let world = World::with_fault_proxy(&[super::ENABLED]).await;
    let key = world.partner("shop", None).await;
    let (walk, page, order_id) = handed(&world, &key, Person::default()).await;
    world.fault_proxy().once("enroll", Reply::Cut);
    walk.on_from_address(&page).await.is_at("/processing");
    assert_eq!(world.stands(&key, &order_id).await, ["processing", "", "", "unknown"].map(word));
    let ledger = &world.server.app.ledger;
    let row = ledger.list(&Default::default(), 1).await.unwrap().remove(0);
    ledger
        .settle(&row.tracking_id, nrg_enroll::ledger::Resolution::Accepted, "NRG says so", "Sam")
        .await
        .unwrap();
    assert_eq!(world.stands(&key, &order_id).await, ["ended", "", "", "accepted"].map(word));
    ledger
        .amend(&row.tracking_id, nrg_enroll::ledger::AmendedAs::Cancelled, None, "called", "Sam")
        .await
        .unwrap();
    assert_eq!(world.stands(&key, &order_id).await, ["ended", "", "", "cancelled"].map(word));
}

#[tokio::test]
async fn status_says_whether_nrg_holds_the_account_back() {
    let (world, key) = world(&[("ENROLL__FOLLOW_UP__ENABLED", "true")]).await;
    let (walk, page, order_id) = handed(&world, &key, Person::default()).await;
    walk.on_from_address(&page).await.is_at("/confirmation");
    assert_eq!(world.status(&key, &order_id).await.body["held"], Value::Null);
    world.forward(Duration::from_secs(3600));
    for _ in 0..100 {
        if !world.status(&key, &order_id).await.body["held"].is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(world.status(&key, &order_id).await.body["held"], json!(false));
}

/// The record is kept for as long as those of the ledger.
#[tokio::test]
async fn status_is_forgotten_with_the_records() {
    let (world, key) = world(&[]).await;
    let handed = world.hand_over(&key, &customer(&world, &key).await).await;
    let day = Duration::from_secs(24 * 3600);
    world.forward(10 * day);
    assert_eq!(world.server.app.partners.cleanup(11 * day).await.unwrap(), 0);
    assert_eq!(world.status(&key, handed.order_id()).await.status, 200);
    assert_eq!(world.server.app.partners.cleanup(9 * day).await.unwrap(), 1);
    assert_eq!(world.status(&key, handed.order_id()).await.status, 404);
}
