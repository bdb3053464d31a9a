//! `cargo bench` prints a table of the load the server carries: each figure beside its target. Nothing passes or fails
//! here; the table is the report. `cargo bench -- NAME…` measures some parts only, by their names in `PARTS`.
//!
//! The server runs as a process of its own on the first core, the load and the sandbox NRG on the second. Ratios
//! are taken within one run, in turns, so that a busy machine slows both sides.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    missing_docs,
    dead_code,
    unused_imports,
    reason = "a program for developers"
)]

mod child;
mod load;
mod peer;
mod postgres;
mod rows;
#[path = "../../tests/all/support/mod.rs"]
mod support;
mod waits;

use std::{process::Command, time::Duration};

use nrg_enroll::{
    clock::Clock,
    entropy::Entropy,
    sandbox::{self, Sandbox},
};

/// One line of the table.
pub struct Row {
    pub what: &'static str,
    pub wanted: &'static str,
    pub measured: String,
}

/// The parts, in their order.
const PARTS: [&str; 9] =
    ["steps", "postgres", "added", "plans", "sessions", "memory", "start", "first-visit", "waits"];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == child::SERVE) {
        return child::serve(&arguments[at + 1], &arguments[at + 2]);
    }
    // Cargo adds options of its own.
    let mut parts: Vec<&str> =
        arguments[1..].iter().map(String::as_str).filter(|argument| !argument.starts_with('-')).collect();
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        panic!("{unknown} is none of the parts {PARTS:?}");
    }
    if parts.is_empty() {
        parts = PARTS.to_vec();
    }
    // The load and the sandbox stay off the server's core.
    let own = std::process::id().to_string();
    let pinned = Command::new("taskset").args(["-c", "-p", "1", &own]).output();
    assert!(
        pinned.is_ok_and(|done| done.status.success()),
        "a second core, and taskset of util-linux, are needed"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure(&parts));
}

async fn measure(parts: &[&str]) {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    println!(
        "Machine{model}; one core for the server, one for load and sandbox. {} turns a figure.",
        rows::TURNS
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nrg = listener.local_addr().unwrap();
    let sandbox = Sandbox::new(sandbox::Settings {
        username: "sandbox-example".to_owned(),
        password: "sandbox-example".to_owned(),
        affiliate_id: "AFF-EXAMPLE".to_owned(),
        documents_url: sandbox::DOCUMENTS_URL.parse().unwrap(),
        clock: Clock::system(),
        entropy: Entropy::system(),
        slow: Duration::from_secs(8),
    });
    let router = sandbox.router();
    tokio::spawn(async move { axum::serve(listener, router).await });

    if parts != ["waits"] {
        println!("\n| {:53} | {:21} | Measured: middle (least to most) |", "What", "Wanted");
        println!("| {:-<53} | {:-<21} | --- |", "", "");
    }
    for part in PARTS.iter().filter(|part| parts.contains(part)) {
        match *part {
            "steps" => rows::pages(nrg).await.iter().for_each(Row::print),
            "postgres" => postgres::rows(nrg).await.iter().for_each(Row::print),
            "added" => rows::added(nrg, &sandbox).await.print(),
            "plans" => rows::plans(nrg, &sandbox).await.print(),
            "sessions" => rows::many_sessions(nrg).await.print(),
            "memory" => rows::memory(nrg).await.print(),
            "start" => rows::start().await.print(),
            "first-visit" => rows::first_visit(nrg).await.print(),
            _ => waits::print(nrg).await,
        }
    }
}

impl Row {
    fn print(&self) {
        println!("| {:53} | {:21} | {} |", self.what, self.wanted, self.measured);
    }
}
