//! The proof that an enrollment is submitted exactly once, and that none is lost: the real server as a process,
//! on SQLite and on PostgreSQL, against an NRG that counts the requests to `enroll` and disturbs them.
//!
//! The short tests run with all others. `cargo proof` runs everything at length and prints the figures;
//! `ENROLL_PROOF_KILLS` and `ENROLL_PROOF_SEED` change how often servers are killed, and when.

mod chance;
mod cluster;
mod fake;
mod figures;
mod kills;
mod people;
mod scenarios;
mod server;

use self::{cluster::Cluster, figures::Figure, server::On};

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
async fn fifty_posts_at_once_send_one_enroll() {
    on_each!(on => scenarios::fifty_at_once(on, 1).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_killed_during_submissions_neither_double_nor_lose_one() {
    on_each!(on => kills::run(on, 4, 1).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_that_cannot_be_read_is_unknown_until_it_is_settled() {
    on_each!(on => scenarios::no_answer(on).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_could_not_be_sent_is_sent_later_once() {
    on_each!(on => scenarios::refused_connection(on).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_told_to_stop_records_the_answer_first() {
    on_each!(on => scenarios::sigterm(on).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_goes_and_comes_back_takes_nothing_with_it() {
    if let Some(cluster) = Cluster::start() {
        scenarios::database_stops(&cluster).await;
    }
}

/// All of it, at length: `cargo proof`.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "takes minutes: cargo proof"]
async fn at_length() {
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
