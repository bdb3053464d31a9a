//! The tables' migrations, and which programs can work with which tables.
//!
//! A migration leaves the release before working (it expands the tables). One that takes something away (contracts
//! them) comes a release later, and sets `compatibility.oldest` to the number that a program has to know.

use sqlx::{
    Connection as _, PgConnection, PgPool,
    migrate::{MigrateError, Migrator},
};

use super::{Error, Store, sql};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The key of the advisory lock that lets one server migrate at a time.
const LOCK: i64 = 0x656e_726f_6c6c;

/// The migrations of a database, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The newest that the program knows.
    pub known: i64,
    /// The newest that the database has; 0 for an empty database.
    pub applied: i64,
    /// The newest that a program has to know to work with the tables.
    pub oldest: i64,
}

impl Store {
    /// Runs the migrations that the database does not have yet. Several servers may start at once: PostgreSQL lets one
    /// of them do it (advisory lock), the others wait. A database that a newer program has migrated stays as it is.
    ///
    /// # Errors
    /// [`Error::Migration`]; [`Error::TooNew`] if a newer program has taken away what this one needs.
    pub async fn migrate(&self) -> Result<(), Error> {
        self.migrate_by(&SQLITE, &POSTGRES).await
    }

    async fn migrate_by(&self, sqlite: &Migrator, postgres: &Migrator) -> Result<(), Error> {
        match self {
            Self::Sqlite { writer, .. } => {
                migrator(sqlite).run(&mut *writer.acquire().await?).await.map_err(Error::Migration)?;
                self.fits(sqlite).await
            }
            Self::Postgres(pool) => {
                migrate_one_at_a_time(pool, &migrator(postgres)).await?;
                self.fits(postgres).await
            }
        }
    }

    async fn fits(&self, migrator: &Migrator) -> Result<(), Error> {
        let Schema { known, applied, oldest } = self.schema_by(migrator).await?;
        if known < oldest {
            return Err(Error::TooNew { known, oldest });
        }
        if known < applied {
            tracing::warn!(
                known,
                applied,
                "store: a newer program has migrated the database, it fits all the same"
            );
        }
        Ok(())
    }

    /// The migrations that the program and the database have.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Refused`].
    pub async fn schema(&self) -> Result<Schema, Error> {
        self.schema_by(match self {
            Self::Sqlite { .. } => &SQLITE,
            Self::Postgres(_) => &POSTGRES,
        })
        .await
    }

    async fn schema_by(&self, migrator: &Migrator) -> Result<Schema, Error> {
        let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
        let mut reader = self.reader().await?;
        // SQLite has no catalog of the name that PostgreSQL has.
        let table = match self {
            Self::Sqlite { .. } => "SELECT COUNT(*) FROM sqlite_schema WHERE name = $1",
            Self::Postgres(_) => {
                "SELECT COUNT(*) FROM (SELECT to_regclass($1) AS found) AS t WHERE found IS NOT NULL"
            }
        };
        let (tables,): (i64,) = sql!(reader, table, "_sqlx_migrations" => fetch_one)?;
        if tables == 0 {
            return Ok(Schema { known, applied: 0, oldest: 0 });
        }
        let (applied,): (i64,) =
            sql!(reader, "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations" => fetch_one)?;
        let (tables,): (i64,) = sql!(reader, table, "compatibility" => fetch_one)?;
        let oldest = match tables {
            0 => 0,
            _ => sql!(reader, "SELECT COALESCE(MAX(oldest), 0) FROM compatibility" => fetch_one)
                .map(|(oldest,)| oldest)?,
        };
        Ok(Schema { known, applied, oldest })
    }
}

/// `known`, which takes migrations that it does not know for those of a newer program, and leaves the lock to us.
fn migrator(known: &Migrator) -> Migrator {
    let mut migrator = Migrator::with_migrations(known.iter().cloned().collect());
    migrator.set_ignore_missing(true).set_locking(false);
    migrator
}

/// The lock is that of a transaction, on a connection of its own: a session's would outlive its owner behind a pooler
/// (PgBouncer), and one transaction around all migrations would hold the locks of all their tables.
async fn migrate_one_at_a_time(pool: &PgPool, migrator: &Migrator) -> Result<(), Error> {
    let mut lock = PgConnection::connect_with(&pool.connect_options()).await?;
    let mut held = lock.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *held).await?;
    let migrated = match pool.acquire().await {
        Ok(mut connection) => migrator.run(&mut *connection).await,
        Err(error) => Err(MigrateError::Execute(error)),
    };
    held.commit().await?;
    migrated.map_err(Error::Migration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::on_each_database;

    /// A program that knows the migrations up to `newest`.
    fn older(known: &Migrator, newest: i64) -> Migrator {
        Migrator::with_migrations(
            known.iter().filter(|migration| migration.version <= newest).cloned().collect(),
        )
    }

    #[tokio::test]
    async fn older_program_starts_on_newer_tables_unless_they_lost_what_it_needs() {
        on_each_database(async |store| {
            let newest = store.schema().await.unwrap().known;
            assert_eq!(store.schema().await.unwrap().applied, newest);
            let (sqlite, postgres) = (older(&SQLITE, newest - 1), older(&POSTGRES, newest - 1));
            // Numbers may have gaps.
            let before = sqlite.iter().map(|migration| migration.version).max().unwrap();
            store.migrate_by(&sqlite, &postgres).await.unwrap();
            let contract = "UPDATE compatibility SET oldest = $1";
            sql!(store.writer().await.unwrap(), contract, newest => execute).unwrap();
            let refused = store.migrate_by(&sqlite, &postgres).await;
            assert!(
                matches!(refused, Err(Error::TooNew { known, oldest }) if (known, oldest) == (before, newest)),
                "{refused:?}"
            );
            store.migrate().await.unwrap();
        })
        .await;
    }

    #[tokio::test]
    async fn several_servers_migrate_an_empty_database_at_once() {
        on_each_database(async |store| {
            let Store::Postgres(pool) = &store else { return };
            let (schema,): (String,) =
                sqlx::query_as("SELECT current_schema()::TEXT").fetch_one(pool).await.unwrap();
            let empty = format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(empty)).execute(pool).await.unwrap();
            assert_eq!(store.schema().await.unwrap().applied, 0);
            let servers = (0..4).map(|_| store.migrate());
            for migrated in futures_util::future::join_all(servers).await {
                migrated.unwrap();
            }
        })
        .await;
    }
}
