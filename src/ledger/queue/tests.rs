use super::*;
use crate::{
    journey::SafeHtml,
    ledger::testing::{GUID, SESSION_KEYS, enrolled, ledger, ledger_with_keys, submission},
    store::testing::{ManualClock, on_each_database},
};

async fn state(ledger: &Ledger) -> State {
    ledger.find("1").await.unwrap().unwrap().state
}

#[tokio::test]
async fn lease_next_on_two_servers_returns_row_once() {
    on_each_database(async |store| {
        let clock = ManualClock::new().1;
        let ledger = ledger(&store, &clock);
        for tracking_id in 0..10 {
            ledger.submit(&submission(&ledger, &tracking_id.to_string()), &[]).await.unwrap();
        }
        let race = (0..40).map(|server| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                ledger.lease_next(&server.to_string()).await.unwrap().map(|t| t.tracking_id)
            })
        });
        let mut leased: Vec<String> =
            futures_util::future::join_all(race).await.into_iter().filter_map(Result::unwrap).collect();
        leased.sort();
        assert_eq!(leased, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    })
    .await;
}

#[tokio::test]
async fn submission_waits_for_a_server_with_its_key() {
    const OTHER: &str = "other:b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q=";
    on_each_database(async |store| {
        let clock = ManualClock::new().1;
        let of = |keys: &[&str]| ledger_with_keys(&store, &clock, keys);
        let (known, other) = (of(&[SESSION_KEYS, OTHER]), of(&[OTHER]));
        known.submit(&submission(&known, "1"), &[]).await.unwrap();
        assert!(other.lease_next("other").await.unwrap().is_none());
        let waiting = known.show("1").await.unwrap().unwrap();
        assert!(waiting.attempts.is_empty(), "it costs no try");
        assert_eq!(known.key_ids().await.unwrap(), [SESSION_KEYS.split_once(':').unwrap().0]);
        let leased = of(&[OTHER, SESSION_KEYS]).lease_next("known").await.unwrap().unwrap();
        assert!(leased.job.is_some());
    })
    .await;
}

#[tokio::test]
async fn complete_records_each_answer_once_and_encrypts_it() {
    let refused = |correctable| Enrollment::Refused {
        correctable,
        message: SafeHtml::from_cleaner("Please call.".to_owned()),
        code: Some("ENROLLMENT_NOT_ALLOWED".to_owned()),
    };
    let cases = [
        (enrolled(), State::Enrolled),
        (Enrollment::Accepted { document: None, message: None }, State::Accepted),
        (refused(true), State::Correctable),
        (refused(false), State::Refused),
        (Enrollment::Duplicate, State::Duplicate),
        (Enrollment::Unknown, State::Unknown),
    ];
    for (answer, expected) in cases {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let leased = ledger.lease_next("me").await.unwrap().unwrap();
            assert_eq!(leased.job.as_ref().unwrap().request.guid.as_str(), GUID);
            assert_eq!(ledger.complete(&leased, &answer.clone().into()).await.unwrap(), Completion::Now);
            let row = ledger.find("1").await.unwrap().unwrap();
            assert_eq!(row.state, expected);
            assert!(row.finished_at.is_some());
            assert_eq!(row.result.and_then(|r| r.account_number).is_some(), expected == State::Enrolled);
            assert_eq!(row.message.is_some(), matches!(expected, State::Refused | State::Correctable));
            assert_eq!(row.code.is_some(), matches!(expected, State::Refused | State::Correctable));
            // Once recorded, a second answer changes nothing.
            let again = ledger.complete(&leased, &Enrollment::Duplicate.into()).await.unwrap();
            assert_eq!(again, Completion::Before);
            assert_eq!(state(&ledger).await, expected);
            let attempts = ledger.show("1").await.unwrap().unwrap().attempts;
            assert_eq!(attempts[0].outcome.as_deref(), Some(outcome(&answer)));
            assert!(ledger.lease_next("me").await.unwrap().is_none());
            let (payload, stored): (Vec<u8>, Option<Vec<u8>>) =
                sql!(store.reader().await.unwrap(), "SELECT payload, answer FROM submissions" => fetch_one)
                    .unwrap();
            for secret in [GUID.as_bytes(), b"000099990001", b"Please"] {
                let shows = |blob: &[u8]| blob.windows(secret.len()).any(|part| part == secret);
                assert!(!shows(&payload) && !stored.as_deref().is_some_and(shows));
            }
        })
        .await;
    }
}

