//! The operators' commands: each asks the store or a running server, and prints what it learned.

pub mod check;
pub mod health;
pub mod ledger;
pub mod output;
pub mod postbacks;
