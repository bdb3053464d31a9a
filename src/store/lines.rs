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
type Line = Arc<Mutex<Option<SqliteConnection>>>;

/// A connection on loan; dropping it gives it back.
pub type Lent = OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>;

/// Connections that are alike. A clone lends the same.
#[derive(Clone)]
pub struct Lines {
    lines: Arc<[Line]>,
    patience: Duration,
}

impl Lines {
    /// Opens `count` connections, at least one. Who asks for one waits no longer than `patience`.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) async fn open(
        options: &SqliteConnectOptions,
        count: usize,
        patience: Duration,
    ) -> Result<Self, Error> {
        let mut lines = Vec::new();
        for _ in 0..count.max(1) {
            lines.push(Arc::new(Mutex::new(Some(options.connect().await?))));
        }
        Ok(Self { lines: lines.into(), patience })
    }

    /// Borrows a connection.
    ///
    /// # Errors
    /// `PoolTimedOut`: none came free in time. `PoolClosed`: they are closed.
    pub async fn lend(&self) -> Result<Lent, Error> {
        // The first that is free: what it read last is still in its memory.
        let free = self.lines.iter().find_map(|line| Arc::clone(line).try_lock_owned().ok());
        let line = match free {
            Some(line) => line,
            None => {
                let any = select_all(self.lines.iter().map(|line| Box::pin(Arc::clone(line).lock_owned())));
                timeout(self.patience, any).await.map_err(|_| Error::PoolTimedOut)?.0
            }
        };
        OwnedMutexGuard::try_map(line, Option::as_mut).map_err(|_| Error::PoolClosed)
    }

    /// Closes each of them, once it is given back.
    pub(super) async fn close(&self) {
        for line in &*self.lines {
            let Some(connection) = line.lock().await.take() else { continue };
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

    async fn lines(count: usize) -> Lines {
        let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
        Lines::open(&options, count, Duration::from_millis(50)).await.unwrap()
    }

    #[tokio::test]
    async fn each_is_lent_to_one_who_gives_it_back() {
        let lines = lines(2).await;
        let (first, second) = (lines.lend().await.unwrap(), lines.lend().await.unwrap());
        assert!(matches!(lines.lend().await, Err(Error::PoolTimedOut)));
        let waits = tokio::spawn({
            let lines = lines.clone();
            async move { lines.lend().await.is_ok() }
        });
        tokio::task::yield_now().await;
        drop(second);
        assert!(waits.await.unwrap());
        drop(first);
    }

    #[tokio::test]
    async fn none_is_lent_once_they_are_closed_and_one_on_loan_is_waited_for() {
        let lines = lines(1).await;
        let lent = lines.lend().await.unwrap();
        let closed = tokio::spawn({
            let lines = lines.clone();
            async move { lines.close().await }
        });
        tokio::task::yield_now().await;
        assert!(!closed.is_finished());
        drop(lent);
        closed.await.unwrap();
        assert!(matches!(lines.lend().await, Err(Error::PoolClosed)));
    }
}
