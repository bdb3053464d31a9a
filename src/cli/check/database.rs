//! What keeps a server from working with the database of the settings.

use anyhow::Context;

use crate::{
    config::Settings,
    store::{self, Error, Obstacle, Schema, Store},
};

/// What is to be told of the database, in lines.
#[derive(Default)]
pub(super) struct Checked {
    /// What is good to know.
    pub(super) notes: Vec<String>,
    /// What keeps a server from working.
    pub(super) problems: Vec<String>,
}

/// Looks at the database.
///
/// # Errors
/// PostgreSQL cannot be reached, or fails; a newer release has taken away what this one needs.
pub(super) async fn check(settings: &Settings) -> anyhow::Result<Checked> {
    let url = &settings.store.url;
    // A missing SQLite file is created when the server starts; PostgreSQL must be there already.
    if !url.starts_with("postgres") {
        return Ok(Checked {
            problems: store::unwritable(url).iter().map(line).collect(),
            ..Checked::default()
        });
    }
    let store = Store::open_with(url, settings.store.pool).await.context(
        "look at store.url (ENROLL__STORE__URL): does the server answer, are user name and password right?",
    )?;
    let found = store.obstacles(settings.store.pool.connections).await;
    let schema = store.schema().await;
    store.close().await;
    let found = found.context("PostgreSQL does not say what store.url may do")?;
    Ok(Checked { notes: note(schema?)?.into_iter().collect(), problems: found.iter().map(line).collect() })
}

/// What is to be known of the tables; none if they are as this release makes them.
fn note(Schema { known, applied, oldest }: Schema) -> Result<Option<String>, Error> {
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
