//! The table of counts. It knows nothing of journeys; `counters` writes into it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::store::{Durability, Error, Store, sql};

/// The value where a journey has no brand yet, or its link had no `sub1`. A link that says this is counted with those.
pub const NONE: &str = "(none)";
/// The value for all `sub1` beyond the first hundred of a day.
pub const OTHER: &str = "(other)";

/// So many different `sub1` have counts of their own on a day.
const SUBS: usize = 100;

/// What is counted. The table has the variant's name in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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

/// The row that a count is added to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub day: Date,
    pub sub: String,
    pub brand: &'static str,
    pub language: &'static str,
    pub event: Event,
    pub name: &'static str,
}

/// Counts that are not in the table yet.
pub(super) type Counters = BTreeMap<Key, i64>;

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

/// The table. A clone shares the database.
#[derive(Clone)]
pub(super) struct Table(pub(super) Store);

impl Table {
    /// Adds `counted` to the counts that are there.
    pub(super) async fn add(&self, counted: &Counters) -> Result<(), Error> {
        let mut subs = BTreeMap::new();
        for day in counted.keys().map(|key| key.day).collect::<BTreeSet<_>>() {
            let known: Vec<(String,)> = sql!(self.0.reader().await?,
                "SELECT DISTINCT sub FROM funnel WHERE day = $1", day.to_string() => fetch_all)?;
            subs.insert(day, known.into_iter().map(|(sub,)| sub).collect::<BTreeSet<_>>());
        }
        let mut folded = Counters::new();
        for (key, count) in counted {
            let known = subs.entry(key.day).or_default();
            let own = known.contains(&key.sub) || key.sub == NONE || known.len() < SUBS;
            let mut key = key.clone();
            if own {
                known.insert(key.sub.clone());
            } else {
                OTHER.clone_into(&mut key.sub);
            }
            *folded.entry(key).or_insert(0) += count;
        }
        self.0
            .transaction(Durability::ProcessCrash, async |tx| {
                // In order, so that two servers never wait for one another.
                for (key, count) in &folded {
                    sql!(tx, ADD, key.day.to_string(), &key.sub, key.brand, key.language,
                        <&str>::from(key.event), key.name, count => execute)?;
                }
                Ok(())
            })
            .await
    }

    /// The counts from one day to another, both included.
    pub(super) async fn read(&self, from: Date, to: Date) -> Result<Vec<Counts>, Error> {
        // A date's text sorts as its days do.
        type Columns = (String, String, String, String, String, String, i64);
        let rows: Vec<Columns> = sql!(self.0.reader().await?,
            "SELECT day, sub, brand, language, event, name, count FROM funnel WHERE day >= $1 AND day <= $2
             ORDER BY day, sub, brand, language, event, name",
            from.to_string(), to.to_string() => fetch_all)?;
        let counts = |(day, sub, brand, language, event, name, count): Columns| {
            let (day, event) = (day.parse().ok()?, event.parse().ok()?);
            Some(Counts { day, sub, brand, language, event, name, count })
        };
        Ok(rows.into_iter().filter_map(counts).collect())
    }

    /// Deletes the counts of days before `oldest`.
    pub(super) async fn delete_before(&self, oldest: Date) -> Result<(), Error> {
        sql!(self.0.writer().await?, "DELETE FROM funnel WHERE day < $1", oldest.to_string() => execute)?;
        Ok(())
    }
}
