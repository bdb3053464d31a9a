//! The proof that an enrollment is submitted exactly once, and that none is lost: the real server as a process,
//! on SQLite and on PostgreSQL, against an NRG that counts the requests to `enroll` and disturbs them.
//!
//! The short tests run with all others. `cargo proof` runs everything at length and prints the figures;
//! `ENROLL_PROOF_KILLS` and `ENROLL_PROOF_SEED` change how often servers are killed, and when.

mod chance;
mod fake;
mod figures;
mod kills;
mod people;
mod scenarios;
mod server;

use self::{figures::Figure, server::On};
use crate::support::cluster::Cluster;

/// On both databases at once: SQLite, and PostgreSQL where it is installed.
macro_rules! on_each {
    ($on:ident => $scenario:expr) => {{
        let sqlite = async {
            let $on = On::Sqlite;
            $scenario;
        };
        let postgres = async {
            if let Some(cluster) = tokio::task::spawn_blocking(Cluster::start).await.unwrap() {
                let $on = On::Postgres(&cluster);
                $scenario;
            }
        };
        tokio::join!(sqlite, postgres);
    }};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_concurrent_posts_send_one_enroll() {
    on_each!(on => scenarios::fifty_at_once(on, 1).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_servers_neither_duplicate_nor_lose_submissions() {
    on_each!(on => kills::run(on, 4, 1).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unreadable_enroll_answer_is_unknown_until_settled() {
    on_each!(on => scenarios::no_answer(on).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn submission_with_connection_refused_is_sent_later_once() {
    on_each!(on => scenarios::refused_connection(on).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn server_receiving_sigterm_records_answer_before_exit() {
    on_each!(on => scenarios::sigterm(on).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn database_restart_loses_no_submission() {
    if let Some(cluster) = Cluster::start() {
        scenarios::database_stops(&cluster).await;
    }
}

/// All of it, at length: `cargo proof`.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "takes minutes: cargo proof"]
async fn all_scenarios_at_length_duplicate_and_lose_nothing() {
    #[allow(clippy::disallowed_methods, reason = "a test has no settings")]
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let kills = number("ENROLL_PROOF_KILLS", 200) as usize;
    let any = u64::from(std::process::id()) ^ jiff::Timestamp::now().as_nanosecond() as u64;
    let seed = number("ENROLL_PROOF_SEED", any);
    println!("Seed {seed} (ENROLL_PROOF_SEED={seed} draws the same moments).");
    let cluster = Cluster::start().expect("the whole proof needs PostgreSQL");
    let mut figures = Vec::new();
    for on in [On::Sqlite, On::Postgres(&cluster)] {
        figures.push(scenarios::fifty_at_once(on, 10).await);
        figures.push(kills::run(on, kills, seed).await);
        figures.push(scenarios::no_answer(on).await);
        figures.push(scenarios::refused_connection(on).await);
        figures.push(scenarios::sigterm(on).await);
    }
    figures.push(scenarios::database_stops(&cluster).await);
    println!("\n{}", Figure::head());
    for figure in &figures {
        println!("{figure}");
    }
    let sum = |part: fn(&Figure) -> usize| figures.iter().map(part).sum::<usize>();
    println!(
        "\n{} submissions, {} kills, {} enroll requests: duplicates = {}, lost = {}.",
        sum(|figure| figure.runs),
        sum(|figure| figure.kills),
        sum(|figure| figure.requests),
        sum(|figure| figure.duplicates),
        sum(|figure| figure.lost),
    );
}
