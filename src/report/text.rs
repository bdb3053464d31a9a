//! `nrg-enroll report`: a table for people, CSV and JSON for programs.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use jiff::{ToSpan, civil::Date};
use serde_json::{Map, Value, json};

use super::{Asked, By, Numbers, Report};
use crate::{
    cli::output::table,
    funnel::{LONGER, MINUTES},
    journey::Step,
    ledger::State,
};

/// What is asked for on the command line.
#[derive(Clone, Debug, Args)]
pub struct Ask {
    /// From this day on, in Texas: 2030-06-18. Without it: the last thirty days.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Up to this day, in Texas, which is included. Without it: today.
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    /// Divided by this.
    #[arg(long)]
    by: Option<By>,
    /// As what.
    #[arg(long, default_value = "table")]
    format: Format,
}

/// How a report is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// A line for each number.
    Csv,
    /// One object.
    Json,
}

impl Ask {
    /// Which report, on the day `today`.
    pub fn asked(&self, today: Date) -> Asked {
        asked(self.from, self.to, self.by, today)
    }

    /// Writes `report`.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn tell(&self, report: &Report, out: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Table => sheet(report, out),
            Format::Csv => csv(report, out),
            Format::Json => writeln!(out, "{}", json_of(report)),
        }?;
        out.flush()
    }
}

/// The last thirty days, where no others are asked for.
pub(super) fn asked(from: Option<Date>, to: Option<Date>, by: Option<By>, today: Date) -> Asked {
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| to.checked_sub(29.days()).unwrap_or(to));
    Asked { from, to, by }
}

/// The names of the buckets of [`Numbers::took`], in minutes.
pub(super) fn buckets() -> Vec<String> {
    let mut floor = 0;
    let mut names = Vec::new();
    for ceiling in MINUTES {
        names.push(format!("{floor} to {ceiling}"));
        floor = ceiling;
    }
    names.push(format!("over {floor}"));
    names
}

/// Every number of a group: event, name, count.
fn numbers(numbers: &Numbers) -> Vec<(&'static str, String, i64)> {
    let mut all = Vec::new();
    all.extend(Step::ALL.map(|step| ("step", step.slug().to_owned(), numbers.reached(step))));
    all.extend(numbers.stops.iter().map(|(kind, count)| ("stop", kind.clone(), *count)));
    all.extend(State::ALL.iter().map(|state| ("submission", state.word().to_owned(), numbers.at(*state))));
    all.push(("ending", "stopped".to_owned(), numbers.stopped));
    all.push(("ending", "abandoned".to_owned(), numbers.abandoned()));
    all.extend(numbers.left.iter().map(|(step, count)| ("left", step.slug().to_owned(), *count)));
    let names = MINUTES.iter().map(ToString::to_string).chain([LONGER.to_owned()]);
    all.extend(names.zip(numbers.took).map(|(name, count)| ("minutes", name, count)));
    all
}

fn sheet(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let Report { asked, all, groups } = report;
    writeln!(out, "From {} to {}, days in Texas.\n", asked.from, asked.to)?;
    let share = |count: i64| match all.journeys() {
        0 => "-".to_owned(),
        journeys => format!("{}%", count * 100 / journeys),
    };
    let steps = Step::ALL.map(|step| {
        let left = all.left.get(&step).copied().unwrap_or(0);
        [step.slug().to_owned(), all.reached(step).to_string(), share(all.reached(step)), left.to_string()]
    });
    table(out, ["STEP", "REACHED", "OF ALL", "LEFT AFTER"], steps.to_vec())?;
    writeln!(out)?;
    let mut endings = vec![
        ["stopped".to_owned(), all.stopped.to_string()],
        ["abandoned".to_owned(), all.abandoned().to_string()],
    ];
    let of = |state: &State| [format!("submission {}", state.word()), all.at(*state).to_string()];
    endings.extend(State::ALL.iter().map(of));
    table(out, ["ENDING", "JOURNEYS"], endings)?;
    if !all.stops.is_empty() {
        writeln!(out)?;
        let stops = all.stops.iter().map(|(kind, count)| [kind.clone(), count.to_string()]);
        table(out, ["STOP", "JOURNEYS"], stops.collect())?;
    }
    if let Some(median) = all.median() {
        writeln!(out, "\nFrom the first answer to the submission: {median} minutes for the middle one.")?;
    }
    if let Some(by) = asked.by {
        writeln!(out)?;
        let head = [
            by.word().to_uppercase(),
            "JOURNEYS".into(),
            "SUBMITTED".into(),
            "ENROLLED".into(),
            "ACCEPTED".into(),
            "STOPPED".into(),
            "ABANDONED".into(),
            "MINUTES".into(),
        ];
        let rows = groups.iter().map(|(name, numbers)| cells(name, numbers));
        table(out, head.each_ref().map(String::as_str), rows.collect())?;
    }
    Ok(())
}

/// The line of a group.
pub(super) fn cells(name: &str, numbers: &Numbers) -> [String; 8] {
    [
        name.to_owned(),
        numbers.journeys().to_string(),
        numbers.submitted().to_string(),
        numbers.at(State::Enrolled).to_string(),
        numbers.at(State::Accepted).to_string(),
        numbers.stopped.to_string(),
        numbers.abandoned().to_string(),
        numbers.median().unwrap_or_else(|| "-".to_owned()),
    ]
}

fn csv(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let by = report.asked.by.map_or("group", By::word);
    writeln!(out, "{by},event,name,count")?;
    let all = [(String::new(), report.all.clone())];
    let groups = if report.asked.by.is_some() { &report.groups[..] } else { &all };
    for (group, of) in groups {
        for (event, name, count) in numbers(of) {
            // Neither a comma nor a quote is in any of them (`journey::Attribution`).
            writeln!(out, "{group},{event},{name},{count}")?;
        }
    }
    Ok(())
}

fn json_of(report: &Report) -> Value {
    let object = |of: &Numbers| {
        let mut events: Map<String, Value> = Map::new();
        for (event, name, count) in numbers(of) {
            let event = events.entry(event).or_insert_with(|| json!({}));
            if let Value::Object(names) = event {
                names.insert(name, count.into());
            }
        }
        events.insert("journeys".to_owned(), of.journeys().into());
        events.insert("median_minutes".to_owned(), of.median().into());
        Value::Object(events)
    };
    let Asked { from, to, by } = report.asked;
    let groups: Vec<Value> =
        report.groups.iter().map(|(name, of)| json!({ "name": name, "numbers": object(of) })).collect();
    json!({ "from": from, "to": to, "by": by.map(By::word), "all": object(&report.all), "groups": groups })
}
