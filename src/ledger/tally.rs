//! How many submissions there are in each state, for those who watch.

use super::{Error, Ledger, State};
use crate::store::on_reader;

impl Ledger {
    /// Every state with the number of its submissions, those without any too.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self) -> Result<Vec<(State, i64)>, Error> {
        let rows: Vec<(String, i64)> = on_reader!(&self.store, db => sqlx::query_as(
            "SELECT state, COUNT(*) FROM submissions GROUP BY state")
            .fetch_all(db).await)?;
        let of =
            |state: State| rows.iter().find(|(word, _)| word == state.word()).map_or(0, |(_, rows)| *rows);
        Ok(State::ALL.into_iter().map(|state| (state, of(state))).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        ambient::Clock,
        ledger::testing::{ledger, submission},
        store::testing::each,
    };

    #[tokio::test]
    async fn every_state_is_counted_the_empty_ones_too() {
        each(async |store| {
            let ledger = ledger(&store, &Clock::system());
            for number in ["1", "2"] {
                ledger.submit(&submission(&ledger, number), &[]).await.unwrap();
            }
            let count = ledger.count().await.unwrap();
            let words: Vec<_> = count.iter().filter(|(_, rows)| *rows > 0).collect();
            assert!(matches!(words[..], [(crate::ledger::State::Ready, 2)]), "{count:?}");
            assert_eq!(count.len(), 8);
        })
        .await;
    }
}