#[tokio::test]
async fn expired_lease_leaves_unknown_that_only_its_owner_can_complete() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let ledger = ledger(&store, &clock);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        let almost = ledger.settings.lease - Duration::from_millis(1);
        manual.forward(almost);
        assert_eq!(ledger.expire_leases().await.unwrap(), 0);
        ledger.renew_lease(&leased).await.unwrap();
        manual.forward(almost);
        assert_eq!(ledger.expire_leases().await.unwrap(), 0);
        manual.forward(Duration::from_millis(1));
        assert_eq!(ledger.expire_leases().await.unwrap(), 1);
        assert_eq!(state(&ledger).await, State::Unknown);
        assert!(ledger.lease_next("me").await.unwrap().is_none());
        ledger.renew_lease(&leased).await.unwrap();
        let stranger =
            LeasedJob { owner: "another".to_owned(), tracking_id: "1".to_owned(), job: None, ..leased };
        assert_ne!(ledger.complete(&stranger, &Enrollment::Duplicate.into()).await.unwrap(), Completion::Now);
        assert_eq!(state(&ledger).await, State::Unknown);
        let own = LeasedJob { owner: "me".to_owned(), ..stranger };
        let late = ledger.complete(&own, &enrolled().into()).await.unwrap();
        assert_eq!(late, Completion::Now);
        assert_eq!(state(&ledger).await, State::Enrolled);
    })
    .await;
}

#[tokio::test]
async fn unknown_submission_is_not_sent_again_after_late_connect_failure() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let ledger = ledger(&store, &clock);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        manual.forward(ledger.settings.lease);
        ledger.expire_leases().await.unwrap();
        let late = ledger.complete(&leased, &Enrollment::NotSent.into()).await.unwrap();
        assert_eq!((late, state(&ledger).await), (Completion::TooLate, State::Unknown));
        ledger.release("me").await.unwrap();
        assert_eq!(state(&ledger).await, State::Unknown);
        // The operator sees that nothing was sent.
        let attempts = ledger.show("1").await.unwrap().unwrap().attempts;
        assert_eq!(attempts[0].outcome.as_deref(), Some("not-sent"));
    })
    .await;
}

#[tokio::test]
async fn release_by_owner_makes_row_ready_and_by_others_does_nothing() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &ManualClock::new().1);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        ledger.release("me").await.unwrap();
        ledger.lease_next("me").await.unwrap().unwrap();
        ledger.release("another").await.unwrap();
        assert_eq!(state(&ledger).await, State::Sent);
        ledger.release("me").await.unwrap();
        assert_eq!(state(&ledger).await, State::Ready);
        let again = ledger.lease_next("me again").await.unwrap().unwrap();
        ledger.release("me").await.unwrap();
        let recorded = ledger.complete(&again, &enrolled().into()).await.unwrap();
        assert_eq!((recorded, state(&ledger).await), (Completion::Now, State::Enrolled));
    })
    .await;
}

#[tokio::test]
async fn clock_set_back_does_not_block_lease_next_or_lease_expiry() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let ledger = ledger(&store, &clock);
        let hour = Duration::from_secs(3600);
        for tracking_id in ["1", "2"] {
            ledger.submit(&submission(&ledger, tracking_id), &[]).await.unwrap();
        }
        ledger.lease_next("me").await.unwrap().unwrap();
        manual.back(hour);
        assert_eq!(ledger.lease_next("me too").await.unwrap().unwrap().tracking_id, "2");
        assert_eq!(ledger.expire_leases().await.unwrap(), 1);
        assert_eq!(state(&ledger).await, State::Unknown);
    })
    .await;
}

#[tokio::test]
async fn unsendable_submission_backs_off_and_is_given_up_as_not_sent() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let ledger = ledger(&store, &clock);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        for seconds in [2, 4, 8, 16, 32] {
            let leased = ledger.lease_next("me").await.unwrap().unwrap();
            let recorded = ledger.complete(&leased, &Enrollment::NotSent.into()).await.unwrap();
            assert_eq!(recorded, Completion::Now);
            manual.forward(Duration::from_millis(seconds * 1000 - 1));
            assert!(ledger.lease_next("me").await.unwrap().is_none());
            manual.forward(Duration::from_millis(1));
        }
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        ledger.complete(&leased, &Enrollment::NotSent.into()).await.unwrap();
        let row = ledger.find("1").await.unwrap().unwrap();
        assert_eq!((row.state, row.code.as_deref()), (State::Correctable, Some(NOT_SENT)));
        assert_eq!(ledger.show("1").await.unwrap().unwrap().attempts.len(), 6);
    })
    .await;
}
