//! `nrg-enroll postbacks`: lists the outbox of postbacks, and sends dead ones again.

use std::io::{self, Write};

use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    origin::Origin,
    output::{self, json_line, or_dash, table, time},
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    postback::{Filter, Outbox, Row, State, Targets},
    server::{open_store, outbox},
    store::Error,
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
    /// Send dead postbacks again for another day, with the same ids.
    Retry {
        /// The id of one postback.
        #[arg(required_unless_present_any = ["target", "all"])]
        id: Option<String>,
        /// All dead postbacks to this target.
        #[arg(long = "to", value_name = "TARGET", conflicts_with_all = ["id", "all"])]
        target: Option<String>,
        /// All dead postbacks.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is nothing to send again.
    #[error("postback ID not found among dead ones")]
    NoneDead,
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
    let (outbox, store) = match command {
        Command::List { .. } => {
            let (_, store) = origin.open_to_read().await?;
            (Outbox::new(store.clone(), Targets::default(), clock, entropy), store)
        }
        Command::Retry { .. } => {
            let settings = origin.settings(&entropy)?;
            let store = open_store(&settings).await?;
            (outbox(&settings, &store, &clock, &entropy), store)
        }
    };
    let executed = execute(&outbox, command, &mut io::stdout()).await;
    store.close().await;
    match executed {
        Err(CommandError::Write(error)) if output::is_closed(&error) => Ok(()),
        result => Ok(result?),
    }
}

/// Runs `command` on `outbox`, and writes the answer to `out`.
///
/// # Errors
/// [`CommandError`].
pub async fn execute(outbox: &Outbox, command: Command, out: &mut impl Write) -> Result<(), CommandError> {
    match command {
        Command::List { state, target, limit, json: as_json } => {
            let rows = outbox.list(&Filter { state, target, id: None }, limit).await?;
            if as_json {
                rows.iter().try_for_each(|row| json_line(out, &Line::of(row)))?;
            } else {
                list(out, &rows, limit)?;
            }
        }
        Command::Retry { id, target, all: _ } => {
            let again = outbox.retry(&Filter { state: None, target, id }).await?;
            if again == 0 {
                return Err(CommandError::NoneDead);
            }
            writeln!(out, "Postbacks that will be sent again: {again}")?;
        }
    }
    Ok(out.flush()?)
}

fn list(out: &mut impl Write, rows: &[Row], limit: u32) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "No postback.");
    }
    let head = ["ID", "TO", "ENDING", "STATE", "ENDED", "TRIES", "LAST TRY", "NEXT TRY"];
    let cells = rows.iter().map(|row| {
        [
            row.id.clone(),
            row.target.clone(),
            row.ending.clone(),
            row.state().word().to_owned(),
            time(row.created_at()),
            row.tries.to_string(),
            or_dash(row.outcome.as_deref()),
            row.next_try().map_or_else(|| or_dash(None), time),
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
struct Line<'a> {
    id: &'a str,
    to: &'a str,
    ending: &'a str,
    state: &'static str,
    tries: i64,
    outcome: Option<&'a str>,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
    next_try: Option<Timestamp>,
}

impl<'a> Line<'a> {
    fn of(row: &'a Row) -> Self {
        Self {
            id: &row.id,
            to: &row.target,
            ending: &row.ending,
            state: row.state().word(),
            tries: row.tries,
            outcome: row.outcome.as_deref(),
            created_at: row.created_at(),
            ended_at: row.ended_at(),
            next_try: row.next_try(),
        }
    }
}

fn state(word: &str) -> Result<State, String> {
    word.parse().map_err(|_| "no such state".to_owned())
}
