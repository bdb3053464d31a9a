//! The cache itself: answers by key, each with its age by the injected clock, and at most one call in flight for a key.
//!
//! A call runs in a task of its own. A visitor who leaves, or whose request is answered before NRG's answer is there,
//! neither interrupts it nor makes the next visitor call again.

use std::{
    future::Future,
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, ready},
};
use jiff::Timestamp;
use moka::{policy::EvictionPolicy, sync::Cache};
use tracing::Instrument;

use crate::{
    clock::Clock,
    nrg::{endpoint::Endpoint, error::Error},
};

/// How old an answer may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ages {
    /// A younger answer is returned as it is.
    pub(super) fresh: Duration,
    /// A younger answer is returned, and renewed where the caller asks for that. An older one counts as absent.
    pub(super) stale: Duration,
    /// For so long after a failed call there is no other one for its key.
    pub(super) failure: Duration,
}

/// The cache.
pub(super) struct SharedCache<K, V> {
    slots: Cache<K, Arc<Mutex<Slot<V>>>>,
    endpoint: Endpoint,
    ages: Ages,
    clock: Clock,
    /// Whether an answer is kept, or only shared by those who wait for it.
    keeps: fn(&V) -> bool,
}

/// What is known of one key.
struct Slot<V> {
    held: Option<Held<V>>,
    flight: Option<Flight<V>>,
    /// When the latest call failed, if none has succeeded since.
    failed: Option<(Timestamp, Arc<Error>)>,
}

struct Held<V> {
    value: V,
    /// When the call began: NRG read it no earlier.
    since: Timestamp,
}

/// A call in flight, or its result.
#[derive(Clone)]
pub(super) struct Flight<V> {
    /// When the call began.
    pub(super) since: Timestamp,
    result: Shared<BoxFuture<'static, Result<V, Arc<Error>>>>,
}

/// What a lookup finds without a call.
pub(super) enum Found<V> {
    Fresh(V),
    /// An answer that may be renewed.
    Stale(V),
    Loading(Flight<V>),
    Failed(Arc<Error>),
    Absent,
}

impl<V: Clone + Send + Sync + 'static> Flight<V> {
    fn ended(since: Timestamp, result: Result<V, Arc<Error>>) -> Self {
        Self { since, result: ready(result).boxed().shared() }
    }

    /// Waits for the result. Whoever stops waiting does not end the call.
    pub(super) async fn result(self) -> Result<V, Arc<Error>> {
        self.result.await
    }
}

impl<V> Default for Slot<V> {
    fn default() -> Self {
        Self { held: None, flight: None, failed: None }
    }
}

impl<V: Clone> Slot<V> {
    /// What there is at `now` that NRG was asked for no earlier than `not_before`.
    fn find(&self, ages: Ages, now: Timestamp, not_before: Timestamp) -> Found<V> {
        // A clock that was set back makes nothing older.
        let age = |since: Timestamp| Duration::try_from(now.duration_since(since)).unwrap_or_default();
        if let Some(held) = self.held.as_ref().filter(|held| held.since >= not_before) {
            if age(held.since) < ages.fresh {
                return Found::Fresh(held.value.clone());
            }
            if age(held.since) < ages.stale {
                return Found::Stale(held.value.clone());
            }
        }
        if let Some(flight) = self.flight.as_ref().filter(|flight| flight.since >= not_before) {
            return Found::Loading(flight.clone());
        }
        match &self.failed {
            Some((at, error)) if age(*at) < ages.failure => Found::Failed(Arc::clone(error)),
            _ => Found::Absent,
        }
    }

    fn finish(&mut self, since: Timestamp, result: &Result<V, Arc<Error>>, now: Timestamp, kept: bool) {
        if self.flight.as_ref().is_some_and(|flight| flight.since == since) {
            self.flight = None;
        }
        match result {
            Ok(value) => {
                self.failed = None;
                if kept && self.held.as_ref().is_none_or(|held| held.since <= since) {
                    self.held = Some(Held { value: value.clone(), since });
                }
            }
            Err(error) => self.failed = Some((now, Arc::clone(error))),
        }
    }
}

