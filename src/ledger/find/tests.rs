//! What is found by what, and in which order.

use std::time::Duration;

use super::*;
use crate::{
    ledger::testing::{consent, enrolled, ledger, submission},
    store::testing::{ManualClock, on_each_database},
};

#[test]
fn reference_is_read_whole_or_half_with_or_without_blanks() {
    let whole = Reference::Whole { journey: "J1".to_owned(), tracking_id: "4900001".to_owned() };
    for (text, expected) in [
        ("J1 / 4900001", whole.clone()),
        ("J1/4900001", whole.clone()),
        (" J1 /4900001 ", whole),
        ("4900001", Reference::Half("4900001".to_owned())),
        (" J1", Reference::Half("J1".to_owned())),
    ] {
        assert_eq!(text.parse(), Ok(expected), "{text}");
    }
}

#[tokio::test]
async fn pages_filter_by_state_time_and_meter() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let ledger = ledger(&store, &clock);
        for tracking_id in ["1", "2", "3"] {
            ledger.submit(&submission(&ledger, tracking_id), &[]).await.unwrap();
            manual.forward(Duration::from_secs(60));
        }
        ledger.lease_next("me").await.unwrap().unwrap();
        let minute = |number: i64| Some(clock.now() - jiff::Span::new().minutes(number));
        let all = Filter::default();
        let cases = [
            (all.clone(), 9, vec!["3", "2", "1"]),
            (all.clone(), 2, vec!["3", "2"]),
            (Filter { state: Some(State::Sent), ..all.clone() }, 9, vec!["1"]),
            (Filter { since: minute(2), ..all.clone() }, 9, vec!["3", "2"]),
            (Filter { until: minute(2), ..all.clone() }, 9, vec!["1"]),
            (Filter { since: minute(2), until: minute(1), ..all.clone() }, 9, vec!["2"]),
            (Filter { esi_id: Some("none".to_owned()), ..all }, 9, vec![]),
        ];
        for (filter, limit, expected) in cases {
            let rows = ledger.pages(&filter).take(limit).await.unwrap();
            let found: Vec<_> = rows.iter().map(|row| row.tracking_id.as_str()).collect();
            assert_eq!(found, expected, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_filter_by_click_site_brand_and_account() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let ledger = ledger(&store, &clock);
        for (tracking_id, link, site) in
            [("1", "cid=a%20%27b%27&sub1=x", "main"), ("2", "sub1=a", "two"), ("3", "", "main")]
        {
            let mut new = submission(&ledger, tracking_id);
            (new.attribution, new.site) = (crate::journey::Attribution::read(link), site.to_owned());
            ledger.submit(&new, &[]).await.unwrap();
            manual.forward(Duration::from_secs(1));
        }
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        ledger.complete(&leased, &enrolled().into()).await.unwrap();
        let some = |text: &str| Some(text.to_owned());
        let all = Filter::default();
        for (filter, expected) in [
            (Filter { cid: some("a 'b'"), ..all.clone() }, vec!["1"]),
            (Filter { cid: some("A 'b'"), ..all.clone() }, vec![]),
            (Filter { site: some("main"), ..all.clone() }, vec!["3", "1"]),
            (Filter { brand: some("RE"), ..all.clone() }, vec!["3", "2", "1"]),
            (Filter { brand: some("GM"), ..all.clone() }, vec![]),
            (Filter { account: some("000099990001"), ..all.clone() }, vec!["1"]),
            (Filter { account: some("99990001"), ..all.clone() }, vec!["1"]),
            (Filter { account: some("9999000"), ..all.clone() }, vec![]),
            (Filter { tracking_id: some("2"), ..all.clone() }, vec!["2"]),
            (Filter { journey: some("journey of 2"), ..all.clone() }, vec!["2"]),
        ] {
            let mut pages = ledger.pages(&filter);
            let found: Vec<_> = pages.take(9).await.unwrap().into_iter().map(|row| row.tracking_id).collect();
            assert_eq!(found, expected, "{filter:?}");
            assert_eq!(pages.unopened(), 0);
        }
        let keyless = LedgerReader::new(store.clone(), None);
        let filter = Filter { account: some("99990001"), ..all };
        let mut pages = keyless.pages(&filter);
        assert!(pages.take(9).await.unwrap().is_empty() && pages.unopened() == 1);
    })
    .await;
}

#[tokio::test]
async fn pages_longer_than_one_return_every_row_once() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &ManualClock::new().1);
        ledger.submit(&submission(&ledger, "seed"), &[]).await.unwrap();
        // Two hundred of them in each moment, so that pages end in the middle of one.
        let series = match &store {
            Store::Sqlite { .. } => "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) SELECT i FROM n)",
            Store::Postgres(_) => "(SELECT i FROM generate_series(1, 1500) i)",
        };
        let fill = format!(
            "INSERT INTO submissions (tracking_id, journey, person_key, payload_hash, state, round, tries, not_before,
                 payload_key_id, payload, brand, offer_code, transaction_type, created_at, submitted_at)
             SELECT 't' || i, 'j' || i, person_key, payload_hash, state, 1, 0, 0, payload_key_id, payload, brand,
                 offer_code, transaction_type, i, i / 200
             FROM submissions, {series} AS numbers"
        );
        sql!(store.writer().await.unwrap(), sqlx::AssertSqlSafe(fill) => execute).unwrap();
        let filter = Filter::default();
        let mut pages = ledger.pages(&filter);
        let mut all = std::collections::BTreeSet::new();
        let mut count = 0;
        loop {
            let page = pages.next().await.unwrap();
            if page.is_empty() {
                break;
            }
            count += page.len();
            all.extend(page.into_iter().map(|row| row.tracking_id));
        }
        assert_eq!((count, all.len()), (1501, 1501));
    })
    .await;
}

#[tokio::test]
async fn submission_is_found_by_either_half_the_whole_and_its_order() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &ManualClock::new().1);
        for (tracking_id, journey) in [("1", "J2ABC"), ("2", "J2ABC"), ("3", "J3")] {
            let mut new = submission(&ledger, tracking_id);
            new.journey = journey.to_owned();
            ledger.submit(&new, &[]).await.unwrap();
        }
        ledger.consent(&consent("stopped")).await.unwrap();
        for (reference, expected) in [
            ("1", vec!["1"]),
            ("J2ABC", vec!["1", "2"]),
            ("j2abc", vec!["1", "2"]),
            ("J2ABC / 2", vec!["2"]),
            ("J2ABC/2", vec!["2"]),
            ("J3 / 2", vec![]),
            ("J3", vec!["3"]),
            ("J4", vec![]),
        ] {
            let found = ledger.referenced(&reference.parse().unwrap()).await.unwrap();
            let found: Vec<_> = found.into_iter().map(|row| row.tracking_id).collect();
            assert_eq!(found, expected, "{reference}");
        }
        for journey in ["J2ABC", "J3", "stopped"] {
            let order = order_id(journey);
            assert_eq!(ledger.journey_of(&order).await.unwrap().as_deref(), Some(journey));
            assert_eq!(
                ledger.journey_of(&format!(" {}", order.to_uppercase())).await.unwrap().as_deref(),
                Some(journey)
            );
        }
        assert_eq!(ledger.journey_of("J3").await.unwrap(), None);
    })
    .await;
}
