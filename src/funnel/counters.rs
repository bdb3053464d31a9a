//! Counting in memory, written into the table every few seconds.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, civil::Date};

use super::table::{Counters, Counts, Event, Key, NONE, OTHER, Table};
use crate::{
    clock::Clock,
    journey::{Journey, ProgressEvent},
    store::{Error, Store},
    texas_time,
};

/// How long it took from the first answer to the submission: up to that many minutes; what took longer is
/// [`LONGER`].
pub const MINUTES: [i64; 9] = [2, 3, 5, 8, 12, 20, 30, 60, 120];
/// The bucket above all of [`MINUTES`].
pub const LONGER: &str = "more";

/// The most different counts between two flushes: what comes then is counted under [`OTHER`].
const MOST: usize = 5000;

/// The counts of journeys. A clone shares them.
#[derive(Clone)]
pub struct Funnel {
    table: Table,
    pub(super) clock: Clock,
    counters: Arc<Mutex<Counters>>,
}

impl Funnel {
    /// Counts that are flushed into `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { table: Table(store), clock, counters: Arc::default() }
    }

    /// Today's date in Texas.
    pub fn today(&self) -> Date {
        self.clock.texas_today()
    }

    /// Counts what is new about `journey`.
    pub fn count(&self, journey: &Journey, news: &[ProgressEvent]) {
        let now = self.clock.now();
        for one in news {
            let (event, name) = match one {
                ProgressEvent::Reached(step) => (Event::Step, step.slug()),
                ProgressEvent::Stopped(kind) => (Event::Stop, kind.word()),
                ProgressEvent::Ended => (Event::Ended, "stopped"),
                ProgressEvent::Submitted => (Event::Took, took(journey.started, now)),
            };
            self.add(journey, now, event, name);
        }
    }

    /// Counts that `journey` was abandoned.
    pub fn abandoned(&self, journey: &Journey) {
        self.add(journey, self.clock.now(), Event::Left, journey.furthest().slug());
    }

    fn add(&self, journey: &Journey, now: Timestamp, event: Event, name: &'static str) {
        let mut key = Key {
            day: texas_time::day(now),
            sub: journey.attribution.get("sub1").unwrap_or(NONE).to_owned(),
            brand: journey.plan.as_ref().map_or(NONE, |plan| plan.offer.brand.id()),
            language: journey.language.tag(),
            event,
            name,
        };
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if counters.len() >= MOST && !counters.contains_key(&key) {
            OTHER.clone_into(&mut key.sub);
        }
        *counters.entry(key).or_insert(0) += 1;
    }

    /// Writes what was counted since the last time into the table.
    ///
    /// # Errors
    /// The database failed: the counts are kept for the next time.
    pub async fn flush(&self) -> Result<(), Error> {
        let counted = std::mem::take(&mut *self.counters.lock().unwrap_or_else(PoisonError::into_inner));
        if counted.is_empty() {
            return Ok(());
        }
        let written = self.table.add(&counted).await;
        if written.is_err() {
            let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, count) in counted {
                *counters.entry(key).or_insert(0) += count;
            }
        }
        written
    }

    /// The flushed counts from one day to another, both included.
    ///
    /// # Errors
    /// The database failed.
    pub async fn read(&self, from: Date, to: Date) -> Result<Vec<Counts>, Error> {
        self.table.read(from, to).await
    }

    /// Deletes the counts that are older than `kept`.
    pub async fn cleanup(&self, kept: Duration) -> Result<(), Error> {
        self.table.delete_before(texas_time::day(self.clock.now() - kept)).await
    }
}

fn took(started: Timestamp, now: Timestamp) -> &'static str {
    const NAMES: [&str; MINUTES.len()] = ["2", "3", "5", "8", "12", "20", "30", "60", "120"];
    let seconds = now.duration_since(started).as_secs();
    let within = MINUTES.iter().zip(NAMES).find(|(minutes, _)| seconds <= **minutes * 60);
    within.map_or(LONGER, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn duration_falls_into_its_bucket_of_minutes() {
        let begun = Timestamp::UNIX_EPOCH;
        for (seconds, name) in [(0, "2"), (120, "2"), (121, "3"), (300, "5"), (7200, "120"), (7201, "more")] {
            assert_eq!(took(begun, begun + Duration::from_secs(seconds)), name, "{seconds}");
        }
        for minutes in MINUTES {
            let length = Duration::from_secs(u64::try_from(minutes * 60).unwrap());
            assert_eq!(took(begun, begun + length), minutes.to_string());
        }
    }
}
