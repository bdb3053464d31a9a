//! `[store]`: the database.

use std::time::Duration;

use zeroize::Zeroizing;

use super::section::Section;
use crate::store::Pool;

/// The database.
pub struct Store {
    /// `sqlite://path` or `postgres://…`, which may hold a password.
    pub url: Zeroizing<String>,
    /// How long a server may be silent before what it was doing counts as broken off.
    pub lease: Duration,
    /// The connections to PostgreSQL.
    pub pool: Pool,
}

/// The time a busy database may take must not pass for a death.
const SHORTEST_LEASE: Duration = Duration::from_secs(1);

pub(super) fn read(section: &mut Section<'_>) -> Option<Store> {
    const KINDS: [&str; 4] = ["sqlite://", "sqlite::memory:", "postgres://", "postgresql://"];
    let url = section.secret("url", "a database address: sqlite://path or postgres://…", |url| {
        KINDS.iter().any(|kind| url.starts_with(kind)).then_some(url)
    });
    let lease = section.duration("lease");
    if lease.is_some_and(|lease| lease < SHORTEST_LEASE) {
        section.must_be::<()>("lease", "1s or more", None);
    }
    let connections = section.number("connections", "a whole number");
    let wait = section.duration("connection_wait");
    if connections == Some(0) {
        section.must_be::<()>("connections", "1 or more", None);
    }
    Some(Store { url: url?, lease: lease?, pool: Pool { connections: connections?, wait: wait? } })
}
