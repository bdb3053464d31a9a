//! Opening the database, and its pools of connections.

use std::{str::FromStr, time::Duration};

use sqlx::{
    PgPool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{Error, SqlitePool, pooler, postgres, private_files};
use crate::causes::Causes;

/// An open database. A clone shares the pool.
#[derive(Clone)]
pub enum Store {
    /// The embedded database: a file beside the program.
    Sqlite {
        /// The only connection that writes: SQLite takes one writer at a time, and a queue here
        /// is better than "database is locked" there.
        writer: SqlitePool,
        /// Connections that read while the writer writes.
        readers: SqlitePool,
        /// The connection that moves the write-ahead log into the file; none for a database in memory, which has no
        /// log.
        checkpointer: Option<SqlitePool>,
    },
    /// The database several servers share.
    Postgres(PgPool),
}

/// Pages of 4 KiB in the write-ahead log before a writer moves them into the file itself: only a check on its growth, in
/// case [`Store::checkpoint`] does not get to it.
const AHEAD: &str = "16000";

/// How long a request waits for a connection before it fails.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long [`Store::checkpoint`] waits for reads under way before it leaves the log as it is: meanwhile nobody writes.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(50);

/// The connections of one server to PostgreSQL.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// At most.
    pub connections: u32,
    /// How long a request waits for a free one.
    pub wait: Duration,
}

impl Store {
    /// Opens the database at `url`: `sqlite://path` (folder and file are created), `sqlite::memory:`
    /// or `postgres://…`, with a pool for tests and benches. The tables are made by [`migrate`](Self::migrate).
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Folder`], [`Error::Unreachable`], [`Error::Pooler`].
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, Pool { connections: 8, wait: PATIENCE }).await
    }

    /// As [`open`](Self::open), with `pool` for PostgreSQL.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(url: &str, pool: Pool) -> Result<Self, Error> {
        Self::open_or(url, pool, true).await
    }

    /// Opens a database that exists: a missing file is not an empty database, but a mistaken path.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unreachable`], [`Error::Refused`], [`Error::Pooler`].
    pub async fn open_existing(url: &str, pool: Pool) -> Result<Self, Error> {
        Self::open_or(url, pool, false).await
    }

    /// Opens a database that exists and may be one that nobody here can write: a copy on a read-only disk, the file of
    /// another user, a PostgreSQL role that may only `SELECT`. Statements that write are refused on SQLite, and on
    /// PostgreSQL as far as the role is.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unreachable`], [`Error::Refused`], [`Error::UnreadableLog`].
    pub async fn open_to_read(url: &str, pool: Pool) -> Result<Self, Error> {
        if !url.starts_with("sqlite:") {
            return Self::open_existing(url, pool).await;
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|_| Error::Address)?
            .read_only(true)
            .busy_timeout(PATIENCE);
        let readers = match readable(&options).await {
            Ok(readers) => readers,
            // SQLite reads a file in WAL mode by two others beside it, also where there is nothing in them, and cannot
            // make them where it may not write. Without a log the file alone is the whole database, and nobody writes it.
            Err(_) if !private_files::has_log(options.get_filename()) => {
                readable(&options.immutable(true)).await?
            }
            Err(error) => return Err(Error::UnreadableLog(error)),
        };
        Ok(Self::Sqlite { writer: readers.clone(), readers, checkpointer: None })
    }

    async fn open_or(url: &str, pool: Pool, create: bool) -> Result<Self, Error> {
        match url.split(':').next() {
            Some("sqlite") => Self::open_sqlite(url, create).await,
            Some("postgres" | "postgresql") => {
                let options = postgres::options(url)?;
                pooler::check(&options, pool.wait).await?;
                let pool = PgPoolOptions::new().max_connections(pool.connections).acquire_timeout(pool.wait);
                Ok(Self::Postgres(pool.connect_with(options).await?))
            }
            _ => Err(Error::Address),
        }
    }

    async fn open_sqlite(url: &str, create: bool) -> Result<Self, Error> {
        let in_memory = url.contains(":memory:");
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|_| Error::Address)?
            .create_if_missing(create)
            .foreign_keys(true)
            // What is deleted or replaced is overwritten with zeros.
            .pragma("secure_delete", "ON")
            .busy_timeout(PATIENCE);
        if in_memory {
            // The database lives no longer than its connection.
            let writer = SqlitePool::open(&options, 1, PATIENCE).await?;
            return Ok(Self::Sqlite { readers: writer.clone(), checkpointer: None, writer });
        }
        if create {
            private_files::create(options.get_filename()).map_err(Error::Folder)?;
        }
        private_files::restrict(options.get_filename());
        // A commit survives the end of the process; what must survive a power loss says so (`Durability`).
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("wal_autocheckpoint", AHEAD);
        let writer = SqlitePool::open(&options, 1, PATIENCE).await?;
        let checkpointer =
            SqlitePool::open(&options.clone().busy_timeout(CHECKPOINT_PATIENCE), 1, PATIENCE).await?;
        let readers = SqlitePool::open(&options.read_only(true), readers(), PATIENCE).await?;
        Ok(Self::Sqlite { writer, readers, checkpointer: Some(checkpointer) })
    }

    /// Closes every connection, each once it is returned. SQLite's write-ahead log is emptied before, unless another
    /// process reads: then that process does it when it closes.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, checkpointer } => {
                readers.close().await;
                if let Err(error) = self.checkpoint().await {
                    tracing::error!(
                        error = %Causes(&error),
                        "store: last checkpoint failed"
                    );
                }
                if let Some(checkpointer) = checkpointer {
                    checkpointer.close().await;
                }
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A connection that has read from the file: only then it is known whether it can.
async fn readable(options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePool::open(options, 1, PATIENCE).await?;
    sqlx::query("SELECT COUNT(*) FROM sqlite_schema").execute(&mut *pool.acquire().await?).await?;
    Ok(pool)
}

/// Connections that read SQLite concurrently. Each is a thread: more of them than cores only take turns.
fn readers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4))
}
