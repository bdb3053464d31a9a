//! `nrg-enroll partners`: makes, lists and ends the keys with which systems of partners call `/api/`.

use std::io::{self, Write};

use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    origin::Origin,
    output::{self, dash, json_line, or_dash, table},
};
use crate::{
    clock::Clock,
    config::{NAMED, is_name},
    entropy::Entropy,
    partners::{self, MOST_KEYS, NewKey, Partners, Row, Which},
    server::{open_store, partners as partners_of},
    store::{Error, Store},
    texas_time::time,
};

/// The longest title, in characters.
const MOST_TITLE: usize = 60;

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the keys of all partners, those that have ended too.
    List {
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// What makes and ends keys.
    #[command(flatten)]
    Change(Change),
}

/// What makes and ends keys.
#[derive(Debug, Subcommand)]
pub enum Change {
    /// Make a key, and print it: this once, as only a hash of it is kept. A partner may have two, while it changes from one
    /// to the other.
    Add {
        /// The partner: a name of lower-case letters, digits and _.
        #[arg(value_parser = name)]
        name: String,
        /// What customers read as the partner's name where it hands them over. Without it: the name.
        #[arg(long, value_parser = title)]
        title: Option<String>,
        /// The one site that the key is for: main, or the name of another. Without it: every site.
        #[arg(long)]
        site: Option<String>,
    },
    /// End the keys of a partner: no request is accepted with them from now on.
    End {
        /// The partner.
        name: String,
        /// End all but the newest, which the partner has changed to.
        #[arg(long)]
        older: bool,
    },
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings have no site of that name.
    #[error("no such site: {0} is not in the settings")]
    NoSite(String),
    /// The partner has as many keys as it may have.
    #[error("{0} has {MOST_KEYS} keys: end one first (partners end {0} --older)")]
    TooMany(String),
    /// There is no key to end.
    #[error("{0} has no such key in force")]
    NoneFound(String),
    /// The keys cannot be read.
    #[error("the keys cannot be read: the database must be a server's, and up to date")]
    Keys(#[from] Error),
    /// The answer cannot be written.
    #[error("the answer cannot be written")]
    Write(#[from] io::Error),
}

/// Runs `command` on the keys in the database at `origin`, and prints to standard output.
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
        Command::List { json } => {
            let (_, store) = origin.open_to_read().await?;
            (list(&store, json, out).await, store)
        }
        Command::Change(command) => {
            let settings = origin.settings(&entropy)?;
            let store = open_store(&settings).await?;
            let sites: Vec<&str> = settings.sites().map(|site| site.site.name.as_str()).collect();
            let keys = partners_of(&settings, &store, &clock, &entropy);
            (change(&keys, &sites, command, out).await, store)
        }
    };
    store.close().await;
    match executed {
        Err(CommandError::Write(error)) if output::is_closed(&error) => Ok(()),
        result => Ok(result?),
    }
}

/// Makes or ends keys, at a server with these `sites`.
///
/// # Errors
/// [`CommandError`].
pub async fn change(
    keys: &Partners,
    sites: &[&str],
    command: Change,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    match command {
        Change::Add { name, title, site } => {
            if let Some(unknown) = site.as_deref().filter(|site| !sites.contains(site)) {
                return Err(CommandError::NoSite(unknown.to_owned()));
            }
            let new = NewKey { name: &name, title: title.as_deref(), site: site.as_deref() };
            match keys.add(new).await? {
                Some(key) => writeln!(out, "{}", key.expose())?,
                None => return Err(CommandError::TooMany(name)),
            }
        }
        Change::End { name, older } => {
            let which = if older { Which::Older } else { Which::All };
            match keys.end(&name, which).await? {
                0 => return Err(CommandError::NoneFound(name)),
                ended => writeln!(out, "Keys that have ended: {ended}")?,
            }
        }
    }
    Ok(out.flush()?)
}

/// Lists the keys in `store`, as a table or as lines of JSON.
///
/// # Errors
/// [`CommandError`].
pub async fn list(store: &Store, as_json: bool, out: &mut impl Write) -> Result<(), CommandError> {
    let rows = partners::list(store).await?;
    if as_json {
        rows.iter().try_for_each(|row| json_line(out, &Line::of(row)))?;
    } else if rows.is_empty() {
        writeln!(out, "No partner has a key.")?;
    } else {
        let moment = |at: Option<Timestamp>| at.map_or_else(dash, time);
        let cells = rows.iter().map(|row| {
            [
                row.name.clone(),
                or_dash(row.title.as_deref()),
                or_dash(row.site.as_deref()),
                time(row.made_at),
                moment(row.ended_at),
                row.uses.to_string(),
                moment(row.used_at),
            ]
        });
        table(out, ["NAME", "TITLE", "SITE", "MADE", "ENDED", "USES", "LAST USE"], cells.collect())?;
    }
    Ok(out.flush()?)
}

/// A key in JSON. The names are public: programs read them.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    title: Option<&'a str>,
    site: Option<&'a str>,
    made_at: Timestamp,
    ended_at: Option<Timestamp>,
    uses: i64,
    used_at: Option<Timestamp>,
}

impl<'a> Line<'a> {
    fn of(row: &'a Row) -> Self {
        Self {
            name: &row.name,
            title: row.title.as_deref(),
            site: row.site.as_deref(),
            made_at: row.made_at,
            ended_at: row.ended_at,
            uses: row.uses,
            used_at: row.used_at,
        }
    }
}

fn name(text: &str) -> Result<String, String> {
    if is_name(text) { Ok(text.to_owned()) } else { Err(format!("must be {NAMED}")) }
}

/// A title that fits into a sentence of a page.
fn title(text: &str) -> Result<String, String> {
    let title = text.trim();
    let fits =
        !title.is_empty() && title.chars().count() <= MOST_TITLE && !title.chars().any(char::is_control);
    if fits { Ok(title.to_owned()) } else { Err(format!("must be 1 to {MOST_TITLE} characters in one line")) }
}
