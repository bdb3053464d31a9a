//! The keys with which systems of partners call this server: made, listed and ended by an operator, recognized in requests,
//! and their uses counted; and the customers they hand over ([`handovers`]).
//!
//! A key is printed once, when it is made. The table has a keyed hash of it, so that nobody who reads the database can call.
//! Uses are counted in memory and flushed every few seconds: a request waits for no write.

pub mod handovers;
mod key;
mod table;
#[cfg(test)]
mod tests;
mod uses;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    clock::Clock,
    entropy::Entropy,
    ledger::LedgerKey,
    store::{Error, Store},
};

use self::{handovers::Handover, table::Table, uses::Uses};
pub use self::{
    key::PartnerKey,
    table::{MOST_KEYS, NewKey, Partner, Row, Which},
};

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

    /// Makes a key. `None`: the partner has [`MOST_KEYS`] already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add(&self, new: NewKey<'_>) -> Result<Option<PartnerKey>, Error> {
        let key = PartnerKey::new(&self.entropy);
        let added = self.table.add(&self.hash(&key), new, self.clock.now()).await?;
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

    /// How a request is known that comes again: by the partner, the site and the key that it gave the request, `named`, and
    /// by all that it sent.
    pub fn request(&self, named: [&str; 3], body: &[u8]) -> handovers::Request {
        let key = self.key.hash("request of a partner", named.map(str::as_bytes));
        handovers::Request { key, hash: self.key.hash("body of a request of a partner", [body]) }
    }

    /// What the code of the link is made of that opens a journey which was handed over: so it is kept nowhere.
    pub fn link_hash(&self, journey: &str) -> [u8; 32] {
        self.key.hash("link of a handover", [journey.as_bytes()])
    }

    /// The handover with this order id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn handover(&self, order_id: &str) -> Result<Option<Handover>, Error> {
        handovers::find(&self.table.0, order_id).await
    }

    /// Deletes the handovers that are older than `kept`. Returns how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cleanup(&self, kept: Duration) -> Result<u64, Error> {
        let until = self.clock.now().checked_sub(kept).unwrap_or(Timestamp::MIN);
        handovers::cleanup(&self.table.0, until).await
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
