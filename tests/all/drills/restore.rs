//! The database is lost, and restored from a backup that is older than the last submissions, by the commands of
//! `docs/operations.md`.

use std::{path::Path, process::Command};

use super::site::{PROGRAM, Server, Site};
use crate::support::{Page, Person, Walk, cluster::Cluster};

/// A visitor before the submission, at this page.
async fn at_review(server: &Server, unit: &'static str) -> (Walk, Page) {
    let walk = Walk::new(server.browser(), Person { unit, ..Person::default() });
    let review = walk.through_start_date().await;
    (walk, review)
}

/// Journeys around a backup that `back_up` makes, and `restore` brings back after the loss of everything since.
async fn drill(store: &str, back_up: impl AsyncFnOnce(), restore: impl AsyncFnOnce()) {
    let site = Site::new(store, &[]).await;
    let server = site.start(&[]).await;
    let (before, review) = at_review(&server, "1").await;
    before.review(&review).await.is_at("/confirmation");
    let (since, review) = at_review(&server, "2").await;
    back_up().await;
    since.review(&review).await.is_at("/confirmation");
    assert_eq!(site.sandbox.count("enroll"), 2);
    server.stop().await;

    restore().await;
    site.run(PROGRAM.as_ref(), &["ledger", "verify"], &[]).succeeds();
    let said = site.run(PROGRAM.as_ref(), &["ledger", "after-restore"], &[]).succeeds();
    assert!(!said.contains("Sessions deleted: 0.") && said.contains("settled: 0."), "{said}");
    let server = site.start(&[]).await;
    // What was submitted since the backup, and is not known to it, cannot be submitted again.
    let again = since.browser.at(&server.base).get("/review").await;
    assert!(!again.text().contains("form action=\"/review\""));
    let (third, review) = at_review(&server, "3").await;
    third.review(&review).await.is_at("/confirmation");
    assert_eq!(site.sandbox.count("enroll"), 3);
    let listed = site.run(PROGRAM.as_ref(), &["ledger", "list", "--json"], &[]).succeeds();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    site.run(PROGRAM.as_ref(), &["ledger", "verify"], &[]).succeeds();
    server.stop().await;
}

fn run(program: &str, arguments: &[&str]) {
    let ran = Command::new(program).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_backup_is_restored_and_submits_nothing_again() {
    if !Path::new("/usr/bin/sqlite3").is_file() {
        println!("restore skipped: sqlite3 is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, copy) = (folder.path().join("live/one.db"), folder.path().join("copy.db"));
    let [file, copy] = [&file, &copy].map(|path| path.to_str().unwrap());
    let back_up = async || run("sqlite3", &[file, &format!(".backup {copy}")]);
    let restore = async || {
        std::fs::remove_dir_all(folder.path().join("live")).unwrap();
        std::fs::create_dir(folder.path().join("live")).unwrap();
        std::fs::copy(copy, file).unwrap();
    };
    drill(&format!("sqlite://{file}"), back_up, restore).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_backup_is_restored_and_submits_nothing_again() {
    let Some(cluster) = Cluster::start() else { return };
    let store = cluster.database().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let copy = copy.to_str().unwrap();
    let back_up = async || run("pg_dump", &["--format=custom", "--file", copy, &store]);
    let restore = async || {
        let (server, name) = store.split_once("/proof_").unwrap();
        let name = format!("proof_{}", name.split('?').next().unwrap());
        let query = store.split_once('?').unwrap().1;
        let server = format!("{server}/postgres?{query}");
        let remake = format!("DROP DATABASE {name} WITH (FORCE)");
        run("psql", &["-q", &server, "-c", &remake, "-c", &format!("CREATE DATABASE {name}")]);
        run("pg_restore", &["--exit-on-error", "--no-owner", "--dbname", &store, copy]);
    };
    drill(&store, back_up, restore).await;
}
