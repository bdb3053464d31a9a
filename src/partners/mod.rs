//! The keys with which systems of partners call this server: made, listed and ended by an operator, recognized in requests,
//! and their uses counted.
//!
//! A key is printed once, when it is made. The table has a keyed hash of it, so that nobody who reads the database can call.
//! Uses are counted in memory and flushed every few seconds: a request waits for no write.

mod key;
mod table;
#[cfg(test)]
mod tests;
mod uses;

use std::sync::{Arc, Mutex};

use crate::{
    clock::Clock,
    entropy::Entropy,
    ledger::LedgerKey,
    store::{Error, Store},
};

pub use self::{
    key::PartnerKey,
    table::{MOST_KEYS, Partner, Row, Which},
};
use self::{table::Table, uses::Uses};

/// The keys of partners. A clone shares them.
#[derive(Clone)]
pub struct Partners {
    table: Table,
    key: LedgerKey,
    clock: Clock,
    entropy: Entropy,
    uses: Arc<Mutex<Uses>>,
}

impl Partners {
    /// The keys in `store`, hashed under `key`.
    pub fn new(store: Store, key: LedgerKey, clock: Clock, entropy: Entropy) -> Self {
        Self { table: Table(store), key, clock, entropy, uses: Arc::default() }
    }

    /// Makes a key for the partner `name`, for `site` or for every site. `None`: it has [`MOST_KEYS`] already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add(&self, name: &str, site: Option<&str>) -> Result<Option<PartnerKey>, Error> {
        let key = PartnerKey::new(&self.entropy);
        let added = self.table.add(&self.hash(&key), name, site, self.clock.now()).await?;
        Ok(added.then_some(key))
    }

    /// Ends keys of the partner `name`. Returns how many were in force.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end(&self, name: &str, which: Which) -> Result<u64, Error> {
        self.table.end(name, which, self.clock.now()).await
    }

    /// Whose key this is, as it came in a request; `None`: nobody's, or it has ended. Its use is counted.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recognize(&self, text: &str) -> Result<Option<Partner>, Error> {
        let Some(key) = PartnerKey::parse(text) else { return Ok(None) };
        let hash = self.hash(&key);
        let found = self.table.find(&hash).await?;
        if found.is_some() {
            uses::lock(&self.uses).count(hash, self.clock.now());
        }
        Ok(found)
    }

    /// Writes the uses that were counted since the last time into the table.
    ///
    /// # Errors
    /// The database failed: the counts are kept for the next time.
    pub async fn flush(&self) -> Result<(), Error> {
        let counted = std::mem::take(&mut *uses::lock(&self.uses));
        if counted.is_empty() {
            return Ok(());
        }
        let written = self.table.count(&counted).await;
        if written.is_err() {
            uses::lock(&self.uses).merge(counted);
        }
        written
    }

    fn hash(&self, key: &PartnerKey) -> [u8; 32] {
        self.key.hash("partner key", [key.expose().as_bytes()])
    }
}

/// Every key in `store`, by name and then by when it was made.
///
/// # Errors
/// The database failed.
pub async fn list(store: &Store) -> Result<Vec<Row>, Error> {
    Table(store.clone()).list().await
}
