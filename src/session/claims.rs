//! Claims: who inserts the row makes the call.
//!
//! Before a call that changes something at NRG, a row (journey, step, revision) is inserted. Of
//! two tabs or two servers one succeeds; the other sends nothing and waits for the answer. A
//! claim is released only when the call may be made again with the same answers.

use std::time::Duration;

use crate::{
    ambient::Clock,
    store::{Error, Store, millis, on_writer, span},
};

/// How long a claim is remembered: longer than any session.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The claims of all journeys. A clone shares the database.
#[derive(Clone)]
pub struct Claims {
    store: Store,
    clock: Clock,
}

impl Claims {
    /// Claims in `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Takes the claim. `false`: another holds it. A claim older than `lease` is taken over, by
    /// one only: its process died in the middle of the call.
    ///
    /// # Errors
    /// The database failed; nobody may call.
    pub async fn take(
        &self,
        journey: &str,
        step: &str,
        revision: u64,
        lease: Duration,
    ) -> Result<bool, Error> {
        let now = millis(self.clock.now());
        let taken = on_writer!(&self.store, db => sqlx::query(
            "INSERT INTO claims (journey, step, revision, taken_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (journey, step, revision)
             DO UPDATE SET taken_at = $4 WHERE claims.taken_at <= $5")
            .bind(journey).bind(step).bind(revision.cast_signed()).bind(now).bind(now - span(lease))
            .execute(db).await.map(|done| done.rows_affected()))?;
        Ok(taken == 1)
    }

    /// Deletes the claims of yesterday's journeys. Answers how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sweep(&self) -> Result<u64, Error> {
        let limit = millis(self.clock.now()) - span(KEPT);
        Ok(on_writer!(&self.store, db => sqlx::query("DELETE FROM claims WHERE taken_at <= $1")
            .bind(limit).execute(db).await.map(|done| done.rows_affected()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Hands, each};

    const LEASE: Duration = Duration::from_secs(90);

    #[tokio::test]
    async fn of_fifty_at_once_one_takes_the_claim() {
        each(async |store| {
            let claims = Claims::new(store, Hands::new().1);
            let race = (0..50).map(|_| {
                let claims = claims.clone();
                tokio::spawn(async move { claims.take("j", "identity", 3, LEASE).await.unwrap() })
            });
            let taken = futures_util::future::join_all(race).await;
            assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn a_claim_is_of_one_journey_step_and_revision() {
        each(async |store| {
            let claims = Claims::new(store, Hands::new().1);
            for (journey, step, revision) in
                [("j", "identity", 1), ("j", "identity", 2), ("j", "quiz", 1), ("k", "identity", 1)]
            {
                assert!(claims.take(journey, step, revision, LEASE).await.unwrap());
            }
            assert!(!claims.take("j", "identity", 1, LEASE).await.unwrap());
            assert!(!claims.take("j", "identity", 1, LEASE).await.unwrap());
            assert!(!claims.take("j", "identity", 2, LEASE).await.unwrap());
        })
        .await;
    }

    #[tokio::test]
    async fn a_claim_past_its_lease_is_taken_over_once_and_forgotten_after_a_day() {
        each(async |store| {
            let (hands, clock) = Hands::new();
            let claims = Claims::new(store, clock);
            assert!(claims.take("j", "identity", 1, LEASE).await.unwrap());
            hands.forward(LEASE - Duration::from_secs(1));
            assert!(!claims.take("j", "identity", 1, LEASE).await.unwrap());
            hands.forward(Duration::from_secs(1));
            assert!(claims.take("j", "identity", 1, LEASE).await.unwrap());
            assert!(!claims.take("j", "identity", 1, LEASE).await.unwrap());
            assert_eq!(claims.sweep().await.unwrap(), 0);
            hands.forward(KEPT);
            assert_eq!(claims.sweep().await.unwrap(), 1);
        })
        .await;
    }
}
