//! The log: where it goes, in which form, and what never gets into it.
//!
//! One line per request (method, path without query, status, time, request id), one per NRG call (endpoint,
//! status, codes, time), one per failure, where it is handled. Never: names, birth dates, addresses, e-mail,
//! phone, SSN, license, tokens, guid, session ids, credentials, query strings of NRG calls, bodies, and what a panic
//! says: a library may quote the text it stumbled over.

use std::panic;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{Log, LogFormat};

/// Starts logging to standard output, panics too. A second start in one process changes nothing.
#[allow(clippy::disallowed_methods, reason = "what a panic says is never written")]
pub fn start(log: &Log) {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    // Libraries may log addresses and queries at their lower levels: they are heard from warnings up.
    let filter = EnvFilter::new(format!("warn,nrg_enroll={}", log.level));
    let registry = tracing_subscriber::registry().with(filter);
    // Fails only when a log is already there.
    let _ = match log.format {
        LogFormat::Json => {
            registry.with(fmt::layer().json().flatten_event(true).with_span_list(false)).try_init()
        }
        LogFormat::Text => registry.with(fmt::layer()).try_init(),
    };
}
