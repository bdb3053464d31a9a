//! The report: how far journeys came, why they stopped, how they ended and how long they took. For operators, as a table,
//! CSV or JSON ([`text`]), and as a page with charts ([`page`]).
//!
//! Journeys come from the counts of `funnel`; what became of submissions comes from the ledger's rows themselves, so
//! that the two never differ.

mod chart;
pub mod page;
#[cfg(test)]
mod tests;
pub mod text;

use std::{cmp::Reverse, collections::BTreeMap};

use clap::ValueEnum;
use jiff::{ToSpan, civil::Date};

use crate::{
    funnel::{Event, Funnel, LONGER, MINUTES, NONE, OTHER},
    journey::Step,
    ledger::{Ledger, State},
    store::Error,
    texas_time,
};

/// More groups than this are told as one.
const MOST_GROUPS: usize = 200;

/// By what a report is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Days in Texas.
    Day,
    /// Brands; none before a plan is chosen.
    Brand,
    /// The languages of the pages.
    Language,
    /// `sub1` of the links: of each day a hundred, and the others together.
    Sub1,
}

impl By {
    /// The word for it in addresses and answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Brand => "brand",
            Self::Language => "language",
            Self::Sub1 => "sub1",
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The first day, in Texas.
    pub from: Date,
    /// The last.
    pub to: Date,
    /// How it is divided; none: not at all.
    pub by: Option<By>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// To what.
    pub asked: Asked,
    /// Everything together.
    pub all: Numbers,
    /// Each group by its name: days in their order, others by their journeys, the most first.
    pub groups: Vec<(String, Numbers)>,
}

/// The numbers of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Journeys that reached a step.
    pub steps: BTreeMap<Step, i64>,
    /// Journeys that met a stop, by its kind. Some stops can be left again.
    pub stops: BTreeMap<String, i64>,
    /// Journeys a stop ended before they were submitted.
    pub stopped: i64,
    /// Journeys that were abandoned, by the last step they had reached.
    pub left: BTreeMap<Step, i64>,
    /// Submissions, by [`State::word`].
    pub submissions: BTreeMap<&'static str, i64>,
    /// Submitted journeys by the minutes they took: up to each of [`MINUTES`], and longer.
    pub took: [i64; MINUTES.len() + 1],
}

impl Numbers {
    /// How many journeys began.
    pub fn journeys(&self) -> i64 {
        self.reached(Step::Zip)
    }

    /// How many reached `step`.
    pub fn reached(&self, step: Step) -> i64 {
        self.steps.get(&step).copied().unwrap_or(0)
    }

    /// How many were abandoned.
    pub fn abandoned(&self) -> i64 {
        self.left.values().sum()
    }

    /// How many submissions stand at `state`.
    pub fn at(&self, state: State) -> i64 {
        self.submissions.get(state.word()).copied().unwrap_or(0)
    }

    /// How many submissions there are.
    pub fn submitted(&self) -> i64 {
        self.submissions.values().sum()
    }

    /// In which span of minutes the middle one of the submitted journeys lies: as `5 to 8`.
    pub fn median(&self) -> Option<String> {
        let half = (self.took.iter().sum::<i64>() + 1) / 2;
        let mut below = 0;
        let bucket = self.took.iter().position(|count| {
            below += count;
            half > 0 && below >= half
        })?;
        let floor = bucket.checked_sub(1).and_then(|before| MINUTES.get(before)).copied().unwrap_or(0);
        Some(match MINUTES.get(bucket) {
            Some(ceiling) => format!("{floor} to {ceiling}"),
            None => format!("over {floor}"),
        })
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
        let step = || Step::ALL.into_iter().find(|step| step.slug() == name);
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

/// Makes reports.
#[derive(Clone)]
pub struct Reporter {
    /// The counts.
    pub funnel: Funnel,
    /// The submissions.
    pub ledger: Ledger,
}

impl Reporter {
    /// The report `asked` for.
    ///
    /// # Errors
    /// The database failed.
    pub async fn report(&self, asked: Asked) -> Result<Report, Error> {
        let Asked { from, to, by } = asked;
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
        for tallied in
            self.ledger.count_by_hour(texas_time::midnight(from), texas_time::midnight(after)).await?
        {
            let or_none = |value: Option<String>| value.unwrap_or_else(|| NONE.to_owned());
            let group = match by {
                None => String::new(),
                Some(By::Day) => texas_time::day(tallied.hour).to_string(),
                Some(By::Brand) => tallied.brand,
                Some(By::Language) => or_none(tallied.language),
                Some(By::Sub1) => or_none(tallied.sub),
            };
            let submissions = &mut groups.entry(group).or_default().submissions;
            *submissions.entry(tallied.state.word()).or_insert(0) += tallied.count;
        }
        let mut all = Numbers::default();
        groups.values().for_each(|numbers| all.add(numbers));
        let mut groups: Vec<_> = if by.is_some() { groups.into_iter().collect() } else { Vec::new() };
        if by != Some(By::Day) {
            groups.sort_by_key(|(_, numbers)| Reverse((numbers.journeys(), numbers.submitted())));
            fold(&mut groups);
        }
        Ok(Report { asked, all, groups })
    }
}

/// Tells the smallest groups as one, where there are too many.
fn fold(groups: &mut Vec<(String, Numbers)>) {
    if groups.len() <= MOST_GROUPS {
        return;
    }
    let mut rest = Numbers::default();
    for (_, numbers) in groups.split_off(MOST_GROUPS) {
        rest.add(&numbers);
    }
    match groups.iter_mut().find(|(name, _)| name == OTHER) {
        Some((_, numbers)) => numbers.add(&rest),
        None => groups.push((OTHER.to_owned(), rest)),
    }
}
