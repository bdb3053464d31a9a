//! Each question, and what is printed and what is not.

use std::time::Duration;

use clap::Parser;
use serde_json::Value;

use super::*;
use crate::{
    config,
    journey::order_id,
    ledger::{
        Ledger, start_worker,
        testing::{GUID, KEY, SESSION_KEYS},
    },
    nrg::{EnrollReply, Enrollment},
    postback::{Ending, testing::Receiver},
    store::{
        sql,
        testing::{ManualClock, on_each_database},
    },
};

mod changes;
mod csv;
mod references;
mod requests;

/// The command line behind `nrg-enroll ledger`.
#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    ask: Command,
}

fn parse(words: &str) -> Result<Command, String> {
    // What belongs together is written with underscores.
    let words = std::iter::once("ledger".to_owned())
        .chain(words.split_whitespace().map(|word| word.replace('_', " ")));
    Line::try_parse_from(words).map(|line| line.ask).map_err(|error| error.to_string())
}

/// The settings with the keys of every ledger in tests.
fn keys() -> ReaderSettings {
    let env = [("ENROLL__SESSION__KEYS", SESSION_KEYS), ("ENROLL__LEDGER__KEY", KEY)];
    ReaderSettings::load(None, env.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap()
}

/// A ledger, and the database it is in.
struct Books {
    store: Store,
    ledger: Ledger,
    outbox: Outbox,
}

async fn asked(books: &Books, words: &str) -> (String, Result<(), CommandError>) {
    asked_with(&keys(), books, words).await
}

async fn asked_with(
    settings: &ReaderSettings,
    books: &Books,
    words: &str,
) -> (String, Result<(), CommandError>) {
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let answered = match parse(words).unwrap() {
        Command::Ask(inquiry) => {
            let sources = Sources { store: &books.store, settings, outbox: &books.outbox };
            answer(sources, inquiry, &mut out, &mut notes).await
        }
        Command::Change(change) => {
            let settings = config::testing::defaults();
            execute(&books.ledger, &books.store, &[&settings.main.site], change, &mut out).await
        }
    };
    // Notes come before the answer, as they go to another stream.
    notes.extend(out);
    (String::from_utf8(notes).unwrap(), answered)
}

async fn printed(books: &Books, words: &str) -> String {
    let (text, answered) = asked(books, words).await;
    answered.unwrap();
    text
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An enrolled submission (1), an unknown one (2), and a journey that stopped after its credit consent.
async fn three(store: &Store) -> (Books, ManualClock) {
    use crate::ledger::testing::{consent, enrolled, ledger, submission};

    let (manual, clock) = ManualClock::new();
    let targets = Targets::new(vec![Receiver::open([]).await.target("net", Ending::ALL)]);
    let outbox = Outbox::new(store.clone(), targets.clone(), clock.clone(), Entropy::system());
    let ledger = ledger(store, &clock).with_targets(targets);
    ledger.consent(&consent("stopped")).await.unwrap();
    for tracking_id in ["1", "2"] {
        manual.forward(Duration::from_secs(24 * 3600));
        let mut new = submission(&ledger, tracking_id);
        new.journey = format!("J{tracking_id}");
        ledger.submit(&new, &[consent(&new.journey), consent(&new.journey)]).await.unwrap();
        let worker = start_worker(ledger.clone(), |job| async move {
            let enrollment = if job.tracking_id.as_str() == "1" { enrolled() } else { Enrollment::Unknown };
            EnrollReply { enrollment, http: Some(200), codes: "00".to_owned() }
        });
        while !ledger.find(tracking_id).await.unwrap().unwrap().state.is_final() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop(worker);
    }
    (Books { store: store.clone(), ledger, outbox }, manual)
}

#[tokio::test]
async fn ledger_list_prints_table_or_json_lines_by_filter() {
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        let table = printed(&books, "list").await;
        let rows: Vec<_> = table.lines().collect();
        assert!(rows[0].starts_with("TRACKING ID  STATE     SUBMITTED"), "{table}");
        assert!(rows[1].starts_with("2            unknown   2030-03-19 12:46:40 CDT  RE"), "{table}");
        assert!(rows[2].starts_with("1            enrolled"), "{table}");
        let unknown = lines(&printed(&books, "list --state unknown --json").await);
        assert_eq!(unknown.len(), 1);
        assert_eq!((&unknown[0]["tracking_id"], &unknown[0]["state"]), (&"2".into(), &"unknown".into()));
        assert_eq!(unknown[0]["submitted_at"], "2030-03-19T17:46:40Z");
        assert!(
            printed(&books, "list --limit 1")
                .await
                .ends_with("These are the newest 1; --limit shows more.\n")
        );
        for (words, expected) in [
            ("list --json --from 2030-03-18 --to 2030-03-18", vec!["1"]),
            ("list --json --from 2030-03-19", vec!["2"]),
            ("list --json --to 2030-03-17", vec![]),
            ("list --json --meter 10000009999999912", vec!["2", "1"]),
        ] {
            let found = lines(&printed(&books, words).await);
            let found: Vec<_> = found.iter().map(|line| line["tracking_id"].as_str().unwrap()).collect();
            assert_eq!(found, expected, "{words}");
        }
        assert_eq!(printed(&books, "list --state ready").await, "No submission.\n");
    })
    .await;
}

