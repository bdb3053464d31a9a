//! What verify sees: each kind of record changed or removed, and what is no break.

use std::time::Duration;

use super::*;
use crate::{
    ledger::{
        AmendedAs, Resolution, Retention,
        testing::{consent, enrolled, ledger, submission},
    },
    nrg::Enrollment,
    store::{
        Store,
        testing::{ManualClock, on_each_database},
    },
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A ledger whose count began long ago, and the day of today.
///
/// Submission 1 is enrolled and was amended twice; 2 was settled, and the settlement corrected; 3 is being sent; "stopped"
/// has a consent only, was given out twice.
async fn filled(store: &Store) -> (Ledger, ManualClock) {
    let (manual, clock) = ManualClock::new();
    let ledger = ledger(store, &clock);
    ledger.consent(&consent("first")).await.unwrap();
    manual.forward(3 * DAY);
    for (tracking_id, answer) in [("1", enrolled()), ("2", Enrollment::Unknown)] {
        let new = submission(&ledger, tracking_id);
        ledger.submit(&new, &[consent(&new.journey)]).await.unwrap();
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        ledger.complete(&leased, &answer.into()).await.unwrap();
    }
    for amended_as in [AmendedAs::Cancelled, AmendedAs::Activated] {
        ledger.amend("1", amended_as, None, "by e-mail", "Sam").await.unwrap();
    }
    ledger.settle("2", Resolution::Accepted, "by phone", "Sam").await.unwrap();
    let refused = Resolution::Refused { correctable: false };
    ledger.correct_settlement("2", refused, "by phone again", "Sam").await.unwrap();
    ledger.submit(&submission(&ledger, "3"), &[]).await.unwrap();
    ledger.lease_next("me").await.unwrap().unwrap();
    ledger.consent(&consent("stopped")).await.unwrap();
    ledger.access("stopped", "by phone", "Sam").await.unwrap();
    ledger.access("stopped", "by mail", "Sam").await.unwrap();
    (ledger, manual)
}

async fn edit(store: &Store, statement: &'static str) {
    let rows = sql!(store.writer().await.unwrap(), statement => execute).unwrap();
    assert!(rows > 0, "{statement}");
}

async fn breaks(ledger: &Ledger) -> Vec<Break> {
    ledger.verify().await.unwrap().breaks
}

fn changed(tracking_id: &str) -> Break {
    Break::Submission { journey: format!("journey of {tracking_id}"), tracking_id: tracking_id.to_owned() }
}

#[tokio::test]
async fn ledger_written_in_every_way_verifies_as_whole() {
    on_each_database(async |store| {
        let (ledger, _) = filled(&store).await;
        let whole = VerifyReport {
            journeys: 4,
            consents: 4,
            submissions: 3,
            settlements: 1,
            amendments: 3,
            actions: 2,
            counted: 5,
            unstamped: 0,
            breaks: Vec::new(),
        };
        assert_eq!(ledger.verify().await.unwrap(), whole);
    })
    .await;
}

#[tokio::test]
async fn column_of_submission_changed_names_it() {
    let columns = [
        "person_key = payload_hash",
        "payload_hash = person_key",
        "state = 'accepted'",
        "round = 2",
        "tries = 2",
        "payload_key_id = 'other'",
        "payload = payload_hash",
        "answer_key_id = 'other'",
        "answer = payload_hash",
        "answer = NULL",
        "code = 'X'",
        "code = ''",
        "brand = 'GM'",
        "offer_code = '1'",
        "transaction_type = 'SWI'",
        "esi_id = NULL",
        "created_at = created_at + 1",
        "submitted_at = submitted_at + 1",
        "sent_at = sent_at + 1",
        "finished_at = finished_at + 1",
        "attribution = '{}'",
        "deposit = NOT deposit",
        "language = 'es'",
        "site = 'other'",
        "facts = '{\"amount\":\"1\"}'",
        "amended_as = NULL",
        "stamp = payload_hash",
    ];
    on_each_database(async |store| {
        let (ledger, _) = filled(&store).await;
        let kept = "CREATE TABLE kept AS SELECT * FROM submissions WHERE tracking_id = '1'";
        sql!(store.writer().await.unwrap(), kept => execute).unwrap();
        for column in columns {
            let statement = format!("UPDATE submissions SET {column} WHERE tracking_id = '1'");
            sql!(store.writer().await.unwrap(), sqlx::AssertSqlSafe(statement) => execute).unwrap();
            assert_eq!(breaks(&ledger).await, [changed("1")], "{column}");
            let name = column.split(' ').next().unwrap();
            let back =
                format!("UPDATE submissions SET {name} = (SELECT {name} FROM kept) WHERE tracking_id = '1'");
            sql!(store.writer().await.unwrap(), sqlx::AssertSqlSafe(back) => execute).unwrap();
            assert_eq!(breaks(&ledger).await, [], "{column}");
        }
        // While it is sent, its stamp does not cover the lease.
        edit(&store, "UPDATE submissions SET state = 'enrolled' WHERE tracking_id = '3'").await;
        assert_eq!(breaks(&ledger).await, [changed("3")]);
    })
    .await;
}

#[tokio::test]
async fn settlement_amendment_or_count_changed_or_removed_is_named() {
    let settlement = || Break::Settlement { tracking_id: "2".to_owned(), round: 1 };
    let amendment = |id: &str, number| Break::Amendment { tracking_id: id.to_owned(), number };
    let journey = |name: &str| Break::Journey { journey: name.to_owned() };
    let action = |number| Break::PrivacyAction { journey: "stopped".to_owned(), number };
    let today = || Break::Day(date(1_900_000_000 / 86_400 + 3));
    for (statement, expected) in [
        ("UPDATE settlements SET settled_at = 0", vec![settlement()]),
        ("UPDATE settlements SET settled_as = 'enrolled'", vec![settlement()]),
        ("UPDATE settlements SET operator = 'Max'", vec![settlement()]),
        ("UPDATE settlements SET reason = ''", vec![settlement()]),
        (
            "UPDATE settlements SET round = 2",
            vec![Break::Settlement { tracking_id: "2".to_owned(), round: 2 }],
        ),
        ("UPDATE settlements SET stamp = NULL", vec![changed("2")]),
        ("DELETE FROM settlements", vec![changed("2")]),
        ("UPDATE amendments SET amended_at = 0 WHERE number = 2", vec![amendment("1", 2)]),
        ("UPDATE amendments SET amended_as = 'rejected' WHERE number = 2", vec![amendment("1", 2)]),
        ("UPDATE amendments SET settled_as = 'enrolled' WHERE tracking_id = '2'", vec![amendment("2", 1)]),
        ("UPDATE amendments SET operator = 'Max' WHERE number = 2", vec![amendment("1", 2)]),
        ("UPDATE amendments SET reason = '' WHERE number = 2", vec![amendment("1", 2)]),
        ("UPDATE amendments SET round = 2 WHERE number = 2", vec![amendment("1", 2)]),
        ("UPDATE amendments SET replaced_state = 'sent' WHERE number = 2", vec![amendment("1", 2)]),
        ("UPDATE amendments SET replaced_key_id = 'x' WHERE number = 2", vec![amendment("1", 2)]),
        ("UPDATE amendments SET replaced = NULL WHERE number = 2", vec![amendment("1", 2)]),
        ("UPDATE amendments SET number = 3 WHERE number = 2", vec![amendment("1", 3)]),
        ("DELETE FROM amendments WHERE tracking_id = '1' AND number = 2", vec![changed("1")]),
        ("DELETE FROM amendments WHERE tracking_id = '1' AND number = 1", vec![amendment("1", 2)]),
        ("DELETE FROM amendments WHERE tracking_id = '2'", vec![changed("2")]),
        ("DELETE FROM submissions WHERE tracking_id = '1'", vec![journey("journey of 1")]),
        ("DELETE FROM consents WHERE journey = 'stopped'", vec![journey("stopped")]),
        ("UPDATE submissions SET stamp = NULL WHERE tracking_id = '2'", vec![journey("journey of 2")]),
        ("UPDATE privacy_actions SET acted_at = 0 WHERE number = 1", vec![action(1)]),
        ("UPDATE privacy_actions SET action = 'erase' WHERE number = 2", vec![action(2)]),
        ("UPDATE privacy_actions SET operator = 'Max' WHERE number = 2", vec![action(2)]),
        ("UPDATE privacy_actions SET reason = '' WHERE number = 2", vec![action(2)]),
        ("DELETE FROM privacy_actions WHERE number = 1", vec![journey("stopped"), action(2)]),
        ("DELETE FROM privacy_actions WHERE number = 2", vec![journey("stopped")]),
        ("DELETE FROM privacy_actions", vec![journey("stopped")]),
        ("UPDATE counted_journeys SET actions = 1 WHERE journey = 'stopped'", vec![journey("stopped")]),
        ("UPDATE counted_journeys SET submissions = 2 WHERE journey = 'stopped'", vec![journey("stopped")]),
        ("UPDATE counted_journeys SET number = 9 WHERE journey = 'stopped'", vec![journey("stopped")]),
        ("DELETE FROM counted_journeys WHERE journey = 'stopped'", vec![today()]),
        ("UPDATE counted_days SET begun = 9 WHERE day > 21990", vec![today()]),
        ("UPDATE counted_days SET begun = begun + 1, taken = 1 WHERE day > 21990", vec![today()]),
        ("UPDATE counted_days SET previous = NULL WHERE day > 21990", vec![today()]),
    ] {
        on_each_database(async |store| {
            let (ledger, _) = filled(&store).await;
            edit(&store, statement).await;
            assert_eq!(breaks(&ledger).await, expected, "{statement}");
        })
        .await;
    }
}

#[tokio::test]
async fn journey_gone_without_trace_is_missed_on_its_day() {
    on_each_database(async |store| {
        let (ledger, manual) = filled(&store).await;
        for statement in [
            "DELETE FROM consents WHERE journey = 'journey of 1'",
            "DELETE FROM submissions WHERE journey = 'journey of 1'",
            "DELETE FROM counted_journeys WHERE journey = 'journey of 1'",
        ] {
            edit(&store, statement).await;
        }
        let today = date(1_900_000_000 / 86_400 + 3);
        assert_eq!(today.to_string(), "2030-03-20");
        assert_eq!(breaks(&ledger).await, [Break::Day(today)]);
        // What is counted afterwards does not cover it up; nor does it that the day is removed.
        ledger.consent(&consent("another")).await.unwrap();
        assert_eq!(breaks(&ledger).await, [Break::Day(today)]);
        manual.forward(DAY);
        ledger.consent(&consent("the next day")).await.unwrap();
        edit(&store, "DELETE FROM counted_days WHERE day = 21993").await;
        let tomorrow = today.tomorrow().unwrap();
        assert_eq!(breaks(&ledger).await, [Break::Day(tomorrow), Break::Day(today)]);
    })
    .await;
}

#[tokio::test]
async fn change_is_not_covered_up_by_what_is_written_later() {
    on_each_database(async |store| {
        let (ledger, _) = filled(&store).await;
        edit(&store, "UPDATE submissions SET site = 'other' WHERE tracking_id = '1'").await;
        edit(&store, "UPDATE counted_journeys SET submissions = 5 WHERE journey = 'journey of 2'").await;
        ledger.amend("1", AmendedAs::Cancelled, None, "by e-mail", "Sam").await.unwrap();
        let mut second = submission(&ledger, "9");
        second.journey = "journey of 2".to_owned();
        ledger.submit(&second, &[]).await.unwrap();
        let journey = Break::Journey { journey: "journey of 2".to_owned() };
        assert_eq!(breaks(&ledger).await, [journey, changed("1")]);
    })
    .await;
}

#[tokio::test]
async fn retention_takes_journeys_out_of_the_count() {
    on_each_database(async |store| {
        let (ledger, manual) = filled(&store).await;
        let retention = Retention { records: 10 * DAY, attempts: DAY, repeats: DAY };
        manual.forward(5 * DAY);
        ledger.consent(&consent("later")).await.unwrap();
        manual.forward(5 * DAY);
        let cleaned = ledger.cleanup(retention).await.unwrap();
        // The third is still being sent.
        assert_eq!((cleaned.submissions, cleaned.consents), (2, 4));
        let report = ledger.verify().await.unwrap();
        assert_eq!((report.breaks, report.counted, report.submissions), (vec![], 6, 1));
        let days: Vec<(i64, i64)> = sql!(store.reader().await.unwrap(),
            "SELECT begun, taken FROM counted_days ORDER BY day" => fetch_all)
        .unwrap();
        assert_eq!(days, [(1, 1), (4, 3), (1, 0)]);
        // It covers up nothing.
        edit(&store, "DELETE FROM consents WHERE journey = 'later'").await;
        manual.forward(20 * DAY);
        ledger.cleanup(retention).await.unwrap();
        assert_eq!(breaks(&ledger).await, [Break::Journey { journey: "later".to_owned() }]);
    })
    .await;
}

/// What a server of the release before does beside one of this release: it knows no stamp and no count.
#[tokio::test]
async fn release_before_beside_this_one_breaks_nothing() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let ledger = ledger(&store, &clock);
        for tracking_id in ["1", "2", "3"] {
            ledger.submit(&submission(&ledger, tracking_id), &[]).await.unwrap();
        }
        manual.forward(DAY);
        ledger.submit(&submission(&ledger, "4"), &[]).await.unwrap();
        // The first was written by the release before, so that its journey is not counted.
        let day = CountedDay { day: 21_990, previous: None, begun: 2, taken: 0, stamp: Vec::new() };
        sql!(store.writer().await.unwrap(), "UPDATE counted_days SET begun = 2, stamp = $1 WHERE day = 21990",
            &day.expected(&ledger.key)[..] => execute)
        .unwrap();
        for statement in [
            "DELETE FROM counted_journeys WHERE journey = 'journey of 1'",
            "UPDATE submissions SET stamp = NULL WHERE tracking_id = '1'",
            // These it finished, and it settled one.
            "UPDATE submissions SET state = 'enrolled', finished_at = 1 WHERE tracking_id = '2'",
            "UPDATE submissions SET state = 'accepted', finished_at = 1 WHERE tracking_id = '4'",
            "INSERT INTO settlements (tracking_id, round, settled_at, settled_as, operator, reason)
                 VALUES ('4', 1, 1, 'accepted', 'Sam', 'r')",
        ] {
            edit(&store, statement).await;
        }
        let report = ledger.verify().await.unwrap();
        assert_eq!((report.breaks, report.unstamped), (vec![], 4));
        // This release takes on what it changes.
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        assert_eq!(leased.tracking_id, "1");
        ledger.complete(&leased, &enrolled().into()).await.unwrap();
        let report = ledger.verify().await.unwrap();
        assert_eq!((report.breaks, report.unstamped), (vec![], 3));
        // Two days after the count began no such server is there any more.
        manual.forward(DAY);
        ledger.submit(&submission(&ledger, "5"), &[]).await.unwrap();
        edit(&store, "UPDATE submissions SET state = 'enrolled' WHERE tracking_id = '5'").await;
        assert_eq!(breaks(&ledger).await, [changed("5")]);
    })
    .await;
}

