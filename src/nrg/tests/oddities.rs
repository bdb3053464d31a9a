//! What is odd about answers is logged once per field and Texas day, by name and never with its value; and an answer of the
//! gateway is told from one of NRG's application.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use serde_json::json;

use crate::{
    clock::Clock,
    entropy::Entropy,
    fields::{Brand, Language, TdspCode, Transaction},
    journey::Outcome,
    nrg::{Error, Nrg, Offers, calls::offers::tests::entry, scalars},
};

use super::{
    fake::{Fake, Scripted, client, html, json, settings},
    site,
    transport::Log,
};

async fn offers(nrg: &Nrg) -> Result<Outcome<Offers>, Error> {
    let (site, tdsp) = (site(), TdspCode::parse("D0001").unwrap());
    nrg.brand_client(&site, Brand::Reliant, Language::English).offers(&tdsp, Transaction::MoveIn).await
}

#[tokio::test]
async fn odd_reading_is_logged_once_per_field_and_texas_day_without_value() {
    let log = Log::listen();
    let mut odd = entry();
    odd["cancelFee"] = json!("$9187");
    odd["contractTerm"] = json!("47 Months");
    let answer = json!({"statusCode": "00", "affiliateOfferList": [odd]}).to_string();
    let fake = Fake::start([json(200, &answer)]).await;
    let second = Arc::new(AtomicI64::new(0));
    let hand = Arc::clone(&second);
    let clock = Clock::new(move || Timestamp::new(hand.load(Ordering::Relaxed), 0).unwrap());
    let nrg = Nrg::new(settings(fake.address), clock, Entropy::system()).unwrap();
    let logged = |field: &str| {
        let text = log.text();
        text.lines().filter(|line| line.contains("spelled otherwise") && line.contains(field)).count()
    };
    // 23:59 and 0:00 in Texas, in June.
    for (time, times) in
        [("2030-06-19T04:58:00Z", 1), ("2030-06-19T04:59:00Z", 1), ("2030-06-19T05:00:00Z", 2)]
    {
        second.store(time.parse::<Timestamp>().unwrap().as_second(), Ordering::Relaxed);
        assert!(matches!(offers(&nrg).await, Ok(Outcome::Accepted(offers)) if offers.list.len() == 1));
        assert_eq!((logged("cancelFee"), logged("contractTerm")), (times, times), "{time}");
    }
    let text = log.text();
    assert!(!text.contains("9187") && !text.contains("47 Months"), "{text}");
    assert_eq!(nrg.odd_fields().into_iter().collect::<Vec<_>>(), ["cancelFee", "contractTerm"]);
}

#[tokio::test]
async fn answer_of_gateway_is_told_from_that_of_application() {
    let redirect = |http| Scripted { headers: vec![("location", "/login".into())], ..json(http, "") };
    let refused = r#"{"statusCode":"01","errorCode":"BAD_REQUEST"}"#;
    for (scripted, is_from_gateway) in [
        (html(403), true),
        (json(403, "{}"), true),
        (redirect(302), true),
        (redirect(307), true),
        (html(200), true),
        (html(404), true),
        (html(401), false),
        (html(503), false),
        (json(200, ""), false),
        (json(200, r#"{"statusCode":"07"}"#), false),
        (json(400, refused), false),
        (json(500, refused), false),
    ] {
        let http = scripted.http;
        let fake = Fake::start([scripted]).await;
        let error = offers(&client(settings(fake.address))).await.unwrap_err();
        assert_eq!(error.is_from_gateway(), is_from_gateway, "{http} {error}");
    }
}

#[test]
fn amount_with_cents_is_odd_only_where_contract_has_whole_dollars() {
    for (text, is_odd_in_dollars, is_odd_amount) in
        [("200", false, false), ("200.00", true, false), ("$200", true, true), ("1,200.50", true, true)]
    {
        assert_eq!(scalars::dollars(text).map(|read| read.is_odd), Some(is_odd_in_dollars), "{text:?}");
        assert_eq!(scalars::amount(text).map(|read| read.is_odd), Some(is_odd_amount), "{text:?}");
    }
}
