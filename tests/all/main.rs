//! The journeys, through the real router over HTTP with cookies, against the sandbox over a socket.
//!
//! One binary: every file under `tests/` would link the whole house anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "the doors guard the program, not its tests; what they print is what they found"
)]

mod answers;
mod bad_input;
mod browser;
mod canary;
mod configuration;
mod consents;
mod documents;
mod experience;
mod limits;
mod links;
mod minds;
mod once;
mod order;
mod outage;
mod pages;
mod postbacks;
mod previous_release;
mod proof;
mod report;
mod resume;
mod security;
mod several;
mod sites;
#[cfg(feature = "otel")]
mod spans;
mod strangers;
mod supply;
mod support;
mod walks;
mod wander;
mod watched;
