//! The database: one connection pool, opened once, and the tables' migrations.
//!
//! SQLite for one server, PostgreSQL for several. The SQL text is the same for both: placeholders
//! are `$1`, times are BIGINT unix milliseconds, and `on_reader!`, `on_writer!` and
//! `transaction!` pick the pool. What a table holds is the business of `session` and `ledger`.
//! Personal data comes in here sealed ([`KeyRing`]) or not at all.

mod checkpoint;
mod encryption;
mod sqlite_pool;
#[cfg(test)]
pub mod testing;

use std::{str::FromStr, time::Duration};

use jiff::Timestamp;
use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

pub use encryption::{KeyRing, KeyRingError, Sealed};
pub use sqlite_pool::{PooledConnection, SqlitePool};

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
        /// The connection that brings what is written ahead into the file.
        checkpointer: SqlitePool,
    },
    /// The database several servers share.
    Postgres(PgPool),
}

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is of no kind this program knows, or is not well formed.
    #[error("store.url is not a database address: sqlite://path or postgres://user@host/name")]
    Address,
    /// The folder of the SQLite file cannot be created.
    #[error("the data folder cannot be created")]
    Folder(#[source] std::io::Error),
    /// No connection, or it broke, or none came free in time. A later try may succeed.
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// The tables cannot be brought to the state this program needs.
    #[error("the database's tables do not fit this program")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The database answered with an error.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
    /// Others changed the same rows each time this was tried.
    #[error("the same rows were changed by others again and again")]
    Contended,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match error {
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Self::Unreachable(error)
            }
            // Class 57P: the server is shutting down or starting up; 53: it has no room; 08: the line broke.
            E::Database(ref refusal)
                if refusal
                    .code()
                    .is_some_and(|code| ["57P", "53", "08"].iter().any(|class| code.starts_with(class))) =>
            {
                Self::Unreachable(error)
            }
            error => Self::Refused(error),
        }
    }
}

/// Pages written ahead, of 4 KiB, before a writer brings them into the file itself: no more than a check on growth, where
/// [`Store::checkpoint`] does not come to it.
const AHEAD: &str = "16000";

/// How long a request waits for a connection before it is told that there is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connections one server has to PostgreSQL.
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
    /// [`Error::Address`], [`Error::Folder`], [`Error::Unreachable`].
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

    /// Opens a database that is there: a file that is not is no empty database, but a mistaken path.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::Unreachable`], [`Error::Refused`].
    pub async fn open_existing(url: &str, pool: Pool) -> Result<Self, Error> {
        Self::open_or(url, pool, false).await
    }

    async fn open_or(url: &str, pool: Pool, create: bool) -> Result<Self, Error> {
        match url.split(':').next() {
            Some("sqlite") => Self::open_sqlite(url, create).await,
            Some("postgres" | "postgresql") => {
                let options = FromStr::from_str(url).map_err(|_| Error::Address)?;
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
            .busy_timeout(PATIENCE);
        if in_memory {
            // It lives no longer than its connection.
            let writer = SqlitePool::open(&options, 1, PATIENCE).await?;
            return Ok(Self::Sqlite { readers: writer.clone(), checkpointer: writer.clone(), writer });
        }
        if let Some(folder) = options.get_filename().parent().filter(|_| create) {
            tokio::fs::create_dir_all(folder).await.map_err(Error::Folder)?;
        }
        // Whatever is written survives the death of the program; what must survive a power cut is `durable!`.
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("wal_autocheckpoint", AHEAD);
        let writer = SqlitePool::open(&options, 1, PATIENCE).await?;
        let checkpointer = SqlitePool::open(&options, 1, PATIENCE).await?;
        let readers = SqlitePool::open(&options.read_only(true), readers(), PATIENCE).await?;
        Ok(Self::Sqlite { writer, readers, checkpointer })
    }

    /// Brings the tables to the state this program needs. Several servers may start at once:
    /// PostgreSQL lets one of them do it (advisory lock), the others wait.
    ///
    /// # Errors
    /// [`Error::Migration`].
    pub async fn migrate(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite { writer, .. } => {
                sqlx::migrate!("migrations/sqlite").run(&mut *writer.acquire().await?).await
            }
            Self::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await,
        }
        .map_err(Error::Migration)
    }

    /// Answers when the database does: the readiness check.
    ///
    /// # Errors
    /// [`Error::Unreachable`] or [`Error::Refused`].
    pub async fn ping(&self) -> Result<(), Error> {
        on_writer!(self, db => sqlx::query("SELECT 1").execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Closes every connection; what was begun is finished first.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, checkpointer } => {
                readers.close().await;
                checkpointer.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Connections that read SQLite at once. Each is a thread: more of them than cores only take turns.
fn readers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4))
}

