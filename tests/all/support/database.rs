//! A PostgreSQL database of one test's own.

use sqlx::{AssertSqlSafe, PgPool};
use url::Url;

use nrg_enroll::entropy::Entropy;

pub struct Database {
    admin: PgPool,
    name: String,
    pub url: String,
}

impl Database {
    /// A fresh one; none where there is no server, which is said.
    #[allow(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "where the tests' PostgreSQL is, is not a setting of the program; without it that is said"
    )]
    pub async fn new() -> Option<Self> {
        let Ok(server) = std::env::var("ENROLL_TEST_POSTGRES_URL") else {
            println!("PostgreSQL skipped: ENROLL_TEST_POSTGRES_URL is not set");
            return None;
        };
        let name = format!("enroll_{:016x}", u64::from_be_bytes(Entropy::system().bytes()));
        let admin = PgPool::connect(&server).await.unwrap();
        let mut url = Url::parse(&server).unwrap();
        url.set_path(&name);
        let database = Self { admin, name, url: url.to_string() };
        database.run(format!("CREATE DATABASE {}", database.name)).await;
        Some(database)
    }

    /// Ends every connection to it, as a restart of the server would, and waits until they have ended.
    pub async fn cut_connections(&self) {
        self.run(format!(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        ))
        .await;
    }

    /// Changes a setting of it, for connections from now on.
    pub async fn set(&self, setting: &str) {
        self.run(format!("ALTER DATABASE {} SET {setting}", self.name)).await;
    }

    /// Runs these statements in it.
    pub async fn execute(&self, sql: &'static str) {
        let pool = PgPool::connect(&self.url).await.unwrap();
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        pool.close().await;
    }

    pub async fn drop(self) {
        self.run(format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }

    async fn run(&self, sql: String) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.admin).await.unwrap();
    }
}
