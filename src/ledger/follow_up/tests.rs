use std::time::Duration;

use super::*;
use crate::{
    clock::Clock,
    entropy::Entropy,
    ledger::testing::{enrolled, ledger, submission},
    nrg::{Enrollment, Hold, HoldKind},
    postback::{Ending, Filter, Outbox, Targets, testing::Receiver},
    store::{
        Store, millis,
        testing::{ManualClock, on_each_database},
    },
};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const PHONE: &str = "(713) 555-0142";
const CODE: &str = "ABCD-EFGH-JKLM";

fn hold(kind: HoldKind, title: Option<&str>) -> Hold {
    Hold { kind, open: true, title: title.map(str::to_owned), description: None }
}

/// A ledger that follows for ten days and asks twice a day, and what it tells.
async fn following(store: &Store, clock: &Clock) -> (Ledger, Outbox) {
    let targets = Targets::new(vec![Receiver::open([]).await.target("net", Ending::ALL)]);
    let outbox = Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system());
    let follow_ups = FollowUps { every: 12 * HOUR, days: 10 * DAY };
    (ledger(store, clock).with_targets(targets).with_follow_ups(Some(follow_ups)), outbox)
}

/// Submits record `tracking_id`, and has NRG answer it so.
async fn answered(ledger: &Ledger, tracking_id: &str, answer: Enrollment) {
    ledger.submit(&submission(ledger, tracking_id), &[]).await.unwrap();
    let leased = ledger.lease_next("me").await.unwrap().unwrap();
    ledger.complete(&leased, &answer.into()).await.unwrap();
}

/// Asks about what is due, and records these holds. False: nothing is due.
async fn asked(ledger: &Ledger, holds: Option<&[Hold]>) -> bool {
    let Some(leased) = ledger.lease_follow_up("me").await.unwrap() else { return false };
    ledger.record_follow_up(&leased, holds).await.unwrap();
    true
}

/// The standings of record 1.
async fn standings(ledger: &Ledger) -> Vec<(Timestamp, Standing)> {
    ledger.show("1").await.unwrap().unwrap().standings
}

/// When NRG last told of the record, if it ever did; `None`: it is not followed.
async fn known_at(store: &Store, tracking_id: &str) -> Option<Option<i64>> {
    let row: Option<(Option<i64>,)> = sql!(store.reader().await.unwrap(),
        "SELECT known_at FROM follow_ups WHERE tracking_id = $1", tracking_id => fetch_optional)
    .unwrap();
    row.map(|(known_at,)| known_at)
}

async fn told(outbox: &Outbox) -> Vec<String> {
    let rows = outbox.list(&Filter::default(), 99).await.unwrap();
    let mut told: Vec<String> = rows.iter().map(|row| row.ending().to_owned()).collect();
    told.sort();
    told
}

#[tokio::test]
async fn enrolled_account_is_asked_about_until_its_days_are_over() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let (ledger, _) = following(&store, &clock).await;
        answered(&ledger, "1", enrolled()).await;
        answered(&ledger, "2", Enrollment::Duplicate).await;
        assert!(!asked(&ledger, None).await, "not yet");
        manual.forward(HOUR);
        let leased = ledger.lease_follow_up("me").await.unwrap().unwrap();
        let job = leased.job.as_ref().unwrap();
        assert_eq!(
            (leased.tracking_id.as_str(), job.site.as_str(), job.account.as_str(), job.check_digit.as_str()),
            ("1", "main", "000099990001", "7")
        );
        assert_eq!((job.billing_zip.as_str(), job.brand.id(), job.language.tag()), ("77998", "RE", "en"));
        assert!(ledger.lease_follow_up("other").await.unwrap().is_none(), "it is leased");
        // Its server dies: another asks.
        manual.forward(HOUR);
        assert!(asked(&ledger, Some(&[hold(HoldKind::Deposit, None)])).await);
        ledger.record_follow_up(&leased, Some(&[])).await.unwrap();
        let standings = standings(&ledger).await;
        assert_eq!(standings.len(), 1, "the late answer of the first is not recorded");
        manual.forward(11 * HOUR);
        assert!(!asked(&ledger, None).await);
        manual.forward(HOUR);
        // NRG does not tell: it is asked again in an hour.
        assert!(asked(&ledger, None).await);
        assert!(!asked(&ledger, None).await);
        manual.forward(HOUR);
        assert!(asked(&ledger, Some(&[])).await);
        // A released account is asked about more seldom.
        manual.forward(47 * HOUR);
        assert!(!asked(&ledger, None).await);
        manual.forward(HOUR);
        assert!(asked(&ledger, Some(&[])).await);
        manual.forward(10 * DAY);
        assert!(!asked(&ledger, None).await);
        assert_eq!(known_at(&store, "3").await, None);
    })
    .await;
}