/// Evaluates `$body` with `$db` something that reads, once.
macro_rules! on_reader {
    ($store:expr, $db:ident => $body:expr) => {
        match $store {
            $crate::store::Store::Sqlite { readers, .. } => $crate::store::acquired!(readers, $db => $body),
            $crate::store::Store::Postgres($db) => $body,
        }
    };
}

/// Evaluates `$body` with `$db` something that writes, once.
macro_rules! on_writer {
    ($store:expr, $db:ident => $body:expr) => {
        match $store {
            $crate::store::Store::Sqlite { writer, .. } => $crate::store::acquired!(writer, $db => $body),
            $crate::store::Store::Postgres($db) => $body,
        }
    };
}

/// Evaluates `$body` with `$db` a connection of `$lines`; to its error where there is none.
macro_rules! acquired {
    ($lines:expr, $db:ident => $body:expr) => {
        match $lines.acquire().await {
            Ok(mut connection) => {
                let $db = &mut *connection;
                $body
            }
            Err(error) => Err(error),
        }
    };
}

/// Evaluates `$body` with `$tx` a transaction, then commits. Leaving the body early rolls back.
/// The body must use no other connection: SQLite has but one for writing.
///
/// SQLite takes the write lock at once: a transaction that reads first and writes later is
/// refused ("database is locked") when another process wrote in between.
macro_rules! transaction {
    ($store:expr, $tx:ident => $body:expr) => {
        match $store {
            $crate::store::Store::Sqlite { writer, .. } => {
                let mut connection = writer.acquire().await?;
                let begun = sqlx::Connection::begin_with(&mut *connection, "BEGIN IMMEDIATE").await?;
                $crate::store::committed!(begun, $tx => $body)
            }
            $crate::store::Store::Postgres(pool) => {
                $crate::store::committed!($crate::store::begin(pool).await?, $tx => $body)
            }
        }
    };
}

/// As [`transaction!`], of what must survive a power cut once it is committed: a row that says "sent", or else it is sent
/// twice. SQLite waits for the disk then; where the body leaves early, it also does until the next of these ends.
macro_rules! durable {
    ($store:expr, $tx:ident => $body:expr) => {
        match $store {
            $crate::store::Store::Sqlite { writer, .. } => {
                let mut connection = writer.acquire().await?;
                sqlx::query("PRAGMA synchronous = FULL").execute(&mut *connection).await?;
                let begun = sqlx::Connection::begin_with(&mut *connection, "BEGIN IMMEDIATE").await?;
                let value = $crate::store::committed!(begun, $tx => $body);
                sqlx::query("PRAGMA synchronous = NORMAL").execute(&mut *connection).await?;
                value
            }
            $crate::store::Store::Postgres(pool) => {
                $crate::store::committed!($crate::store::begin(pool).await?, $tx => $body)
            }
        }
    };
}

/// Evaluates `$body` with `$tx` the transaction `$begun`, then commits it.
macro_rules! committed {
    ($begun:expr, $tx:ident => $body:expr) => {{
        let mut $tx = $begun;
        let value = $body;
        $tx.commit().await?;
        value
    }};
}

pub(crate) use {acquired, committed, durable, on_reader, on_writer, transaction};

/// Begins a transaction, in a task of its own: a request that is cut short there (its browser is gone) would
/// leave the transaction open on a connection that goes back to the pool, and what others write on it next would
/// be told to be written, and rolled back later. sqlx 0.9 does not see to that (its issue 4393).
pub(crate) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    // The task ends before its time only when the program does.
    tokio::spawn(async move { pool.begin().await }).await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