#[tokio::test]
async fn account_number_is_shown_by_ledger_show_only_and_guid_nowhere() {
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        let sheet = printed(&books, "show 1").await;
        for words in [
            "J1 / 1",
            "enrolled",
            "000099990001",
            "1.1",
            "200",
            "credit",
            "Click: cid            click-1",
            "marketing",
        ] {
            assert_eq!(sheet.contains(words), words != "marketing", "{words}:\n{sheet}");
        }
        let line = &lines(&printed(&books, "show 1 --json").await)[0];
        assert_eq!(line["account_number"], "000099990001");
        assert_eq!(line["attempts"][0]["codes"], "00");
        assert_eq!(line["attribution"], serde_json::json!({ "cid": "click-1", "sub2": "blue" }));
        for journey in lines(&printed(&books, "export --tracking-id 1").await) {
            assert_eq!(journey["submissions"][0]["attribution"]["cid"], "click-1");
        }
        assert_eq!(line["consents"][0]["kind"], "credit");
        for words in ["list", "list --json", "export", "verify", "verify --json", "show 2"] {
            assert!(!printed(&books, words).await.contains("000099990001"), "{words}");
        }
        for words in ["list --json", "export", "show 1", "show 1 --json"] {
            assert!(!printed(&books, words).await.contains(GUID), "{words}");
        }
        let (_, none) = asked(&books, "show 3").await;
        assert!(matches!(none, Err(CommandError::NotFound(id)) if id == "3"));
    })
    .await;
}

#[tokio::test]
async fn ledger_show_without_keys_says_what_it_could_not_open() {
    let other = || ("ENROLL__SESSION__KEYS".to_owned(), format!("other:{}", config::testing::key(9)));
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        for (env, why) in [
            (None, "session.keys: must be set; environment name ENROLL__SESSION__KEYS"),
            (Some(other()), "session.keys do not open it"),
        ] {
            let settings = ReaderSettings::load(None, env).unwrap();
            let (sheet, answered) = asked_with(&settings, &books, "show 1").await;
            answered.unwrap();
            let line = format!("NRG's answer          encrypted, not opened: {why}\n");
            assert!(sheet.contains(&line) && !sheet.contains("000099990001"), "{sheet}");
            for clear in ["J1 / 1", "enrolled", "59990001", "credit", "Click: cid            click-1"] {
                assert!(sheet.contains(clear), "{clear}:\n{sheet}");
            }
            let (line, _) = asked_with(&settings, &books, "show 1 --json").await;
            let line = &lines(&line)[0];
            assert_eq!((&line["unopened"], &line["account_number"]), (&true.into(), &Value::Null));
            // Of an unknown one there is no answer.
            let (sheet, _) = asked_with(&settings, &books, "show 2").await;
            assert!(!sheet.contains("NRG's answer"), "{sheet}");
            for words in ["list", "list --json", "export"] {
                let (text, answered) = asked_with(&settings, &books, words).await;
                answered.unwrap();
                assert_eq!(text, printed(&books, words).await, "{words}");
            }
            let (_, answered) = asked_with(&settings, &books, "verify").await;
            let named = answered.unwrap_err().to_string();
            assert_eq!(named, "ledger.key: must be set; environment name ENROLL__LEDGER__KEY\n");
        }
        assert!(!printed(&books, "show 1").await.contains("not opened"));
    })
    .await;
}

