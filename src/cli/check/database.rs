//! What keeps a server from working with the database of the settings.

use anyhow::Context;

use crate::{
    config::Settings,
    store::{self, Obstacle, Store},
};

/// A line for each obstacle.
///
/// # Errors
/// PostgreSQL cannot be reached, or fails.
pub(super) async fn problems(settings: &Settings) -> anyhow::Result<Vec<String>> {
    let url = &settings.store.url;
    // A missing SQLite file is created when the server starts; PostgreSQL must be there already.
    if !url.starts_with("postgres") {
        return Ok(store::unwritable(url).iter().map(line).collect());
    }
    let store = Store::open_with(url, settings.store.pool).await.context(
        "look at store.url (ENROLL__STORE__URL): does the server answer, are user name and password right?",
    )?;
    let found = store.obstacles(settings.store.pool.connections).await;
    store.close().await;
    Ok(found.context("PostgreSQL does not say what store.url may do")?.iter().map(line).collect())
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
