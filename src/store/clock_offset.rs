//! How far the clock of this server is from the database's, by which servers compare theirs.

use super::{Backend, Error, Store};
use crate::clock::Clock;

impl Store {
    /// The seconds by which `clock` is ahead of the database's; behind, if negative. SQLite has none of its own.
    ///
    /// # Errors
    /// The database failed.
    pub async fn clock_offset(&self, clock: &Clock) -> Result<f64, Error> {
        let mut connection = self.reader().await?;
        let Backend::Postgres(connection) = connection.backend() else { return Ok(0.0) };
        let before = clock.now();
        let (theirs,): (f64,) = sqlx::query_as("SELECT EXTRACT(EPOCH FROM clock_timestamp())::FLOAT8")
            .fetch_one(connection)
            .await?;
        // The answer was made somewhere between the question and its arrival.
        let seconds = |moment: jiff::Timestamp| moment.as_duration().as_secs_f64();
        Ok(f64::midpoint(seconds(before), seconds(clock.now())) - theirs)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::testing::on_each_database;

    #[tokio::test]
    async fn clock_offset_is_what_this_clock_is_ahead() {
        on_each_database(async |store| {
            let now = store.clock_offset(&Clock::system()).await.unwrap();
            let ahead = Clock::new(|| Clock::system().now() + Duration::from_secs(60));
            let minute = store.clock_offset(&ahead).await.unwrap();
            match store {
                Store::Sqlite { .. } => assert_eq!([now, minute], [0.0, 0.0]),
                Store::Postgres(_) => {
                    assert!(now.abs() < 5.0 && (minute - now - 60.0).abs() < 5.0, "{now} {minute}")
                }
            }
        })
        .await;
    }
}