#[tokio::test]
async fn ledger_export_contains_consents_and_submissions_by_filter() {
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        let all = lines(&printed(&books, "export").await);
        let journeys: Vec<_> = all.iter().map(|line| line["journey"].as_str().unwrap()).collect();
        assert_eq!(journeys, ["J1", "J2", "stopped"]);
        let consent = &all[2]["consents"][0];
        for (field, value) in [
            ("kind", "credit"),
            ("text_id", "credit"),
            ("text_version", "1"),
            ("language", "en"),
            ("state", "TX"),
            ("brand", "RE"),
            ("transaction_type", "MVI"),
            ("client_address", "192.0.2.1"),
            ("given_at", "2030-03-17T17:46:40Z"),
        ] {
            assert_eq!(consent[field], value, "{field}");
        }
        assert_eq!(consent["documents"], serde_json::json!(["https://brand.example/efl.pdf"]));
        assert_eq!(consent["text_sha256"].as_str().unwrap().len(), 64);
        assert_eq!(consent["chain"].as_str().unwrap().len(), 64);
        assert_eq!(all[2]["submissions"], serde_json::json!([]));
        for (words, expected) in [
            ("export --from 2030-03-18 --to 2030-03-18", 1),
            ("export --meter 10000009999999912", 2),
            ("export --journey stopped", 1),
            ("export --tracking-id 9", 0),
        ] {
            assert_eq!(printed(&books, words).await.lines().count(), expected, "{words}");
        }
    })
    .await;
}

#[tokio::test]
async fn ledger_verify_fails_and_names_each_chain_break() {
    on_each_database(async |store| {
        let (books, _) = three(&store).await;
        let whole = printed(&books, "verify").await;
        assert!(whole.ends_with("All is as it was written.\n"), "{whole}");
        for edit in [
            "UPDATE consents SET language = 'es' WHERE journey = 'J1' AND number = 1",
            "DELETE FROM consents WHERE journey = 'J2' AND number = 2",
        ] {
            sql!(store.writer().await.unwrap(), edit => execute).unwrap();
        }
        let (text, answered) = asked(&books, "verify").await;
        assert!(matches!(answered, Err(CommandError::Broken(2))), "{text}");
        assert!(text.contains("Journey J1: consent 1 is not as it was written"), "{text}");
        assert!(text.contains("Journey J2: not all consents of submission 2"), "{text}");
        let (line, _) = asked(&books, "verify --json").await;
        assert_eq!(
            (&lines(&line)[0]["breaks"][0]["what"], &lines(&line)[0]["breaks"][0]["row"]),
            (&"consent".into(), &1.into())
        );
        assert_eq!(lines(&line)[0]["breaks"][1]["tracking_id"], "2");
    })
    .await;
}

