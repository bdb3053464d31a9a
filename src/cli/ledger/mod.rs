//! `nrg-enroll ledger`: lists, shows, settles, exports and verifies the ledger's records.
//!
//! People get tables with times in Texas; with `--json` programs get a line of JSON for each record, with times in UTC. An
//! account number is printed with its own submission only. A guid, a code of the payload or a keyed hash is never printed.

mod json;
mod tables;

use std::io::{self, Write};

use clap::{Args, Subcommand, ValueEnum};
use jiff::{ToSpan, civil::Date};

use crate::{
    cli::{
        origin::Origin,
        output::{self, json_line},
    },
    clock::Clock,
    config::{Problems, ReaderSettings},
    entropy::Entropy,
    ledger::{
        Error, ExportFilter, Filter, Ledger, LedgerReader, Resolution, SettleError, State, SubmissionResult,
    },
    server::{ledger, open_store},
    store::Store,
    texas_time,
};

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What only reads.
    #[command(flatten)]
    Ask(Inquiry),
    /// Settle an unknown submission with the result NRG reports. It is never sent again, and the customer's page shows
    /// the result.
    Settle(SettleOptions),
}

/// What only reads. It needs the database, which may be a copy that nobody can write, and no key but where it is said.
#[derive(Debug, Subcommand)]
pub enum Inquiry {
    /// List submissions, newest first.
    List {
        /// Only submissions in this state: ready, sent, enrolled, accepted, refused, repairable, duplicate or unknown.
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// Only submissions of these days.
        #[command(flatten)]
        days: Days,
        /// Only submissions for this meter (ESI ID).
        #[arg(long)]
        meter: Option<String>,
        /// The most submissions to list.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Show everything about one submission. What NRG answered is encrypted, and shown if `session.keys` are set.
    Show {
        /// NRG's tracking id: the second half of the reference on the pages.
        tracking_id: String,
        /// Print a line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Export the records of journeys, consents included, as a line of JSON for each journey.
    Export {
        /// Only journeys with a consent or a submission of these days.
        #[command(flatten)]
        days: Days,
        /// Only the journey with this tracking id.
        #[arg(long)]
        tracking_id: Option<String>,
        /// Only journeys with this meter (ESI ID).
        #[arg(long)]
        meter: Option<String>,
        /// Only this journey: the first half of the reference on the pages.
        #[arg(long)]
        journey: Option<String>,
    },
    /// Verify by `ledger.key` that every chain of consents is as it was written. Fails and names those that are not.
    Verify {
        /// Print a line of JSON.
        #[arg(long)]
        json: bool,
    },
}

/// How an unknown submission is settled.
#[derive(Debug, Args)]
pub struct SettleOptions {
    /// NRG's tracking id.
    tracking_id: String,
    /// The result.
    #[arg(long = "as", value_name = "RESULT")]
    settled_as: Settled,
    /// How you know the result. It is recorded.
    #[arg(long)]
    reason: String,
    /// Your name. It is recorded.
    #[arg(long)]
    operator: String,
    /// The account number NRG gave, for `enrolled`.
    #[arg(long, value_parser = digits, required_if_eq("settled_as", "enrolled"))]
    account: Option<String>,
    /// The check digit of the account number.
    #[arg(long, value_parser = digits, requires = "account")]
    check_digit: Option<String>,
}

/// A range of days.
#[derive(Debug, Default, Args)]
pub struct Days {
    /// Only from this day on, in Texas time, such as 2030-06-18.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Only up to this day, in Texas time, the day itself included.
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
}

/// The results with which an unknown submission can be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Settled {
    /// NRG opened the account.
    Enrolled,
    /// NRG accepted it, without an account number yet.
    Accepted,
    /// It failed, and cannot be submitted again.
    Refused,
    /// It failed, and NRG's record is still open: the customer may submit it once more.
    Repairable,
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no such submission.
    #[error("there is no submission with the tracking id {0}")]
    NotFound(String),
    /// The submission was not settled.
    #[error(transparent)]
    NotSettled(#[from] SettleError),
    /// An account number was given for another result than `enrolled`.
    #[error("an account number is only given for --as enrolled")]
    AccountOfNone,
    /// So many chains of consents are not as they were written.
    #[error("{0} of the chains do not hold")]
    Broken(usize),
    /// The ledger cannot be read.
    #[error("the ledger cannot be read: the database must be a server's, and up to date")]
    Ledger(#[from] Error),
    /// A key that the inquiry needs is not in the settings.
    #[error(transparent)]
    Settings(#[from] Problems),
    /// The answer cannot be written.
    #[error("the answer cannot be written")]
    Write(#[from] io::Error),
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
    let out = &mut io::stdout();
    let (executed, store) = match command {
        Command::Ask(inquiry) => {
            let (settings, store) = origin.open_to_read().await?;
            (answer(&store, &settings, inquiry, out).await, store)
        }
        Command::Settle(options) => {
            let settings = origin.settings(&entropy)?;
            let store = open_store(&settings).await?;
            let ledger = ledger(&settings, &store, &clock, &entropy);
            (settle(&ledger, options, out).await, store)
        }
    };
    store.close().await;
    match executed {
        Err(CommandError::Write(error)) if output::is_closed(&error) => Ok(()),
        result => Ok(result?),
    }
}

/// Writes the answer to `inquiry` about the ledger in `store` to `out`. `settings` are asked for the keys it needs.
///
/// # Errors
/// [`CommandError`]. [`CommandError::Broken`] comes after the whole answer was written.
pub async fn answer(
    store: &Store,
    settings: &ReaderSettings,
    inquiry: Inquiry,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let ledger = LedgerReader::new(store.clone(), None);
    match inquiry {
        Inquiry::List { state, days, meter, limit, json } => {
            let (since, until) = days.bounds();
            let rows = ledger.list(&Filter { state, since, until, esi_id: meter }, limit).await?;
            if json {
                rows.iter().try_for_each(|row| json_line(out, &json::Submission::of(row)))?;
            } else {
                tables::list(out, &rows, limit)?;
            }
        }
        Inquiry::Show { tracking_id, json } => {
            // Without the keys, all else is shown.
            let (keys, why_unopened) = match settings.session_keys() {
                Ok(keys) => (Some(keys), "session.keys do not open it".to_owned()),
                Err(problems) => (None, problems.to_string()),
            };
            let ledger = LedgerReader::new(store.clone(), keys);
            let Some(details) = ledger.show(&tracking_id).await? else {
                return Err(CommandError::NotFound(tracking_id));
            };
            let consents = ledger.records(&details.row.journey).await?.consents;
            if json {
                json_line(out, &json::Sheet::of(&details, &consents))?;
            } else {
                tables::show(out, &details, &consents, why_unopened.trim_end())?;
            }
        }
        Inquiry::Export { days, tracking_id, meter, journey } => {
            let (since, until) = days.bounds();
            let filter = ExportFilter { since, until, tracking_id, esi_id: meter, journey };
            for journey in ledger.journeys(&filter).await? {
                json_line(out, &json::Journey::of(&ledger.records(&journey).await?))?;
            }
        }
        Inquiry::Verify { json } => {
            let report = ledger.verify(&settings.ledger_key()?).await?;
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

/// Settles a submission of `ledger`, and writes what it is now to `out`.
///
/// # Errors
/// [`CommandError`].
pub async fn settle(
    ledger: &Ledger,
    options: SettleOptions,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let SettleOptions { tracking_id, settled_as, reason, operator, account, check_digit } = options;
    let settled_as = settled_as.with(account, check_digit)?;
    ledger.settle(&tracking_id, settled_as, &reason, &operator).await?;
    let row = ledger.find(&tracking_id).await?;
    let word = row.map_or("gone", |row| row.state.word());
    writeln!(out, "{tracking_id} is now {word}, and the customer's page shows it.")?;
    Ok(out.flush()?)
}

impl Days {
    fn bounds(&self) -> (Option<jiff::Timestamp>, Option<jiff::Timestamp>) {
        let next = |day: Date| day.checked_add(1.day()).unwrap_or(Date::MAX);
        (self.from.map(texas_time::midnight), self.to.map(next).map(texas_time::midnight))
    }
}

impl Settled {
    fn with(self, account: Option<String>, check_digit: Option<String>) -> Result<Resolution, CommandError> {
        if self != Self::Enrolled && account.is_some() {
            return Err(CommandError::AccountOfNone);
        }
        Ok(match self {
            Self::Enrolled => Resolution::Enrolled(SubmissionResult {
                account_number: account,
                check_digit,
                ..SubmissionResult::default()
            }),
            Self::Accepted => Resolution::Accepted,
            Self::Refused => Resolution::Refused { correctable: false },
            Self::Repairable => Resolution::Refused { correctable: true },
        })
    }
}

fn state(word: &str) -> Result<State, String> {
    word.parse().map_err(|_| "no such state".to_owned())
}

/// An account number has up to twelve digits (contract 5.19), and leading zeros count.
fn digits(text: &str) -> Result<String, String> {
    let right = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if right { Ok(text.to_owned()) } else { Err("up to twelve digits".to_owned()) }
}

#[cfg(test)]
mod tests;
