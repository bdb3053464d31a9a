//! nrg-enroll: the web enrollment server of an NRG affiliate.
//!
//! The map. A module uses modules on the lines below its own only:
//!
//! ```text
//! cli               the commands; `main` parses the command line and runs one
//! server            the composition root: router, HTTP loop, admin listener, draining, hot reload, background tasks
//! logging           the log: where it goes, and what is never in it
//! config            the settings, with every default in `default.toml`
//! desk              the pages for operators: find, show, settle, amend; postbacks, outages; who may come
//! report            the numbers for operators, and the page with them
//! api               what systems of partners ask for, as JSON: plans, to hand a customer over, where one stands
//! pages             every page that is not a step: a plan, a question, a stop, the confirmation, the deposit
//! steps             the steps of a journey: what each asks, and what NRG's answer does
//! web               request context, layout, forms and their errors, headers, client address, sites, assets
//! session           sessions at rest, the loaded session, save and resume, claims
//! rate_limit        how often something may be tried, counted in the database
//! partners          the keys with which systems of partners call, and which customers they handed over
//! ledger            consents and submissions; each submission is sent to NRG at most once
//! nrg               the client of NRG's API, with a file for each call
//! funnel  postback  what is counted about journeys, and what the affiliate's targets are sent about their endings
//! mail              the outbox of mails to persons, and the sender that hands them to a relay
//! messages  theme   the messages in both languages; colors, contrast and logo
//! journey           a visitor's answers and NRG's, and the position they lead to
//! fields            a type for each kind of value that a visitor types
//! worker            processes the rows of a shared table, each leased by one server at a time
//! store             the database: pools, migrations, transactions, encryption at rest
//! sandbox           a stand-in for NRG's API, for the demo, staging and tests
//! tracing_context   trace ids and OpenTelemetry spans
//! causes            an error with every cause, for the log
//! clock  entropy    injected time and randomness
//! egress  tls       the proxy by which calls go out, if there is one; the cryptography of TLS connections
//! texas_time        the calendar of Texas
//! ```
//!
//! `testing` has what the unit tests of several modules share.
#![forbid(unsafe_code)]

pub mod api;
pub mod causes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod desk;
pub mod egress;
pub mod entropy;
pub mod fields;
pub mod funnel;
pub mod journey;
pub mod ledger;
pub mod logging;
pub mod mail;
pub mod messages;
pub mod nrg;
pub mod pages;
pub mod partners;
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
