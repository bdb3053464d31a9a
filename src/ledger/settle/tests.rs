//! What can be settled and corrected, by whom, and who hears of it.

use super::*;
use crate::{
    entropy::Entropy,
    ledger::{
        SubmissionDetails,
        testing::{ledger, submission},
    },
    nrg::Enrollment,
    postback::{Filter, Outbox, Targets, testing::Receiver},
    store::testing::{ManualClock, on_each_database},
};

#[tokio::test]
async fn unknown_submission_is_settled_once_with_reason_and_operator() {
    on_each_database(async |store| {
        let ledger = ledger(&store, &ManualClock::new().1);
        let refused = || Resolution::Refused { correctable: false };
        assert!(matches!(ledger.settle("1", refused(), "r", "o").await, Err(SettleError::NotFound)));
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        let early = ledger.settle("1", refused(), "r", "o").await;
        assert!(matches!(early, Err(SettleError::NotUnknown(State::Ready))));
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        ledger.complete(&leased, &Enrollment::Unknown.into()).await.unwrap();
        for (reason, operator) in [("", "o"), (" ", "o"), ("r", "")] {
            let nameless = ledger.settle("1", refused(), reason, operator).await;
            assert!(matches!(nameless, Err(SettleError::NoReason)));
        }
        let result =
            SubmissionResult { account_number: Some("000099990001".to_owned()), ..Default::default() };
        ledger.settle("1", Resolution::Enrolled(result.clone()), "NRG says so", "Sam").await.unwrap();
        let SubmissionDetails { row, settlements, attempts, amendments, standings: _ } =
            ledger.show("1").await.unwrap().unwrap();
        assert!(row.state == State::Enrolled && row.result == Some(result));
        assert_eq!((attempts.len(), amendments.len()), (1, 0));
        assert_eq!(
            (settlements[0].operator.as_str(), settlements[0].reason.as_str()),
            ("Sam", "NRG says so")
        );
        let again = ledger.settle("1", refused(), "r", "o").await;
        assert!(matches!(again, Err(SettleError::NotUnknown(State::Enrolled))));
    })
    .await;
}

#[tokio::test]
async fn corrected_settlement_keeps_both_records_and_tells_the_targets() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let targets = Targets::new(vec![Receiver::open([]).await.target("net", Ending::ALL)]);
        let outbox = Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system());
        let ledger = ledger(&store, &clock).with_targets(targets);
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        let leased = ledger.lease_next("me").await.unwrap().unwrap();
        ledger.complete(&leased, &Enrollment::Unknown.into()).await.unwrap();
        let refused = || Resolution::Refused { correctable: false };
        let early = ledger.correct_settlement("1", refused(), "r", "o").await;
        assert!(matches!(early, Err(SettleError::NotSettled(State::Unknown))));
        let enrolled = |number: &str| {
            let account_number = Some(number.to_owned());
            Resolution::Enrolled(SubmissionResult { account_number, ..Default::default() })
        };
        ledger.settle("1", enrolled("1"), "by phone", "Sam").await.unwrap();
        for resolution in [enrolled("2"), refused(), enrolled("2"), refused()] {
            manual.forward(std::time::Duration::from_secs(1));
            ledger.correct_settlement("1", resolution.clone(), "by mail", "Max").await.unwrap();
            let same = ledger.correct_settlement("1", resolution, "by mail", "Max").await;
            assert!(matches!(same, Err(SettleError::Same(_))));
        }
        let details = ledger.show("1").await.unwrap().unwrap();
        assert_eq!((details.row.state, details.settlements.len()), (State::Refused, 1));
        let corrected: Vec<_> = details
            .amendments
            .iter()
            .map(|one| (one.amended_as.as_str(), one.settled_as.as_deref(), one.replaced_state.as_str()))
            .collect();
        let (enrolled, refused) = (Some("enrolled"), Some("refused"));
        assert_eq!(
            corrected,
            [
                ("settled", enrolled, "enrolled"),
                ("settled", refused, "enrolled"),
                ("settled", enrolled, "refused"),
                ("settled", refused, "enrolled")
            ]
        );
        let mut told: Vec<_> = outbox
            .list(&Filter::default(), 99)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.ending().to_owned())
            .collect();
        told.sort();
        let endings = ["enrolled", "enrolled", "enrolled", "rejected", "rejected", "stopped", "stopped"];
        assert_eq!(told, endings);
        assert_eq!(ledger.verify().await.unwrap().breaks, []);
    })
    .await;
}
