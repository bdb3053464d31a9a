//! Which amendment may follow on which, what is kept of it, and who hears of it.

use super::*;
use crate::{
    entropy::Entropy,
    ledger::testing::{enrolled, ledger, refused, submission},
    postback::{Filter, Outbox, Targets, testing::Receiver},
    store::testing::{ManualClock, on_each_database},
};

#[test]
fn amendment_follows_only_where_it_makes_sense() {
    use AmendedAs::{Activated, Cancelled, Corrected, Rejected};

    for (latest, may_follow) in [
        (None, vec![Cancelled, Rejected, Activated, Corrected]),
        (Some(Cancelled), vec![Activated]),
        (Some(Rejected), vec![Activated]),
        (Some(Activated), vec![Cancelled, Corrected]),
        (Some(Corrected), vec![Cancelled, Rejected, Activated]),
    ] {
        let follows = |next: &&AmendedAs| next.may_follow(latest, false);
        let allowed: Vec<_> = AmendedAs::ALL.iter().filter(follows).copied().collect();
        assert_eq!(allowed, may_follow, "{latest:?}");
    }
    assert!(Corrected.may_follow(Some(Corrected), true));
    assert!(!Corrected.may_follow(Some(Cancelled), true));
}

#[tokio::test]
async fn amendments_are_kept_in_order_and_told_each_time() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let targets = Targets::new(vec![Receiver::open([]).await.target("net", Ending::ALL)]);
        let outbox = Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system());
        let ledger = ledger(&store, &clock).with_targets(targets);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        ledger.complete(&leased, &enrolled().into()).await.unwrap();
        let account = |number: &str| CorrectedAccount { number: number.to_owned(), check_digit: None };
        for (amended_as, account) in [
            (AmendedAs::Corrected, Some(account("000099990002"))),
            (AmendedAs::Corrected, Some(account("000099990003"))),
            (AmendedAs::Cancelled, None),
            (AmendedAs::Activated, None),
            (AmendedAs::Cancelled, None),
        ] {
            manual.forward(std::time::Duration::from_secs(1));
            ledger.amend("1", amended_as, account.as_ref(), "NRG says so", "Sam").await.unwrap();
        }
        let again = ledger.amend("1", AmendedAs::Cancelled, None, "r", "o").await.unwrap_err();
        assert_eq!(again.to_string(), "this submission is cancelled; it cannot be cancelled now");
        let corrected = ledger.amend("1", AmendedAs::Corrected, None, "r", "o").await.unwrap_err();
        assert_eq!(
            corrected.to_string(),
            "this submission is cancelled; it cannot be corrected now unless it is activated again first"
        );

        let details = ledger.show("1").await.unwrap().unwrap();
        assert_eq!(details.row.state, State::Enrolled);
        assert_eq!(details.row.amended_as.as_deref(), Some("cancelled"));
        let result = details.row.result.unwrap();
        // What a correction does not name stays.
        assert_eq!(
            (result.account_number.as_deref(), result.bpid.as_deref()),
            (Some("000099990003"), Some("0099990001"))
        );
        assert_eq!(details.amendments.len(), 5);
        assert_eq!((details.amendments[4].number, details.amendments[4].operator.as_str()), (5, "Sam"));
        let mut told: Vec<_> = outbox
            .list(&Filter::default(), 99)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.ending().to_owned())
            .collect();
        told.sort();
        assert_eq!(told, ["activated", "cancelled", "cancelled", "corrected", "corrected", "enrolled"]);
        assert_eq!(ledger.verify().await.unwrap().breaks, []);
    })
    .await;
}

#[tokio::test]
async fn only_what_went_through_is_amended_with_reason_and_name() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &ManualClock::new().1);
        let cancel = async |reason: &str| ledger.amend("1", AmendedAs::Cancelled, None, reason, "Sam").await;
        assert!(matches!(cancel("r").await, Err(AmendError::NotFound)));
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        assert!(matches!(cancel("r").await, Err(AmendError::NotEnrolled(State::Ready))));
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        ledger.complete(&leased, &refused(false).into()).await.unwrap();
        assert!(matches!(cancel("r").await, Err(AmendError::NotEnrolled(State::Refused))));
        assert!(matches!(cancel(" ").await, Err(AmendError::NoReason)));
        assert_eq!(ledger.show("1").await.unwrap().unwrap().amendments, []);
    })
    .await;
}
