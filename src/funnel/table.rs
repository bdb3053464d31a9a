//! The table of counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::civil::Date;

use super::{
    NONE, OTHER,
    counters::{Counters, Funnel, Key},
};
use crate::{
    store::{Error, on_reader, on_writer, transaction},
    texas_time,
};

/// So many different `sub1` have counts of their own on a day.
const SUBS: usize = 100;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A step was reached; named by it.
    Step,
    /// A stop was met; named by its kind.
    Stop,
    /// A stop ended the journey.
    Ended,
    /// It was abandoned; named by the last step it had reached.
    Left,
    /// It was submitted; named by the minutes since it began.
    Took,
}

impl Event {
    const ALL: [Self; 5] = [Self::Step, Self::Stop, Self::Ended, Self::Left, Self::Took];

    /// The word in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Stop => "stop",
            Self::Ended => "ended",
            Self::Left => "left",
            Self::Took => "took",
        }
    }
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// In Texas.
    pub day: Date,
    /// The link's `sub1`, [`NONE`] or [`OTHER`].
    pub sub: String,
    /// The brand's id, or [`NONE`].
    pub brand: String,
    /// `en` or `es`.
    pub language: String,
    /// What.
    pub event: Event,
    /// Which.
    pub name: String,
    /// How often.
    pub count: i64,
}

const ADD: &str =
    "INSERT INTO funnel (day, sub, brand, language, event, name, count) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (day, sub, brand, language, event, name) DO UPDATE SET count = funnel.count + excluded.count";

