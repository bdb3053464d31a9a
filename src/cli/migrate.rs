//! `nrg-enroll migrate`: brings the database to the newest schema.

use super::output;
use crate::{config::Settings, store::Store};

/// Migrates the database of `settings`. A SQLite database that does not exist is created.
///
/// # Errors
/// The database cannot be opened or migrated.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let store = Store::open_with(&settings.store.url, settings.store.pool).await?;
    let migrated = store.migrate().await;
    store.close().await;
    migrated?;
    Ok(output::line("The database is up to date.")?)
}
