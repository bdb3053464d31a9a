//! `nrg-enroll migrate`: brings the database to the newest schema.

use super::output;
use crate::{config::Settings, store::Store};

/// Migrates the database of `settings`. A SQLite database that does not exist is created.
///
/// # Errors
/// The database cannot be opened or migrated.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    Store::open_with(&settings.store.url, settings.store.pool).await?.migrate().await?;
    output::line("The database is up to date.");
    Ok(())
}
