//! What keeps a server from working with the database of the settings.

use std::collections::BTreeSet;

use anyhow::Context;

use crate::{
    config::Settings,
    ledger::LedgerReader,
    mail, session,
    store::{self, Error, KeyRing, Obstacle, Schema, Store},
};

/// What was found, a line for each.
#[derive(Default)]
pub(super) struct Findings {
    /// With these no server works.
    pub problems: Vec<String>,
    /// These an operator has to know.
    pub notes: Vec<String>,
}

/// Looks at the database, if there is one yet.
///
/// # Errors
/// It cannot be reached or read, or fails.
pub(super) async fn findings(settings: &Settings) -> anyhow::Result<Findings> {
    let url = &settings.store.url;
    let mut found = Findings::default();
    found.problems.extend(store::unwritable(url).iter().map(line));
    // A missing SQLite file is created when the server starts; PostgreSQL must be there already.
    if store::is_missing(url) {
        return Ok(found);
    }
    let store = Store::open_to_read(url, settings.store.pool).await.context(
        "look at store.url (ENROLL__STORE__URL): does the server answer, are user name and password right?",
    )?;
    let obstacles = store.obstacles(settings.store.pool.connections).await;
    let used = key_ids(&store).await;
    let schema = store.schema().await;
    store.close().await;
    let obstacles = obstacles.context("the database does not say what store.url may do")?;
    found.problems.extend(obstacles.iter().map(line));
    order_of_keys(&settings.session.keys, &used, &mut found);
    found.notes.extend(of_tables(schema?)?);
    Ok(found)
}

/// What is to be known of the tables; none if they are as this release makes them.
fn of_tables(Schema { known, applied, oldest }: Schema) -> Result<Option<String>, Error> {
    Ok(match applied {
        _ if known < oldest => return Err(Error::TooNew { known, oldest }),
        0 => Some("The database is empty: the server makes its tables when it starts.".to_owned()),
        applied if applied > known => {
            Some(format!("A newer release has migrated the database ({applied}). This one works with it."))
        }
        applied if applied < known => Some(format!(
            "The server migrates the database from {applied} to {known} when it starts. Servers of the release before go on."
        )),
        _ => None,
    })
}

/// The ids of the keys with which rows are encrypted; none where there are no tables yet.
async fn key_ids(store: &Store) -> BTreeSet<String> {
    let sessions = session::key_ids(store).await.unwrap_or_default();
    let ledger = LedgerReader::new(store.clone(), None).key_ids().await.unwrap_or_default();
    let mails = mail::key_ids(store).await.unwrap_or_default();
    sessions.into_iter().chain(ledger).chain(mails).collect()
}

fn order_of_keys(keys: &KeyRing, used: &BTreeSet<String>, found: &mut Findings) {
    let missing = used.iter().filter(|id| !keys.knows(id));
    found.problems.extend(missing.map(|id| {
        format!("session.keys: the key {id} is missing, with which rows in the database are encrypted")
    }));
    if let Some(first) = keys.ids().next().filter(|first| !used.is_empty() && !used.contains(*first)) {
        found.notes.push(format!(
            "session.keys: nothing in the database is encrypted with its first key, {first}, yet: every server that runs \
             must have it in its list already (docs/operations.md, Keys)."
        ));
    }
}

fn line(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Unwritable(path, error) => {
            format!("store.url: {} cannot be written by this user: {error}", path.display())
        }
        Obstacle::Standby => {
            "store.url: the PostgreSQL server is a standby, which takes no writes: name the primary".into()
        }
        Obstacle::ReadOnly => {
            "store.url: transactions are read-only there (default_transaction_read_only of the role, the \
                               database or the server): a server must write"
                .into()
        }
        Obstacle::NoSchema => {
            "store.url: the role has no schema to create tables in: create the first one in its \
                               search_path, and grant USAGE and CREATE on it"
                .into()
        }
        Obstacle::NoCreate(schema) => {
            format!("store.url: the role may not create tables: GRANT CREATE ON SCHEMA {schema} to it")
        }
        Obstacle::NoRights(table) => {
            format!(
                "store.url: the role may not read and write the table {table}, which another role has made"
            )
        }
        Obstacle::TooManyConnections { wanted, admitted } => {
            format!(
                "store.connections = {wanted}, but PostgreSQL admits {admitted} connections in all (max_connections)"
            )
        }
    }
}
