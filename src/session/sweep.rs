//! The broom: ended sessions and old claims are deleted, not only forgotten.

use std::time::Duration;

use super::{Claims, Sessions};

/// Rows deleted by one statement.
const BATCH: u32 = 500;

/// Sweeps every `every`, for as long as it is polled: spawn it, and abort it to end. A failure
/// (the database is away) is logged, and the next round tries again.
pub async fn run(sessions: Sessions, claims: Claims, every: Duration) {
    let mut rounds = tokio::time::interval(every);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        match sessions.sweep(BATCH).await {
            Ok(deleted) => tracing::debug!(deleted, "ended sessions swept"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "sessions were not swept")
            }
        }
        match claims.sweep().await {
            Ok(deleted) => tracing::debug!(deleted, "old claims swept"),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "claims were not swept"),
        }
    }
}