impl Funnel {
    /// Adds `counted` to what is there.
    pub(super) async fn write(&self, counted: &Counters) -> Result<(), Error> {
        let mut subs = BTreeMap::new();
        for day in counted.keys().map(|key| key.day).collect::<BTreeSet<_>>() {
            let known: Vec<(String,)> = on_reader!(&self.store, db =>
                sqlx::query_as("SELECT DISTINCT sub FROM funnel WHERE day = $1")
                    .bind(day.to_string()).fetch_all(db).await)?;
            subs.insert(day, known.into_iter().map(|(sub,)| sub).collect::<BTreeSet<_>>());
        }
        let mut folded: BTreeMap<Key, i64> = BTreeMap::new();
        for (key, count) in counted {
            let known = subs.entry(key.day).or_default();
            let kept = known.contains(&key.sub) || key.sub == NONE || known.len() < SUBS;
            let mut key = key.clone();
            if kept {
                known.insert(key.sub.clone());
            } else {
                OTHER.clone_into(&mut key.sub);
            }
            *folded.entry(key).or_insert(0) += count;
        }
        // In order, so that two servers never wait for one another.
        transaction!(&self.store, tx => {
            for (key, count) in &folded {
                sqlx::query(ADD)
                    .bind(key.day.to_string()).bind(&key.sub).bind(key.brand).bind(key.language)
                    .bind(key.event.kind.word()).bind(key.event.name).bind(count)
                    .execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// What was counted and written down from one day to another, both included.
    ///
    /// # Errors
    /// The database failed.
    pub async fn read(&self, from: Date, to: Date) -> Result<Vec<Counts>, Error> {
        // A date's text sorts as its days do.
        type Columns = (String, String, String, String, String, String, i64);
        let rows: Vec<Columns> = on_reader!(&self.store, db => sqlx::query_as(
            "SELECT day, sub, brand, language, event, name, count FROM funnel WHERE day >= $1 AND day <= $2
             ORDER BY day, sub, brand, language, event, name")
            .bind(from.to_string()).bind(to.to_string()).fetch_all(db).await)?;
        let counts = |(day, sub, brand, language, word, name, count): Columns| {
            let event = Event::ALL.into_iter().find(|event| event.word() == word)?;
            Some(Counts { day: day.parse().ok()?, sub, brand, language, event, name, count })
        };
        Ok(rows.into_iter().filter_map(counts).collect())
    }

    /// Deletes what is older than `kept`.
    pub async fn sweep(&self, kept: Duration) -> Result<(), Error> {
        let oldest = texas_time::day(self.clock.now() - kept);
        on_writer!(&self.store, db => sqlx::query("DELETE FROM funnel WHERE day < $1")
            .bind(oldest.to_string()).execute(db).await.map(|_| ()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fields::Language,
        journey::{Attribution, Journey, ProgressEvent, Step, StopKind},
        store::{
            Store,
            testing::{ManualClock, on_each_database},
        },
    };

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn journey(funnel: &Funnel, sub: &str) -> Journey {
        let mut journey = Journey::new("J".into(), funnel.clock.now(), Language::Spanish);
        journey.attribution = Attribution::read(&format!("cid=canary&sub1={sub}"));
        journey
    }

    async fn read(funnel: &Funnel) -> Vec<(String, Event, String, i64)> {
        let counts = funnel.read("2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap()).await.unwrap();
        assert!(counts.iter().all(|one| (&*one.brand, &*one.language) == (NONE, "es")));
        counts.into_iter().map(|one| (one.sub, one.event, one.name, one.count)).collect()
    }

    #[tokio::test]
    async fn funnel_counts_of_two_servers_are_summed_and_deleted_after_retention() {
        on_each_database(async |store: Store| {
            let (manual, clock) = ManualClock::new();
            let servers = [0, 1].map(|_| Funnel::new(store.clone(), clock.clone()));
            for funnel in &servers {
                for _ in 0..2 {
                    let one = journey(funnel, "blue");
                    funnel.count(
                        &one,
                        &[ProgressEvent::Reached(Step::Zip), ProgressEvent::Stopped(StopKind::NoId)],
                    );
                }
                funnel.abandoned(&journey(funnel, ""));
                assert_eq!(read(funnel).await, []);
            }
            futures_util::future::join_all(servers.iter().map(Funnel::flush)).await;
            for _ in 0..2 {
                let counted = [
                    (NONE.to_owned(), Event::Left, "zip".to_owned(), 2),
                    ("blue".to_owned(), Event::Step, "zip".to_owned(), 4),
                    ("blue".to_owned(), Event::Stop, "no_id".to_owned(), 4),
                ];
                assert_eq!(read(&servers[0]).await, counted);
                // Nothing is written twice.
                servers[0].flush().await.unwrap();
            }
            manual.forward(10 * DAY);
            servers[0].sweep(10 * DAY).await.unwrap();
            assert_eq!(read(&servers[0]).await.len(), 3);
            servers[0].sweep(9 * DAY).await.unwrap();
            assert_eq!(read(&servers[0]).await, []);
        })
        .await;
    }

    #[tokio::test]
    async fn funnel_subs_beyond_100_a_day_are_counted_as_other() {
        on_each_database(async |store: Store| {
            let funnel = Funnel::new(store.clone(), ManualClock::new().1);
            for number in 0..70 {
                funnel.count(&journey(&funnel, &number.to_string()), &[ProgressEvent::Reached(Step::Zip)]);
            }
            funnel.flush().await.unwrap();
            // Another server, or this one started anew.
            let funnel = Funnel::new(store.clone(), funnel.clock.clone());
            for number in 0..300 {
                funnel.count(&journey(&funnel, &number.to_string()), &[ProgressEvent::Reached(Step::Zip)]);
            }
            funnel.flush().await.unwrap();
            let counts = read(&funnel).await;
            assert_eq!(counts.len(), 101);
            assert_eq!(counts.iter().map(|(.., count)| count).sum::<i64>(), 370);
            assert!(counts.contains(&(OTHER.to_owned(), Event::Step, "zip".to_owned(), 200)), "{counts:?}");
            assert!(counts.contains(&("69".to_owned(), Event::Step, "zip".to_owned(), 2)));
        })
        .await;
    }

    #[tokio::test]
    async fn funnel_counts_with_database_away_are_kept_until_next_flush() {
        on_each_database(async |store: Store| {
            let funnel = Funnel::new(store.clone(), ManualClock::new().1);
            let rename = async |from: &str, to: &str| {
                let sql = format!("ALTER TABLE {from} RENAME TO {to}");
                on_writer!(&store, db => sqlx::query(sqlx::AssertSqlSafe(sql)).execute(db).await.map(|_| ()))
                    .unwrap();
            };
            rename("funnel", "away").await;
            funnel.abandoned(&journey(&funnel, "a"));
            assert!(funnel.flush().await.is_err());
            funnel.abandoned(&journey(&funnel, "a"));
            rename("away", "funnel").await;
            funnel.flush().await.unwrap();
            assert_eq!(read(&funnel).await, [("a".to_owned(), Event::Left, "zip".to_owned(), 2)]);
        })
        .await;
    }
}
