//! What `nrg-enroll postbacks` asks of the outbox: what waits, what was told, what is dead; and to try that again.

use std::io::{self, Write};

use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

use super::output::{json_line, or_dash, table, time};
use crate::{
    postback::{Filter, Outbox, Row, State},
    store::Error,
};

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Ask {
    /// List postbacks, newest first.
    List {
        /// In this state: waiting, sent or dead (given up after a day).
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// For this target.
        #[arg(long = "to", value_name = "TARGET")]
        target: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// A line of JSON each.
        #[arg(long)]
        json: bool,
    },
    /// Send dead postbacks again, for another day, under the ids they had.
    Retry {
        /// This one.
        #[arg(required_unless_present_any = ["target", "all"])]
        id: Option<String>,
        /// Those for this target.
        #[arg(long = "to", value_name = "TARGET", conflicts_with_all = ["id", "all"])]
        target: Option<String>,
        /// All of them.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// Why the answer could not be given.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nothing to send again.
    #[error("no such postback is dead")]
    NoneDead,
    /// The outbox could not be read.
    #[error("the postbacks cannot be read: the settings must be the server's, and its database up to date")]
    Outbox(#[from] Error),
    /// The answer could not be written.
    #[error("the answer cannot be written")]
    Write(#[from] io::Error),
}

/// Asks, and writes the answer to `out`.
///
/// # Errors
/// [`CommandError`].
pub async fn answer(outbox: &Outbox, ask: Ask, out: &mut impl Write) -> Result<(), CommandError> {
    match ask {
        Ask::List { state, target, limit, json: as_json } => {
            let rows = outbox.list(&Filter { state, target, id: None }, limit).await?;
            if as_json {
                rows.iter().try_for_each(|row| json_line(out, &Line::of(row)))?;
            } else {
                list(out, &rows, limit)?;
            }
        }
        Ask::Retry { id, target, all: _ } => {
            let again = outbox.retry(&Filter { state: None, target, id }).await?;
            if again == 0 {
                return Err(CommandError::NoneDead);
            }
            writeln!(out, "The server sends {again} again.")?;
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
        writeln!(out, "The newest {limit}; --limit shows more.")?;
    }
    Ok(())
}

/// A postback, as it is listed. The names are a promise: programs read them.
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
