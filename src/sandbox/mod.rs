//! A simulation of the NRG Sales API over HTTP, as the wire contract describes it: for the demo, the tests and an
//! affiliate's staging.
//!
//! It accepts invented people only: data that looks real (an SSN outside the 900 range, an e-mail address outside the
//! example domains, a phone number without 555) is refused. It opens no connection. It shares no code with the client in
//! `crate::nrg`: both sides define the JSON themselves, so that each checks the other.
//!
//! ```text
//! router → ApiRequest (request) → rules (400s) → the endpoint's file → Reply (envelope)
//!                                                inputs (outcomes) ─┘   records (stored enrollments)
//! ```
//!
//! One table maps each test input to its outcome: [`Sandbox::inputs`].

mod address;
mod advice;
mod calendar;
mod catalog;
mod credit;
mod dates;
mod documents;
mod enroll;
mod entries;
mod envelope;
mod failure;
mod gateway;
mod header;
mod holds;
mod identity;
mod inputs;
mod kba;
mod log;
mod meters;
mod offers;
mod plans;
mod premise;
mod prospect;
mod records;
mod request;
mod router;
mod rules;
mod state;
mod texts;
mod tls_listener;
mod token;
mod verification;

#[cfg(test)]
mod tests;

pub use documents::DOCUMENTS_URL;
pub use inputs::TestInput;
pub use log::Call;
pub use records::GatewayCookie;
pub use state::{Sandbox, Settings};
pub use tls_listener::TlsListener;
