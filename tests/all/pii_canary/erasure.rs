//! A request to delete, served: a person enrolls through the pages, the command erases the journey, and what was in the
//! database of that person, in clear, encrypted or as a hash, is in none of its files and rows any more.

use std::process::Command;

use serde_json::Value;

use super::{
    journeys::{identity_form, to_identity},
    outputs::{Output, files, rows},
    people::VERIFIED,
    search::Search,
    served::Served,
};

/// Values of the link, which stand in the database in clear.
const CLICK: [(&str, &str); 2] = [("cid", "click-of-tanagercanary"), ("sub3", "sub-of-tanagercanary")];
const PHONE: &str = "713 555 0169";

/// What `ledger` prints when it is asked for `words`.
fn ledger(served: &Served, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
    let output = command.arg("ledger").args(words).env_clear().envs(served.env.clone()).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn database(served: &Served, store: Option<&str>) -> Vec<Output> {
    match store {
        Some(store) => rows(store).await,
        None => files(served.data.path()).into_iter().filter(|output| output.place == "database").collect(),
    }
}

/// The columns of `submissions` and `person_hashes` that say something of the person without naming it, as they are searched
/// for: bytes in SQLite's files, hexadecimal in the rows of PostgreSQL.
async fn hidden(served: &Served, store: Option<&str>) -> Vec<Vec<u8>> {
    const COLUMNS: &str =
        "SELECT s.payload, s.answer, s.person_key, s.payload_hash, s.name_key, s.home_key, s.number_key,
        p.phone, p.email, p.name FROM submissions s JOIN person_hashes p ON p.journey = s.journey";
    type Row = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);
    let row: Row = match store {
        Some(store) => {
            let pool = sqlx::PgPool::connect(store).await.unwrap();
            sqlx::query_as(COLUMNS).fetch_one(&pool).await.unwrap()
        }
        None => {
            let file = format!("sqlite://{}/canary.db?mode=ro", served.data.path().display());
            let pool = sqlx::SqlitePool::connect(&file).await.unwrap();
            let row = sqlx::query_as(COLUMNS).fetch_one(&pool).await.unwrap();
            pool.close().await;
            row
        }
    };
    let all = [row.0, row.1, row.2, row.3, row.4, row.5, row.6, row.7, row.8, row.9];
    let searched = |bytes: Vec<u8>| match store {
        Some(_) => hex::encode(bytes).into_bytes(),
        // The end of a long one may be on another page of the file.
        None => bytes.into_iter().take(32).collect(),
    };
    all.into_iter().map(searched).collect()
}

async fn request_is_served(store: Option<&str>) {
    let mut served = Served::start(store).await;
    let walk = served.walk(&VERIFIED);
    let link: Vec<String> = CLICK.iter().map(|(name, value)| format!("{name}={value}")).collect();
    walk.browser.get(&format!("/?{}", link.join("&"))).await;
    let page = to_identity(&walk, &VERIFIED).await;
    let page = identity_form(&page, &VERIFIED).submit(&walk.browser).await;
    let page = walk.start_date(&page).await;
    let page = walk.deposit(&page).await;
    walk.review(&page).await.is_at("/confirmation");

    // Who has nothing but a phone number is found.
    let found: Value = serde_json::from_str(&ledger(&served, &["find", "--phone", PHONE, "--json"])).unwrap();
    let journey = found["journey"].as_str().unwrap().to_owned();
    let values: Vec<Vec<u8>> = CLICK
        .iter()
        .map(|(_, value)| value.as_bytes().to_vec())
        .chain(hidden(&served, store).await)
        .collect();
    let of_database = async |served: &Served| {
        let outputs = database(served, store).await;
        let is_in = |value: &&Vec<u8>| {
            outputs
                .iter()
                .any(|output| output.bytes.windows(value.len()).any(|bytes| bytes == value.as_slice()))
        };
        values.iter().filter(is_in).count()
    };
    assert_eq!(of_database(&served).await, values.len(), "the search finds what is there");

    let act = ["--reason", "request 17", "--operator", "Sam"];
    let sheet = ledger(&served, &[&["access", &journey], &act[..]].concat());
    assert!(CLICK.iter().all(|(_, value)| sheet.contains(value)), "{sheet}");
    let erased = ledger(&served, &[&["erase", &journey], &act[..]].concat());
    assert!(erased.starts_with(&format!("{journey} is erased.\nSessions deleted: 1")), "{erased}");
    assert_eq!(ledger(&served, &["find", "--phone", PHONE]), "No journey.\n");
    ledger(&served, &["verify"]);
    walk.browser.get("/confirmation").await.is_at("/session-ended");
    served.end().await;
    assert_eq!(of_database(&served).await, 0, "something of the person is left");
    let outputs = database(&served, store).await;
    let search = Search::new([VERIFIED.first_name, VERIFIED.last_name, VERIFIED.email, VERIFIED.number]);
    assert!(outputs.iter().all(|output| search.of(&output.bytes).is_empty()));
}

#[tokio::test]
async fn deletion_request_is_served_and_nothing_is_left() {
    request_is_served(None).await;
}

#[tokio::test]
async fn deletion_request_is_served_and_nothing_is_left_on_postgresql() {
    super::on_postgresql("erasure", async |store| request_is_served(Some(&store)).await).await;
}
