//! `nrg-enroll ledger`: lists, finds, shows, settles, amends, exports and verifies the ledger's records, and serves what
//! persons ask for.
//!
//! People get tables with times in Texas; with `--json` programs get a line of JSON for each record, with times in UTC. An
//! account number is printed with its own submission, for the person, and in the CSV, only. A guid, a code of the payload or a keyed hash is never printed.

mod access;
mod change;
mod error;
mod export;
mod find;
mod json;
mod person;
mod privacy;
mod tables;

use std::io::{self, Write};

use clap::{Subcommand, ValueEnum};

use self::{find::Find, person::PersonOptions};
use crate::{
    cli::{
        origin::Origin,
        output::{self, json_line},
    },
    clock::Clock,
    config::ReaderSettings,
    entropy::Entropy,
    ledger::{LedgerReader, Reference},
    postback::{self, Outbox, Targets},
    server::{ledger, open_store},
    store::Store,
};

pub use self::{
    change::{AmendOptions, Change, SettleOptions, execute},
    error::CommandError,
};

/// The most postbacks that are shown of a journey: each target has one for each ending.
const POSTBACKS: u32 = 1_000;

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What only reads.
    #[command(flatten)]
    Ask(Inquiry),
    /// What changes records.
    #[command(flatten)]
    Change(Change),
}

