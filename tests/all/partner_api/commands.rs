//! `nrg-enroll partners`, as operators run it beside a running server.

use std::process::{Command, Output};

use nrg_enroll::cli::partners::{self, Change};
use serde_json::Value;

use super::{ENABLED, PLANS};
use crate::support::{World, database::Database, log::Log};

/// Runs the command on the database of the demo that is running.
fn run(world: &World, arguments: &[&str]) -> Output {
    let data = world.data.path().to_str().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
    program.env_clear().args(["partners", "--demo", data]).args(arguments).output().unwrap()
}

#[track_caller]
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn refused(output: &Output) -> String {
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn key_is_printed_once_listed_without_it_and_ended_at_once() {
    let log = Log::listen();
    let world = World::with(&[ENABLED]).await;
    assert_eq!(printed(&run(&world, &["list"])), "No partner has a key.\n");
    let key = printed(&run(&world, &["add", "shop", "--title", "The Shop", "--site", "main"]));
    let key = key.strip_suffix('\n').unwrap();
    assert!(key.starts_with("enroll_partner_") && key.len() == 58, "{key}");
    let bearer = format!("Bearer {key}");
    for _ in 0..3 {
        assert_eq!(world.api(PLANS, &bearer).await.status, 200);
    }
    world.server.app.partners.flush().await.unwrap();
    let line: Value = serde_json::from_str(&printed(&run(&world, &["list", "--json"]))).unwrap();
    assert_eq!((&line["name"], &line["site"], &line["uses"]), (&"shop".into(), &"main".into(), &3.into()));
    assert!(line["made_at"].is_string() && line["used_at"].is_string() && line["ended_at"].is_null());
    let table = printed(&run(&world, &["list"]));
    assert!(
        table.starts_with("NAME  TITLE     SITE  MADE") && table.contains("shop  The Shop  main"),
        "{table}"
    );

    assert_eq!(printed(&run(&world, &["end", "shop"])), "Keys that have ended: 1\n");
    assert_eq!(world.api(PLANS, &bearer).await.problem(), "key-unknown");
    assert!(refused(&run(&world, &["end", "shop"])).contains("no such key"));

    // The key is nowhere but with who was given it.
    let secret = &key["enroll_partner_".len()..];
    assert!(!log.text().contains(secret) && log.text().contains("/api/plans"));
    for file in std::fs::read_dir(world.data.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }
}

#[tokio::test]
async fn third_key_odd_name_and_unknown_site_are_refused() {
    let world = World::new().await;
    for _ in 0..2 {
        printed(&run(&world, &["add", "shop"]));
    }
    assert!(refused(&run(&world, &["add", "shop"])).contains("partners end shop --older"));
    assert_eq!(printed(&run(&world, &["end", "shop", "--older"])), "Keys that have ended: 1\n");
    assert!(refused(&run(&world, &["end", "shop", "--older"])).contains("no such key"));
    for name in ["", "Shop", "a b", "9", "sh\u{f6}p", &"n".repeat(33)] {
        assert!(refused(&run(&world, &["add", name])).contains("a name of lower-case letters"), "{name}");
    }
    assert!(refused(&run(&world, &["add", "other", "--site", "gamma"])).contains("no such site: gamma"));
}

#[tokio::test]
async fn commands_work_on_postgresql() {
    let Some(database) = Database::new().await else { return };
    let world = World::with(&[ENABLED, ("ENROLL__STORE__URL", &database.url)]).await;
    let keys = &world.server.app.partners;
    let mut out = Vec::new();
    let add = Change::Add { name: "shop".into(), title: Some("The Shop".into()), site: None };
    partners::change(keys, &["main"], add, &mut out).await.unwrap();
    let key = String::from_utf8(std::mem::take(&mut out)).unwrap();
    let bearer = format!("Bearer {}", key.trim());
    assert_eq!(world.api(PLANS, &bearer).await.status, 200);
    keys.flush().await.unwrap();
    let store = nrg_enroll::store::Store::open(&database.url).await.unwrap();
    partners::list(&store, true, &mut out).await.unwrap();
    store.close().await;
    let line: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&line["site"], &line["uses"]), (&Value::Null, &1.into()));
    let end = Change::End { name: "shop".into(), older: false };
    partners::change(keys, &["main"], end, &mut out).await.unwrap();
    assert_eq!(world.api(PLANS, &bearer).await.problem(), "key-unknown");
    world.server.stop().await;
    database.drop().await;
}
