//! What is erased, what stays, and what is refused.

use std::time::Duration;

use super::*;
use crate::{
    fields::{Email, PersonName, Phone},
    ledger::{
        AmendedAs, CorrectedAccount, FollowUps, NewConsent, Person,
        testing::{consent, enrolled, ledger, refused, submission},
    },
    nrg::Enrollment,
    postback::{Ending, Filter, Outbox, Targets, testing::Receiver},
    store::{
        Store,
        testing::{ManualClock, on_each_database},
    },
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// An enrolled submission whose account was corrected, followed, with postbacks and hashes of its person.
async fn enrolled_one(store: &Store) -> (Ledger, Outbox, String) {
    let (manual, clock) = ManualClock::new();
    // The count begins long before, so that an edit is no earlier release's.
    ledger(store, &clock).consent(&consent("first")).await.unwrap();
    manual.forward(3 * DAY);
    let targets = Targets::new(vec![Receiver::open([]).await.target("net", Ending::ALL)]);
    let ledger = ledger(store, &clock)
        .with_targets(targets.clone())
        .with_follow_ups(Some(FollowUps { every: DAY, days: 30 * DAY }))
        .with_find_by_person(true);
    let new = submission(&ledger, "1");
    let person = Person {
        first_name: PersonName::parse("Jordan").unwrap(),
        last_name: PersonName::parse("Samplecase").unwrap(),
        email: Email::parse("jo@example.com").unwrap(),
        phone: Phone::parse("7135550142").unwrap(),
    };
    let given = NewConsent { person: Some(person), ..consent(&new.journey) };
    ledger.submit(&new, &[given]).await.unwrap();
    let leased = ledger.lease_next("me").await.unwrap().unwrap();
    ledger.complete(&leased, &enrolled().into()).await.unwrap();
    let account = CorrectedAccount { number: "000099990003".to_owned(), check_digit: None };
    ledger.amend("1", AmendedAs::Corrected, Some(&account), "by e-mail", "Sam").await.unwrap();
    let outbox = Outbox::new(store.clone(), targets, clock, ledger.entropy.clone());
    (ledger, outbox, new.journey)
}

/// The rows of every table that has something of the journey, as JSON is not the same in both: a count of what is left.
const LEFT: &str = "SELECT
    (SELECT COUNT(*) FROM person_hashes) + (SELECT COUNT(*) FROM follow_ups) + (SELECT COUNT(*) FROM standings)
    + (SELECT COUNT(*) FROM postbacks WHERE facts <> '' OR answer IS NOT NULL)
    + (SELECT COUNT(*) FROM amendments WHERE replaced IS NOT NULL OR replaced_key_id IS NOT NULL)
    + (SELECT COUNT(*) FROM submissions WHERE LENGTH(payload) + LENGTH(payload_hash) + LENGTH(person_key)
        + LENGTH(payload_key_id) > 0 OR answer IS NOT NULL OR answer_key_id IS NOT NULL OR attribution IS NOT NULL
        OR deposit IS NOT NULL OR number_key IS NOT NULL OR name_key IS NOT NULL OR home_key IS NOT NULL
        OR facts <> '{}')";

#[tokio::test]
async fn erased_journey_keeps_consents_and_state_and_verifies() {
    on_each_database(async |store| {
        let (ledger, outbox, journey) = enrolled_one(&store).await;
        let left = async || -> i64 {
            let (left,): (i64,) = sql!(store.reader().await.unwrap(), LEFT => fetch_one).unwrap();
            left
        };
        assert_eq!(left().await, 1 + 1 + 2 + 1 + 1);
        let erasure = ledger.erase(&journey, "by phone", "Sam").await.unwrap();
        assert_eq!((erasure.again, erasure.dropped_postbacks), (false, 2));
        assert_eq!(left().await, 0);
        let submissions = &erasure.remains.submissions;
        assert_eq!((submissions.len(), erasure.remains.consents.len()), (1, 1));
        let row = &submissions[0].row;
        assert_eq!(
            (row.state, row.unopened, row.esi_id.as_deref()),
            (State::Enrolled, false, Some("10000009999999912"))
        );
        assert!(row.result.is_none() && row.attribution.is_empty());
        assert_eq!(submissions[0].amendments.len(), 1);
        assert_eq!(ledger.verify().await.unwrap().breaks, []);
        assert_eq!(ledger.key_ids().await.unwrap(), Vec::<String>::new());
        // Nothing is sent again by hand.
        assert_eq!(outbox.retry(&Filter::default()).await.unwrap(), 0);

        let again = ledger.erase(&journey, "by mail", "Max").await.unwrap();
        assert_eq!((again.again, again.erased_at, again.remains.actions.len()), (true, erasure.erased_at, 1));
        // What becomes of it later is still recorded, and told without what was erased.
        ledger.amend("1", AmendedAs::Cancelled, None, "by e-mail", "Sam").await.unwrap();
        let told = outbox.list(&Filter::default(), 10).await.unwrap();
        assert!(told.iter().all(|row| row.facts().click().is_none()));
        assert_eq!(ledger.verify().await.unwrap().breaks, []);
    })
    .await;
}

#[tokio::test]
async fn journey_with_a_submission_under_way_is_not_erased() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &ManualClock::new().1);
        let new = submission(&ledger, "1");
        let refuses = async |expected: State| {
            let refused = ledger.erase(&new.journey, "by phone", "Sam").await.map(drop);
            assert!(
                matches!(&refused, Err(PrivacyError::UnderWay { state, .. }) if *state == expected),
                "{expected:?}: {refused:?}"
            );
        };
        ledger.submit(&new, &[consent(&new.journey)]).await.unwrap();
        refuses(State::Ready).await;
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        refuses(State::Sent).await;
        ledger.complete(&leased, &Enrollment::Unknown.into()).await.unwrap();
        refuses(State::Unknown).await;
        assert!(ledger.find("1").await.unwrap().is_some_and(|row| !row.attribution.is_empty()));
        let late = ledger.complete(&leased, &refused(true).into()).await.unwrap();
        assert_eq!(late, crate::ledger::queue::Completion::Before);
        ledger
            .settle("1", crate::ledger::Resolution::Refused { correctable: false }, "by phone", "Sam")
            .await
            .unwrap();
        assert!(!ledger.erase(&new.journey, "by phone", "Sam").await.unwrap().again);
        assert!(matches!(ledger.erase("none", "r", "o").await, Err(PrivacyError::NotFound)));
        assert!(matches!(ledger.erase(&new.journey, "r", " ").await, Err(PrivacyError::NoReason)));
    })
    .await;
}