#[tokio::test]
async fn concurrent_journeys_of_a_day_are_all_counted() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &ManualClock::new().1);
        let race = (0..30).map(|number| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                let new = submission(&ledger, &number.to_string());
                ledger.submit(&new, &[consent(&new.journey)]).await.unwrap()
            })
        });
        for submitted in futures_util::future::join_all(race).await {
            submitted.unwrap();
        }
        let report = ledger.verify().await.unwrap();
        assert_eq!((report.breaks, report.counted, report.submissions), (vec![], 30, 30));
    })
    .await;
}

#[tokio::test]
async fn concurrent_consents_of_one_journey_form_one_unbroken_chain() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &ManualClock::new().1);
        let race = (0..12).map(|_| {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.consent(&consent("j")).await.unwrap() })
        });
        for written in futures_util::future::join_all(race).await {
            written.unwrap();
        }
        ledger.consent(&consent("k")).await.unwrap();
        let report = ledger.verify().await.unwrap();
        assert_eq!(report, VerifyReport { journeys: 2, consents: 13, counted: 2, ..VerifyReport::default() });
    })
    .await;
}

#[tokio::test]
async fn consent_row_edited_deleted_or_moved_breaks_chain() {
    let tampering = [
        ("UPDATE consents SET given_at = given_at + 1 WHERE journey = 'j' AND number = 2", 2),
        ("UPDATE consents SET esi_id = '' WHERE journey = 'j' AND number = 3", 3),
        ("UPDATE consents SET documents = 'https://other.example/efl' WHERE journey = 'j' AND number = 1", 1),
        ("DELETE FROM consents WHERE journey = 'j' AND number = 2", 3),
        ("UPDATE consents SET number = 9 WHERE journey = 'j' AND number = 3", 9),
        (
            "UPDATE consents SET chain = (SELECT chain FROM consents WHERE journey = 'k') WHERE journey = 'j' AND number = 1",
            1,
        ),
    ];
    for (edit, number) in tampering {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            for journey in ["j", "j", "j", "k"] {
                ledger.consent(&consent(journey)).await.unwrap();
            }
            sql!(store.writer().await.unwrap(), edit => execute).unwrap();
            let breaks = ledger.verify().await.unwrap().breaks;
            assert_eq!(breaks, [Break::Consent { journey: "j".to_owned(), number }], "{edit}");
        })
        .await;
    }
}