#[tokio::test]
async fn change_is_kept_and_told_each_time_account_is_held_or_released() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let (ledger, outbox) = following(&store, &clock).await;
        answered(&ledger, "1", enrolled()).await;
        assert_eq!(told(&outbox).await, ["enrolled"]);
        let (deposit, papers) = (hold(HoldKind::Deposit, None), hold(HoldKind::Papers, Some("Canary lease")));
        for (holds, words, postbacks) in [
            (vec![], "released", vec!["enrolled"]),
            (vec![deposit.clone()], "deposit_open", vec!["enrolled", "held"]),
            (vec![deposit.clone()], "deposit_open", vec!["enrolled", "held"]),
            (vec![deposit, papers.clone()], "deposit_open papers", vec!["enrolled", "held"]),
            (vec![papers.clone()], "deposit_paid papers", vec!["enrolled", "held"]),
            (vec![], "deposit_paid released", vec!["enrolled", "held", "released"]),
            (vec![papers], "deposit_paid papers", vec!["enrolled", "held", "held", "released"]),
            (vec![], "deposit_paid released", vec!["enrolled", "held", "held", "released", "released"]),
        ] {
            manual.forward(2 * DAY - 12 * HOUR);
            if !asked(&ledger, Some(&holds)).await {
                manual.forward(12 * HOUR);
                assert!(asked(&ledger, Some(&holds)).await);
            }
            assert_eq!(standings(&ledger).await.last().unwrap().1.words(), words);
            assert_eq!(known_at(&store, "1").await, Some(Some(millis(clock.now()))));
            assert_eq!(told(&outbox).await, postbacks, "{words}");
            // Long lists of days are not this test's business.
            let update = "UPDATE follow_ups SET submitted_at = $1";
            sql!(store.writer().await.unwrap(), update, ledger.now() => execute).unwrap();
        }
        assert_eq!(standings(&ledger).await.len(), 7);
        // Nothing of NRG's words is in the table.
        let titles: Vec<(Option<Vec<u8>>,)> =
            sql!(store.reader().await.unwrap(), "SELECT titles FROM follow_ups" => fetch_all).unwrap();
        assert!(titles.iter().all(|(blob,)| blob.is_none()), "what is over is not kept");
    })
    .await;
}

#[tokio::test]
async fn status_is_shown_for_code_and_phone_and_code_dies_of_wrong_ones() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let (ledger, _) = following(&store, &clock).await;
        answered(&ledger, "1", enrolled()).await;
        let [right, wrong] = [PHONE, "713 555 0143"].map(|phone| Phone::parse(phone).unwrap());
        let prove = async |code: &str, phone: &Phone| match ledger.prove(code, "main", phone).await.unwrap() {
            Proof::Right(status) => Ok(*status),
            Proof::Wrong(left) => Err(left),
            Proof::Gone => Err(0),
        };
        assert_eq!(prove(CODE, &right).await.err(), Some(0), "no link was made");
        assert!(ledger.set_status_code("1", "first").await.unwrap());
        assert!(ledger.set_status_code("1", CODE).await.unwrap());
        assert_eq!(prove("first", &right).await.err(), Some(0), "the newer one replaced it");
        let status = prove(CODE, &right).await.unwrap();
        assert!(status.standing.is_none() && status.known_at.is_none() && status.titles.is_empty());

        manual.forward(HOUR);
        assert!(asked(&ledger, Some(&[hold(HoldKind::Papers, Some("Canary lease"))])).await);
        let blobs: Vec<(Option<Vec<u8>>, Vec<u8>)> =
            sql!(store.reader().await.unwrap(), "SELECT titles, phone_hash FROM follow_ups" => fetch_all)
                .unwrap();
        let stored = String::from_utf8_lossy(blobs[0].0.as_ref().unwrap()).into_owned();
        assert!(!stored.contains("Canary") && blobs[0].1.len() == 32);
        let status = prove(CODE, &right).await.unwrap();
        assert_eq!(
            (status.standing.unwrap().words().as_str(), status.titles),
            ("papers", vec!["Canary lease".to_owned()])
        );
        assert_eq!(
            (status.brand, status.language),
            (Some(crate::fields::Brand::Reliant), Some(crate::fields::Language::English))
        );
        assert!(matches!(ledger.prove(CODE, "other", &right).await.unwrap(), Proof::Gone), "of another site");

        // A right answer forgives wrong ones.
        assert_eq!(prove(CODE, &wrong).await.err(), Some(4));
        assert!(prove(CODE, &right).await.is_ok());
        for left in [4, 3, 2, 1, 0, 0] {
            assert_eq!(prove(CODE, &wrong).await.err(), Some(left));
        }
        assert_eq!(prove(CODE, &right).await.err(), Some(0));
        assert!(ledger.set_status_code("1", CODE).await.unwrap());
        assert!(prove(CODE, &right).await.is_ok());
        // After its days, and when what it needs is forgotten.
        manual.forward(10 * DAY);
        assert_eq!(prove(CODE, &right).await.err(), Some(0));
        assert_eq!(
            (ledger.cleanup_follow_ups().await.unwrap(), ledger.cleanup_follow_ups().await.unwrap()),
            (1, 0)
        );
        assert!(!ledger.set_status_code("1", CODE).await.unwrap());
        assert_eq!(standings(&ledger).await.len(), 1, "what became of it is kept");
    })
    .await;
}

#[tokio::test]
async fn submission_is_not_followed_where_that_is_off_and_row_goes_with_it() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let off = ledger(&store, &clock);
        answered(&off, "1", enrolled()).await;
        manual.forward(HOUR);
        assert!(known_at(&store, "1").await.is_none() && !asked(&off, None).await);
        let (ledger, _) = following(&store, &clock).await;
        answered(&ledger, "2", enrolled()).await;
        manual.forward(HOUR);
        assert!(asked(&ledger, Some(&[])).await);
        assert!(!asked(&ledger, None).await, "an earlier submission is not followed");
        sql!(store.writer().await.unwrap(), "DELETE FROM submissions" => execute).unwrap();
        let left: (i64, i64) = sql!(store.reader().await.unwrap(),
            "SELECT (SELECT COUNT(*) FROM follow_ups), (SELECT COUNT(*) FROM standings)" => fetch_one)
        .unwrap();
        assert_eq!(left, (0, 0));
    })
    .await;
}
