//! What persons ask for: to be found, to be told what is kept, and to have it erased.

use super::*;
use crate::{
    fields::{Email, Language, PersonName, Phone},
    ledger::{NewConsent, Person, testing::consent},
    messages::{Catalogs, interpolate},
};

/// As [`three`], with the person of J1 and of the journey that stopped kept, and the credit text of today in J1.
async fn with_person(store: &Store) -> Books {
    let (mut books, _) = three(store).await;
    books.ledger = books.ledger.with_find_by_person(true);
    let person = Person {
        first_name: PersonName::parse("Jordan").unwrap(),
        last_name: PersonName::parse("Samplecase").unwrap(),
        email: Email::parse("jo@example.com").unwrap(),
        phone: Phone::parse("7135550142").unwrap(),
    };
    let catalogs = Catalogs::load().unwrap();
    let text = &catalogs.of(Language::English).identity.credit_authorization;
    for journey in ["J1", "stopped"] {
        let given = NewConsent {
            text_id: "identity.credit_authorization".to_owned(),
            text: interpolate(text, &[("brand", "Reliant")]),
            person: Some(person.clone()),
            ..consent(journey)
        };
        books.ledger.consent(&given).await.unwrap();
    }
    books
}

#[tokio::test]
async fn caller_with_a_phone_number_only_is_found_and_others_counted() {
    on_each_database(async |store| {
        let books = with_person(&store).await;
        let found = printed(&books, "find --phone 713-555-0142").await;
        let lines_of: Vec<_> = found.lines().collect();
        assert!(lines_of[0].starts_with("1 journeys cannot be found so"), "{found}");
        assert!(lines_of[1].starts_with("JOURNEY  TRACKING ID  STATE"), "{found}");
        assert_eq!(lines_of.len(), 4, "{found}");
        assert!(
            found.contains("J1       1            enrolled") && found.contains("\nstopped  -"),
            "{found}"
        );
        let (text, _) = asked(&books, "find --email JO@example.com --name Jordan_Samplecase --json").await;
        let journeys = lines(text.split_once('\n').unwrap().1);
        assert_eq!((journeys.len(), &journeys[0]["submissions"].as_array().unwrap().len()), (2, &1));
        assert!(printed(&books, "find --phone 7135550149").await.ends_with("No journey.\n"));
        let (_, wrong) = asked(&books, "find --phone 555").await;
        assert!(matches!(wrong, Err(CommandError::NotRead("phone number"))));
        let keyless = ReaderSettings::load(None, None).unwrap();
        let (_, keyless) = asked_with(&keyless, &books, "find --phone 7135550142").await;
        assert!(keyless.unwrap_err().to_string().starts_with("ledger.key: must be set"));
        assert!(parse("find").is_err());
    })
    .await;
}

#[tokio::test]
async fn access_prints_all_that_is_kept_in_the_language_of_the_person() {
    on_each_database(async |store| {
        let books = with_person(&store).await;
        printed(&books, "amend 1 --as cancelled --reason e-mail --operator Sam").await;
        let sheet = printed(&books, "access j1 --reason by_phone --operator Sam").await;
        for words in [
            "What is kept of your enrollment\nPrinted on Tuesday, March 19, 2030, 12:46 pm Central Time.",
            "Reference: J1",
            "Record at Reliant: 1\n",
            "Account number: 000099990001\n",
            "Customer number: 0099990001\n",
            "ZIP code of the bills: 77998\n",
            "Bills without paper: yes\n",
            "The link that led here (cid): click-1\n",
            "Sent to Reliant: Monday, March 18, 2030",
            "What became of it: Tuesday, March 19, 2030, 12:46 pm Central Time, cancelled\n",
            "net: cancelled, not sent yet\n    brand RE, click_id click-1, deposit yes, ",
            // The text of today is printed, another one named.
            "Text: I authorize Reliant to obtain my consumer credit report",
            "Text: credit, version 1, fingerprint ",
            "Address on the internet: 192.0.2.1\n",
            "Codes made with a secret key",
            "Central Time: printed for you\n",
            "Reliant keeps records of its own.",
        ] {
            assert!(sheet.contains(words), "{words}:\n{sheet}");
        }
        // Of the operators, and of NRG's ids, nothing.
        for words in ["Sam", "by phone", GUID] {
            assert!(!sheet.contains(words), "{words}:\n{sheet}");
        }
        let spanish = printed(&books, "access J1/1 --lang es --reason by_phone --operator Sam").await;
        assert!(
            spanish.starts_with("Lo que se guarda de su inscripción\n")
                && spanish.contains("Estado: inscrita")
        );
        let line = &lines(&printed(&books, "access J1 --json --reason by_phone --operator Sam").await)[0];
        assert_eq!(
            (&line["opened"][0]["account_number"], &line["opened"][0]["billing_zip"], &line["findable"]),
            (&"000099990001".into(), &"77998".into(), &true.into())
        );
        assert_eq!(line["postbacks"][0]["facts"]["click_id"], "click-1");
        let actions: Vec<_> =
            line["actions"].as_array().unwrap().iter().map(|action| &action["action"]).collect();
        assert_eq!(actions, ["access", "access", "access"]);
        let stopped = printed(&books, "access stopped --reason r --operator o").await;
        assert!(
            stopped.contains("Reference: stopped") && !stopped.contains("Your enrollment\n"),
            "{stopped}"
        );
        let shown = printed(&books, "show 1").await;
        assert!(
            shown.contains("Privacy actions of the journey\nNO  WHEN") && shown.contains("access  Sam"),
            "{shown}"
        );
    })
    .await;
}

