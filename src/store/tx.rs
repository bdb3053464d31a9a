//! Statements and transactions, on either database.
//!
//! [`Store::transaction`] runs a closure within a transaction; [`Store::reader`] and [`Store::writer`] give a
//! connection for a single statement. `sql!` runs one statement on any of them, so that a function
//! that takes a `&mut Tx` is an ordinary function for both databases.

use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, Transaction, pool::PoolConnection};

use tokio::time::timeout;

use super::{Durability, Error, PooledConnection, Store};

/// A transaction. Dropping it rolls it back; only [`Store::transaction`] commits.
pub enum Tx<'c> {
    /// On the connection that writes.
    Sqlite(Transaction<'c, Sqlite>),
    /// On a connection of the pool.
    Postgres(Transaction<'c, Postgres>),
}

/// A connection for single statements, each its own transaction. Dropping it returns it to its pool.
pub enum Connection {
    /// One of the connections to the file.
    Sqlite(PooledConnection),
    /// One of the connections to the server.
    Postgres(PoolConnection<Postgres>),
}

/// The database's own connection behind a [`Tx`] or a [`Connection`], as `sql!` needs it.
pub enum Backend<'c> {
    /// SQLite's.
    Sqlite(&'c mut SqliteConnection),
    /// PostgreSQL's.
    Postgres(&'c mut PgConnection),
}

impl Tx<'_> {
    /// The connection that the transaction runs on.
    pub fn backend(&mut self) -> Backend<'_> {
        match self {
            Self::Sqlite(tx) => Backend::Sqlite(tx),
            Self::Postgres(tx) => Backend::Postgres(tx),
        }
    }

    async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => tx.rollback().await,
        }
    }
}

impl Connection {
    /// The connection itself.
    pub fn backend(&mut self) -> Backend<'_> {
        match self {
            Self::Sqlite(connection) => Backend::Sqlite(connection),
            Self::Postgres(connection) => Backend::Postgres(connection),
        }
    }
}

impl Store {
    /// Runs `work` within a transaction and commits it, so that it survives what `durability` says. An error of `work`
    /// rolls everything back before it is returned; dropping the future rolls back, too, a moment later. `work` must use no other connection for
    /// writing: SQLite has only one.
    ///
    /// SQLite takes the write lock at once: a transaction that reads first and writes later is refused ("database is
    /// locked") when another process wrote in between.
    ///
    /// # Errors
    /// The error of `work`, or of the database as [`Error`].
    pub async fn transaction<T, E: From<Error>>(
        &self,
        durability: Durability,
        work: impl for<'t, 'c> AsyncFnOnce(&'t mut Tx<'c>) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Sqlite { writer, .. } => {
                let mut connection = writer.acquire_writer(durability).await.map_err(Error::from)?;
                let begun = connection.begin().await.map_err(Error::from)?;
                run(Tx::Sqlite(begun), work).await
            }
            Self::Postgres(pool) => run(Tx::Postgres(begin(pool).await.map_err(Error::from)?), work).await,
        }
    }

    /// A connection for a statement that only reads.
    ///
    /// # Errors
    /// [`Error::Unreachable`].
    pub async fn reader(&self) -> Result<Connection, Error> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Connection::Sqlite(readers.acquire().await?),
            // Boxed, as it is large: it would be part of every future that asks the database.
            Self::Postgres(pool) => Connection::Postgres(Box::pin(pool.acquire()).await?),
        })
    }

    /// A connection for a single statement that writes, which then survives the end of the process.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Refused`].
    pub async fn writer(&self) -> Result<Connection, Error> {
        Ok(match self {
            Self::Sqlite { writer, .. } => {
                Connection::Sqlite(writer.acquire_writer(Durability::ProcessCrash).await?)
            }
            // Boxed, as it is large: it would be part of every future that asks the database.
            Self::Postgres(pool) => Connection::Postgres(Box::pin(pool.acquire()).await?),
        })
    }

    /// Returns when the database has taken a write: the readiness check.
    ///
    /// SQLite writes one row anew, and needs some room beside, for what is under way. PostgreSQL inserts a row that needs a
    /// page more, and takes it back: that needs the same room, and nobody waits for the disk.
    ///
    /// # Errors
    /// [`Error`]: [`Error::Full`] and [`Error::ReadOnly`] among others.
    pub async fn take_a_write(&self) -> Result<(), Error> {
        let filler = vec![0_u8; 7000];
        match self {
            Self::Sqlite { writer, .. } => {
                writer.has_room().await?;
                let write = self.transaction(Durability::ProcessCrash, async |tx| {
                    sql!(tx, "INSERT INTO readiness (id, filler) VALUES (1, $1)
                              ON CONFLICT (id) DO UPDATE SET filler = excluded.filler", &filler => execute)
                });
                write.await.map(drop)
            }
            Self::Postgres(pool) => {
                let write = async {
                    let mut tx = begin(pool).await?;
                    let insert = "INSERT INTO readiness (filler) VALUES ($1)";
                    sqlx::query(insert).bind(&filler).execute(&mut *tx).await?;
                    tx.rollback().await
                };
                let wait = pool.options().get_acquire_timeout();
                Ok(timeout(wait, write).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?)
            }
        }
    }
}

