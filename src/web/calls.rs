//! The calls of this server that are under way, each in a task of its own: a browser that goes away, or whose request is
//! answered sooner, neither interrupts a call nor loses its answer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::oneshot, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use super::error::PageError;
use crate::journey::Step;

/// The calls under way. A clone is the same.
#[derive(Clone, Default)]
pub struct Calls {
    tasks: TaskTracker,
    ends: Arc<Mutex<HashMap<Key, CancellationToken>>>,
}

/// The journey's id and the step.
type Key = (String, Step);

impl Calls {
    /// Runs `task`, which makes the call of `step` in `journey`.
    pub fn spawn(&self, journey: &str, step: Step, task: impl Future<Output = ()> + Send + 'static) {
        let (key, end) = ((journey.to_owned(), step), CancellationToken::new());
        self.ends().insert(key.clone(), end.clone());
        let ended = Ended { calls: self.clone(), key, end };
        let task = async move {
            task.await;
            drop(ended);
        };
        self.tasks.spawn(task.in_current_span());
    }

    /// What ends with the call of `step` in `journey`. `None`: this server is not making one.
    pub fn end_of(&self, journey: &str, step: Step) -> Option<CancellationToken> {
        self.ends().get(&(journey.to_owned(), step)).cloned()
    }

    /// Waits until all calls have ended, at most until `deadline`. Returns whether they have.
    pub async fn finish(&self, deadline: Instant) -> bool {
        self.tasks.close();
        tokio::time::timeout_at(deadline, self.tasks.wait()).await.is_ok()
    }

    fn ends(&self) -> MutexGuard<'_, HashMap<Key, CancellationToken>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the entry of a call with its task, also when that is aborted or panics.
struct Ended {
    calls: Calls,
    key: Key,
    end: CancellationToken,
}

impl Drop for Ended {
    fn drop(&mut self) {
        let mut ends = self.calls.ends();
        // A later call of the same step may have taken the place.
        if ends.get(&self.key) == Some(&self.end) {
            ends.remove(&self.key);
        }
        drop(ends);
        self.end.cancel();
    }
}

/// Sends to the request that began a call how the call ended.
pub struct ResultSender(Option<oneshot::Sender<Result<(), PageError>>>);

impl ResultSender {
    /// A sender, and what its request awaits: that it can go on, or the error it has to show.
    pub fn new() -> (Self, oneshot::Receiver<Result<(), PageError>>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    /// Whether the request still waits.
    pub fn is_awaited(&self) -> bool {
        self.0.as_ref().is_some_and(|sender| !sender.is_closed())
    }

    /// Sends how the call ended; or, before that, that the request need not wait for the end. Returns the error if no
    /// request waits for it any more.
    pub fn send(&mut self, result: Result<(), PageError>) -> Option<PageError> {
        match self.0.take() {
            Some(sender) => sender.send(result).err().and_then(Result::err),
            None => result.err(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn call_is_known_until_it_ends_also_by_a_panic() {
        let calls = Calls::default();
        assert!(calls.end_of("j", Step::Identity).is_none());
        let (go, gone) = oneshot::channel::<()>();
        calls.spawn("j", Step::Identity, async { gone.await.unwrap() });
        calls.spawn("j", Step::Quiz, async { panic!("a test's") });
        let end = calls.end_of("j", Step::Identity).unwrap();
        assert!(calls.end_of("k", Step::Identity).is_none());
        let soon = Instant::now() + Duration::from_millis(20);
        assert!(!calls.finish(soon).await);
        assert!(calls.end_of("j", Step::Quiz).is_none());
        assert!(!end.is_cancelled());
        go.send(()).unwrap();
        end.cancelled().await;
        assert!(calls.end_of("j", Step::Identity).is_none());
        assert!(calls.finish(Instant::now() + Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn later_call_of_the_step_stays_known_when_the_earlier_one_ends() {
        let calls = Calls::default();
        let (go, gone) = oneshot::channel::<()>();
        calls.spawn("j", Step::Zip, async { gone.await.unwrap() });
        let first = calls.end_of("j", Step::Zip).unwrap();
        calls.spawn("j", Step::Zip, std::future::pending());
        go.send(()).unwrap();
        first.cancelled().await;
        assert!(calls.end_of("j", Step::Zip).is_some());
    }

    #[tokio::test]
    async fn error_nobody_waits_for_comes_back() {
        let (mut sender, receiver) = ResultSender::new();
        assert!(sender.is_awaited());
        assert!(sender.send(Err(PageError::NotFound)).is_none());
        assert!(matches!(receiver.await, Ok(Err(PageError::NotFound))));
        assert!(matches!(sender.send(Err(PageError::TooLong)), Some(PageError::TooLong)));
        let (mut sender, receiver) = ResultSender::new();
        drop(receiver);
        assert!(!sender.is_awaited());
        assert!(matches!(sender.send(Err(PageError::TooLong)), Some(PageError::TooLong)));
        assert!(sender.send(Ok(())).is_none());
    }
}
