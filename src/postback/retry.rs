//! Retry: an operator has postbacks sent again.

use super::{Filter, Outbox};
use crate::store::Error;

/// Why nothing is sent again.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// There is nothing to send again.
    #[error("no such postback is dead or waiting")]
    NoneFound,
    /// No target of that name is in the settings.
    #[error("no such target: {0} is not in the settings")]
    NoTarget(String),
    /// The database failed.
    #[error("the postbacks cannot be read: the database must be a server's, and up to date")]
    Store(#[from] Error),
}

impl Outbox {
    /// Sends postbacks again: the one with that id, those to that target, or all. Returns how many; those to targets that are
    /// not in the settings are not among them.
    ///
    /// # Errors
    /// [`RetryError`].
    pub async fn send_again(&self, id: Option<String>, target: Option<String>) -> Result<u64, RetryError> {
        let names = match (&id, target) {
            (Some(id), _) => {
                let filter = Filter { id: Some(id.clone()), ..Filter::default() };
                self.list(&filter, 1).await?.into_iter().map(|row| row.target).collect()
            }
            (None, Some(name)) => vec![name],
            (None, None) => self.targets().iter().map(|target| target.name.clone()).collect(),
        };
        if let Some(unknown) = names.iter().find(|name| self.targets().of(name).is_none()) {
            return Err(RetryError::NoTarget(unknown.clone()));
        }
        let mut again = 0;
        for name in names {
            let filter = Filter { target: Some(name), id: id.clone(), ..Filter::default() };
            again += self.retry(&filter).await?;
        }
        if again == 0 { Err(RetryError::NoneFound) } else { Ok(again) }
    }
}
