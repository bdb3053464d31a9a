//! Databases for tests: each test runs on a fresh SQLite file, and on a fresh PostgreSQL schema
//! when `ENROLL_TEST_POSTGRES_URL` names a server.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;

use jiff::Timestamp;

use super::Store;
use crate::{clock::Clock, entropy::Entropy};

/// Runs `test` on every kind of database, migrated and empty.
pub async fn on_each_database(test: impl AsyncFn(Store)) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}/test.db", folder.path().display())).await.unwrap();
    store.migrate().await.unwrap();
    test(store.clone()).await;
    store.close().await;

    #[allow(clippy::disallowed_methods, reason = "a test has no settings; this names its database")]
    let Ok(url) = std::env::var("ENROLL_TEST_POSTGRES_URL") else {
        println!("PostgreSQL skipped: ENROLL_TEST_POSTGRES_URL is not set");
        return;
    };
    let server = sqlx::PgPool::connect(&url).await.unwrap();
    let schema = format!("test_{:016x}", u64::from_be_bytes(Entropy::system().bytes()));
    let run = async |sql: String| sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&server).await.unwrap();
    run(format!("CREATE SCHEMA {schema}")).await;
    let sign = if url.contains('?') { '&' } else { '?' };
    let store = Store::open(&format!("{url}{sign}options[search_path]={schema}")).await.unwrap();
    store.migrate().await.unwrap();
    test(store.clone()).await;
    store.close().await;
    run(format!("DROP SCHEMA {schema} CASCADE")).await;
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock of 2030, and what moves it.
    pub fn new() -> (Self, Clock) {
        let manual = Self(Arc::new(AtomicI64::new(1_900_000_000_000)));
        let shown = manual.clone();
        let clock = Clock::new(move || Timestamp::from_millisecond(shown.0.load(Ordering::SeqCst)).unwrap());
        (manual, clock)
    }

    /// Moves the clock forward.
    pub fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Moves the clock back.
    pub fn back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}
