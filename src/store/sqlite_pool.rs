//! The connections to an SQLite file: opened once, acquired by one caller at a time.
//!
//! Not sqlx's pool: on every return that asks a connection whether it is still there, which is two more turns between
//! threads for each statement; a file does not hang up. What was begun on a connection and canceled (its browser is
//! gone) is rolled back by the connection's own thread before the next statement.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use futures_util::future::select_all;
use sqlx::{ConnectOptions, Connection, Error, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard},
    time::timeout,
};

use super::Durability;

/// An open connection.
struct Open {
    connection: SqliteConnection,
    /// What its next commit survives, if that is known.
    durability: Option<Durability>,
}

/// One connection; none once it is closed.
type Slot = Arc<Mutex<Option<Open>>>;

/// An acquired connection; dropping it returns it.
pub struct PooledConnection(OwnedMappedMutexGuard<Option<Open>, Open>);

impl Deref for PooledConnection {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.0.connection
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.0.connection
    }
}

/// Connections that are alike. A clone shares them.
#[derive(Clone)]
pub struct SqlitePool {
    slots: Arc<[Slot]>,
    patience: Duration,
}

impl SqlitePool {
    /// Opens `count` connections, at least one. A caller waits no longer than `patience` for one.
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
            let open = Open { connection: options.connect().await?, durability: None };
            slots.push(Arc::new(Mutex::new(Some(open))));
        }
        Ok(Self { slots: slots.into(), patience })
    }

    /// Acquires a connection.
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
        let open = OwnedMutexGuard::try_map(slot, Option::as_mut).map_err(|_| Error::PoolClosed)?;
        Ok(PooledConnection(open))
    }

    /// Acquires a connection whose next commit survives what `durability` says.
    ///
    /// That is set when it differs, before a write, and never set back after one: a write that fails, returns early or
    /// is canceled then cannot leave the connection waiting for the disk on behalf of every later write.
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire), or SQLite refuses the setting.
    pub async fn acquire_writer(&self, durability: Durability) -> Result<PooledConnection, Error> {
        let mut acquired = self.acquire().await?;
        let open = &mut *acquired.0;
        if open.durability != Some(durability) {
            let statement = match durability {
                Durability::ProcessCrash => "PRAGMA synchronous = NORMAL",
                Durability::PowerLoss => "PRAGMA synchronous = FULL",
            };
            // Not known while the statement runs: it may be canceled before or after it took effect.
            open.durability = None;
            sqlx::query(statement).execute(&mut open.connection).await?;
            open.durability = Some(durability);
        }
        Ok(acquired)
    }

    /// Closes each of them, once it is returned.
    pub(super) async fn close(&self) {
        for slot in &*self.slots {
            let Some(open) = slot.lock().await.take() else { continue };
            if let Err(error) = open.connection.close().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "store: connection was not closed cleanly"
                );
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
