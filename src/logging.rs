//! The log: where it goes, in which format, and what is never in it.
//!
//! It has one line per request of either listener (method, path without query, status, time), one per NRG call (endpoint,
//! status, codes, time), and one per failure, where it is handled. A failure's message is written `component: event`. What
//! a client sent, a method or a path, is bounded and escaped (`web::logged`). Never
//! logged: names, birth dates, addresses, e-mail, phone, SSN, driver license, tokens, guid, session ids, credentials, query
//! strings of NRG calls, bodies, and the message of a panic, as a library may quote the text it failed on.

use std::{
    io::{self, IsTerminal as _},
    panic,
};

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{Log, LogFormat};

/// Starts logging to standard output, panics included. A second start in one process changes nothing.
#[allow(clippy::disallowed_methods, reason = "a panic's message is never logged")]
pub fn start(log: &Log) {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "logging: a thread panicked");
    }));
    // Libraries may log addresses and queries at lower levels: only their warnings and errors are written.
    let filter = EnvFilter::new(format!("warn,tower_sessions_core=off,nrg_enroll={}", log.level));
    let registry = tracing_subscriber::registry().with(filter);
    // Fails only if logging has been started before.
    let _ = match log.format {
        LogFormat::Json => {
            registry.with(fmt::layer().json().flatten_event(true).with_span_list(false)).try_init()
        }
        LogFormat::Text => {
            let layer = fmt::layer();
            // A file, or a collector, shows colors as noise.
            let layer = if io::stdout().is_terminal() { layer } else { layer.with_ansi(false) };
            registry.with(layer).try_init()
        }
    };
}
