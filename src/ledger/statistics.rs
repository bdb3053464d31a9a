//! Statistics: the number of submissions in each state, for metrics; and by kind and hour, for reports.

use jiff::Timestamp;

use super::{Error, LedgerReader, State};
use crate::store::{Store, millis, moment, sql};

const HOUR: i64 = 3_600_000;

/// A number of submissions that have all of this in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionCount {
    /// Their state.
    pub state: State,
    /// The site's name.
    pub site: String,
    /// The brand's id.
    pub brand: String,
    /// `en` or `es`; unknown of old ones.
    pub language: Option<String>,
    /// The values of the link's parameters that were asked for.
    pub parameters: [Option<String>; 2],
    /// The hour in which they were last submitted.
    pub hour: Timestamp,
    /// How many.
    pub count: i64,
}

/// Counts, with the expression that is the attribution.
macro_rules! count_by_hour {
    ($attribution:literal) => {
        concat!(
            "SELECT state, site, brand, language, ",
            $attribution,
            " ->> CAST($3 AS TEXT) AS value_1, ",
            $attribution,
            " ->> CAST($4 AS TEXT) AS value_2, submitted_at / 3600000 AS hour, COUNT(*) FROM submissions
             WHERE submitted_at >= $1 AND submitted_at < $2 AND (CAST($5 AS TEXT) IS NULL OR ",
            $attribution,
            " ->> 'sub1' = $5)
             GROUP BY state, site, brand, language, value_1, value_2, hour"
        )
    };
}

impl LedgerReader {
    /// The submissions that were last submitted from `since` to before `until`, each in one of the counts: those of this
    /// `sub1`, or all. They have the link's `parameters` in common as well, up to two of them by their names.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_by_hour(
        &self,
        since: Timestamp,
        until: Timestamp,
        parameters: [Option<&str>; 2],
        sub1: Option<&str>,
    ) -> Result<Vec<SubmissionCount>, Error> {
        type Columns = (String, String, String, Option<String>, Option<String>, Option<String>, i64, i64);
        let statement = match &self.store {
            Store::Sqlite { .. } => count_by_hour!("attribution"),
            Store::Postgres(_) => count_by_hour!("attribution::json"),
        };
        let [first, second] = parameters;
        let rows: Vec<Columns> = sql!(self.store.reader().await?, statement,
            millis(since), millis(until), first, second, sub1 => fetch_all)?;
        let counted = |(state, site, brand, language, first, second, hour, count): Columns| {
            // The table's CHECK admits no other word.
            let state = state.parse().ok()?;
            let (parameters, hour) = ([first, second], moment(hour * HOUR));
            Some(SubmissionCount { state, site, brand, language, parameters, hour, count })
        };
        Ok(rows.into_iter().filter_map(counted).collect())
    }

    /// Every state with the number of its submissions, those without any too.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self) -> Result<Vec<(State, i64)>, Error> {
        let rows: Vec<(String, i64)> = sql!(self.store.reader().await?,
            "SELECT state, COUNT(*) FROM submissions GROUP BY state" => fetch_all)?;
        let of =
            |state: State| rows.iter().find(|(word, _)| word == state.word()).map_or(0, |(_, rows)| *rows);
        Ok(State::ALL.iter().map(|state| (*state, of(*state))).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        clock::Clock,
        ledger::testing::{ledger, submission},
        store::testing::on_each_database,
    };

    #[tokio::test]
    async fn submission_counts_include_states_without_rows() {
        on_each_database(async |store| {
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
