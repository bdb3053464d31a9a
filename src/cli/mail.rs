//! `nrg-enroll mail`: lists the outbox of mails, and sends waiting ones now.

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
    mail::{self, Mails, Row, State},
    server::{mails, open_store},
    store::{Error, Store},
    texas_time::time,
};

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List mails, newest first. No address is in the list.
    List {
        /// Only mails in this state: held (until NRG answers), waiting, sent or dead (refused, or given up after a day).
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// The most mails to list.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Send waiting mails now. Of a dead one nothing is left to send.
    Retry {
        /// The id of one mail.
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// All waiting mails.
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is nothing to send.
    #[error("no such mail is waiting")]
    NoneFound,
    /// The outbox cannot be read.
    #[error("the mails cannot be read: the database must be a server's, and up to date")]
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
    let (store, executed) = match command {
        // Without keys, and whatever is wrong with the section that is being repaired.
        Command::List { state, limit, json } => {
            let (_, store) = origin.open_to_read().await?;
            let listed = list(&store, state, limit, json, &mut io::stdout()).await;
            (store, listed)
        }
        Command::Retry { id, all: _ } => {
            let settings = origin.settings(&entropy)?;
            let store = open_store(&settings).await?;
            let mails = mails(&settings, &store, &clock, &entropy);
            (store, retry(&mails, id.as_deref(), &mut io::stdout()).await)
        }
    };
    store.close().await;
    match executed {
        Err(CommandError::Write(error)) if output::is_closed(&error) => Ok(()),
        result => Ok(result?),
    }
}

/// Writes the mails of `store` in `state`, or all of them, at most `limit`, to `out`: as a table, or `as_json`.
///
/// # Errors
/// [`CommandError`].
pub async fn list(
    store: &Store,
    state: Option<State>,
    limit: u32,
    as_json: bool,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let rows = mail::list(store, state, limit).await?;
    if as_json {
        rows.iter().try_for_each(|row| json_line(out, &Line::of(row)))?;
    } else {
        print(out, &rows, limit)?;
    }
    Ok(out.flush()?)
}

/// Sends the waiting mail with this id now, or all, and writes how many there were to `out`.
///
/// # Errors
/// [`CommandError`].
pub async fn retry(mails: &Mails, id: Option<&str>, out: &mut impl Write) -> Result<(), CommandError> {
    let again = mails.retry(id).await?;
    if again == 0 {
        return Err(CommandError::NoneFound);
    }
    writeln!(out, "Mails that will be sent now: {again}")?;
    Ok(out.flush()?)
}

fn print(out: &mut impl Write, rows: &[Row], limit: u32) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "No mail.");
    }
    let head = ["ID", "KIND", "SITE", "LANG", "STATE", "MADE", "TRIES", "LAST TRY", "NEXT TRY"];
    let cells = rows.iter().map(|row| {
        [
            row.id.clone(),
            row.kind.clone(),
            row.site.clone(),
            row.language.clone(),
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

/// A mail in JSON. The names are public: programs read them.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    kind: &'a str,
    site: &'a str,
    language: &'a str,
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
            kind: &row.kind,
            site: &row.site,
            language: &row.language,
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
