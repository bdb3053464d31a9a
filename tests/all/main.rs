//! The journeys, through the real router over HTTP with cookies, against the sandbox over a socket.
//!
//! One binary: every file directly under `tests/` would link the whole library again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "the lints guard the program, not its tests; what a test prints is what it found"
)]

mod admin_listener;
mod architecture;
mod bad_input;
mod browser;
mod cached_answers;
mod changing_answers;
mod check;
mod clicks;
mod configuration;
mod consents;
mod crowds;
mod deposits;
mod desk;
mod documents;
mod drills;
mod egress;
mod exactly_once;
mod experience;
mod follow_up;
mod hostile_clients;
mod identity_check;
mod ipv6;
mod language;
mod leaving;
mod links;
mod lists;
mod look_ups;
mod lost_answers;
mod mail;
mod multi_server;
mod nrg_contract;
mod nrg_texts;
mod observability;
mod older_forms;
mod order;
mod outage;
mod packages;
mod pages;
mod partner_api;
mod pii_canary;
mod postbacks;
mod previews;
mod previous_release;
mod promises;
mod proxies;
mod random_walk;
mod rate_limits;
mod reading;
mod report;
mod resume;
mod review_choices;
mod security;
mod sites;
#[cfg(feature = "otel")]
mod spans;
mod staging;
mod start_dates;
mod stops;
mod submit_once;
mod supply;
mod support;
mod telephone;
mod timed_out;
mod typed;
mod waiting;
mod walks;
