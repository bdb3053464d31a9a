//! The ledger for those who only read it: reports, and the commands of operators.

use crate::store::{Error, KeyRing, Store, sql};

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

    /// The ids of the keys with which something in the ledger is encrypted.
    ///
    /// # Errors
    /// The database failed.
    pub async fn key_ids(&self) -> Result<Vec<String>, Error> {
        let ids: Vec<(String,)> = sql!(self.store.reader().await?,
            "SELECT payload_key_id FROM submissions WHERE payload_key_id <> '' UNION SELECT answer_key_id FROM submissions WHERE answer_key_id IS NOT NULL
             UNION SELECT replaced_key_id FROM amendments WHERE replaced_key_id IS NOT NULL
             UNION SELECT titles_key_id FROM follow_ups WHERE titles_key_id IS NOT NULL" => fetch_all)?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }
}
