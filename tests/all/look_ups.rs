//! Which calls the look-up of an address makes, and what they are charged.

use std::time::Duration;

use nrg_enroll::journey::Meters;
use serde_json::json;

use crate::support::{
    Page, Person, Walk, World,
    fault_proxy::{Reply, json as answer},
};

fn at(world: &World, street: &'static str) -> Walk {
    Walk::new(world.browser(), Person { street, ..Person::default() })
}

/// The calls about addresses and meters, in the order of their answers.
fn asked(world: &World) -> Vec<String> {
    let about = |endpoint: &str| endpoint.starts_with("esid") || endpoint == "cleanup-address";
    let exchanges = world.fault_proxy().exchanges().into_iter();
    exchanges.map(|call| call.endpoint).filter(|endpoint| about(endpoint)).collect()
}

#[tokio::test]
async fn meters_are_asked_for_together_with_the_verification() {
    let world = World::with_fault_proxy(&[]).await;
    let slow = Reply::Later(Duration::from_millis(700), Box::new(Reply::Changed(json!({}))));
    world.fault_proxy().once("cleanup-address", slow);
    at(&world, "100 Example Oak Ln").to_contact().await.is_at("/contact");
    assert_eq!(asked(&world), ["esid/residential", "cleanup-address"]);
}

#[tokio::test]
async fn meters_count_for_a_cleaned_address_that_is_only_abbreviated() {
    for (number, name, calls) in [("100", "EXAMPLE OAK LN", 1), ("102", "EXAMPLE OAK LN", 2)] {
        let world = World::with_fault_proxy(&[]).await;
        let cleaned = json!({"streetNum": number, "streetName": name});
        world.fault_proxy().once("cleanup-address", Reply::Changed(cleaned));
        let walk = at(&world, "100 Example Oak Lane");
        walk.to_contact().await.is_at("/contact");
        assert_eq!(world.fault_proxy().count("esid/residential"), calls, "{number}");
        let premise = world.journey(&walk.browser).await.unwrap().premise().cloned().unwrap();
        assert_eq!(premise.settled.unwrap().street.number(), number);
        assert!(matches!(premise.meters, Some(Meters::Residential(_))));
    }
}

#[tokio::test]
async fn failure_of_the_early_call_counts_where_the_address_stays() {
    let failure = answer(200, &json!({"statusCode": "01", "messageCode": "NEW_CODE"}));
    for (street, path, status) in
        [("100 Example Oak Ln", "/address", 502), ("200 Example Oak Ln", "/ask", 200)]
    {
        let world = World::with_fault_proxy(&[]).await;
        world.fault_proxy().once("esid/residential", failure.clone());
        let page = at(&world, street).to_contact().await;
        assert_eq!((page.path.as_str(), page.status.as_u16()), (path, status));
        assert_eq!(world.fault_proxy().count("esid/residential"), 1);
    }
}

#[tokio::test]
async fn units_of_a_building_are_asked_for_once_for_all_visitors() {
    let world = World::new().await;
    for unit in ["5", "48"] {
        let walk = at(&world, "320 Example Oak Ln");
        let ask = walk.to_contact().await;
        ask.is_at("/ask");
        ask.says("Apt 48");
        assert_eq!(world.sandbox.count("esidValidation"), 48);
        ask.form("/ask").set("unit", unit).submit(&walk.browser).await.is_at("/contact");
    }
}

/// Types `street`, and returns the page that follows.
async fn retyped(walk: &Walk, street: &str) -> Page {
    let page = walk.browser.get("/address").await;
    page.form("/address").set("street", street).submit(&walk.browser).await
}

#[tokio::test]
async fn visitor_who_corrects_the_address_of_a_large_building_is_never_refused() {
    let world = World::new().await;
    let walk = at(&world, "320 Example Oak Ln");
    walk.to_contact().await.is_at("/ask");
    for street in ["320 Other Oak Ln", "320 Third Oak Ln", "320 Fourth Oak Ln", "320 Example Oak Ln"] {
        let page = retyped(&walk, street).await;
        page.is_at("/ask");
        assert_eq!(page.status, 200);
    }
    assert_eq!(world.sandbox.count("esidValidation"), 4 * 48);
}

#[tokio::test]
async fn units_beyond_the_limit_are_not_listed_and_can_be_typed() {
    // A call for the ZIP, five for the plans, two for the address, 48 for the units; two for that with the unit.
    let world = World::with(&[("ENROLL__LIMITS__LOOK_UP__SESSION", "55 per 10m")]).await;
    let walk = at(&world, "320 Example Oak Ln");
    let ask = walk.to_contact().await;
    ask.is_at("/ask");
    assert_eq!(ask.status, 200);
    assert_eq!(world.sandbox.count("esidValidation"), 0);
    ask.form("/ask").set("unit", "7").submit(&walk.browser).await.is_at("/contact");
}