#[tokio::test]
async fn erase_deletes_session_too_and_says_what_stays_and_hold_forbids_it() {
    on_each_database(async |store| {
        let books = with_person(&store).await;
        let insert = "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends, journey)
                      VALUES ($1, 'k', $1, FALSE, 1, 0, 0, 0, $2)";
        for (key, journey) in [(1_u8, "J1"), (2, "J1"), (3, "ALONE"), (4, "J2")] {
            sql!(store.writer().await.unwrap(), insert, &[key][..], journey => execute).unwrap();
        }
        let act = "--reason by_phone --operator Sam";
        let held = printed(&books, &format!("hold J1 {act}")).await;
        assert_eq!(held, "J1 is on legal hold: retention and erasing leave it alone.\n");
        assert!(printed(&books, "find --phone 7135550142").await.contains("  on hold\n"));
        let (_, refused) = asked(&books, &format!("erase J1 {act}")).await;
        assert!(refused.unwrap_err().to_string().starts_with("this journey is on legal hold"));
        let released = printed(&books, &format!("hold J1 --release {act}")).await;
        assert_eq!(released, "J1 is not on legal hold any more.\n");
        let (_, unknown) = asked(&books, &format!("erase J2 {act}")).await;
        assert_eq!(
            unknown.unwrap_err().to_string(),
            "submission 2 is unknown: wait for its answer, or settle it first"
        );

        let erased = printed(&books, &format!("erase J1 {act}")).await;
        for words in [
            "J1 is erased.\nSessions deleted: 2. Postbacks that waited, and are not sent: 1.\nWhat stays",
            "- consents: 3. They prove",
            "- submissions: 1, with",
            "- privacy actions: 3.",
        ] {
            assert!(erased.contains(words), "{words}:\n{erased}");
        }
        assert!(
            printed(&books, &format!("erase J1 {act}"))
                .await
                .starts_with("J1 was erased on 2030-03-19 12:46:40 CDT.\n")
        );
        let sheet = printed(&books, &format!("access J1 {act}")).await;
        for words in ["000099990001", "77998", "click-1", "Codes made"] {
            assert!(!sheet.contains(words), "{words}:\n{sheet}");
        }
        assert!(sheet.contains("erased, as far as they need not be kept"), "{sheet}");
        let exported = &lines(&printed(&books, "export --journey J1").await)[0];
        assert_eq!(exported["actions"][2]["action"], "erase");
        printed(&books, "verify").await;

        let alone = printed(&books, &format!("erase alone {act}")).await;
        assert_eq!(alone, "The ledger has no record of ALONE. Its session is deleted.\n");
        let (_, none) = asked(&books, &format!("erase alone {act}")).await;
        assert_eq!(
            none.unwrap_err().to_string(),
            "the ledger has no record of a journey with the reference alone"
        );
        let (left,): (i64,) =
            sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM sessions" => fetch_one).unwrap();
        assert_eq!(left, 1);
    })
    .await;
    for wrong in ["erase J1 --reason r", "access J1 --operator o", "hold --reason r --operator o"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}
