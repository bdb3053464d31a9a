//! Why the database failed.

use std::{borrow::Cow, io::ErrorKind};

/// Why the database failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is of no kind this program knows, or is not well formed.
    #[error("store.url is not a database address: sqlite://path or postgres://user@host/name")]
    Address,
    /// The SQLite file or its folder cannot be created.
    #[error("the database's file or its folder cannot be created")]
    Folder(#[source] std::io::Error),
    /// The SQLite file can be read, but not the log beside it, in which the newest changes are.
    #[error(
        "the newest changes are in a log beside the database's file (-wal or -journal) that cannot be read here: let this \
         user write in the folder, or read a copy made by: sqlite3 FILE \".backup COPY\""
    )]
    UnreadableLog(#[source] sqlx::Error),
    /// No connection, or it broke, or none came free in time. A later try may succeed.
    #[error("the database cannot be reached{}", of_pool(.0).unwrap_or_else(|| code(.0)))]
    Unreachable(#[source] sqlx::Error),
    /// PostgreSQL has no connection left for this server.
    #[error("the database has no connection left{}: look at its max_connections and at store.connections", code(.0))]
    TooManyConnections(#[source] sqlx::Error),
    /// A write needs room that the database's disk does not have.
    #[error("the database's disk is full{}", code(.0))]
    Full(#[source] sqlx::Error),
    /// The database takes no writes: a standby, a read-only role or disk.
    #[error("the database is read-only{}", code(.0))]
    ReadOnly(#[source] sqlx::Error),
    /// A pooler in front of PostgreSQL mixes the statements of its clients.
    #[error(
        "a pooler in front of the database mixes prepared statements or transactions{}: let it pool sessions \
         (pool_mode = session), or use PgBouncer 1.21 or newer with max_prepared_statements = 100 or more",
        code(.0)
    )]
    Pooler(#[source] sqlx::Error),
    /// The tables cannot be brought to the state this program needs.
    #[error("the database's tables do not fit this program")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A newer program has taken away what this one needs.
    #[error(
        "the database is too new for this program, which knows its migrations up to {known}, and would have to know \
         {oldest}: run the release that migrated it, or a newer one"
    )]
    TooNew {
        /// The newest migration that this program knows.
        known: i64,
        /// The newest that a program has to know.
        oldest: i64,
    },
    /// The database answered with an error.
    #[error("the database refused a statement{}", code(.0))]
    Refused(#[source] sqlx::Error),
    /// Others changed the same rows at each try.
    #[error("the same rows were changed by others again and again")]
    Contended,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        let code = match &error {
            E::Io(error_of_disk) if error_of_disk.kind() == ErrorKind::StorageFull => {
                return Self::Full(error);
            }
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                return Self::Unreachable(error);
            }
            E::Database(refusal) => refusal.code().map(Cow::into_owned).unwrap_or_default(),
            _ => return Self::Refused(error),
        };
        // PostgreSQL's SQLSTATE has five characters. SQLite's codes are numbers, whose last byte is their kind.
        match (code.as_str(), code.parse::<u32>().ok().filter(|_| code.len() != 5).map(|code| code & 0xff)) {
            ("53100", _) | (_, Some(SQLITE_FULL)) => Self::Full(error),
            ("53300", _) => Self::TooManyConnections(error),
            ("25006", _) | (_, Some(SQLITE_READONLY)) => Self::ReadOnly(error),
            // Class 57P: the server is shutting down or starting up; 08: the connection broke.
            (code, None) if code.starts_with("57P") || code.starts_with("08") => Self::Unreachable(error),
            _ => Self::Refused(error),
        }
    }
}

const SQLITE_READONLY: u32 = 8;
const SQLITE_FULL: u32 = 13;

/// What else it may be where no connection came free in time: the pool keeps the database's own words to itself.
fn of_pool(error: &sqlx::Error) -> Option<String> {
    matches!(error, sqlx::Error::PoolTimedOut).then(|| {
        ", or all of its connections (max_connections) or of store.connections are in use".to_owned()
    })
}

/// The database's own code of the error, to be looked up: an SQLSTATE, or one of SQLite's numbers.
fn code(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|refusal| refusal.code());
    code.map(|code| format!(" (code {code})")).unwrap_or_default()
}
