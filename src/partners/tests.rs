//! What becomes of a key, on either database.

use std::time::Duration;

use super::*;
use crate::store::{
    sql,
    testing::{ManualClock, on_each_database},
};

const MINUTE: Duration = Duration::from_secs(60);

fn partners(store: &Store, clock: &Clock) -> Partners {
    Partners::new(store.clone(), LedgerKey::new([7; 32]), clock.clone(), Entropy::system())
}

async fn add(partners: &Partners, name: &str, site: Option<&str>) -> String {
    partners.add(NewKey { name, title: None, site }).await.unwrap().unwrap().expose().to_owned()
}

async fn name_of(partners: &Partners, key: &str) -> Option<String> {
    partners.recognize(key).await.unwrap().map(|partner| partner.name)
}

#[tokio::test]
async fn key_is_recognized_until_it_ends_and_no_other_text_is() {
    on_each_database(async |store| {
        let (_, clock) = ManualClock::new();
        let keys = partners(&store, &clock);
        let one = add(&keys, "one", None).await;
        let beta = add(&keys, "two", Some("beta")).await;
        assert_eq!(name_of(&keys, &one).await.as_deref(), Some("one"));
        let two = keys.recognize(&beta).await.unwrap().unwrap();
        assert!(two.may_call("beta") && !two.may_call("main"));
        let foreign = PartnerKey::new(&Entropy::system());
        for other in ["", "one", foreign.expose(), &one.to_uppercase(), &one[..one.len() - 1]] {
            assert_eq!(name_of(&keys, other).await, None, "{other}");
        }
        // Another server's hashes are others.
        let elsewhere =
            Partners::new(store.clone(), LedgerKey::new([8; 32]), clock.clone(), Entropy::system());
        assert_eq!(name_of(&elsewhere, &one).await, None);

        assert_eq!(keys.end("one", Which::All).await.unwrap(), 1);
        assert_eq!(keys.end("one", Which::All).await.unwrap(), 0);
        assert_eq!(name_of(&keys, &one).await, None);
        assert!(name_of(&keys, &beta).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn partner_changes_its_key_with_two_in_force_and_never_three() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let keys = partners(&store, &clock);
        let old = add(&keys, "one", None).await;
        assert_eq!(keys.end("one", Which::Older).await.unwrap(), 0, "there is none but the newest");
        // It is the newer one also where the clock was set back.
        manual.back(MINUTE);
        let new = add(&keys, "one", None).await;
        assert!(keys.add(NewKey { name: "one", title: None, site: None }).await.unwrap().is_none());
        assert!(name_of(&keys, &old).await.is_some() && name_of(&keys, &new).await.is_some());
        assert_eq!(keys.end("one", Which::Older).await.unwrap(), 1);
        assert!(name_of(&keys, &old).await.is_none() && name_of(&keys, &new).await.is_some());
        assert!(keys.add(NewKey { name: "one", title: None, site: None }).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn uses_are_listed_once_they_are_flushed_by_any_server() {
    on_each_database(async |store| {
        let (manual, clock) = ManualClock::new();
        let (here, there) = (partners(&store, &clock), partners(&store, &clock));
        let key = add(&here, "one", Some("main")).await;
        let made_at = clock.now();
        manual.forward(MINUTE);
        for server in [&here, &there, &here] {
            server.recognize(&key).await.unwrap().unwrap();
        }
        let used_at = clock.now();
        let row = async || list(&store).await.unwrap().remove(0);
        assert_eq!((row().await.uses, row().await.used_at), (0, None));
        here.flush().await.unwrap();
        here.flush().await.unwrap();
        there.flush().await.unwrap();
        let expected = Row {
            title: None,
            name: "one".into(),
            site: Some("main".into()),
            made_at,
            ended_at: None,
            uses: 3,
            used_at: Some(used_at),
        };
        assert_eq!(row().await, expected);
    })
    .await;
}

#[tokio::test]
async fn uses_that_cannot_be_written_are_kept_for_the_next_flush() {
    let (_, clock) = ManualClock::new();
    let store = Store::open("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    let keys = partners(&store, &clock);
    let key = add(&keys, "one", None).await;
    keys.recognize(&key).await.unwrap().unwrap();
    let run = async |statement: &'static str| {
        sql!(store.writer().await.unwrap(), statement => execute).unwrap();
    };
    run("ALTER TABLE partners RENAME TO partners_away").await;
    assert!(keys.flush().await.is_err());
    run("ALTER TABLE partners_away RENAME TO partners").await;
    keys.flush().await.unwrap();
    assert_eq!(list(&store).await.unwrap()[0].uses, 1);
}

#[tokio::test]
async fn table_of_partners_holds_no_key() {
    on_each_database(async |store| {
        let (_, clock) = ManualClock::new();
        let keys = partners(&store, &clock);
        let key = add(&keys, "one", None).await;
        let rows: Vec<(Vec<u8>, String)> =
            sql!(store.reader().await.unwrap(), "SELECT key_hash, name FROM partners" => fetch_all).unwrap();
        let (hash, name) = &rows[0];
        assert_eq!((hash.len(), name.as_str()), (32, "one"));
        assert!(!key.contains(&*hex::encode(hash)));
    })
    .await;
}
