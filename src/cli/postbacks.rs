//! `nrg-enroll postbacks`: lists the outbox of postbacks, sends some of them again, and tries a target.

use std::io::{self, Write};

use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    origin::Origin,
    output::{self, json_line, or_dash, table},
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    journey::ClickParams,
    postback::{Delivery, Ending, Fact, Filter, Outbox, RetryError, Row, State, Targets, Verdict},
    server::{open_store, outbox},
    store::Error,
    texas_time::time,
};

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List postbacks, newest first.
    List {
        /// Only postbacks in this state: waiting, sent or dead (given up after a day).
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// Only postbacks to this target.
        #[arg(long = "to", value_name = "TARGET")]
        target: Option<String>,
        /// The most postbacks to list.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Send dead and waiting postbacks now, and again for another day while they fail, with the same ids.
    Retry {
        /// The id of one postback.
        #[arg(required_unless_present_any = ["target", "all"])]
        id: Option<String>,
        /// All dead and waiting postbacks to this target.
        #[arg(long = "to", value_name = "TARGET", conflicts_with_all = ["id", "all"])]
        target: Option<String>,
        /// All dead and waiting postbacks.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Send one made-up postback to a target now, and print what it answers. It is in no list.
    Test {
        /// The target.
        #[arg(long = "to", value_name = "TARGET")]
        target: String,
        /// The ending that it tells.
        #[arg(long, value_parser = ending, default_value = "enrolled")]
        ending: Ending,
        /// The query of the link whose click it tells.
        #[arg(long, value_name = "QUERY", default_value = "cid=trial")]
        link: String,
    },
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nothing is sent again.
    #[error(transparent)]
    Retry(#[from] RetryError),
    /// No target of that name is in the settings.
    #[error("no such target: {0} is not in the settings")]
    NoTarget(String),
    /// The target did not accept the made-up postback.
    #[error("the target did not accept it")]
    NotAccepted,
    /// The target cannot be called with these settings.
    #[error("the target cannot be called")]
    Client(#[from] reqwest::Error),
    /// The outbox cannot be read.
    #[error("the postbacks cannot be read: the database must be a server's, and up to date")]
    Outbox(#[from] Error),
    /// The answer cannot be written.
    #[error("the answer cannot be written")]
    Write(#[from] io::Error),
}

/// Runs `command` on the outbox in the database at `origin`, and prints to standard output.
///
/// # Errors
/// The database cannot be opened; [`CommandError`].
pub(super) async fn run(
    command: Command,
    origin: &Origin,
    clock: Clock,
    entropy: Entropy,
) -> anyhow::Result<()> {
    let (outbox, store, params) = match command {
        Command::List { .. } => {
            let (_, store) = origin.open_to_read().await?;
            (Outbox::new(store.clone(), Targets::default(), clock, entropy), store, ClickParams::default())
        }
        Command::Retry { .. } | Command::Test { .. } => {
            let settings = origin.settings(&entropy)?;
            let store = open_store(&settings).await?;
            (outbox(&settings, &store, &clock, &entropy), store, settings.click_params())
        }
    };
    let executed = execute(&outbox, &params, command, &mut io::stdout()).await;
    store.close().await;
    match executed {
        Err(CommandError::Write(error)) if output::is_closed(&error) => Ok(()),
        result => Ok(result?),
    }
}

/// Runs `command` on `outbox`, and writes the answer to `out`. `params` are the parameters of links that a trial may tell.
///
/// # Errors
/// [`CommandError`]. [`CommandError::NotAccepted`] comes after the whole answer was written.
pub async fn execute(
    outbox: &Outbox,
    params: &ClickParams,
    command: Command,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    match command {
        Command::List { state, target, limit, json: as_json } => {
            let rows = outbox.list(&Filter { state, target, ..Filter::default() }, limit).await?;
            if as_json {
                rows.iter().try_for_each(|row| json_line(out, &Line::of(row)))?;
            } else {
                list(out, &rows, limit)?;
            }
        }
        Command::Retry { id, target, all: _ } => {
            let again = outbox.send_again(id, target).await?;
            writeln!(out, "Postbacks that will be sent again: {again}")?;
        }
        Command::Test { target, ending, link } => {
            let Some(found) = outbox.targets().of(&target) else {
                return Err(CommandError::NoTarget(target));
            };
            let click = params.read(&link);
            let Delivery { verdict, outcome, answer } = outbox.try_target(found, ending, &click).await?;
            writeln!(out, "{outcome}")?;
            if let Some(answer) = answer {
                writeln!(out, "{answer}")?;
            }
            if verdict != Verdict::Accepted {
                return Err(CommandError::NotAccepted);
            }
        }
    }
    Ok(out.flush()?)
}

fn list(out: &mut impl Write, rows: &[Row], limit: u32) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "No postback.");
    }
    let head =
        ["ID", "TO", "ENDING", "STATE", "ENDED", "TRIES", "LAST TRY", "NEXT TRY", "ORDER", "CLICK", "ANSWER"];
    let cells = rows.iter().map(|row| {
        [
            row.id.clone(),
            row.target.clone(),
            row.ending().to_owned(),
            row.state().word().to_owned(),
            time(row.created_at()),
            row.tries.to_string(),
            or_dash(row.outcome.as_deref()),
            row.next_try().map_or_else(|| or_dash(None), time),
            row.order_id(),
            or_dash(row.facts().click()),
            or_dash(row.answer.as_deref()),
        ]
    });
    table(out, head, cells.collect())?;
    if u32::try_from(rows.len()).is_ok_and(|count| count == limit) {
        writeln!(out, "These are the newest {limit}; --limit shows more.")?;
    }
    Ok(())
}

/// A postback in JSON. The names are public: programs read them.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    id: &'a str,
    to: &'a str,
    order_id: String,
    journey: &'a str,
    click_id: Option<String>,
    site: Option<String>,
    ending: &'a str,
    state: &'static str,
    tries: i64,
    outcome: Option<&'a str>,
    answer: Option<&'a str>,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
    next_try: Option<Timestamp>,
}

impl<'a> Line<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        let facts = row.facts();
        Self {
            id: &row.id,
            to: &row.target,
            order_id: row.order_id(),
            journey: &row.journey,
            click_id: facts.click().map(str::to_owned),
            site: facts.fact(Fact::Site).map(str::to_owned),
            ending: row.ending(),
            state: row.state().word(),
            tries: row.tries,
            outcome: row.outcome.as_deref(),
            answer: row.answer.as_deref(),
            created_at: row.created_at(),
            ended_at: row.ended_at(),
            next_try: row.next_try(),
        }
    }
}

fn state(word: &str) -> Result<State, String> {
    word.parse().map_err(|_| "no such state".to_owned())
}

fn ending(word: &str) -> Result<Ending, String> {
    word.parse().map_err(|_| "no such ending".to_owned())
}