impl<K, V> SharedCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A cache of the answers of `endpoint` for at most `capacity` keys; those used least recently are forgotten first.
    pub(super) fn new(
        endpoint: Endpoint,
        capacity: u64,
        ages: Ages,
        clock: Clock,
        keeps: fn(&V) -> bool,
    ) -> Self {
        let slots = Cache::builder().max_capacity(capacity).eviction_policy(EvictionPolicy::lru()).build();
        Self { slots, endpoint, ages, clock, keeps }
    }

    /// What there is that NRG was asked for no earlier than `not_before`.
    pub(super) fn find(&self, key: &K, not_before: Timestamp) -> Found<V> {
        let slot = self.slots.get(key);
        slot.map_or(Found::Absent, |slot| lock(&slot).find(self.ages, self.clock.now(), not_before))
    }

    /// As [`SharedCache::find`]; if there is nothing, `call` is made.
    pub(super) fn ask<F>(&self, key: K, not_before: Timestamp, call: impl FnOnce() -> F) -> Flight<V>
    where
        F: Future<Output = Result<V, Error>> + Send + 'static,
    {
        let slot = self.slots.get_with(key, Arc::default);
        let mut guard = lock(&slot);
        let now = self.clock.now();
        match guard.find(self.ages, now, not_before) {
            Found::Fresh(value) | Found::Stale(value) => Flight::ended(now, Ok(value)),
            Found::Failed(error) => Flight::ended(now, Err(error)),
            Found::Loading(flight) => flight,
            Found::Absent => self.begin(&slot, &mut guard, now, call()),
        }
    }

    /// Makes `call` so that the answer there is becomes fresh again, unless such a call is in flight or has just
    /// failed.
    pub(super) fn renew<F>(&self, key: K, call: impl FnOnce() -> F)
    where
        F: Future<Output = Result<V, Error>> + Send + 'static,
    {
        let slot = self.slots.get_with(key, Arc::default);
        let mut guard = lock(&slot);
        let now = self.clock.now();
        let none_stale = Ages { stale: Duration::ZERO, ..self.ages };
        if matches!(guard.find(none_stale, now, Timestamp::MIN), Found::Absent) {
            drop(self.begin(&slot, &mut guard, now, call()));
        }
    }

    fn begin<F>(
        &self,
        slot: &Arc<Mutex<Slot<V>>>,
        guard: &mut MutexGuard<'_, Slot<V>>,
        since: Timestamp,
        call: F,
    ) -> Flight<V>
    where
        F: Future<Output = Result<V, Error>> + Send + 'static,
    {
        let (slot, clock, keeps, endpoint) =
            (Arc::clone(slot), self.clock.clone(), self.keeps, self.endpoint);
        let task = tokio::spawn(
            async move {
                // A panic must not leave a flight that never ends.
                let result = AssertUnwindSafe(call).catch_unwind().await;
                let result = result
                    .unwrap_or_else(|_| Err(Error::invalid_response(endpoint, "panic")))
                    .map_err(Arc::new);
                let kept = result.as_ref().is_ok_and(keeps);
                lock(&slot).finish(since, &result, clock.now(), kept);
                result
            }
            .in_current_span(),
        );
        let result = async move {
            task.await.unwrap_or_else(|_| Err(Arc::new(Error::invalid_response(endpoint, "task ended"))))
        };
        let flight = Flight { since, result: result.boxed().shared() };
        guard.flight = Some(flight.clone());
        flight
    }
}