#[tokio::test]
async fn erasing_covers_up_no_change_from_outside() {
    for edit in [
        "UPDATE submissions SET site = 'other'",
        "UPDATE amendments SET reason = 'none'",
        "UPDATE amendments SET replaced = stamp",
    ] {
        on_each_database(async |store| {
            let (ledger, _, journey) = enrolled_one(&store).await;
            sql!(store.writer().await.unwrap(), edit => execute).unwrap();
            let before = ledger.verify().await.unwrap().breaks.len();
            ledger.erase(&journey, "by phone", "Sam").await.unwrap();
            assert_eq!((before, ledger.verify().await.unwrap().breaks.len()), (1, 1), "{edit}");
        })
        .await;
    }
}

#[tokio::test]
async fn access_holds_all_that_is_kept_and_is_recorded() {
    on_each_database(async |store| {
        let (ledger, _, journey) = enrolled_one(&store).await;
        let kept = ledger.access(&journey, "by phone", "Sam").await.unwrap();
        let (id, sent) = &kept.sent[0];
        assert_eq!((id.as_str(), kept.sent.len(), kept.postbacks.len(), kept.findable), ("1", 1, 2, true));
        assert_eq!((sent.billing_zip.as_ref().unwrap().as_str(), sent.paperless), ("77998", Some(true)));
        assert_eq!(kept.records.actions[0].action, "access");
        let number = kept.records.submissions[0].row.result.as_ref().unwrap().account_number.as_deref();
        assert_eq!(number, Some("000099990003"));
        ledger.erase(&journey, "by phone", "Sam").await.unwrap();
        let kept = ledger.access(&journey, "by phone", "Sam").await.unwrap();
        assert!(kept.sent.is_empty() && !kept.findable);
        assert_eq!(kept.records.actions.len(), 3);
        assert_eq!(ledger.verify().await.unwrap().breaks, []);
    })
    .await;
}