/// What only reads. It needs the database, which may be a copy that nobody can write, and no key but where it is said.
#[derive(Debug, Subcommand)]
pub enum Inquiry {
    /// List submissions, newest first.
    List {
        /// Only these submissions.
        #[command(flatten)]
        find: Find,
        /// The most submissions to list.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Find the journeys of a person by phone number, e-mail address or name. Needs `ledger.key`, and finds what was written
    /// while `ledger.find_by_person` was on.
    Find {
        /// By what.
        #[command(flatten)]
        person: PersonOptions,
        /// Print a line of JSON for each journey, as `export` does.
        #[arg(long)]
        json: bool,
    },
    /// Show everything about a submission, postbacks included. What NRG answered is encrypted, and shown if `session.keys`
    /// are set.
    Show {
        /// The reference on the pages, whole or either half: journey and NRG's tracking id. All submissions of a journey
        /// are shown.
        reference: Reference,
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Export the records of journeys, consents included, as a line of JSON for each journey; or submissions as CSV. Account
    /// numbers are in the CSV only, if `session.keys` are set.
    Export {
        /// A journey is exported if a consent or a submission of it meets all conditions.
        #[command(flatten)]
        find: Find,
        /// The format.
        #[arg(long, default_value = "json")]
        format: Format,
    },
    /// Verify by `ledger.key` that consents, submissions, settlements, amendments and privacy actions are as they were
    /// written, and all there. Fails and names those that are not.
    Verify {
        /// Print a line of JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line of JSON for each journey, with all that is kept of it.
    Json,
    /// A row for each submission, flat, newest first.
    Csv,
}

/// Runs `command` on the ledger in the database at `origin`, and prints to standard output.
///
/// # Errors
/// The database cannot be opened; [`CommandError`].
pub(super) async fn run(
    command: Command,
    origin: &Origin,
    clock: Clock,
    entropy: Entropy,
) -> anyhow::Result<()> {
    let (out, notes) = (&mut io::stdout(), &mut io::stderr());
    let (executed, store) = match command {
        Command::Ask(inquiry) => {
            let (settings, store) = origin.open_to_read().await?;
            let outbox = Outbox::new(store.clone(), Targets::default(), clock, entropy);
            let sources = Sources { store: &store, settings: &settings, outbox: &outbox };
            (answer(sources, inquiry, out, notes).await, store)
        }
        Command::Change(change) => {
            let settings = origin.settings(&entropy)?;
            let store = open_store(&settings).await?;
            let ledger = ledger(&settings, &store, &clock, &entropy);
            let sites: Vec<_> = settings.sites().map(|site| &site.site).collect();
            (execute(&ledger, &store, &sites, change, out).await, store)
        }
    };
    store.close().await;
    match executed {
        Err(CommandError::Write(error)) if output::is_closed(&error) => Ok(()),
        result => Ok(result?),
    }
}

/// What an inquiry reads.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The ledger's database.
    pub store: &'a Store,
    /// They are asked for the keys that an inquiry needs.
    pub settings: &'a ReaderSettings,
    /// The postbacks, in the same database.
    pub outbox: &'a Outbox,
}

impl Sources<'_> {
    /// The ledger with the keys, for an inquiry that needs them.
    fn opened(self) -> Result<LedgerReader, CommandError> {
        Ok(LedgerReader::new(self.store.clone(), Some(self.settings.session_keys()?)))
    }

    /// The ledger with the keys if they are set, and why what is encrypted stays so.
    fn opened_if_possible(self) -> (LedgerReader, String) {
        let (keys, why) = match self.settings.session_keys() {
            Ok(keys) => (Some(keys), "session.keys do not open it".to_owned()),
            Err(problems) => (None, problems.to_string().trim_end().to_owned()),
        };
        (LedgerReader::new(self.store.clone(), keys), why)
    }
}

/// Writes the answer to `inquiry` to `out`, and to `notes` what is to be known of it.
///
/// # Errors
/// [`CommandError`]. [`CommandError::Broken`] comes after the whole answer was written.
pub async fn answer(
    sources: Sources<'_>,
    inquiry: Inquiry,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), CommandError> {
    let ledger = LedgerReader::new(sources.store.clone(), None);
    match inquiry {
        Inquiry::List { find, limit, json } => {
            let keyed = find.needs_keys();
            let ledger = if keyed { sources.opened()? } else { ledger };
            let mut rows = Vec::new();
            if let Some(filter) = find.filter(&ledger).await? {
                let mut pages = ledger.pages(&filter);
                rows = pages.take(limit).await?;
                if keyed && pages.unopened() > 0 {
                    writeln!(notes, "{} account numbers were not opened by session.keys.", pages.unopened())?;
                }
            }
            if json {
                rows.iter().try_for_each(|row| json_line(out, &json::Submission::of(row)))?;
            } else {
                tables::list(out, &rows, limit)?;
            }
        }
        Inquiry::Find { person, json } => {
            let wanted = person.filter(&mut io::stdin().lock())?;
            let found = ledger.find_person(&sources.settings.ledger_key()?, &wanted).await?;
            let unfindable = ledger.count_unfindable().await?;
            if unfindable > 0 {
                writeln!(
                    notes,
                    "{unfindable} journeys cannot be found so: they were written by an earlier release or while \
                     ledger.find_by_person was off, or were erased."
                )?;
            }
            if json {
                found.iter().try_for_each(|records| json_line(out, &json::Journey::of(records)))?;
            } else {
                tables::journeys(out, &found)?;
            }
        }
        Inquiry::Show { reference, json } => {
            // Without the keys, all else is shown.
            let (ledger, why_unopened) = sources.opened_if_possible();
            let rows = find::named(&ledger, &reference).await?;
            for (number, details) in ledger.details(rows).await?.iter().enumerate() {
                let journey = &details.row.journey;
                let filter =
                    postback::Filter { journey: Some(journey.clone()), ..postback::Filter::default() };
                let postbacks = sources.outbox.list(&filter, POSTBACKS).await?;
                let records = ledger.records(journey).await?;
                if json {
                    json_line(out, &json::Sheet::of(details, &postbacks, &records))?;
                    continue;
                }
                if number > 0 {
                    writeln!(out)?;
                }
                tables::show(out, details, &postbacks, &records, &why_unopened)?;
            }
        }
        Inquiry::Export { find, format } => {
            let keyed = find.needs_keys();
            let (ledger, why_unopened) = match format {
                _ if keyed => (sources.opened()?, "session.keys do not open it".to_owned()),
                Format::Csv => sources.opened_if_possible(),
                Format::Json => (ledger, String::new()),
            };
            let filter = find.filter(&ledger).await?;
            match (format, filter) {
                (Format::Json, Some(filter)) => export::journeys(&ledger, &filter, out).await?,
                (Format::Json, None) => {}
                (Format::Csv, filter) => {
                    let unopened = export::submissions(&ledger, filter.as_ref(), out).await?;
                    if unopened > 0 {
                        writeln!(notes, "{unopened} account numbers are blank: {why_unopened}")?;
                    }
                }
            }
        }
        Inquiry::Verify { json } => {
            let report = ledger.verify(&sources.settings.ledger_key()?).await?;
            if json {
                json_line(out, &json::Verified::of(&report))?;
            } else {
                tables::verify(out, &report)?;
            }
            if !report.breaks.is_empty() {
                return Err(CommandError::Broken(report.breaks.len()));
            }
        }
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests;