/// The column value of a moment: unix milliseconds.
pub(crate) fn millis(moment: Timestamp) -> i64 {
    moment.as_millisecond()
}

/// The moment of a column value. A value out of jiff's range (a damaged row) reads as 1970.
pub(crate) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// A length of time in milliseconds; one too long to count counts as for ever.
pub(crate) fn span(duration: Duration) -> i64 {
    // Half the range, so that a moment plus a span never overflows.
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).min(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn migrate_run_twice_succeeds() {
        testing::on_each_database(async |store| {
            store.migrate().await.unwrap();
            store.ping().await.unwrap();
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn canceled_transaction_takes_no_other_write_with_it() {
        testing::on_each_database(async |store| {
            let write = async |store: &Store| -> Result<(), Error> {
                transaction!(store, tx => {
                    // One row: two that take many rows in different orders would lock each other out.
                    sqlx::query("UPDATE claims SET taken_at = taken_at WHERE revision = 0")
                        .execute(&mut *tx)
                        .await?;
                });
                Ok(())
            };
            let count = async |store: &Store| -> i64 {
                let (rows,): (i64,) =
                    on_reader!(store, db => sqlx::query_as("SELECT COUNT(*) FROM claims").fetch_one(db).await)
                        .unwrap();
                rows
            };
            for round in 0..150_u64 {
                // Somewhere between its first word and its last.
                let _ = tokio::time::timeout(Duration::from_micros(round * 20), write(&store)).await;
                on_writer!(&store, db => sqlx::query(
                    "INSERT INTO claims (journey, step, revision, taken_at) VALUES ('j', 'zip', $1, 0)")
                    .bind(round.cast_signed()).execute(db).await.map(|_| ()))
                .unwrap();
            }
            let mut cut = Vec::new();
            for _ in 0..12 {
                // Whatever a connection was left in is brought to light.
                cut.push(write(&store));
            }
            for written in futures_util::future::join_all(cut).await {
                written.unwrap();
            }
            assert_eq!(count(&store).await, 150);
        })
        .await;
    }

    #[tokio::test]
    async fn durable_transaction_waits_for_disk_and_others_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("a.db").display())).await.unwrap();
        let waits = async || -> i64 {
            on_writer!(&store, db => sqlx::query_scalar("PRAGMA synchronous").fetch_one(db).await).unwrap()
        };
        let careful = async || -> Result<i64, Error> {
            Ok(durable!(&store, tx => sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *tx).await?))
        };
        let (normal, full) = (1, 2);
        assert_eq!(waits().await, normal);
        assert_eq!(careful().await.unwrap(), full);
        assert_eq!(waits().await, normal);
    }

    #[tokio::test]
    async fn memory_database_serves_readers_and_writer() {
        let store = Store::open("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        let rows: (i64,) =
            on_reader!(&store, db => sqlx::query_as("SELECT COUNT(*) FROM sessions").fetch_one(db).await)
                .unwrap();
        assert_eq!(rows.0, 0);
    }

    #[tokio::test]
    async fn open_creates_folder_and_file_and_close_ends_access() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b/new.db");
        let store = Store::open(&format!("sqlite://{}", file.display())).await.unwrap();
        store.migrate().await.unwrap();
        assert!(file.exists());
        store.close().await;
        assert!(matches!(store.ping().await, Err(Error::Unreachable(_))));
    }

    #[tokio::test]
    async fn open_existing_with_missing_file_fails_and_creates_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("none.db");
        let pool = Pool { connections: 1, wait: PATIENCE };
        assert!(Store::open_existing(&format!("sqlite://{}", file.display()), pool).await.is_err());
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn database_url_of_unknown_scheme_is_refused() {
        for url in ["", "mysql://h/d", "data/file.db", "sqlite//x", "postgres"] {
            assert!(matches!(Store::open(url).await, Err(Error::Address)), "{url}");
        }
        let nobody = Store::open("postgres://nobody@127.0.0.1:1/none").await;
        assert!(matches!(nobody, Err(Error::Unreachable(_))));
    }
}
