//! `nrg-enroll report`: prints the report as tables for people, or as CSV or JSON for programs.

use std::{
    io::{self, Write},
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{
    origin::Origin,
    output::{self, table},
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    funnel::Funnel,
    journey::{Site, Step},
    ledger::{LedgerReader, State},
    report::{
        By, Numbers, PartnerLinks, QueryError, Report, ReportQuery, Reporter, csv, percent,
        tables::{self, Table},
    },
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The options of the command.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The first day, in Texas time, such as 2030-06-18. Without it the report has thirty days.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day, in Texas time, the day itself included. Without it: today.
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    /// Divide the numbers, by two at most, as in `--by day,sub1`.
    #[arg(long, value_delimiter = ',')]
    by: Vec<By>,
    /// The format of the output. Without it: table.
    #[arg(long)]
    format: Option<Format>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What else there is about reports.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Print a link to the report of one sub-affiliate, with which everyone who has it can read those numbers.
    Link(Link),
}

/// The options of a link.
#[derive(Clone, Debug, Args)]
pub struct Link {
    /// Whose numbers: the value of `sub1` in the links, to the letter.
    #[arg(long, value_name = "VALUE")]
    sub1: String,
    /// Of how many days, up to the day on which the link is opened.
    #[arg(long, default_value = "30", value_parser = clap::value_parser!(u32).range(1..=400))]
    days: u32,
    /// How many days the link is valid.
    #[arg(long, value_name = "DAYS", default_value = "90", value_parser = clap::value_parser!(u32).range(1..=3660))]
    valid: u32,
    /// The site whose address it has. Without it: the main one. The numbers are those of all sites.
    #[arg(long, default_value = Site::MAIN)]
    site: String,
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

/// Prints the report of the database at `origin` to standard output, or a link to one.
///
/// # Errors
/// There is no such report or no such link, the database cannot be opened or read, or the output cannot be written.
pub(super) async fn run(
    options: &Options,
    origin: &Origin,
    clock: Clock,
    entropy: &Entropy,
) -> anyhow::Result<()> {
    if let Some(Command::Link(link)) = &options.command {
        ensure!(
            options.from.is_none()
                && options.to.is_none()
                && options.by.is_empty()
                && options.format.is_none(),
            "the options of the report stand for themselves, and not with `link`"
        );
        return Ok(output::line(&link.address(origin, &clock, entropy)?)?);
    }
    let query = options.query(clock.texas_today())?;
    let (_, store) = origin.open_to_read().await?;
    let reporter = Reporter {
        funnel: Funnel::new(store.clone(), clock),
        ledger: LedgerReader::new(store.clone(), None),
    };
    let report = reporter.report(query).await;
    store.close().await;
    match options.write(&report?, &mut io::stdout()) {
        Err(error) if output::is_closed(&error) => Ok(()),
        written => Ok(written?),
    }
}

impl Link {
    fn address(&self, origin: &Origin, clock: &Clock, entropy: &Entropy) -> anyhow::Result<String> {
        let settings = origin.settings(entropy)?;
        let links = PartnerLinks::new(settings.ledger.key.clone(), settings.report.partner_links)
            .context("report.partner_links is 0: no such link is valid")?;
        let site = settings.sites().find(|site| site.site.name == self.site);
        let site = site.with_context(|| format!("there is no site {}", self.site))?;
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("sub1", &self.sub1).finish();
        ensure!(
            site.site.click_params.read(&query).get("sub1") == Some(&self.sub1),
            "no link can have this sub1: it is blank, too long, a macro, or has spaces around it"
        );
        let valid = DAY.saturating_mul(self.valid);
        Ok(links.link(&site.public_url, &self.sub1, self.days, valid, clock.now()).into())
    }
}

impl Options {
    /// The query of these options, on the day `today`.
    ///
    /// # Errors
    /// There is no such report.
    pub fn query(&self, today: Date) -> Result<ReportQuery, QueryError> {
        ReportQuery::new(self.from, self.to, self.by.clone(), today)
    }

    /// Writes `report` to `out`.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, report: &Report, out: &mut impl Write) -> io::Result<()> {
        match self.format.unwrap_or(Format::Table) {
            Format::Table => print(report, out),
            Format::Csv => csv::write(report, out),
            Format::Json => writeln!(out, "{}", json_of(report)),
        }?;
        out.flush()
    }
}

fn print(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let Report { query, all, .. } = report;
    writeln!(out, "From {} to {}, days in Texas.", query.from, query.to)?;
    let of_all = [tables::steps(all), tables::endings(all), tables::stops(all), tables::unusable(report)];
    let filled = of_all.into_iter().filter(|table| !table.rows.is_empty());
    for Table { title, head, rows, .. } in filled.chain(tables::groups(report)) {
        writeln!(out, "\n{title}")?;
        let head: Vec<String> = head.iter().map(|head| head.to_uppercase()).collect();
        table(out, head.iter().map(String::as_str).collect::<Vec<_>>(), rows)?;
    }
    writeln!(
        out,
        "\nLinks alone: {}. Stopped, by NRG or by a stop before: {}.",
        all.links_alone,
        all.stopped()
    )?;
    if let Some(median) = all.median() {
        writeln!(out, "From the first answer to the submission: {median} minutes for the middle one.")?;
    }
    Ok(())
}

fn json_of(report: &Report) -> Value {
    let object = |of: &Numbers| {
        let mut events: Map<String, Value> = Map::new();
        for (event, name, count) in of.all() {
            let event = events.entry(event).or_insert_with(|| json!({}));
            if let Value::Object(names) = event {
                names.insert(name, count.into());
            }
        }
        let of_steps = |value: &dyn Fn(Step) -> Value| -> Map<String, Value> {
            Step::ALL.iter().map(|step| (step.slug().to_owned(), value(*step))).collect()
        };
        let mut shares = of_steps(&|step| percent(of.reached(step), of.whole()).into());
        shares.insert("submitted".to_owned(), percent(of.submitted(), of.whole()).into());
        shares.insert("enrolled".to_owned(), percent(of.at(State::Enrolled), of.whole()).into());
        events.insert("percent".to_owned(), shares.into());
        events.insert("median_seconds".to_owned(), of_steps(&|step| of.median_of(step).into()).into());
        events.insert("journeys".to_owned(), of.journeys().into());
        events.insert("median_minutes".to_owned(), of.median().into());
        Value::Object(events)
    };
    let ReportQuery { from, to, by, .. } = &report.query;
    let group =
        |names: &[String], of| json!({ "name": names.join(", "), "names": names, "numbers": object(of) });
    let groups: Vec<Value> = report.groups.iter().map(|found| group(&found.names, &found.numbers)).collect();
    let unusable: Vec<Value> = report
        .unusable
        .iter()
        .map(|((parameter, reason), links)| json!({ "parameter": parameter, "reason": reason, "links": links }))
        .collect();
    json!({
        "from": from,
        "to": to,
        "by": (!by.is_empty()).then(|| report.query.by_words()),
        "all": object(&report.all),
        "groups": groups,
        "unusable": unusable,
    })
}
