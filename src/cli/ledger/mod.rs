//! The operators' desk: what `nrg-enroll ledger` asks of the ledger (`postbacks`: of the outbox), and how the answer
//! is told.
//!
//! A table or a tables for people, with times as a clock in Texas shows them; a line of JSON for each record with
//! `--json`, times in UTC. An account number is on the tables of its submission only. No guid, no code of the
//! payload, no keyed hash ever gets here.

mod json;
mod tables;

use std::io::{self, Write};

use clap::{Subcommand, ValueEnum};
use jiff::{ToSpan, civil::Date};

use crate::{
    cli::output::json_line,
    ledger::{Error, ExportFilter, Filter, Ledger, Resolution, SettleError, State, SubmissionResult},
    texas_time,
};

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Ask {
    /// List submissions, newest first.
    List {
        /// In this state: ready, sent, enrolled, accepted, refused, correctable, duplicate or unknown.
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// Submitted on these days.
        #[command(flatten)]
        days: Days,
        /// For this meter (ESI ID).
        #[arg(long)]
        meter: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// A line of JSON each.
        #[arg(long)]
        json: bool,
    },
    /// Show everything about one submission.
    Show {
        /// NRG's id of the record; the second half of the reference on the pages.
        tracking_id: String,
        /// One line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Settle an unknown submission as what NRG says became of it. It is never sent again, and the
    /// customer's page shows the result.
    Settle {
        /// NRG's id of the record.
        tracking_id: String,
        /// What became of it.
        #[arg(long = "as", value_name = "RESULT")]
        settled_as: Settled,
        /// How you know: it is recorded.
        #[arg(long)]
        reason: String,
        /// Your name: it is recorded.
        #[arg(long)]
        operator: String,
        /// The account number NRG gave; for `enrolled`.
        #[arg(long, value_parser = digits, required_if_eq("settled_as", "enrolled"))]
        account: Option<String>,
        /// Its check digit.
        #[arg(long, value_parser = digits, requires = "account")]
        check_digit: Option<String>,
    },
    /// Write out the records of journeys, consents included: a line of JSON for each journey.
    Export {
        /// With a consent given or a submission made on these days.
        #[command(flatten)]
        days: Days,
        /// Of this record at NRG.
        #[arg(long)]
        tracking_id: Option<String>,
        /// For this meter (ESI ID).
        #[arg(long)]
        meter: Option<String>,
        /// Of this journey: the first half of the reference on the pages.
        #[arg(long)]
        journey: Option<String>,
    },
    /// Check that every chain of consents is as it was written. Fails if one is not, and says which.
    Verify {
        /// One line of JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A range of days.
#[derive(Debug, Default, clap::Args)]
pub struct Days {
    /// From this day on, in Texas: 2030-06-18.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Up to this day, in Texas, which is included.
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
}

/// How an unknown can be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Settled {
    /// NRG opened the account.
    Enrolled,
    /// NRG has it, without an account number yet.
    Accepted,
    /// It did not go through, and cannot be submitted again.
    Refused,
    /// It did not go through, and the record is still open: the customer may submit it once more.
    Repairable,
}

/// Why the answer could not be given.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// No such submission.
    #[error("there is no submission with the tracking id {0}")]
    NotFound(String),
    /// Not settled.
    #[error(transparent)]
    NotSettled(#[from] SettleError),
    /// An account number belongs to `enrolled` alone.
    #[error("an account number is only given for --as enrolled")]
    AccountOfNone,
    /// A chain is not as it was written.
    #[error("{0} of the chains do not hold")]
    Broken(usize),
    /// The ledger could not be read.
    #[error("the ledger cannot be read: the settings must be the server's, and its database up to date")]
    Ledger(#[from] Error),
    /// The answer could not be written.
    #[error("the answer cannot be written")]
    Write(#[from] io::Error),
}

/// Asks, and writes the answer to `out`.
///
/// # Errors
/// [`CommandError`]; also where an answer was written that is bad news.
pub async fn answer(ledger: &Ledger, ask: Ask, out: &mut impl Write) -> Result<(), CommandError> {
    match ask {
        Ask::List { state, days, meter, limit, json } => {
            let (since, until) = days.bounds();
            let rows = ledger.list(&Filter { state, since, until, esi_id: meter }, limit).await?;
            if json {
                rows.iter().try_for_each(|row| json_line(out, &json::Submission::of(row)))?;
            } else {
                tables::list(out, &rows, limit)?;
            }
        }
        Ask::Show { tracking_id, json } => {
            let Some(dossier) = ledger.show(&tracking_id).await? else {
                return Err(CommandError::NotFound(tracking_id));
            };
            let consents = ledger.records(&dossier.row.journey).await?.consents;
            if json {
                json_line(out, &json::Sheet::of(&dossier, &consents))?;
            } else {
                tables::show(out, &dossier, &consents)?;
            }
        }
        Ask::Settle { tracking_id, settled_as, reason, operator, account, check_digit } => {
            let settled_as = settled_as.with(account, check_digit)?;
            ledger.settle(&tracking_id, settled_as, &reason, &operator).await?;
            let row = ledger.find(&tracking_id).await?;
            let word = row.map_or("gone", |row| row.state.word());
            writeln!(out, "{tracking_id} is {word} now, and the customer's page shows it.")?;
        }
        Ask::Export { days, tracking_id, meter, journey } => {
            let (since, until) = days.bounds();
            let wanted = ExportFilter { since, until, tracking_id, esi_id: meter, journey };
            for journey in ledger.journeys(&wanted).await? {
                json_line(out, &json::Journey::of(&ledger.records(&journey).await?))?;
            }
        }
        Ask::Verify { json } => {
            let report = ledger.verify().await?;
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
