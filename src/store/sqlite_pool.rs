//! The connections to an SQLite file: opened once, acquired by one caller at a time.
//!
//! Not sqlx's pool: on every return that asks a connection whether it is still there, which is two more turns between
//! threads for each statement; a file does not hang up. What was begun on a connection and canceled (its browser is
//! gone) is rolled back by the connection's own thread before the next statement. Where that fails, the connection is
//! replaced: SQLite itself ends a transaction when the disk is full, sqlx takes it for open, and nothing could be begun.

use std::{
    io,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use futures_util::future::select_all;
use sqlx::{
    ConnectOptions, Connection, Error, Sqlite, SqliteConnection, Transaction, sqlite::SqliteConnectOptions,
};
use tokio::{
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard},
    time::timeout,
};

use super::Durability;
use crate::causes::Causes;

/// The least room on the disk with which visitors are still sent: submissions under way have to be recorded, too.
const ROOM: u64 = 1 << 20;

/// An open connection.
struct Open {
    connection: SqliteConnection,
    /// What its next commit survives, if that is known.
    durability: Option<Durability>,
    /// A transaction could not be begun on it.
    broken: bool,
}

impl Open {
    async fn new(options: &SqliteConnectOptions) -> Result<Self, Error> {
        Ok(Self { connection: options.connect().await?, durability: None, broken: false })
    }

    /// Whether no transaction can be begun on it.
    async fn is_broken(&mut self) -> bool {
        if self.connection.is_in_transaction() {
            // Its rollback may only be waiting for its turn, which is before the next statement's.
            self.broken |= sqlx::query("SELECT 1").execute(&mut self.connection).await.is_err()
                || self.connection.is_in_transaction();
        }
        self.broken
    }
}

/// One connection; none once it is closed.
type Slot = Arc<Mutex<Option<Open>>>;

/// An acquired connection; dropping it returns it.
pub struct PooledConnection(OwnedMappedMutexGuard<Option<Open>, Open>);

impl PooledConnection {
    /// Begins a transaction that may write: SQLite gives it the write lock at once. A connection on which that fails is
    /// replaced before its next use.
    ///
    /// # Errors
    /// SQLite refuses.
    pub async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, Error> {
        let Open { connection, broken, .. } = &mut *self.0;
        let begun = connection.begin_with("BEGIN IMMEDIATE").await;
        *broken = begun.is_err();
        begun
    }
}

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
    options: Arc<SqliteConnectOptions>,
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
            slots.push(Arc::new(Mutex::new(Some(Open::new(options).await?))));
        }
        Ok(Self { slots: slots.into(), options: Arc::new(options.clone()), patience })
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
    /// As [`acquire`](Self::acquire), SQLite refuses the setting, or a broken connection cannot be replaced yet.
    pub async fn acquire_writer(&self, durability: Durability) -> Result<PooledConnection, Error> {
        let mut acquired = self.acquire().await?;
        let open = &mut *acquired.0;
        if open.is_broken().await {
            *open = Open::new(&self.options).await?;
            tracing::warn!("store: connection replaced, no transaction could be begun on it");
        }
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

    /// Returns if the disk has room: a mebibyte. A log that grew before the disk was full takes small writes for a while, and
    /// refuses the first long one.
    ///
    /// # Errors
    /// `Io` of the kind `StorageFull`, or what the file system answers.
    pub async fn has_room(&self) -> Result<(), Error> {
        let options = Arc::clone(&self.options);
        let room = tokio::task::spawn_blocking(move || {
            let file = options.get_filename();
            // A database in memory has no file.
            if !file.exists() {
                return Ok(u64::MAX);
            }
            let disk = rustix::fs::statvfs(file).map_err(io::Error::from)?;
            Ok::<_, io::Error>(disk.f_bavail.saturating_mul(disk.f_frsize))
        });
        match room.await.map_err(|_| Error::WorkerCrashed)?? {
            ROOM.. => Ok(()),
            _ => Err(io::Error::from(io::ErrorKind::StorageFull).into()),
        }
    }

    /// Closes each of them, once it is returned.
    pub(super) async fn close(&self) {
        for slot in &*self.slots {
            let Some(open) = slot.lock().await.take() else { continue };
            if let Err(error) = open.connection.close().await {
                tracing::warn!(
                    error = %Causes(&error),
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

    async fn pool(count: usize) -> SqlitePool {
        let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
        SqlitePool::open(&options, count, Duration::from_millis(50)).await.unwrap()
    }

    #[tokio::test]
    async fn pool_gives_each_connection_to_one_caller_at_a_time() {
        let pool = pool(2).await;
        let (first, second) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
        assert!(matches!(pool.acquire().await, Err(Error::PoolTimedOut)));
        let waits = tokio::spawn({
            let pool = pool.clone();
            async move { pool.acquire().await.is_ok() }
        });
        tokio::task::yield_now().await;
        drop(second);
        assert!(waits.await.unwrap());
        drop(first);
    }

    #[tokio::test]
    async fn pool_close_waits_for_connections_and_then_refuses_acquire() {
        let pool = pool(1).await;
        let acquired = pool.acquire().await.unwrap();
        let closed = tokio::spawn({
            let pool = pool.clone();
            async move { pool.close().await }
        });
        tokio::task::yield_now().await;
        assert!(!closed.is_finished());
        drop(acquired);
        closed.await.unwrap();
        assert!(matches!(pool.acquire().await, Err(Error::PoolClosed)));
    }
}
