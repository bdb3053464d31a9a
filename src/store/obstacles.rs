//! What keeps a server from working with its database, although the database can be reached.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::{PgPool, sqlite::SqliteConnectOptions};

use super::{Error, Store};

/// One obstacle.
#[derive(Debug)]
pub enum Obstacle {
    /// SQLite: this file or folder cannot be written.
    Unwritable(PathBuf, io::Error),
    /// PostgreSQL: the server is a standby, which takes no writes.
    Standby,
    /// PostgreSQL: transactions of this role or database are read-only (`default_transaction_read_only`).
    ReadOnly,
    /// PostgreSQL: there is no schema in which the role could create tables.
    NoSchema,
    /// PostgreSQL: the role may not create tables in this schema, as each start of a server does.
    NoCreate(String),
    /// PostgreSQL: the role may not read and write this table, which another role has made.
    NoRights(String),
    /// PostgreSQL: so many connections are more than it admits in all.
    TooManyConnections {
        /// What a server may open.
        wanted: u32,
        /// What the database admits, of all its clients.
        admitted: i64,
    },
}

impl Store {
    /// What keeps a server that opens `connections` from working with this database.
    ///
    /// # Errors
    /// The database failed.
    pub async fn obstacles(&self, connections: u32) -> Result<Vec<Obstacle>, Error> {
        match self {
            Self::Sqlite { .. } => Ok(Vec::new()),
            Self::Postgres(pool) => of_postgres(pool, connections).await,
        }
    }
}

async fn of_postgres(pool: &PgPool, connections: u32) -> Result<Vec<Obstacle>, Error> {
    let (standby, read_only, schema, admitted): (bool, String, Option<String>, i64) = sqlx::query_as(
        "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only'), current_schema()::TEXT,
             current_setting('max_connections')::BIGINT - current_setting('superuser_reserved_connections')::BIGINT",
    )
    .fetch_one(pool)
    .await?;
    let mut found = Vec::new();
    if standby {
        found.push(Obstacle::Standby);
    } else if read_only == "on" {
        found.push(Obstacle::ReadOnly);
    }
    if i64::from(connections) > admitted {
        found.push(Obstacle::TooManyConnections { wanted: connections, admitted });
    }
    let Some(schema) = schema else {
        found.push(Obstacle::NoSchema);
        return Ok(found);
    };
    let (may_create,): (bool,) =
        sqlx::query_as("SELECT has_schema_privilege($1, 'CREATE')").bind(&schema).fetch_one(pool).await?;
    if !may_create {
        found.push(Obstacle::NoCreate(schema.clone()));
    }
    // Whoever made one of the tables made them all.
    let locked: Option<(String,)> = sqlx::query_as(
        "SELECT c.relname::TEXT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relname IN ('_sqlx_migrations', 'sessions', 'submissions') AND NOT (
             has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
             AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
         ORDER BY c.relname LIMIT 1",
    )
    .bind(&schema)
    .fetch_optional(pool)
    .await?;
    found.extend(locked.map(|(table,)| Obstacle::NoRights(table)));
    Ok(found)
}

/// Whether `url` is that of an SQLite database which does not exist yet.
pub fn is_missing(url: &str) -> bool {
    let file = SqliteConnectOptions::from_str(url).ok().filter(|_| url.starts_with("sqlite:"));
    file.is_some_and(|options| !options.get_filename().exists())
}

/// What keeps a server from writing the SQLite database at `url`, which may not exist yet. Nothing is left behind.
pub fn unwritable(url: &str) -> Option<Obstacle> {
    let options = SqliteConnectOptions::from_str(url).ok().filter(|_| !url.contains(":memory:"))?;
    let file = options.get_filename();
    if file.exists() {
        let opened = OpenOptions::new().append(true).open(file);
        if let Err(error) = opened {
            return Some(Obstacle::Unwritable(file.to_owned(), error));
        }
    }
    let above = file
        .ancestors()
        .skip(1)
        .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let folder = above.into_iter().find(|folder| folder.exists())?;
    // SQLite makes files of its own beside the database.
    let trial = folder.join(format!(".nrg-enroll-check-{}", std::process::id()));
    let made = OpenOptions::new().write(true).create_new(true).open(&trial);
    let removed = made.and_then(|_| std::fs::remove_file(&trial));
    removed.err().map(|error| Obstacle::Unwritable(folder.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;
    use crate::store::testing::on_each_database;

    #[test]
    fn sqlite_folder_is_tried_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let url = |name: &str| format!("sqlite://{}/{name}", folder.path().display());
        for fit in [url("new.db"), url("deeper/still/new.db"), "sqlite::memory:".to_owned()] {
            assert!(unwritable(&fit).is_none(), "{fit}");
        }
        std::fs::write(folder.path().join("file"), "").unwrap();
        assert!(unwritable(&url("file")).is_none());
        // Where even root can make nothing.
        for unfit in [url("file/new.db"), "sqlite:///proc/enroll/new.db".to_owned()] {
            assert!(matches!(unwritable(&unfit), Some(Obstacle::Unwritable(..))), "{unfit}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// As a role sees it that another has made and restricts.
    #[tokio::test]
    async fn postgres_names_what_a_role_may_not() {
        on_each_database(async |store| {
            assert!(store.obstacles(10).await.unwrap().is_empty());
            let Store::Postgres(pool) = &store else { return };
            let found = store.obstacles(1_000_000).await.unwrap();
            assert!(matches!(found.as_slice(), [Obstacle::TooManyConnections { wanted: 1_000_000, .. }]));

            let run = async |sql: String| sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            let (schema,): (String,) =
                sqlx::query_as("SELECT current_schema()::TEXT").fetch_one(pool).await.unwrap();
            let role = format!("role_{schema}");
            run(format!("CREATE ROLE {role} LOGIN")).await;
            let options = (*pool.connect_options()).clone().username(&role);
            let open = async || Store::Postgres(PgPool::connect_with(options.clone()).await.unwrap());
            let seen = async || {
                let store = open().await;
                let found = store.obstacles(10).await.unwrap();
                store.close().await;
                found
            };
            assert!(matches!(seen().await.as_slice(), [Obstacle::NoSchema]), "it may not even see it");
            run(format!("GRANT USAGE ON SCHEMA {schema} TO {role}")).await;
            let found = seen().await;
            let [Obstacle::NoCreate(named), Obstacle::NoRights(table)] = found.as_slice() else {
                panic!("{found:?}")
            };
            assert_eq!((named, table.as_str()), (&schema, "_sqlx_migrations"));
            run(format!("GRANT CREATE ON SCHEMA {schema} TO {role}")).await;
            run(format!("GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}")).await;
            assert!(seen().await.is_empty());
            run(format!("ALTER ROLE {role} SET default_transaction_read_only = on")).await;
            assert!(matches!(seen().await.as_slice(), [Obstacle::ReadOnly]));
            run(format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
        })
        .await;
    }
}
