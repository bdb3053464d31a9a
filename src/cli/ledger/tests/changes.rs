//! What operators record, and how it is shown.

use super::*;
use crate::ledger::{AccountError, AmendError};

#[tokio::test]
async fn ledger_settle_records_resolution_and_refuses_settled_row() {
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        let settle = "settle 2 --as enrolled --account 000099990002 --reason by-phone --operator Sam";
        assert_eq!(printed(&books, settle).await, "2 is now enrolled, and the customer's page shows it.\n");
        let sheet = printed(&books, "show 2").await;
        for words in ["000099990002", "Settled", "Sam", "by-phone"] {
            assert!(sheet.contains(words), "{words}:\n{sheet}");
        }
        let line = &lines(&printed(&books, "export --tracking-id 2").await)[0];
        assert_eq!(line["submissions"][0]["settlements"][0]["settled_as"], "enrolled");
        let (_, again) = asked(&books, settle).await;
        assert!(again.unwrap_err().to_string().contains("is enrolled, only an unknown one"));
        let (_, odd) = asked(&books, "settle 2 --as accepted --account 1 --reason r --operator o").await;
        assert!(matches!(odd, Err(CommandError::Account(AccountError::OfNone("enrolled")))));
    })
    .await;
}

#[test]
fn ledger_command_with_missing_or_invalid_arguments_is_refused() {
    for words in [
        "settle 2 --as enrolled --reason r --operator o",
        "settle 2 --as accepted --reason r",
        "settle 2 --as accepted --operator o",
        "settle 2 --reason r --operator o",
        "settle 2 --as duplicate --reason r --operator o",
        "settle 2 --as enrolled --account 12-34 --reason r --operator o",
        "settle 2 --as enrolled --account 1234567890123 --reason r --operator o",
        "settle 2 --as enrolled --account 1 --check-digit 12 --reason r --operator o",
        "settle 2 --as enrolled --account 1 --check-digit x --reason r --operator o",
        "amend 2 --as settled --reason r --operator o",
        "amend 2 --as cancelled --operator o",
        "amend 2 --as cancelled --reason r",
        "amend 2 --as corrected --check-digit 1 --reason r --operator o",
        "list --account 12a",
        "list --order 1 --journey 2",
        "export --format xml",
        "list --state lost",
        "list --from yesterday",
    ] {
        assert!(parse(words).is_err(), "{words}");
    }
    for result in ["accepted", "refused", "repairable"] {
        parse(&format!("settle 2 --as {result} --reason r --operator o")).unwrap();
    }
    for result in ["cancelled", "rejected", "activated", "corrected"] {
        parse(&format!("amend 2 --as {result} --reason r --operator o")).unwrap();
    }
}

#[tokio::test]
async fn amendment_and_corrected_settlement_are_shown_with_their_postbacks() {
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        let amend =
            "amend 1 --as corrected --account 000099990003 --check-digit 4 --reason e-mail --operator Sam";
        assert_eq!(printed(&books, amend).await, "1 is now corrected.\n");
        let (_, odd) = asked(&books, "amend 1 --as cancelled --account 1 --reason r --operator o").await;
        assert!(matches!(odd, Err(CommandError::NotAmended(AmendError::Account(_)))));
        let sheet = printed(&books, "show 1").await;
        for words in [
            "Amended as            corrected",
            "Account number        000099990003",
            "Check digit           4",
            "Amended\nNO  WHEN",
            "corrected  enrolled  Sam  e-mail",
            "Postbacks of the journey",
            "net  corrected  waiting  0",
            "net  enrolled   waiting  0",
        ] {
            assert!(sheet.contains(words), "{words}:\n{sheet}");
        }
        let line = &lines(&printed(&books, "show 1 --json").await)[0];
        assert_eq!(line["amendments"][0]["replaced_state"], "enrolled");
        let endings: Vec<_> =
            line["postbacks"].as_array().unwrap().iter().map(|row| &row["ending"]).collect();
        assert_eq!(endings.len(), 2);
        assert_eq!(
            lines(&printed(&books, "list --json --state enrolled").await)[0]["amended_as"],
            "corrected"
        );
        let exported = &lines(&printed(&books, "export --journey J1").await)[0]["submissions"][0];
        assert_eq!(
            (&exported["amended_as"], exported["amendments"].as_array().unwrap().len()),
            (&"corrected".into(), 1)
        );

        for (words, now) in [
            ("settle 2 --as accepted --reason by-phone --operator Sam", "accepted"),
            ("settle 2 --correct --as refused --reason by-mail --operator Max", "refused"),
        ] {
            assert!(printed(&books, words).await.contains(now), "{words}");
        }
        let sheet = printed(&books, "show 2").await;
        for words in [
            "accepted  Sam  by-phone",
            "settled refused  accepted  Max  by-mail",
            "net  rejected",
            "net  stopped",
        ] {
            assert!(sheet.contains(words), "{words}:\n{sheet}");
        }
    })
    .await;
}
