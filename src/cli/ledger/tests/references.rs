//! By what a submission is found.

use super::*;

#[tokio::test]
async fn reference_in_any_form_is_shown_and_changed() {
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        for reference in ["1", "J1", "j1", "J1_/_1", "J1/1"] {
            let (sheet, answered) = asked(&books, &format!("show {reference}")).await;
            answered.unwrap();
            assert!(sheet.contains("Reference             J1 / 1\n"), "{reference}: {sheet}");
        }
        let cancel = "amend J1_/_1 --as cancelled --reason e-mail --operator Sam";
        assert_eq!(printed(&books, cancel).await, "1 is now cancelled.\n");
        let settle = "settle J2 --as accepted --reason by-phone --operator Sam";
        assert_eq!(printed(&books, settle).await, "2 is now accepted, and the customer's page shows it.\n");
        let update = "UPDATE submissions SET journey = 'J1' WHERE tracking_id = '2'";
        sql!(store.writer().await.unwrap(), update => execute).unwrap();
        let both = printed(&books, "show J1").await;
        assert!(both.contains("J1 / 1\n") && both.contains("J1 / 2\n"), "{both}");
        assert_eq!(lines(&printed(&books, "show J1 --json").await).len(), 2);
        let (_, several) = asked(&books, &cancel.replace("J1_/_1", "J1")).await;
        assert_eq!(several.unwrap_err().to_string(), "this journey has several submissions, name one: 1, 2");
        let (_, none) = asked(&books, "show J2_/_2").await;
        assert_eq!(none.unwrap_err().to_string(), "there is no submission with the reference J2 / 2");
    })
    .await;
}

#[tokio::test]
async fn order_id_and_site_are_printed_and_found_by() {
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        let order = order_id("J1");
        let row = &lines(&printed(&books, "list --json --cid click-1").await)[1];
        assert_eq!((&row["order_id"], &row["site"]), (&order.as_str().into(), &"main".into()));
        assert!(printed(&books, "show 1").await.contains(&format!("Order id              {order}\n")));
        assert_eq!(
            lines(&printed(&books, &format!("export --order {order}")).await)[0]["order_id"],
            order.as_str()
        );
        for (words, found) in [
            (format!("list --json --order {order}"), 1),
            ("list --json --order none".to_owned(), 0),
            ("list --json --site main --brand RE".to_owned(), 2),
            ("list --json --site other".to_owned(), 0),
            ("list --json --account 99990001".to_owned(), 1),
            ("export --account 000099990001".to_owned(), 1),
            ("export --cid click-1".to_owned(), 2),
            ("export --brand RE".to_owned(), 3),
            ("export --order none".to_owned(), 0),
            (format!("export --order {}", order_id("stopped")), 1),
        ] {
            assert_eq!(printed(&books, &words).await.lines().count(), found, "{words}");
        }
        let keyless = ReaderSettings::load(None, None).unwrap();
        for words in ["list --account 1", "export --account 1"] {
            let (_, answered) = asked_with(&keyless, &books, words).await;
            assert!(answered.unwrap_err().to_string().starts_with("session.keys: must be set"), "{words}");
        }
    })
    .await;
}
