//! The journeys, through the real router over HTTP with cookies, against the sandbox over a socket.
//!
//! One binary: every file under `tests/` would link the whole house anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod answers;
mod bad_input;
mod configuration;
mod minds;
mod order;
mod support;
mod walks;
mod wander;
