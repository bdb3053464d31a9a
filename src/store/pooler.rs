//! A pooler between the server and PostgreSQL, such as PgBouncer: which modes of it work.
//!
//! Statements are prepared once for each connection. Where a pooler gives each transaction another connection of
//! PostgreSQL's (transaction mode) without carrying prepared statements along, statements fail at random, and never
//! while one visitor tries the pages alone. So it is tried at the start, with two connections.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::Error;

/// `42P05`: another session has prepared a statement of this name here; `26000`: this session has prepared none here;
/// `08P01`: no transaction is allowed (statement mode).
const MIXED: [&str; 3] = ["42P05", "26000", "08P01"];

/// Returns if prepared statements and transactions stay with their connection.
///
/// # Errors
/// [`Error::Pooler`] if they do not; [`Error::Unreachable`] if there is no answer within `wait`.
pub(super) async fn check(options: &PgConnectOptions, wait: Duration) -> Result<(), Error> {
    let checked = timeout(wait, interleaved(options)).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    checked.map_err(|error| {
        let code = error.as_database_error().and_then(|refusal| refusal.code());
        if code.is_some_and(|code| MIXED.contains(&&*code)) { Error::Pooler(error) } else { error.into() }
    })
}

/// Prepares the same statement on two connections, the second of which is given what the first has just used, and keeps it
/// in a transaction while the first goes on.
async fn interleaved(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut one = PgConnection::connect_with(options).await?;
    let mut two = PgConnection::connect_with(options).await?;
    sqlx::query("SELECT 1").execute(&mut one).await?;
    let mut held = two.begin().await?;
    sqlx::query("SELECT 1").execute(&mut *held).await?;
    sqlx::query("SELECT 1").execute(&mut one).await?;
    held.rollback().await?;
    one.close().await?;
    two.close().await
}
