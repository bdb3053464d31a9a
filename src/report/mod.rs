//! The report: how far journeys came, why they stopped, how they ended and how long they took. Operators get it from
//! `nrg-enroll report` and as a page with charts ([`page`]).
//!
//! Numbers of journeys come from the counts of `funnel`. Numbers of submissions come from the ledger's own rows, so that
//! the report and the ledger never differ.

mod chart;
pub mod page;
mod password;
#[cfg(test)]
mod tests;

pub use password::Password;

use std::{cmp::Reverse, collections::BTreeMap};

use clap::ValueEnum;
use jiff::{ToSpan, civil::Date};

use crate::{
    fields::cut,
    funnel::{Event, Funnel, LONGER, MINUTES, NONE, OTHER},
    journey::Step,
    ledger::{LedgerReader, State},
    store::Error,
    texas_time,
};

/// The most groups of a report; the smallest beyond are folded into one.
const MAX_GROUPS: usize = 200;
/// The most characters of a group's name in a table: links may bring long ones.
const LONGEST_NAME: usize = 60;

/// What the groups of a report are. The names are those in addresses and answers.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    ValueEnum,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum By {
    /// Days in Texas.
    Day,
    /// Brands; none before a plan is chosen.
    Brand,
    /// Languages of the pages.
    Language,
    /// Values of `sub1` in the links: the first hundred of each day, and the others together.
    Sub1,
}

/// Which report is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportQuery {
    /// The first day, in Texas.
    pub from: Date,
    /// The last day, in Texas; it is included.
    pub to: Date,
    /// What the report is grouped by, if at all.
    pub by: Option<By>,
}

impl ReportQuery {
    /// The query for these days. Without `to` it ends on the day `today`, without `from` it has thirty days.
    pub fn new(from: Option<Date>, to: Option<Date>, by: Option<By>, today: Date) -> Self {
        let to = to.unwrap_or(today);
        let from = from.unwrap_or_else(|| to.checked_sub(29.days()).unwrap_or(to));
        Self { from, to, by }
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it answers.
    pub query: ReportQuery,
    /// The numbers of all groups together.
    pub all: Numbers,
    /// Each group with its name: days in their order, others by their journeys, the most first.
    pub groups: Vec<(String, Numbers)>,
}

/// The numbers of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Journeys that reached a step.
    pub steps: BTreeMap<Step, i64>,
    /// Journeys that met a stop, by its kind. Visitors can leave some stops again.
    pub stops: BTreeMap<String, i64>,
    /// Journeys that a stop ended before they were submitted.
    pub stopped: i64,
    /// Journeys that were abandoned, by the last step they had reached.
    pub left: BTreeMap<Step, i64>,
    /// Submissions, by [`State::word`].
    pub submissions: BTreeMap<&'static str, i64>,
    /// Submitted journeys by the minutes they took: a bucket up to each of [`MINUTES`], and one for longer.
    pub took: [i64; MINUTES.len() + 1],
}

impl Numbers {
    /// The number of journeys that began.
    pub fn journeys(&self) -> i64 {
        self.reached(Step::Zip)
    }

    /// The number of journeys that reached `step`.
    pub fn reached(&self, step: Step) -> i64 {
        self.steps.get(&step).copied().unwrap_or(0)
    }

    /// The number of journeys that were abandoned.
    pub fn abandoned(&self) -> i64 {
        self.left.values().sum()
    }

    /// The number of submissions in `state`.
    pub fn at(&self, state: State) -> i64 {
        self.submissions.get(state.word()).copied().unwrap_or(0)
    }

    /// The number of submissions.
    pub fn submitted(&self) -> i64 {
        self.submissions.values().sum()
    }

    /// The name of the bucket with the median of the submitted journeys, such as `5 to 8`, in minutes.
    pub fn median(&self) -> Option<String> {
        let half = (self.took.iter().sum::<i64>() + 1) / 2;
        let mut below = 0;
        let bucket = self.took.iter().position(|count| {
            below += count;
            half > 0 && below >= half
        })?;
        buckets().nth(bucket)
    }

    /// The cells of a group's row: its name, cut where it is long, journeys, submitted, enrolled, accepted, stopped, abandoned, minutes.
    pub(crate) fn cells(&self, name: &str) -> [String; 8] {
        [
            cut(name, LONGEST_NAME),
            self.journeys().to_string(),
            self.submitted().to_string(),
            self.at(State::Enrolled).to_string(),
            self.at(State::Accepted).to_string(),
            self.stopped.to_string(),
            self.abandoned().to_string(),
            self.median().unwrap_or_else(|| "-".to_owned()),
        ]
    }

