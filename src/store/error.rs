//! Why the database failed.

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
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// The tables cannot be brought to the state this program needs.
    #[error("the database's tables do not fit this program")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The database answered with an error.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
    /// Others changed the same rows at each try.
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
            // Class 57P: the server is shutting down or starting up; 53: it lacks resources; 08: the connection broke.
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
