//! nrg-enroll: the web enrollment server of an NRG affiliate.
//!
//! The map of the house. Arrows run one way, and never back up:
//!
//! ```text
//! main → app → steps, pages → nrg, ledger, session, web, text → journey → fields
//! ```
//!
//! `ambient` (time and chance) and `store` (the database) lie beneath; `config` is read by `app`
//! and the command line; `sandbox` stands alone and plays NRG's part.
#![forbid(unsafe_code)]

pub mod ambient;
pub mod app;
pub mod check;
pub mod config;
pub mod fields;
pub mod journey;
pub mod ledger;
pub mod nrg;
pub mod pages;
pub mod sandbox;
pub mod serve;
pub mod session;
pub mod steps;
pub mod store;
pub mod submission;
pub mod telemetry;
pub mod text;
pub mod web;
