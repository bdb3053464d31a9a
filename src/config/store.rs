//! `[store]`: the database.

use std::time::Duration;

use zeroize::Zeroizing;

use super::section::Section;
use crate::store::Pool;

/// The database.
pub struct Store {
    /// `sqlite://path` or `postgres://…`. It may contain a password.
    pub url: Zeroizing<String>,
    /// The lease duration for work in progress: a server that does not renew its lease in this time counts as dead.
    pub lease: Duration,
    /// The connection pool for PostgreSQL.
    pub pool: Pool,
}

/// A busy database may delay a renewal by this much.
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
