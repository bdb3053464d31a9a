//! The password of the report's page, and what guessing it costs.
//!
//! Guesses are checked one after the other. Each wrong one lengthens the pause before the next is checked, whoever makes
//! it: behind a tunnel or a proxy all come from one address. So the right password is checked in its turn, too, and only
//! a few guesses wait at a time, no more than half of them from one address.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::metrics::counter::Counter;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

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
pub(super) const LONGEST_WAIT: Duration = LONGEST_PAUSE.saturating_mul(4);

/// The password of the page. It is wiped when dropped and has no `Debug`.
#[derive(Clone)]
pub struct Password(Arc<Zeroizing<String>>);

impl Password {
    /// The password, if it has twelve characters or more.
    pub fn new(text: Zeroizing<String>) -> Option<Self> {
        (text.chars().count() >= 12).then(|| Self(Arc::new(text)))
    }

    /// Whether it is `guess`. Digests of equal length are compared in constant time, so that the time it takes depends
    /// neither on the password nor on its length.
    pub(super) fn is(&self, guess: &str) -> bool {
        let digest = |password: &str| Sha256::digest(password.as_bytes());
        digest(guess).as_slice().ct_eq(digest(&self.0).as_slice()).into()
    }
}

/// What became of a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// It is the password.
    Right,
    /// It is not.
    Wrong,
    /// It was not checked: too many are waiting.
    TooMany,
}

/// Checks guesses at the password. A clone shares the count of wrong ones.
#[derive(Clone)]
pub(super) struct Guesses(Arc<Shared>);

struct Shared {
    password: Password,
    /// The addresses of the guesses that wait.
    waiting: Mutex<Vec<Option<IpAddr>>>,
    /// Held by the guess whose turn it is; the others wait in the order in which they came.
    failures: tokio::sync::Mutex<Failures>,
    refused: Counter,
}

impl Guesses {
    /// Checks guesses at `password`, and counts those that are refused in `refused`.
    pub(super) fn new(password: Password, refused: Counter) -> Self {
        Self(Arc::new(Shared { password, waiting: Mutex::default(), failures: Default::default(), refused }))
    }

    /// Checks `guess`, made from the address `peer`, when its turn has come. One whose client has gone by then is not
    /// checked, and counts as none.
    pub(super) async fn check(&self, guess: &str, peer: Option<IpAddr>) -> Guess {
        let shared = &*self.0;
        let Some(_place) = Place::take(&shared.waiting, peer) else {
            shared.refused.inc();
            return Guess::TooMany;
        };
        let mut failures = shared.failures.lock().await;
        let pause = failures.pause(Instant::now());
        if !pause.is_zero() {
            sleep(pause).await;
        }
        if shared.password.is(guess) {
            *failures = Failures::default();
            return Guess::Right;
        }
        failures.add(Instant::now());
        shared.refused.inc();
        // Never what was guessed. The pauses bound these lines, too.
        tracing::warn!(in_a_row = failures.count, "report: wrong password");
        Guess::Wrong
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

    fn password() -> Password {
        Password::new(Zeroizing::new("correct: horse".to_owned())).unwrap()
    }

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
        let guesses = Guesses::new(password(), Counter::default());
        let (one, other) = ("10.0.0.1".parse().ok(), "10.0.0.2".parse().ok());
        assert_eq!(guesses.check("wrong", one).await, Guess::Wrong);
        let begun = Instant::now();
        let flood: Vec<_> = (0..50).map(|_| guesses.check("wrong", one)).collect();
        let flood = futures_util::future::join_all(flood);
        // Who comes from elsewhere finds a place in the midst of it, and waits for the turns before.
        let right = async {
            tokio::task::yield_now().await;
            guesses.check("correct: horse", other).await
        };
        let (flood, right) = tokio::join!(flood, right);
        assert_eq!(right, Guess::Right);
        let count = |guess| flood.iter().filter(|other| **other == guess).count();
        assert_eq!([count(Guess::Wrong), count(Guess::TooMany)], [2, 48]);
        assert_eq!(guesses.0.refused.get(), 51);
        // 100, 200 and 400 ms.
        assert!(begun.elapsed() >= Duration::from_millis(700), "{:?}", begun.elapsed());
        // The right one has ended the pauses.
        assert_eq!(guesses.0.failures.lock().await.pause(Instant::now()), Duration::ZERO);
    }

    #[tokio::test]
    async fn guess_whose_client_has_gone_keeps_no_place() {
        let guesses = Guesses::new(password(), Counter::default());
        *guesses.0.failures.lock().await = Failures { count: 9, latest: Some(Instant::now()) };
        for _ in 0..20 {
            let gone = tokio::time::timeout(Duration::from_millis(1), guesses.check("wrong", None)).await;
            assert!(gone.is_err());
        }
        assert!(guesses.0.waiting.lock().unwrap().is_empty());
        assert_eq!(guesses.0.failures.lock().await.count, 9);
    }
}
