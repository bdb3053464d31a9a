//! `[store]`: the database.

use std::time::Duration;

use url::Url;
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

/// Whether it is the address of a database. In one of PostgreSQL, a password that is not encoded ends the host or the port too
/// early: what comes behind it has the `@`.
fn is_address(url: &str) -> bool {
    if url.starts_with("sqlite://") || url.starts_with("sqlite::memory:") {
        return true;
    }
    let known = url.starts_with("postgres://") || url.starts_with("postgresql://");
    known
        && Url::parse(url).is_ok_and(|url| {
            url.fragment().is_none() && !(url.username().is_empty() && url.path().contains('@'))
        })
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Store> {
    const ADDRESS: &str = "a database address: sqlite://path or postgres://user:password@host/name; in user and password @ is \
        written %40, # %23, / %2F, ? %3F, : %3A and % %25";
    let url = section.secret("url", ADDRESS, |url| is_address(&url).then_some(url));
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
