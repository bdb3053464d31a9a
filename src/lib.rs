//! nrg-enroll: the web enrollment server of an NRG affiliate.
//!
//! The map: one room a line. A room uses only rooms below it, which `tests/all/architecture` checks.
//!
//! ```text
//! main              the command line: parses, calls, exits
//! server            router, HTTP loop, admin listener, background tasks: the composition root
//! cli               the commands of the operator
//! logging           where log lines go
//! config            settings: defaults, file, environment; all problems at once
//! report            counts of journeys for the affiliate, as text, JSON, chart and page
//! pages             what a visitor sees beside the steps
//! steps             the steps of a journey, each with its form and its calls of NRG
//! submission        sends what the ledger holds ready to NRG
//! web               request context, layout, forms, errors, assets
//! messages          the message catalogs, English and Spanish
//! rate_limit        rate limits, shared by all servers
//! session           sessions, claims, save and resume
//! ledger            submissions, consents, their export and retention
//! postback          postbacks to the affiliate's targets
//! funnel            counts of steps, stops and endings
//! nrg               the client of NRG's Sales APIs
//! sandbox           NRG's part in the demo and the tests
//! journey           what a person answered and NRG said: pure
//! theme             colors and logo: pure
//! fields            types of what is typed: parsed once, valid from then on
//! store             the database: pools, transactions, encryption at rest
//! tracing_context   trace context and OpenTelemetry
//! tls               TLS for all outgoing connections
//! clock             the injected clock
//! texas_time        dates and hours in Texas
//! entropy           the injected randomness
//! ```
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
pub mod submission;
#[cfg(test)]
mod testing;
pub mod texas_time;
pub mod theme;
mod tls;
pub mod tracing_context;
pub mod web;
