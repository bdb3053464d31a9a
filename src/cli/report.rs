//! `nrg-enroll report`: prints the report as tables for people, or as CSV or JSON for programs.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{
    origin::Origin,
    output::{self, no_formula, table},
};
use crate::{
    clock::Clock,
    funnel::{Funnel, LONGER, MINUTES},
    journey::Step,
    ledger::{LedgerReader, State},
    report::{By, Numbers, Report, ReportQuery, Reporter},
};

/// The options of the command.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The first day, in Texas time, such as 2030-06-18. Without it the report has thirty days.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day, in Texas time, the day itself included. Without it: today.
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    /// Group the numbers.
    #[arg(long)]
    by: Option<By>,
    /// The format of the output.
    #[arg(long, default_value = "table")]
    format: Format,
}

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people.
    Table,
    /// A line for each number, with commas.
    Csv,
    /// One JSON object.
    Json,
}

/// Prints the report of the database at `origin` to standard output.
///
/// # Errors
/// The database cannot be opened or read, or the output cannot be written.
pub(super) async fn run(options: &Options, origin: &Origin, clock: Clock) -> anyhow::Result<()> {
    let (_, store) = origin.open_to_read().await?;
    let reporter = Reporter {
        funnel: Funnel::new(store.clone(), clock),
        ledger: LedgerReader::new(store.clone(), None),
    };
    let report = reporter.report(options.query(reporter.funnel.today())).await;
    store.close().await;
    match options.write(&report?, &mut io::stdout()) {
        Err(error) if output::is_closed(&error) => Ok(()),
        written => Ok(written?),
    }
}

impl Options {
    /// The query of these options, on the day `today`.
    pub fn query(&self, today: Date) -> ReportQuery {
        ReportQuery::new(self.from, self.to, self.by, today)
    }

    /// Writes `report` to `out`.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, report: &Report, out: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Table => tables(report, out),
            Format::Csv => csv(report, out),
            Format::Json => writeln!(out, "{}", json_of(report)),
        }?;
        out.flush()
    }
}

/// Every number of a group: its event, name and count.
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

fn tables(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let Report { query, all, groups } = report;
    writeln!(out, "From {} to {}, days in Texas.\n", query.from, query.to)?;
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
    if let Some(by) = query.by {
        writeln!(out)?;
        let head = [
            by.to_string().to_uppercase(),
            "JOURNEYS".into(),
            "SUBMITTED".into(),
            "ENROLLED".into(),
            "ACCEPTED".into(),
            "STOPPED".into(),
            "ABANDONED".into(),
            "MINUTES".into(),
        ];
        let rows = groups.iter().map(|(name, numbers)| numbers.cells(name));
        table(out, head.each_ref().map(String::as_str), rows.collect())?;
    }
    Ok(())
}

fn csv(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let by = report.query.by.map_or("group", Into::into);
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([by, "event", "name", "count"])?;
    let all = [(String::new(), report.all.clone())];
    let groups = if report.query.by.is_some() { &report.groups[..] } else { &all };
    for (group, of) in groups {
        for (event, name, count) in numbers(of) {
            csv.write_record([&*no_formula(group), event, &name, &count.to_string()])?;
        }
    }
    csv.flush()
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
    let ReportQuery { from, to, by } = report.query;
    let groups: Vec<Value> =
        report.groups.iter().map(|(name, of)| json!({ "name": name, "numbers": object(of) })).collect();
    json!({ "from": from, "to": to, "by": by.map(<&str>::from), "all": object(&report.all), "groups": groups })
}
