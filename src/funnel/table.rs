//! The tables of counts. They know nothing of journeys; `counters` writes into them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    by::By,
    source::{Places, Source},
};
use crate::store::{Durability, Error, Store, sql};

/// What is counted. The table has the variant's name in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// A step was reached; named by it.
    Step,
    /// A step was answered; named by it and the seconds since it was reached, as in `zip.30`.
    Answered,
    /// A stop was met; named by its kind.
    Stop,
    /// A stop ended the journey.
    Ended,
    /// It was abandoned; named by the last step it had reached.
    Left,
    /// It was submitted; named by the minutes since it began.
    Took,
    /// A link was followed, and its session ended without a form.
    LinkAlone,
    /// A link had a value that is not kept; named by the parameter and the reason, as in `cid.macro`.
    Unusable,
}

/// The row that a count is added to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub day: Date,
    pub hour: i8,
    pub source: Source,
    pub site: String,
    pub brand: &'static str,
    pub language: &'static str,
    pub event: Event,
    pub name: String,
}

/// Counts that are not in the table yet.
pub(super) type Counters = BTreeMap<Key, i64>;

/// Which counts are wanted.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// The first day, in Texas.
    pub from: Date,
    /// The last day, which is included.
    pub to: Date,
    /// What the counts are divided by, if at all.
    pub by: [Option<By>; 2],
    /// Those of this `sub1` only.
    pub sub1: Option<&'a str>,
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The values of what it was divided by, in this order; blank where it was not.
    pub group: [String; 2],
    /// What.
    pub event: Event,
    /// Which.
    pub name: String,
    /// How often.
    pub count: i64,
}

const ADD: &str = "INSERT INTO funnel_counts (day, hour, source, site, brand, language, event, name, count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (day, hour, source, site, brand, language, event, name)
    DO UPDATE SET count = funnel_counts.count + excluded.count";

/// Sums of the counts, with the expression that takes a parameter out of their source.
macro_rules! read {
    ($parameters:literal) => {
        concat!(
            "SELECT ",
            read!(one $parameters, "$3"),
            " AS group_1, ",
            read!(one $parameters, "$4"),
            " AS group_2, event, name, CAST(SUM(count) AS BIGINT)
             FROM funnel_counts c LEFT JOIN funnel_sources s ON s.day = c.day AND s.source = c.source
             WHERE c.day >= $1 AND c.day <= $2 AND (CAST($5 AS TEXT) IS NULL OR ",
            $parameters,
            " ->> 'sub1' = $5)
             GROUP BY group_1, group_2, event, name ORDER BY group_1, group_2, event, name"
        )
    };
    (one $parameters:literal, $by:literal) => {
        concat!(
            "CASE CAST(", $by, " AS TEXT) WHEN '' THEN '' WHEN 'day' THEN c.day WHEN 'hour' THEN c.hour
                 WHEN 'site' THEN c.site WHEN 'brand' THEN c.brand WHEN 'language' THEN c.language
                 ELSE COALESCE(",
            $parameters, " ->> CAST(", $by, " AS TEXT), '(none)') END"
        )
    };
}

/// The same of what releases before this one counted, by day, brand, language and `sub1` alone.
const READ_FORMER: &str = "SELECT
        CASE CAST($3 AS TEXT) WHEN '' THEN '' WHEN 'day' THEN day WHEN 'brand' THEN brand
            WHEN 'language' THEN language WHEN 'sub1' THEN sub ELSE '(unknown)' END AS group_1,
        CASE CAST($4 AS TEXT) WHEN '' THEN '' WHEN 'day' THEN day WHEN 'brand' THEN brand
            WHEN 'language' THEN language WHEN 'sub1' THEN sub ELSE '(unknown)' END AS group_2,
        event, name, CAST(SUM(count) AS BIGINT)
    FROM funnel WHERE day >= $1 AND day <= $2 AND (CAST($5 AS TEXT) IS NULL OR sub = $5)
    GROUP BY group_1, group_2, event, name ORDER BY group_1, group_2, event, name";

/// The tables. A clone shares the database.
#[derive(Clone)]
pub(super) struct Table(pub(super) Store);

impl Table {
    /// Adds `counted` to the counts that are there.
    pub(super) async fn add(&self, counted: &Counters) -> Result<(), Error> {
        let mut places = BTreeMap::new();
        for day in counted.keys().map(|key| key.day).collect::<BTreeSet<_>>() {
            places.insert(day, self.places(day).await?);
        }
        let (mut folded, mut sources) = (Counters::new(), BTreeMap::new());
        // Journeys take their places first, then links alone find them.
        for takes in [true, false] {
            for (key, count) in counted.iter().filter(|(key, _)| (key.event != Event::LinkAlone) == takes) {
                let source = places.entry(key.day).or_default().find(&key.source, takes);
                let key = Key { source, ..key.clone() };
                sources.insert((key.day, key.source.key()), key.source.to_json());
                *folded.entry(key).or_insert(0) += count;
            }
        }
        self.0
            .transaction(Durability::ProcessCrash, async |tx| {
                // In order, so that two servers never wait for one another.
                for ((day, source), parameters) in &sources {
                    sql!(tx, "INSERT INTO funnel_sources (day, source, parameters) VALUES ($1, $2, $3)
                        ON CONFLICT (day, source) DO NOTHING", day.to_string(), source, parameters => execute)?;
                }
                for (key, count) in &folded {
                    sql!(tx, ADD, key.day.to_string(), format!("{:02}", key.hour), key.source.key(), &key.site,
                        key.brand, key.language, <&str>::from(key.event), &key.name, count => execute)?;
                }
                Ok(())
            })
            .await
    }

    async fn places(&self, day: Date) -> Result<Places, Error> {
        let stored: Vec<(String,)> = sql!(self.0.reader().await?,
            "SELECT parameters FROM funnel_sources WHERE day = $1", day.to_string() => fetch_all)?;
        Ok(Places::of(stored.into_iter().filter_map(|(json,)| serde_json::from_str(&json).ok())))
    }

    /// The counts of `selection`, what releases before this one counted included.
    pub(super) async fn read(&self, selection: &Selection<'_>) -> Result<Vec<Counts>, Error> {
        // A date's text sorts as its days do.
        let (from, to) = (selection.from.to_string(), selection.to.to_string());
        let [first, second] = selection.by.map(|by| by.map_or("", By::word));
        let statement = match &self.0 {
            Store::Sqlite { .. } => read!("s.parameters"),
            Store::Postgres(_) => read!("s.parameters::json"),
        };
        let mut rows = Vec::new();
        for statement in [statement, READ_FORMER] {
            let some: Vec<(String, String, String, String, i64)> = sql!(self.0.reader().await?,
                statement, &from, &to, first, second, selection.sub1 => fetch_all)?;
            rows.extend(some);
        }
        let counts = |(first, second, event, name, count): (String, String, String, String, i64)| {
            Some(Counts { group: [first, second], event: event.parse().ok()?, name, count })
        };
        Ok(rows.into_iter().filter_map(counts).collect())
    }

    /// Deletes the counts of days before `oldest`.
    pub(super) async fn delete_before(&self, oldest: Date) -> Result<(), Error> {
        let oldest = oldest.to_string();
        for statement in [
            "DELETE FROM funnel WHERE day < $1",
            "DELETE FROM funnel_counts WHERE day < $1",
            "DELETE FROM funnel_sources WHERE day < $1",
        ] {
            sql!(self.0.writer().await?, statement, &oldest => execute)?;
        }
        Ok(())
    }
}