async fn run<T, E: From<Error>>(
    mut tx: Tx<'_>,
    work: impl for<'t, 'c> AsyncFnOnce(&'t mut Tx<'c>) -> Result<T, E>,
) -> Result<T, E> {
    match work(&mut tx).await {
        Ok(value) => {
            tx.commit().await.map_err(Error::from)?;
            Ok(value)
        }
        Err(error) => {
            // A transaction that is dropped keeps its locks until its connection comes to the rollback, and who is told of
            // the error would meet them. A rollback that fails has ended with its connection.
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}

/// Begins a transaction, in a task of its own: a request that is canceled during `BEGIN` (its browser is gone) would
/// leave the transaction open on a connection that returns to the pool, and what others write on it next would be
/// reported as written, and rolled back later. sqlx 0.9 does not prevent that (its issue 4393).
async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    // The task ends before its time only when the program does.
    tokio::spawn(async move { pool.begin().await }).await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

/// Runs one statement on a [`Tx`], a reader or a writer: `sql!(tx, "… $1 … $2", first, second => fetch_all)`. Evaluates to
/// a `Result` with the store's [`Error`]: `execute` to the number of rows affected; `fetch_one`, `fetch_optional` and
/// `fetch_all` to rows of any `FromRow` type, a tuple for instance.
macro_rules! sql {
    ($on:expr, $statement:expr $(, $value:expr)* => execute) => {{
        // Bound by `let`, so that a connection acquired for this one statement is returned here.
        let result = match $on.backend() {
            $crate::store::Backend::Sqlite(connection) => {
                let query = sqlx::query($statement)$(.bind($value))*;
                query.execute(connection).await.map(|done| done.rows_affected())
            }
            $crate::store::Backend::Postgres(connection) => {
                let query = sqlx::query($statement)$(.bind($value))*;
                query.execute(connection).await.map(|done| done.rows_affected())
            }
        };
        result.map_err($crate::store::Error::from)
    }};
    ($on:expr, $statement:expr $(, $value:expr)* => $fetch:ident) => {{
        let result = match $on.backend() {
            $crate::store::Backend::Sqlite(connection) => {
                sqlx::query_as($statement)$(.bind($value))*.$fetch(connection).await
            }
            $crate::store::Backend::Postgres(connection) => {
                sqlx::query_as($statement)$(.bind($value))*.$fetch(connection).await
            }
        };
        result.map_err($crate::store::Error::from)
    }};
}
pub(crate) use sql;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::testing::on_each_database;

    async fn insert(tx: &mut Tx<'_>, journey: &str) -> Result<u64, Error> {
        sql!(tx, "INSERT INTO claims (journey, step, revision, taken_at) VALUES ($1, 'zip', $2, 0)", journey, 1_i64 => execute)
    }

    async fn journeys(store: &Store) -> Vec<String> {
        let rows: Vec<(String,)> =
            sql!(store.reader().await.unwrap(), "SELECT journey FROM claims ORDER BY journey" => fetch_all)
                .unwrap();
        rows.into_iter().map(|(journey,)| journey).collect()
    }

    #[tokio::test]
    async fn transaction_commits_on_ok_and_rolls_back_on_err() {
        #[derive(Debug)]
        enum Refusal {
            Decided(i64),
            Store,
        }
        impl From<Error> for Refusal {
            fn from(_: Error) -> Self {
                Self::Store
            }
        }
        on_each_database(async |store| {
            // Spawned, as a future that is not `Send` could not be.
            let spawned = tokio::spawn({
                let store = store.clone();
                async move {
                    let name = "kept".to_owned();
                    store
                        .transaction(Durability::PowerLoss, async |tx| {
                            insert(tx, &name).await?;
                            sql!(tx, "SELECT COUNT(*) FROM claims WHERE journey = $1", &name => fetch_one)
                        })
                        .await
                }
            });
            let (count,): (i64,) = spawned.await.unwrap().unwrap();
            assert_eq!(count, 1);
            let refused = store
                .transaction(Durability::ProcessCrash, async |tx| {
                    insert(tx, "refused").await?;
                    let (count,): (i64,) = sql!(tx, "SELECT COUNT(*) FROM claims" => fetch_one)?;
                    Err::<(), _>(Refusal::Decided(count))
                })
                .await;
            assert!(matches!(refused, Err(Refusal::Decided(2))), "{refused:?}");
            let failed = store
                .transaction(Durability::ProcessCrash, async |tx| -> Result<u64, Refusal> {
                    insert(tx, "failed").await?;
                    Ok(insert(tx, "failed").await?)
                })
                .await;
            assert!(matches!(failed, Err(Refusal::Store)), "{failed:?}");
            assert_eq!(journeys(&store).await, ["kept"]);
        })
        .await;
    }

    #[tokio::test]
    async fn error_is_returned_after_the_locks_are_gone() {
        on_each_database(async |store| {
            let lock = match &store {
                Store::Sqlite { .. } => "SELECT 1 FROM claims",
                Store::Postgres(_) => "SELECT 1 FROM claims FOR UPDATE SKIP LOCKED",
            };
            let inserted = store.transaction(Durability::ProcessCrash, async |tx| insert(tx, "j").await);
            assert_eq!(inserted.await.unwrap(), 1);
            for turn in 0..50 {
                let failed = store.transaction(Durability::ProcessCrash, async |tx| -> Result<(), Error> {
                    sql!(tx, "UPDATE claims SET taken_at = 1" => execute)?;
                    Err(Error::Contended)
                });
                assert!(matches!(failed.await, Err(Error::Contended)));
                let next = store.transaction(Durability::ProcessCrash, async |tx| {
                    let row: Option<(i32,)> = sql!(tx, lock => fetch_optional)?;
                    Ok::<_, Error>(row)
                });
                assert_eq!(next.await.unwrap(), Some((1,)), "turn {turn}");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn single_statement_affects_rows_and_returns_its_connection() {
        on_each_database(async |store| {
            for revision in 0..9_i64 {
                let rows = sql!(store.writer().await.unwrap(),
                    "INSERT INTO claims (journey, step, revision, taken_at) VALUES ($1, 'zip', $2, 0)", "j", revision => execute);
                assert_eq!(rows.unwrap(), 1);
            }
            // SQLite has one writer: a statement within the reading of another's result would wait for it.
            let deleted = "DELETE FROM claims WHERE revision = $1 RETURNING revision";
            match sql!(store.writer().await.unwrap(), deleted, 3_i64 => fetch_optional).unwrap() {
                Some((3_i64,)) => {
                    let gone: Option<(i64,)> =
                        sql!(store.writer().await.unwrap(), deleted, 3_i64 => fetch_optional).unwrap();
                    assert_eq!(gone, None);
                }
                other => panic!("{other:?}"),
            }
            let rest = sql!(store.writer().await.unwrap(), "DELETE FROM claims" => execute).unwrap();
            assert_eq!(rest, 8);
        })
        .await;
    }

    /// What SQLite waits for: 1 for no disk, 2 for the disk.
    async fn synchronous(tx: &mut Tx<'_>) -> Result<i64, Error> {
        let (level,): (i64,) = sql!(tx, "PRAGMA synchronous" => fetch_one)?;
        Ok(level)
    }

    #[tokio::test]
    async fn durable_transaction_left_in_any_way_keeps_no_other_write_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("a.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        let (normal, full) = (1, 2);
        let single = async || {
            let (level,): (i64,) =
                sql!(store.writer().await.unwrap(), "PRAGMA synchronous" => fetch_one).unwrap();
            level
        };
        let plain = async || store.transaction(Durability::ProcessCrash, synchronous).await.unwrap();
        let durable = async || store.transaction(Durability::PowerLoss, synchronous).await.unwrap();

        assert_eq!(single().await, normal);
        assert_eq!([durable().await, durable().await], [full, full]);
        assert_eq!(single().await, normal);
        durable().await;
        assert_eq!(plain().await, normal);

        let left = store.transaction(Durability::PowerLoss, async |_| Err::<(), _>(Error::Contended)).await;
        assert!(matches!(left, Err(Error::Contended)));
        assert_eq!(single().await, normal);

        let failed = store
            .transaction(
                Durability::PowerLoss,
                async |tx| sql!(tx, "INSERT INTO nowhere VALUES (1)" => execute),
            )
            .await;
        assert!(matches!(failed, Err(Error::Refused(_))));
        assert_eq!(plain().await, normal);

        // A commit fails where a deferred check does.
        let uncommitted = store
            .transaction(Durability::PowerLoss, async |tx| {
                sql!(tx, "CREATE TABLE parents (id INTEGER PRIMARY KEY)" => execute)?;
                sql!(tx, "CREATE TABLE children (id INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)" => execute)?;
                sql!(tx, "INSERT INTO children VALUES (1)" => execute)
            })
            .await;
        assert!(matches!(uncommitted, Err(Error::Refused(_))), "{uncommitted:?}");
        assert_eq!(single().await, normal);

        for round in 0..200_u64 {
            let write =
                store.transaction(Durability::PowerLoss, async |tx| insert(tx, &round.to_string()).await);
            let _ = tokio::time::timeout(Duration::from_micros(round * 5), write).await;
            assert_eq!(if round % 2 == 0 { single().await } else { plain().await }, normal, "{round}");
        }
        let endless = store.transaction(Durability::PowerLoss, async |tx| {
            insert(tx, "endless").await?;
            std::future::pending::<Result<(), Error>>().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(50), endless).await.is_err());
        assert_eq!(single().await, normal);
        assert!(!journeys(&store).await.contains(&"endless".to_owned()));
        assert_eq!(durable().await, full);
    }
}