#[tokio::test]
async fn postbacks_are_listed_retried_and_tried_by_command() {
    use crate::{
        cli::postbacks::CommandError,
        entropy::Entropy,
        journey::ClickParams,
        ledger::testing::{ledger, submission},
        postback::{Ending, Outbox, RetryError, Targets, testing::Receiver},
    };

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        ask: crate::cli::postbacks::Command,
    }
    let parse = |words: &str| {
        let words = std::iter::once("postbacks").chain(words.split_whitespace());
        Line::try_parse_from(words).map(|line| line.ask)
    };
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let receiver = Receiver::open([]).await;
        let targets = Targets::new(vec![receiver.target("net", Ending::ALL)]);
        let ledger = ledger(&store, &clock).with_targets(targets.clone());
        let outbox = Outbox::new(store.clone(), targets, clock, Entropy::system());
        let printed = async |words: &str| {
            let mut out = Vec::new();
            let answered = crate::cli::postbacks::execute(
                &outbox,
                &ClickParams::default(),
                parse(words).unwrap(),
                &mut out,
            )
            .await;
            (String::from_utf8(out).unwrap(), answered)
        };
        assert_eq!(printed("list").await.0, "No postback.\n");
        ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
        let worker = start_worker(ledger.clone(), |_| async { EnrollReply::from(Enrollment::Duplicate) });
        while outbox.count().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(worker);
        let update =
            "UPDATE postbacks SET state = 'dead', tries = 17, outcome = 'HTTP 503', ended_at = created_at";
        sql!(store.writer().await.unwrap(), update => execute).unwrap();
        manual.forward(Duration::from_secs(3600));
        let (sheet, _) = printed("list --state dead --to net").await;
        for cell in ["net", "stopped", "dead", "17", "HTTP 503"] {
            assert!(sheet.contains(cell), "{cell} is not in\n{sheet}");
        }
        assert!(printed("list --state waiting").await.0.starts_with("No postback."));
        let row: Value = serde_json::from_str(&printed("list --json").await.0).unwrap();
        assert_eq!(
            (&row["to"], &row["state"], &row["next_try"]),
            (&"net".into(), &"dead".into(), &Value::Null)
        );
        let order_id = crate::journey::order_id("journey of 1");
        assert_eq!((&row["order_id"], &row["journey"]), (&order_id.into(), &"journey of 1".into()));
        assert_eq!((&row["click_id"], &row["site"]), (&"click-1".into(), &"main".into()));
        assert!(matches!(printed("retry other").await.1, Err(CommandError::Retry(RetryError::NoneFound))));
        let unknown = printed("retry --to crm").await.1;
        assert!(matches!(unknown, Err(CommandError::Retry(RetryError::NoTarget(name))) if name == "crm"));
        let id = row["id"].as_str().unwrap();
        assert_eq!(printed(&format!("retry {id}")).await.0, "Postbacks that will be sent again: 1\n");
        assert_eq!(printed("retry --all").await.0, "Postbacks that will be sent again: 1\n");
        let row: Value = serde_json::from_str(&printed("list --json").await.0).unwrap();
        assert_eq!((&row["id"], &row["state"], &row["tries"]), (&id.into(), &"waiting".into(), &0.into()));
        // A target that was taken out of the settings.
        sql!(store.writer().await.unwrap(), "UPDATE postbacks SET target = 'old'" => execute).unwrap();
        let unknown = printed(&format!("retry {id}")).await.1;
        assert!(matches!(unknown, Err(CommandError::Retry(RetryError::NoTarget(_)))));
        assert!(matches!(printed("retry --all").await.1, Err(CommandError::Retry(RetryError::NoneFound))));

        receiver.answers("welcome");
        assert_eq!(printed("test --to net --ending cancelled --link cid=c1").await.0, "HTTP 200\nwelcome\n");
        let told: Value = serde_json::from_str(&receiver.receives(1).await[0].body).unwrap();
        assert_eq!((&told["ending"], &told["click_id"]), (&"cancelled".into(), &"c1".into()));
        assert!(matches!(printed("test --to old").await.1, Err(CommandError::NoTarget(_))));
    })
    .await;
    for wrong in [
        "retry",
        "retry 1 --all",
        "retry --to net --all",
        "list --state lost",
        "test",
        "test --to net --ending won",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn after_restore_nothing_open_is_sent_and_no_session_is_left() {
    on_each_database(async |store| {
        let (books, manual) = three(&store).await;
        let waiting = crate::ledger::testing::submission(&books.ledger, "3");
        books.ledger.submit(&waiting, &[]).await.unwrap();
        let insert = "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends)
                      VALUES ($1, 'k', $1, FALSE, 1, 0, 0, 0)";
        sql!(store.writer().await.unwrap(), insert, &[7_u8][..] => execute).unwrap();
        let said = printed(&books, "after-restore").await;
        assert_eq!(said, "Sessions deleted: 1. Submissions that are unknown now, and to be settled: 1.\n");
        manual.forward(Duration::from_secs(3600));
        let states: Vec<Value> = lines(&printed(&books, "list --json").await);
        let states: Vec<&str> = states.iter().map(|row| row["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["unknown", "unknown", "enrolled"]);
        printed(&books, "verify").await;
    })
    .await;
}
