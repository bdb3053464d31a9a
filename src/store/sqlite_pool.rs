//! The connections to an SQLite file: opened once, lent to one at a time.
//!
//! Not sqlx's pool: on every return that asks a connection whether it is still there, which is two more turns between
//! threads for each statement; a file does not hang up. What was begun on a connection and cut short (its browser is
//! gone) is ended by the connection's own thread before the next statement.

use std::{sync::Arc, time::Duration};

use futures_util::future::select_all;
use sqlx::{ConnectOptions, Connection, Error, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard},
    time::timeout,
};

/// One connection; none once it is closed.
type Slot = Arc<Mutex<Option<SqliteConnection>>>;

/// A connection on loan; dropping it gives it back.
pub type PooledConnection = OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>;

/// Connections that are alike. A clone lends the same.
#[derive(Clone)]
pub struct SqlitePool {
    slots: Arc<[Slot]>,
    patience: Duration,
}

impl SqlitePool {
    /// Opens `count` connections, at least one. Who asks for one waits no longer than `patience`.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) async fn open(
        options: &SqliteConnectOptions,
        count: usize,
        patience: Duration,
    ) -> Result<Self, Error> {
        let mut slots = Vec::new();
        for _ in 0..count.max(1) {
            slots.push(Arc::new(Mutex::new(Some(options.connect().await?))));
        }
        Ok(Self { slots: slots.into(), patience })
    }

    /// Borrows a connection.
    ///
    /// # Errors
    /// `PoolTimedOut`: none came free in time. `PoolClosed`: they are closed.
    pub async fn acquire(&self) -> Result<PooledConnection, Error> {
        // The first that is free: what it read last is still in its memory.
        let free = self.slots.iter().find_map(|slot| Arc::clone(slot).try_lock_owned().ok());
        let slot = match free {
            Some(slot) => slot,
            None => {
                let any = select_all(self.slots.iter().map(|slot| Box::pin(Arc::clone(slot).lock_owned())));
                timeout(self.patience, any).await.map_err(|_| Error::PoolTimedOut)?.0
            }
        };
        OwnedMutexGuard::try_map(slot, Option::as_mut).map_err(|_| Error::PoolClosed)
    }

    /// Closes each of them, once it is given back.
    pub(super) async fn close(&self) {
        for slot in &*self.slots {
            let Some(connection) = slot.lock().await.take() else { continue };
            if let Err(error) = connection.close().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection was not closed well");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    async fn slots(count: usize) -> SqlitePool {
        let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
        SqlitePool::open(&options, count, Duration::from_millis(50)).await.unwrap()
    }

    #[tokio::test]
    async fn pool_lends_each_connection_until_it_is_returned() {
        let slots = slots(2).await;
        let (first, second) = (slots.acquire().await.unwrap(), slots.acquire().await.unwrap());
        assert!(matches!(slots.acquire().await, Err(Error::PoolTimedOut)));
        let waits = tokio::spawn({
            let slots = slots.clone();
            async move { slots.acquire().await.is_ok() }
        });
        tokio::task::yield_now().await;
        drop(second);
        assert!(waits.await.unwrap());
        drop(first);
    }

    #[tokio::test]
    async fn pool_close_waits_for_loans_and_then_refuses_acquire() {
        let slots = slots(1).await;
        let lent = slots.acquire().await.unwrap();
        let closed = tokio::spawn({
            let slots = slots.clone();
            async move { slots.close().await }
        });
        tokio::task::yield_now().await;
        assert!(!closed.is_finished());
        drop(lent);
        closed.await.unwrap();
        assert!(matches!(slots.acquire().await, Err(Error::PoolClosed)));
    }
}
