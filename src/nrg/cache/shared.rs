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

    /// Makes `call` so that the answer there is becomes fresh again, unless such a call is in flight or has just failed.
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
