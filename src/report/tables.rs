//! The report as tables, for the terminal and for pages.

use super::{Group, Numbers, Report, numbers::percent};
use crate::{fields::cut, journey::Step, ledger::State};

/// The most characters of a group's name in a table: links may bring long ones.
const LONGEST_NAME: usize = 60;

/// A table.
pub struct Table {
    /// What it shows.
    pub title: &'static str,
    /// The heads of its columns.
    pub head: Vec<String>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<String>>,
    /// How many columns from the left are names.
    pub names: usize,
}

impl Table {
    fn of(title: &'static str, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { title, head: head.iter().map(|head| (*head).to_owned()).collect(), rows, names: 1 }
    }
}

/// How many journeys reached each step, which share that is, how many were abandoned there, and how long it took.
pub fn steps(all: &Numbers) -> Table {
    let row = |step: Step| {
        let left = all.left.get(&step).copied().unwrap_or(0);
        vec![
            step.slug().to_owned(),
            all.reached(step).to_string(),
            share(all.reached(step), all.whole()),
            left.to_string(),
            or_dash(all.median_of(step)),
        ]
    };
    let head = ["Step", "Reached", "Of all", "Left after", "Seconds"];
    Table::of("Steps; the seconds are those of the middle answer", &head, Step::ALL.map(row).to_vec())
}

/// How journeys ended.
pub fn endings(all: &Numbers) -> Table {
    let mut rows =
        vec![("stopped before".to_owned(), all.stopped_before), ("abandoned".to_owned(), all.abandoned())];
    rows.extend(State::ALL.iter().map(|state| (format!("submission {}", state.word()), all.at(*state))));
    Table::of("Endings", &["Ending", "Journeys"], counted(rows))
}

/// The stops that were met.
pub fn stops(all: &Numbers) -> Table {
    let stops = all.stops.iter().map(|(kind, count)| (kind.clone(), *count));
    Table::of("Stops that were met, some of them left again", &["Stop", "Journeys"], counted(stops))
}

/// The values in links that are not kept.
pub fn unusable(report: &Report) -> Table {
    let rows = report.unusable.iter().map(|((parameter, reason), count)| {
        vec![cut(parameter, LONGEST_NAME), reason.replace('_', " "), count.to_string()]
    });
    let head = ["Parameter", "Reason", "Links"];
    Table { names: 2, ..Table::of("Values in links that are not kept", &head, rows.collect()) }
}

/// The tables of the groups: counts, shares, and times. None where the report is not divided.
pub fn groups(report: &Report) -> Vec<Table> {
    if report.query.by.is_empty() {
        return Vec::new();
    }
    let slugs = || Step::ALL.iter().map(|step| step.slug());
    let table = |title, head: Vec<&str>, cells: fn(&Numbers) -> Vec<String>| {
        let by = report.query.by.iter().map(|by| by.word());
        let row = |Group { names, numbers }: &Group| {
            names.iter().map(|name| cut(name, LONGEST_NAME)).chain(cells(numbers)).collect()
        };
        Table {
            title,
            head: by.chain(head).map(str::to_owned).collect(),
            rows: report.groups.iter().map(row).collect(),
            names: report.query.by.len(),
        }
    };
    let head =
        ["Links alone", "Journeys", "Submitted", "Enrolled", "Accepted", "Stopped", "Abandoned", "Minutes"];
    vec![
        table("Journeys", head.to_vec(), |of| {
            let counts = [
                of.links_alone,
                of.journeys(),
                of.submitted(),
                of.at(State::Enrolled),
                of.at(State::Accepted),
                of.stopped(),
                of.abandoned(),
            ];
            counts.iter().map(ToString::to_string).chain([or_dash(of.median())]).collect()
        }),
        table("Share of journeys", slugs().chain(["submitted", "enrolled"]).collect(), |of| {
            let reached = Step::ALL.map(|step| of.reached(step));
            let counts = reached.into_iter().chain([of.submitted(), of.at(State::Enrolled)]);
            counts.map(|count| share(count, of.whole())).collect()
        }),
        table("Seconds to the middle answer", slugs().collect(), |of| {
            Step::ALL.map(|step| or_dash(of.median_of(step))).to_vec()
        }),
    ]
}

fn counted(rows: impl IntoIterator<Item = (String, i64)>) -> Vec<Vec<String>> {
    rows.into_iter().map(|(name, count)| vec![name, count.to_string()]).collect()
}

fn share(count: i64, whole: i64) -> String {
    or_dash(percent(count, whole).map(|percent| format!("{percent}%")))
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}