#[tokio::test]
async fn consent_chain_end_removed_is_detected_by_submission() {
    let tampering = [
        "DELETE FROM consents WHERE journey = 'journey of 1' AND number = 2",
        "DELETE FROM consents WHERE journey = 'journey of 1'",
        "UPDATE submissions SET consents_to = 1 WHERE tracking_id = '1'",
        "UPDATE submissions SET consents_seal = NULL WHERE tracking_id = '1'",
        "UPDATE submissions SET consents_to = 0, consents_seal = (SELECT consents_seal FROM submissions
             WHERE tracking_id = '2') WHERE tracking_id = '1'",
    ];
    for edit in tampering {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            let new = submission(&ledger, "1");
            let consents = [consent(&new.journey), consent(&new.journey)];
            ledger.submit(&new, &consents).await.unwrap();
            ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
            let report = ledger.verify().await.unwrap();
            let whole =
                VerifyReport { journeys: 1, consents: 2, submissions: 2, counted: 2, ..Default::default() };
            assert_eq!(report, whole);
            sql!(store.writer().await.unwrap(), edit => execute).unwrap();
            let gone = Break::Consents { journey: "journey of 1".to_owned(), tracking_id: "1".to_owned() };
            assert_eq!(ledger.verify().await.unwrap().breaks, [gone], "{edit}");
        })
        .await;
    }
}
