//! Addresses that take no mail any more, of any kind. They are kept for good, as keyed hashes.

use super::{address::AddressHash, outbox::Mails};
use crate::{
    fields::Email,
    store::{Durability, Error, sql},
};

impl Mails {
    /// Whether `address` takes no mail.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_unsubscribed(&self, address: &Email) -> Result<bool, Error> {
        self.takes_none(&self.addresses.hash(address)).await
    }

    pub(super) async fn takes_none(&self, address: &AddressHash) -> Result<bool, Error> {
        let found: Option<(i64,)> = sql!(self.store.reader().await?,
            "SELECT since FROM mail_unsubscribed WHERE address_hash = $1", &address[..] => fetch_optional)?;
        Ok(found.is_some())
    }

    /// The address that the token of an unsubscribe link names; `None`: no server of ours has made it.
    pub fn of_token(&self, token: &str) -> Option<AddressHash> {
        self.addresses.of_token(token)
    }

    /// Unsubscribes an address: nothing is sent to it any more, what waits for it included.
    ///
    /// # Errors
    /// The database failed.
    pub async fn unsubscribe(&self, address: &AddressHash) -> Result<(), Error> {
        let now = self.now();
        let unsubscribed = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<(), Error> {
            sql!(tx,
                "INSERT INTO mail_unsubscribed (address_hash, since) VALUES ($1, $2)
                 ON CONFLICT (address_hash) DO NOTHING", &address[..], now => execute)?;
            sql!(tx, "DELETE FROM mails WHERE address_hash = $1 AND state IN ('held', 'waiting')",
                &address[..] => execute)?;
            Ok(())
        });
        unsubscribed.await
    }
}
