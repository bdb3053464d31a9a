//! Counting in memory, written into the table every few seconds.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    by::NONE,
    source::Source,
    table::{Counters, Counts, Event, Key, Selection, Table},
};
use crate::{
    clock::Clock,
    fields::Language,
    journey::{Journey, ProgressEvent, Step, Unusable},
    store::{Error, Store},
    texas_time,
};

/// How long it took from the first answer to the submission: up to that many minutes; what took longer is [`MORE`].
pub const MINUTES: [i64; 9] = [2, 3, 5, 8, 12, 20, 30, 60, 120];
/// How long it took to answer a step: up to that many seconds; what took longer is [`MORE`].
pub const SECONDS: [i64; 12] = [5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800];
/// The bucket above all of [`MINUTES`] or [`SECONDS`].
pub const MORE: &str = "more";

/// The most different counts between two flushes: what comes then is counted without a place of its own.
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
            let (event, step, name) = match one {
                ProgressEvent::Reached(step) => (Event::Step, Some(*step), step.slug().to_owned()),
                ProgressEvent::Answered(step, took) => {
                    let name = format!("{}.{}", step.slug(), bucket(&SECONDS, 1, *took));
                    (Event::Answered, Some(*step), name)
                }
                ProgressEvent::Stopped(kind) => (Event::Stop, None, kind.word().to_owned()),
                ProgressEvent::Ended => (Event::Ended, None, "stopped".to_owned()),
                ProgressEvent::Submitted => {
                    (Event::Took, None, bucket(&MINUTES, 60, now.duration_since(journey.started)))
                }
            };
            // The same in a journey of which several steps are counted at once: no brand before its plan.
            let brand = journey.plan.as_ref().filter(|_| step.is_none_or(|step| step > Step::Plans));
            let brand = brand.map_or(NONE, |plan| plan.offer.brand.id());
            self.add(Key { brand, ..key(journey, now, event, name) });
        }
    }

    /// Counts that the session of `journey` ended before the journey did: it was abandoned or, where nobody has posted a
    /// form in it, a link was followed, when it was.
    pub fn ended(&self, journey: &Journey) {
        if journey.is_link_alone() {
            self.add(key(journey, journey.started, Event::LinkAlone, String::new()));
        } else {
            let furthest = journey.furthest().slug().to_owned();
            self.add(key(journey, self.clock.now(), Event::Left, furthest));
        }
    }

    /// Counts the parameters of a link to `site` whose values are not kept, with the reasons.
    pub fn link(&self, site: &str, language: Language, unusable: &BTreeSet<(String, Unusable)>) {
        let local = texas_time::local_time(self.clock.now());
        for (name, reason) in unusable {
            self.add(Key {
                day: local.date(),
                hour: local.hour(),
                source: Source::default(),
                site: site.to_owned(),
                brand: NONE,
                language: language.tag(),
                event: Event::Unusable,
                name: format!("{name}.{}", <&str>::from(reason)),
            });
        }
    }

    fn add(&self, mut key: Key) {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if counters.len() >= MOST && !counters.contains_key(&key) {
            key.source = key.source.without_place();
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

    /// The flushed counts of `selection`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn read(&self, selection: &Selection<'_>) -> Result<Vec<Counts>, Error> {
        self.table.read(selection).await
    }

    /// Deletes the counts that are older than `kept`.
    pub async fn cleanup(&self, kept: Duration) -> Result<(), Error> {
        self.table.delete_before(texas_time::day(self.clock.now() - kept)).await
    }
}

/// The key of a count of `journey` at `moment`.
fn key(journey: &Journey, moment: Timestamp, event: Event, name: String) -> Key {
    let local = texas_time::local_time(moment);
    Key {
        day: local.date(),
        hour: local.hour(),
        source: Source::of(&journey.attribution),
        site: journey.site.clone(),
        brand: journey.plan.as_ref().map_or(NONE, |plan| plan.offer.brand.id()),
        language: journey.language.tag(),
        event,
        name,
    }
}

/// The name of the first of `bounds`, in units of so many seconds, that `took` is within.
fn bucket(bounds: &[i64], unit: i64, took: SignedDuration) -> String {
    let within = bounds.iter().find(|bound| took.as_secs() <= **bound * unit);
    within.map_or_else(|| MORE.to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_falls_into_its_bucket() {
        for (seconds, minutes, step) in [
            (0, "2", "5"),
            (5, "2", "5"),
            (6, "2", "10"),
            (120, "2", "120"),
            (121, "3", "180"),
            (300, "5", "300"),
            (1801, "60", "more"),
            (7200, "120", "more"),
            (7201, "more", "more"),
        ] {
            let took = SignedDuration::from_secs(seconds);
            assert_eq!(bucket(&MINUTES, 60, took), minutes, "{seconds}");
            assert_eq!(bucket(&SECONDS, 1, took), step, "{seconds}");
        }
    }
}
