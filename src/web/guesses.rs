//! What guessing a password of the admin listener's pages costs.
//!
//! Guesses are checked one after the other. Each wrong one lengthens the pause before the next at the same password is
//! checked, whoever makes it: behind a tunnel or a proxy all come from one address. So the right password is checked in its
//! turn, too, and only a few guesses wait at a time, no more than half of them from one address.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::metrics::counter::Counter;
use tokio::time::{Instant, sleep};

/// The pause after the first wrong guess. It doubles with each,
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Wrong guesses are forgotten when there has been none for this long.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// The most guesses that wait at a time, the one that is being checked included.
const MOST_WAITING: usize = 4;
/// The most of them from one address.
const MOST_OF_ADDRESS: usize = 2;
/// No guess waits longer.
pub const LONGEST_WAIT: Duration = LONGEST_PAUSE.saturating_mul(4);

/// What became of a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// It is the password.
    Right,
    /// It is not.
    Wrong {
        /// How many were wrong since the last right one, this one included.
        in_a_row: u32,
    },
    /// It was not checked: too many are waiting.
    TooMany,
}

/// Checks guesses at passwords. A clone shares the counts of wrong ones.
#[derive(Clone)]
pub struct Guesses(Arc<Shared>);

struct Shared {
    /// The addresses of the guesses that wait.
    waiting: Mutex<Vec<Option<IpAddr>>>,
    /// By whose password it is. Held by the guess whose turn it is; the others wait in the order in which they came.
    failures: tokio::sync::Mutex<BTreeMap<String, Failures>>,
    refused: Counter,
}

impl Guesses {
    /// None yet. Those that are refused are counted in `refused`.
    pub fn new(refused: Counter) -> Self {
        Self(Arc::new(Shared { waiting: Mutex::default(), failures: Default::default(), refused }))
    }

    /// Checks a guess at the password of `whose`, made from the address `peer`, when its turn has come: by then `is_right`
    /// says whether it is. One whose client has gone is not checked, and counts as none. There must be few values of
    /// `whose`, as each is remembered.
    pub async fn check(
        &self,
        whose: &str,
        peer: Option<IpAddr>,
        is_right: impl Future<Output = bool>,
    ) -> Guess {
        let shared = &*self.0;
        let Some(_place) = Place::take(&shared.waiting, peer) else {
            shared.refused.inc();
            return Guess::TooMany;
        };
        let mut all = shared.failures.lock().await;
        let failures = all.entry(whose.to_owned()).or_default();
        let pause = failures.pause(Instant::now());
        if !pause.is_zero() {
            sleep(pause).await;
        }
        if is_right.await {
            *failures = Failures::default();
            return Guess::Right;
        }
        failures.add(Instant::now());
        shared.refused.inc();
        Guess::Wrong { in_a_row: failures.count }
    }
}

/// A place among the guesses that wait, given up when it is dropped.
struct Place<'a>(&'a Mutex<Vec<Option<IpAddr>>>, Option<IpAddr>);

impl<'a> Place<'a> {
    fn take(waiting: &'a Mutex<Vec<Option<IpAddr>>>, peer: Option<IpAddr>) -> Option<Self> {
        let mut places = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = places.iter().filter(|other| **other == peer).count();
        if places.len() >= MOST_WAITING || of_peer >= MOST_OF_ADDRESS {
            return None;
        }
        places.push(peer);
        Some(Self(waiting, peer))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = places.iter().position(|peer| *peer == self.1) {
            places.swap_remove(own);
        }
    }
}

/// The wrong guesses since the last right one.
#[derive(Default)]
struct Failures {
    count: u32,
    latest: Option<Instant>,
}

impl Failures {
    /// How long the next guess must wait from `now` on.
    fn pause(&self, now: Instant) -> Duration {
        let Some(latest) = self.latest.filter(|latest| now.duration_since(*latest) < MEMORY) else {
            return Duration::ZERO;
        };
        let doublings = self.count.saturating_sub(1);
        let pause = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX));
        (latest + pause.min(LONGEST_PAUSE)).saturating_duration_since(now)
    }

    fn add(&mut self, now: Instant) {
        let forgotten = self.latest.is_none_or(|latest| now.duration_since(latest) >= MEMORY);
        self.count = if forgotten { 1 } else { self.count.saturating_add(1) };
        self.latest = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_doubles_with_wrong_guesses_and_is_forgotten() {
        let start = Instant::now();
        let mut failures = Failures::default();
        assert_eq!(failures.pause(start), Duration::ZERO);
        for milliseconds in [100, 200, 400, 800, 1600, 3200, 5000, 5000] {
            failures.add(start);
            assert_eq!(failures.pause(start), Duration::from_millis(milliseconds));
        }
        failures.count = u32::MAX;
        failures.add(start);
        assert_eq!(failures.pause(start), LONGEST_PAUSE);
        assert_eq!(failures.pause(start + Duration::from_secs(4)), Duration::from_secs(1));
        assert_eq!(failures.pause(start + Duration::from_secs(6)), Duration::ZERO);
        failures.add(start + MEMORY);
        assert_eq!(failures.pause(start + MEMORY), FIRST_PAUSE);
    }

    #[tokio::test]
    async fn guesses_beyond_those_waiting_are_refused_at_once() {
        let guesses = Guesses::new(Counter::default());
        let check = |right: bool, peer| guesses.check("", peer, async move { right });
        let (one, other) = ("10.0.0.1".parse().ok(), "10.0.0.2".parse().ok());
        assert_eq!(check(false, one).await, Guess::Wrong { in_a_row: 1 });
        let begun = Instant::now();
        let flood: Vec<_> = (0..50).map(|_| check(false, one)).collect();
        let flood = futures_util::future::join_all(flood);
        // Who comes from elsewhere finds a place in the midst of it, and waits for the turns before.
        let right = async {
            tokio::task::yield_now().await;
            check(true, other).await
        };
        let (flood, right) = tokio::join!(flood, right);
        assert_eq!(right, Guess::Right);
        let too_many = flood.iter().filter(|guess| **guess == Guess::TooMany).count();
        assert_eq!((flood.len() - too_many, too_many), (2, 48));
        assert_eq!(guesses.0.refused.get(), 51);
        // 100, 200 and 400 ms.
        assert!(begun.elapsed() >= Duration::from_millis(700), "{:?}", begun.elapsed());
        // The right one has ended the pauses.
        assert_eq!(guesses.0.failures.lock().await[""].pause(Instant::now()), Duration::ZERO);
    }

    #[tokio::test]
    async fn wrong_guesses_at_one_password_count_for_no_other() {
        let guesses = Guesses::new(Counter::default());
        for in_a_row in 1..4 {
            assert_eq!(guesses.check("ana", None, async { false }).await, Guess::Wrong { in_a_row });
            assert_eq!(guesses.check("ben", None, async { true }).await, Guess::Right);
        }
        assert_eq!(guesses.check("cleo", None, async { false }).await, Guess::Wrong { in_a_row: 1 });
    }

    #[tokio::test]
    async fn guess_whose_client_has_gone_keeps_no_place() {
        let guesses = Guesses::new(Counter::default());
        let failures = Failures { count: 9, latest: Some(Instant::now()) };
        guesses.0.failures.lock().await.insert(String::new(), failures);
        for _ in 0..20 {
            let gone =
                tokio::time::timeout(Duration::from_millis(1), guesses.check("", None, async { false }))
                    .await;
            assert!(gone.is_err());
        }
        assert!(guesses.0.waiting.lock().unwrap().is_empty());
        assert_eq!(guesses.0.failures.lock().await[""].count, 9);
    }
}
