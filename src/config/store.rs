//! `[store]`: the database.

use zeroize::Zeroizing;

use super::section::Section;

/// The database.
pub struct Store {
    /// `sqlite://path` or `postgres://…`, which may hold a password.
    pub url: Zeroizing<String>,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Store> {
    const KINDS: [&str; 4] = ["sqlite://", "sqlite::memory:", "postgres://", "postgresql://"];
    let url = section.secret("url", "a database address: sqlite://path or postgres://…", |url| {
        KINDS.iter().any(|kind| url.starts_with(kind)).then_some(url)
    });
    Some(Store { url: url? })
}
