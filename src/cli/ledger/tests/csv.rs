//! The flat export.

use super::*;

#[tokio::test]
async fn csv_export_has_a_row_for_each_submission_and_no_formula() {
    on_each_database(async |store| {
        let (books, manual) = three(&store).await;
        manual.forward(Duration::from_secs(1));
        let mut new = crate::ledger::testing::submission(&books.ledger, "3");
        new.attribution = crate::journey::Attribution::read("cid=%3D1%2B1&sub1=a,%20%22b%22");
        books.ledger.submit(&new, &[]).await.unwrap();
        let facts =
            r#"UPDATE submissions SET facts = '{"amount":"75.00","currency":"USD"}' WHERE tracking_id = '1'"#;
        sql!(store.writer().await.unwrap(), facts => execute).unwrap();
        printed(&books, "amend 1 --as cancelled --reason r --operator o").await;
        let read = |text: &str| {
            let mut csv = ::csv::Reader::from_reader(text.as_bytes());
            let head = csv.headers().unwrap().clone();
            let rows: Vec<std::collections::BTreeMap<String, String>> = csv
                .records()
                .map(|row| {
                    head.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect()
                })
                .collect();
            rows
        };
        let rows = read(&printed(&books, "export --format csv").await);
        let ids: Vec<_> = rows.iter().map(|row| row["tracking_id"].as_str()).collect();
        assert_eq!(ids, ["3", "2", "1"]);
        assert_eq!((rows[0]["cid"].as_str(), rows[0]["sub1"].as_str()), ("'=1+1", "a, \"b\""));
        for (column, cell) in [
            ("order_id", order_id("J1").as_str()),
            ("submitted", "2030-03-18"),
            ("finished", "2030-03-18"),
            ("state", "enrolled"),
            ("amended_as", "cancelled"),
            ("amount", "75.00"),
            ("currency", "USD"),
            ("site", "main"),
            ("brand", "RE"),
            ("offer_code", "59990001"),
            ("cid", "click-1"),
            ("sub2", "blue"),
            ("sub10", ""),
            ("account_number", "000099990001"),
            ("check_digit", "7"),
            ("journey", "J1"),
        ] {
            assert_eq!(rows[2][column], cell, "{column}");
        }
        let settings = ReaderSettings::load(None, None).unwrap();
        let (text, answered) = asked_with(&settings, &books, "export --format csv").await;
        answered.unwrap();
        let (note, table) = text.split_once('\n').unwrap();
        assert!(note.starts_with("1 account numbers are blank: session.keys: must be set"), "{note}");
        let blank = read(table);
        assert_eq!((blank.len(), blank[2]["account_number"].as_str()), (3, ""));
        // The head stands alone.
        assert_eq!(printed(&books, "export --format csv --order none").await.lines().count(), 1);
    })
    .await;
}