    fn add(&mut self, other: &Self) {
        fn all<K: Ord + Clone>(to: &mut BTreeMap<K, i64>, from: &BTreeMap<K, i64>) {
            from.iter().for_each(|(key, count)| *to.entry(key.clone()).or_insert(0) += count);
        }
        all(&mut self.steps, &other.steps);
        all(&mut self.stops, &other.stops);
        all(&mut self.left, &other.left);
        all(&mut self.submissions, &other.submissions);
        self.stopped += other.stopped;
        self.took.iter_mut().zip(other.took).for_each(|(to, from)| *to += from);
    }

    fn count(&mut self, event: Event, name: &str, count: i64) {
        let step = || Step::of_slug(name);
        match event {
            Event::Step => step().into_iter().for_each(|step| *self.steps.entry(step).or_insert(0) += count),
            Event::Left => step().into_iter().for_each(|step| *self.left.entry(step).or_insert(0) += count),
            Event::Stop => *self.stops.entry(name.to_owned()).or_insert(0) += count,
            Event::Ended => self.stopped += count,
            Event::Took => {
                let bucket = match name {
                    LONGER => self.took.last_mut(),
                    name => MINUTES
                        .iter()
                        .position(|minutes| name == minutes.to_string())
                        .and_then(|bucket| self.took.get_mut(bucket)),
                };
                bucket.into_iter().for_each(|bucket| *bucket += count);
            }
        }
    }
}

/// The names of the buckets of [`Numbers::took`], in minutes.
fn buckets() -> impl Iterator<Item = String> {
    let floors = std::iter::once(0).chain(MINUTES);
    let ceilings = MINUTES.into_iter().map(Some).chain([None]);
    floors.zip(ceilings).map(|(floor, ceiling)| match ceiling {
        Some(ceiling) => format!("{floor} to {ceiling}"),
        None => format!("over {floor}"),
    })
}

/// Makes reports.
#[derive(Clone)]
pub struct Reporter {
    /// The counts of journeys.
    pub funnel: Funnel,
    /// The submissions.
    pub ledger: LedgerReader,
}

impl Reporter {
    /// The report that answers `query`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn report(&self, query: ReportQuery) -> Result<Report, Error> {
        let ReportQuery { from, to, by } = query;
        let mut groups: BTreeMap<String, Numbers> = BTreeMap::new();
        for counts in self.funnel.read(from, to).await? {
            let group = match by {
                None => String::new(),
                Some(By::Day) => counts.day.to_string(),
                Some(By::Brand) => counts.brand,
                Some(By::Language) => counts.language,
                Some(By::Sub1) => counts.sub,
            };
            groups.entry(group).or_default().count(counts.event, &counts.name, counts.count);
        }
        let after = to.checked_add(1.day()).unwrap_or(Date::MAX);
        for counted in
            self.ledger.count_by_hour(texas_time::midnight(from), texas_time::midnight(after)).await?
        {
            let or_none = |value: Option<String>| value.unwrap_or_else(|| NONE.to_owned());
            let group = match by {
                None => String::new(),
                Some(By::Day) => texas_time::day(counted.hour).to_string(),
                Some(By::Brand) => counted.brand,
                Some(By::Language) => or_none(counted.language),
                Some(By::Sub1) => or_none(counted.sub),
            };
            let submissions = &mut groups.entry(group).or_default().submissions;
            *submissions.entry(counted.state.word()).or_insert(0) += counted.count;
        }
        let mut all = Numbers::default();
        groups.values().for_each(|numbers| all.add(numbers));
        let mut groups: Vec<_> = if by.is_some() { groups.into_iter().collect() } else { Vec::new() };
        if by != Some(By::Day) {
            groups.sort_by_key(|(_, numbers)| Reverse((numbers.journeys(), numbers.submitted())));
            fold(&mut groups);
        }
        Ok(Report { query, all, groups })
    }
}

/// Folds the smallest groups into one, if there are too many.
fn fold(groups: &mut Vec<(String, Numbers)>) {
    if groups.len() <= MAX_GROUPS {
        return;
    }
    let mut rest = Numbers::default();
    for (_, numbers) in groups.split_off(MAX_GROUPS) {
        rest.add(&numbers);
    }
    match groups.iter_mut().find(|(name, _)| name == OTHER) {
        Some((_, numbers)) => numbers.add(&rest),
        None => groups.push((OTHER.to_owned(), rest)),
    }
}
