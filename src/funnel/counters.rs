//! Counting, in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Timestamp, civil::Date};

use super::{LONGER, MINUTES, NONE, OTHER, table};
use crate::{
    clock::Clock,
    journey::{Journey, ProgressEvent},
    store::{Error, Store},
    texas_time,
};

/// More different counts than this are not kept between two writings: what comes then has the `sub1` of the others.
const MOST: usize = 5000;

/// Of whom, without saying who.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub day: Date,
    pub sub: String,
    pub brand: &'static str,
    pub language: &'static str,
    pub event: Event,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub kind: table::Event,
    pub name: &'static str,
}

pub(super) type Counters = BTreeMap<Key, i64>;

/// The counts. A clone counts on.
#[derive(Clone)]
pub struct Funnel {
    pub(super) store: Store,
    pub(super) clock: Clock,
    tally: Arc<Mutex<Counters>>,
}

impl Funnel {
    /// Counts that are written into `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, tally: Arc::default() }
    }

    /// Today's date in Texas.
    pub fn today(&self) -> Date {
        self.clock.texas_today()
    }

    /// Counts what is new about `journey`.
    pub fn count(&self, journey: &Journey, news: &[ProgressEvent]) {
        let now = self.clock.now();
        for one in news {
            let (kind, name) = match one {
                ProgressEvent::Reached(step) => (table::Event::Step, step.slug()),
                ProgressEvent::Stopped(kind) => (table::Event::Stop, kind.word()),
                ProgressEvent::Ended => (table::Event::Ended, "stopped"),
                ProgressEvent::Submitted => (table::Event::Took, took(journey.started, now)),
            };
            self.add(journey, now, Event { kind, name });
        }
    }

    /// Counts that `journey` was abandoned.
    pub fn abandoned(&self, journey: &Journey) {
        let name = journey.furthest().slug();
        self.add(journey, self.clock.now(), Event { kind: table::Event::Left, name });
    }

    fn add(&self, journey: &Journey, now: Timestamp, event: Event) {
        let mut key = Key {
            day: texas_time::day(now),
            sub: journey.attribution.get("sub1").unwrap_or(NONE).to_owned(),
            brand: journey.plan.as_ref().map_or(NONE, |plan| plan.offer.brand.id()),
            language: journey.language.tag(),
            event,
        };
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        if tally.len() >= MOST && !tally.contains_key(&key) {
            OTHER.clone_into(&mut key.sub);
        }
        *tally.entry(key).or_insert(0) += 1;
    }

    /// Writes down what was counted since the last time.
    ///
    /// # Errors
    /// The database failed: the counts are kept for the next time.
    pub async fn flush(&self) -> Result<(), Error> {
        let counted = std::mem::take(&mut *self.tally.lock().unwrap_or_else(PoisonError::into_inner));
        if counted.is_empty() {
            return Ok(());
        }
        let written = self.write(&counted).await;
        if written.is_err() {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, count) in counted {
                *tally.entry(key).or_insert(0) += count;
            }
        }
        written
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