fn lock<V>(slot: &Mutex<Slot<V>>) -> MutexGuard<'_, Slot<V>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;

    use super::*;
    use crate::{nrg::error::Kind, store::testing::ManualClock};

    const MINUTE: Duration = Duration::from_secs(60);

    fn cache(clock: Clock) -> SharedCache<&'static str, u32> {
        let ages = Ages { fresh: 5 * MINUTE, stale: 60 * MINUTE, failure: MINUTE };
        SharedCache::new(Endpoint::Offers, 100, ages, clock, |value| *value < 100)
    }

    async fn ask(cache: &SharedCache<&'static str, u32>, value: Option<u32>) -> Result<u32, Arc<Error>> {
        let call = || async move { value.ok_or(Error::new(Endpoint::Offers, Kind::TimedOut)) };
        cache.ask("key", Timestamp::MIN, call).result().await
    }

    fn word(cache: &SharedCache<&'static str, u32>, not_before: Timestamp) -> &'static str {
        match cache.find(&"key", not_before) {
            Found::Fresh(_) => "fresh",
            Found::Stale(_) => "stale",
            Found::Loading(_) => "loading",
            Found::Failed(_) => "failed",
            Found::Absent => "absent",
        }
    }

    #[tokio::test]
    async fn answer_is_fresh_then_stale_then_absent() {
        let (manual, clock) = ManualClock::new();
        let cache = cache(clock.clone());
        assert_eq!(word(&cache, Timestamp::MIN), "absent");
        assert_eq!(ask(&cache, Some(7)).await.unwrap(), 7);
        for (minutes, found) in [(4, "fresh"), (1, "stale"), (54, "stale"), (1, "absent")] {
            manual.forward(minutes * MINUTE);
            assert_eq!(word(&cache, Timestamp::MIN), found);
        }
        assert_eq!(ask(&cache, Some(8)).await.unwrap(), 8);
        assert_eq!(word(&cache, clock.now()), "fresh");
        let asked = clock.now();
        manual.forward(MINUTE);
        assert_eq!(word(&cache, asked), "fresh");
        assert_eq!(word(&cache, clock.now()), "absent", "it was asked for earlier");
        manual.back(10 * MINUTE);
        assert_eq!(word(&cache, Timestamp::MIN), "fresh", "a clock that was set back makes nothing older");
    }

    #[tokio::test]
    async fn one_call_serves_all_who_wait_and_outlives_them() {
        let (_, clock) = ManualClock::new();
        let (cache, calls) = (cache(clock.clone()), Arc::new(AtomicUsize::new(0)));
        let (go, gone) = oneshot::channel::<u32>();
        let counted = Arc::clone(&calls);
        let first = cache.ask("key", Timestamp::MIN, || async move {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(gone.await.unwrap())
        });
        assert_eq!(first.since, clock.now());
        let second = cache.ask("key", Timestamp::MIN, || async { panic!("there is one in flight") });
        assert_eq!(word(&cache, Timestamp::MIN), "loading");
        drop(first);
        go.send(7).unwrap();
        assert_eq!(second.result().await.unwrap(), 7);
        assert_eq!(ask(&cache, None).await.unwrap(), 7);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn stale_answer_is_renewed_by_one_call_and_a_fresh_one_by_none() {
        let (manual, clock) = ManualClock::new();
        let cache = cache(clock);
        ask(&cache, Some(7)).await.unwrap();
        cache.renew("key", || async { panic!("it is fresh") });
        manual.forward(6 * MINUTE);
        let (go, gone) = oneshot::channel::<u32>();
        cache.renew("key", || async move { Ok(gone.await.unwrap()) });
        cache.renew("key", || async { panic!("there is one in flight") });
        assert_eq!(ask(&cache, None).await.unwrap(), 7, "nobody waits for it");
        go.send(8).unwrap();
        while word(&cache, Timestamp::MIN) == "stale" {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(&cache, None).await.unwrap(), 8);
    }

    #[tokio::test]
    async fn failure_is_remembered_for_its_time_and_a_panic_is_one() {
        let (manual, clock) = ManualClock::new();
        let cache = cache(clock);
        let panicked = cache.ask("key", Timestamp::MIN, || async { panic!("a test's") });
        assert_eq!(panicked.result().await.unwrap_err().kind, Kind::InvalidResponse);
        assert_eq!(ask(&cache, Some(7)).await.unwrap_err().kind, Kind::InvalidResponse);
        assert_eq!(word(&cache, Timestamp::MIN), "failed");
        manual.forward(MINUTE);
        assert_eq!(word(&cache, Timestamp::MIN), "absent");
        assert_eq!(ask(&cache, Some(7)).await.unwrap(), 7);
        manual.forward(6 * MINUTE);
        cache.renew("key", || async { Err(Error::new(Endpoint::Offers, Kind::TimedOut)) });
        while lock(&cache.slots.get("key").unwrap()).flight.is_some() {
            tokio::task::yield_now().await;
        }
        cache.renew("key", || async { panic!("it has just failed") });
        assert_eq!(ask(&cache, None).await.unwrap(), 7, "the stale answer is still there");
    }

    #[tokio::test]
    async fn answer_that_is_not_kept_is_shared_and_then_asked_for_again() {
        let (_, clock) = ManualClock::new();
        let cache = cache(clock);
        assert_eq!(ask(&cache, Some(100)).await.unwrap(), 100);
        assert_eq!(word(&cache, Timestamp::MIN), "absent");
        assert_eq!(ask(&cache, Some(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn call_that_began_too_early_is_not_waited_for() {
        let (manual, clock) = ManualClock::new();
        let cache = cache(clock.clone());
        let (go, gone) = oneshot::channel::<u32>();
        let early = cache.ask("key", Timestamp::MIN, || async move { Ok(gone.await.unwrap()) });
        manual.forward(MINUTE);
        let late = cache.ask("key", clock.now(), || async { Ok(8) });
        assert_eq!(late.result().await.unwrap(), 8);
        go.send(7).unwrap();
        assert_eq!(early.result().await.unwrap(), 7);
        assert_eq!(ask(&cache, None).await.unwrap(), 8, "the later answer stays");
    }
}
