//! nrg-enroll: the web enrollment server of an NRG affiliate.
//!
//! The map of the house. Arrows run one way, and never back up:
//!
//! ```text
//! main → app → steps, pages → nrg, ledger, limits, session, web, text → journey → fields
//! ```
//!
//! `ambient` (time and chance), `trace`, `tls`, `store` (the database) and `theme` (colors and logo) lie beneath, and so
//! does `postback` and `funnel` (what the affiliate is told of an ending, and what is counted) beneath `ledger` and `session`; `config` is read by `app`
//! and the command line; `desk` and `report` are where operators ask; `sandbox` stands alone and plays NRG's part.
#![forbid(unsafe_code)]

pub mod cli;
pub mod clock;
pub mod config;
pub mod entropy;
pub mod fields;
pub mod funnel;
pub mod journey;
pub mod ledger;
pub mod logging;
pub mod messages;
pub mod nrg;
pub mod pages;
pub mod postback;
pub mod rate_limit;
pub mod report;
pub mod sandbox;
pub mod server;
pub mod session;
pub mod steps;
pub mod store;
#[cfg(test)]
mod testing;
pub mod texas_time;
pub mod theme;
mod tls;
pub mod tracing_context;
pub mod web;
pub mod worker;
