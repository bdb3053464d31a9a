//! The ledger for those who only read it: reports, and the commands of operators.

use crate::store::{KeyRing, Store};

/// What can be read of the ledger in a database that need not be writable. A clone shares the database.
#[derive(Clone)]
pub struct LedgerReader {
    pub(super) store: Store,
    /// Without the keys, what NRG answered stays encrypted ([`Row::unopened`](super::Row::unopened)).
    pub(super) keys: Option<KeyRing>,
}

impl LedgerReader {
    /// Reads the ledger in `store`; `keys` open what is encrypted there.
    pub fn new(store: Store, keys: Option<KeyRing>) -> Self {
        Self { store, keys }
    }
}
