//! The report: how far journeys came, why they stopped, how they ended and how long they took. Operators get it from
//! `nrg-enroll report` and as a page with charts ([`page`]); a sub-affiliate gets its own by a signed link ([`partner`]).
//!
//! Numbers of journeys come from the counts of `funnel`. Numbers of submissions come from the ledger's own rows, so that
//! the report and the ledger never differ.

mod chart;
pub mod csv;
mod numbers;
pub mod page;
pub mod partner;
mod password;
mod query;
pub mod tables;
#[cfg(test)]
mod tests;

pub use numbers::{Numbers, percent};
pub use partner::PartnerLinks;
pub use password::Password;
pub use query::{QueryError, ReportQuery};

pub use crate::funnel::By;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::{ToSpan, civil::Date};

use crate::{
    funnel::{Event, Funnel, NONE, OTHER, Selection},
    ledger::{LedgerReader, SubmissionCount},
    store::Error,
    texas_time,
};

/// The most values that a report is divided by, of each; the smallest beyond are folded into one. Times are not.
const MAX_VALUES: usize = 200;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it answers.
    pub query: ReportQuery,
    /// The numbers of all groups together.
    pub all: Numbers,
    /// The groups: days and hours in their order, others by their journeys, the most first.
    pub groups: Vec<Group>,
    /// How many links had a value that is not kept, by parameter and reason.
    pub unusable: BTreeMap<(String, String), i64>,
}

/// The journeys that have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What: a value for each of [`ReportQuery::by`].
    pub names: Vec<String>,
    /// Their numbers.
    pub numbers: Numbers,
}

/// Makes reports.
#[derive(Clone)]
pub struct Reporter {
    /// The counts of journeys.
    pub funnel: Funnel,
    /// The submissions.
    pub ledger: LedgerReader,
}

type Groups = BTreeMap<Vec<String>, Numbers>;

impl Reporter {
    /// The report that answers `query`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn report(&self, query: ReportQuery) -> Result<Report, Error> {
        let ReportQuery { from, to, by, sub1 } = &query;
        let (mut groups, mut unusable) = (Groups::new(), BTreeMap::new());
        let selection = Selection { from: *from, to: *to, by: query.pair(), sub1: sub1.as_deref() };
        for counts in self.funnel.read(&selection).await? {
            if counts.event == Event::Unusable {
                let (parameter, reason) = counts.name.rsplit_once('.').unwrap_or((&counts.name, ""));
                *unusable.entry((parameter.to_owned(), reason.to_owned())).or_insert(0) += counts.count;
                continue;
            }
            let names = counts.group.into_iter().take(by.len()).collect();
            groups.entry(names).or_default().count(counts.event, &counts.name, counts.count);
        }
        let after = to.checked_add(1.day()).unwrap_or(Date::MAX);
        let (since, until) = (texas_time::midnight(*from), texas_time::midnight(after));
        let parameters = query.pair().map(|by| by?.parameter());
        for counted in self.ledger.count_by_hour(since, until, parameters, sub1.as_deref()).await? {
            let values = by.iter().zip(&counted.parameters);
            let names = values.map(|(by, value)| value_of(&counted, *by, value.as_ref())).collect();
            let submissions = &mut groups.entry(names).or_default().submissions;
            *submissions.entry(counted.state.word()).or_insert(0) += counted.count;
        }
        let mut all = Numbers::default();
        groups.values().for_each(|numbers| all.add(numbers));
        let groups = if by.is_empty() { Vec::new() } else { sorted(groups, by) };
        Ok(Report { query, all, groups, unusable })
    }
}

/// What submissions have in common: the value of `by`, which is `parameter` where it is one of the link.
fn value_of(counted: &SubmissionCount, by: By, parameter: Option<&String>) -> String {
    match by {
        By::Day => texas_time::day(counted.hour).to_string(),
        By::Hour => format!("{:02}", texas_time::local_time(counted.hour).hour()),
        By::Site => counted.site.clone(),
        By::Brand => counted.brand.clone(),
        By::Language => counted.language.clone().unwrap_or_else(|| NONE.to_owned()),
        By::Sub1
        | By::Sub2
        | By::Sub3
        | By::Sub4
        | By::Sub5
        | By::Sub6
        | By::Sub7
        | By::Sub8
        | By::Sub9
        | By::Sub10
        | By::UtmSource
        | By::UtmCampaign => parameter.cloned().unwrap_or_else(|| NONE.to_owned()),
    }
}

/// The groups in order, their smallest values folded into one where there are too many.
fn sorted(mut groups: Groups, by: &[By]) -> Vec<Group> {
    let mut totals = Vec::new();
    for (level, by) in by.iter().enumerate() {
        let mut total: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for (names, numbers) in &groups {
            let sum = total.entry(names.get(level).cloned().unwrap_or_default()).or_default();
            // Days and hours stand in their order, whatever happened in them.
            if !by.is_time() {
                *sum = (sum.0 + numbers.whole(), sum.1 + numbers.submitted());
            }
        }
        if !by.is_time() && total.len() > MAX_VALUES {
            let mut ranked: Vec<_> = total.iter().filter(|(name, _)| *name != OTHER).collect();
            ranked.sort_by_key(|(_, sum)| Reverse(**sum));
            let small: BTreeSet<String> =
                ranked.into_iter().skip(MAX_VALUES).map(|(name, _)| name.clone()).collect();
            for name in &small {
                let (journeys, submitted) = total.remove(name).unwrap_or_default();
                let other = total.entry(OTHER.to_owned()).or_default();
                *other = (other.0 + journeys, other.1 + submitted);
            }
            let mut folded = Groups::new();
            for (mut names, numbers) in groups {
                if let Some(name) = names.get_mut(level).filter(|name| small.contains(*name)) {
                    OTHER.clone_into(name);
                }
                folded.entry(names).or_default().add(&numbers);
            }
            groups = folded;
        }
        totals.push(total);
    }
    let mut groups: Vec<_> = groups.into_iter().map(|(names, numbers)| Group { names, numbers }).collect();
    groups.sort_by_cached_key(|group| {
        // Within a value of the first, those of the second stand by their own numbers.
        let own = (group.numbers.whole(), group.numbers.submitted());
        let mut rank = Vec::new();
        for (level, (name, total)) in group.names.iter().zip(&totals).enumerate() {
            let total = total.get(name).copied().unwrap_or_default();
            let is_own = level > 0 && by.get(level).is_some_and(|by| !by.is_time());
            rank.push((Reverse(if is_own { own } else { total }), name.clone()));
        }
        rank
    });
    groups
}
