//! Claims: the request that inserts the row makes the call.
//!
//! Before a call of NRG, a row (journey, call, revision of the step) is inserted. Of
//! two tabs or two servers one succeeds; the other sends nothing and waits for the answer. While the
//! call lasts the lease of the claim is renewed. A claim whose lease has expired has lost its server: it may be taken
//! over, so that nobody waits for an answer that never comes. An answer makes a new revision, to which the claim does
//! not apply.

use std::time::Duration;

use tokio::{task::JoinHandle, time::sleep};

use crate::{
    causes::Causes,
    clock::Clock,
    store::{Error, Store, millis, span, sql},
};

/// How long a claim is kept: longer than any session lasts.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The claims of all journeys. A clone shares the database.
#[derive(Clone)]
pub struct Claims {
    store: Store,
    clock: Clock,
    lease: Duration,
}

/// A claim that is held, and renewed until it is dropped.
pub struct Claim {
    claims: Claims,
    journey: String,
    call: String,
    revision: u64,
    renewing: JoinHandle<()>,
}

impl Claim {
    /// Gives the claim up: the call may be made again at the same revision.
    ///
    /// # Errors
    /// The database failed: then the lease has to run out.
    pub async fn release(self) -> Result<(), Error> {
        self.renewing.abort();
        sql!(self.claims.store.writer().await?,
            "DELETE FROM claims WHERE journey = $1 AND step = $2 AND revision = $3",
            &self.journey, &self.call, self.revision.cast_signed() => execute)?;
        Ok(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

impl Claims {
    /// Claims in `store` that hold for `lease` after they were last renewed.
    pub fn new(store: Store, clock: Clock, lease: Duration) -> Self {
        Self { store, clock, lease }
    }

    /// How long a claim holds after it was last renewed.
    pub fn lease(&self) -> Duration {
        self.lease
    }

    /// Takes the claim to make `call`. `None`: another request holds it. A claim whose lease has expired is taken over, by
    /// one request only: its process ended during the call.
    ///
    /// # Errors
    /// The database failed: then the call must not be made.
    pub async fn take(&self, journey: &str, call: &str, revision: u64) -> Result<Option<Claim>, Error> {
        let now = millis(self.clock.now());
        let lease = span(self.lease);
        // A claim from the future was taken before the clock was set back.
        let taken = sql!(self.store.writer().await?,
            "INSERT INTO claims (journey, step, revision, taken_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (journey, step, revision)
             DO UPDATE SET taken_at = $4 WHERE claims.taken_at <= $5 OR claims.taken_at > $6",
            journey, call, revision.cast_signed(), now, now - lease, now + lease => execute)?;
        if taken == 0 {
            return Ok(None);
        }
        let (journey, call) = (journey.to_owned(), call.to_owned());
        let held = self.clone().hold(journey.clone(), call.clone(), revision);
        Ok(Some(Claim { claims: self.clone(), journey, call, revision, renewing: tokio::spawn(held) }))
    }

    /// Whether somebody holds the claim to make `call`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_held(&self, journey: &str, call: &str, revision: u64) -> Result<bool, Error> {
        let (now, lease) = (millis(self.clock.now()), span(self.lease));
        let held: Option<(i64,)> = sql!(self.store.reader().await?,
            "SELECT taken_at FROM claims WHERE journey = $1 AND step = $2 AND revision = $3
             AND taken_at > $4 AND taken_at <= $5",
            journey, call, revision.cast_signed(), now - lease, now + lease => fetch_optional)?;
        Ok(held.is_some())
    }

    async fn hold(self, journey: String, call: String, revision: u64) {
        loop {
            sleep(self.lease / 3).await;
            if let Err(error) = self.renew(&journey, &call, revision).await {
                tracing::warn!(
                    error = %Causes(&error),
                    call,
                    "session: claim was not renewed"
                );
            }
        }
    }

    async fn renew(&self, journey: &str, call: &str, revision: u64) -> Result<u64, Error> {
        sql!(self.store.writer().await?,
            "UPDATE claims SET taken_at = $4 WHERE journey = $1 AND step = $2 AND revision = $3",
            journey, call, revision.cast_signed(), millis(self.clock.now()) => execute)
    }

    /// Deletes the claims of journeys that are over by now. Returns how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cleanup(&self) -> Result<u64, Error> {
        let limit = millis(self.clock.now()) - span(KEPT);
        sql!(self.store.writer().await?, "DELETE FROM claims WHERE taken_at <= $1", limit => execute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{ManualClock, on_each_database};

    const LEASE: Duration = Duration::from_secs(90);

    #[tokio::test]
    async fn claim_raced_by_fifty_requests_is_taken_once() {
        on_each_database(async |store| {
            let claims = Claims::new(store, ManualClock::new().1, LEASE);
            let race = (0..50).map(|_| {
                let claims = claims.clone();
                tokio::spawn(async move { claims.take("j", "identity", 3).await.unwrap() })
            });
            let taken = futures_util::future::join_all(race).await;
            assert_eq!(taken.into_iter().filter(|taken| taken.as_ref().unwrap().is_some()).count(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn claim_is_unique_to_journey_step_and_revision() {
        on_each_database(async |store| {
            let claims = Claims::new(store, ManualClock::new().1, LEASE);
            for (journey, step, revision) in
                [("j", "identity", 1), ("j", "identity", 2), ("j", "quiz", 1), ("k", "identity", 1)]
            {
                assert!(claims.take(journey, step, revision).await.unwrap().is_some());
            }
            assert!(claims.take("j", "identity", 1).await.unwrap().is_none());
            assert!(claims.take("j", "identity", 1).await.unwrap().is_none());
            assert!(claims.take("j", "identity", 2).await.unwrap().is_none());
        })
        .await;
    }

    #[tokio::test]
    async fn claim_past_its_lease_is_taken_over_once_and_deleted_after_a_day() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let claims = Claims::new(store, clock, LEASE);
            let taken = async || claims.take("j", "identity", 1).await.unwrap().is_some();
            assert!(taken().await);
            manual.forward(LEASE - Duration::from_secs(1));
            assert!(!taken().await);
            manual.forward(Duration::from_secs(1));
            assert!(taken().await);
            assert!(!taken().await);
            assert_eq!(claims.cleanup().await.unwrap(), 0);
            manual.forward(KEPT);
            assert_eq!(claims.cleanup().await.unwrap(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn claim_is_held_until_released_or_its_lease_is_over() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let claims = Claims::new(store, clock, LEASE);
            let held = async || claims.is_held("j", "quiz read", 1).await.unwrap();
            assert!(!held().await);
            let claim = claims.take("j", "quiz read", 1).await.unwrap().unwrap();
            assert!(held().await);
            assert!(!claims.is_held("j", "quiz", 1).await.unwrap());
            claim.release().await.unwrap();
            assert!(!held().await);
            drop(claims.take("j", "quiz read", 1).await.unwrap().unwrap());
            manual.forward(LEASE - Duration::from_secs(1));
            assert!(held().await);
            manual.forward(Duration::from_secs(1));
            assert!(!held().await);
        })
        .await;
    }

    #[tokio::test]
    async fn claim_lease_is_renewed_until_claim_is_dropped() {
        on_each_database(async |store| {
            let lease = Duration::from_millis(300);
            let claims = Claims::new(store, Clock::system(), lease);
            let taken = async || claims.take("j", "identity", 1).await.unwrap();
            let held = taken().await.unwrap();
            for _ in 0..5 {
                sleep(lease / 2).await;
                assert!(taken().await.is_none());
            }
            drop(held);
            sleep(lease).await;
            assert!(taken().await.is_some());
        })
        .await;
    }

    #[tokio::test]
    async fn claim_is_taken_over_after_clock_set_back() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let claims = Claims::new(store, clock, LEASE);
            drop(claims.take("j", "identity", 1).await.unwrap());
            manual.back(2 * LEASE);
            assert!(claims.take("j", "identity", 1).await.unwrap().is_some());
        })
        .await;
    }
}
