//! The circuit breaker. It opens when NRG refuses a call (401, 403): further refused calls might lock the account. After
//! a pause one call is sent as a probe; if NRG accepts it, the breaker closes.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::error::Refusal;

/// How long the breaker stays open before it permits a probe.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// The breaker; closed at the start.
#[derive(Default)]
pub(super) struct Breaker(Mutex<Option<Open>>);

#[derive(Clone, Copy)]
struct Open {
    refusal: Refusal,
    probe_at: Timestamp,
}

/// Permission to send one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    /// The breaker is closed.
    Free,
    /// The breaker is open, and this one call finds out whether NRG accepts calls again.
    Probe,
}

impl Breaker {
    /// A permit to send a call now, or the refusal that keeps the breaker open.
    pub(super) fn enter(&self, now: Timestamp) -> Result<Permit, Refusal> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            None => Ok(Permit::Free),
            Some(open) if now < open.probe_at => Err(open.refusal),
            Some(open) => {
                open.probe_at = pause_from(now);
                Ok(Permit::Probe)
            }
        }
    }

    /// The refusal that keeps the breaker open.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.as_ref().map(|open| open.refusal)
    }

    /// Lets the next call be a probe at once: something has changed that NRG may accept.
    pub(super) fn probe_next(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &mut *state {
            open.probe_at = Timestamp::MIN;
        }
    }

    /// Opens the breaker after NRG refused a call. Returns whether it was closed before, which is worth an alarm.
    pub(super) fn refused(&self, refusal: Refusal, now: Timestamp) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.replace(Open { refusal, probe_at: pause_from(now) }).is_none()
    }

    /// Records that NRG accepted a call. Only a probe closes the breaker: a call that was sent before the refusal proves
    /// nothing about the present. Returns whether it closed.
    pub(super) fn admitted(&self, permit: Permit) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        permit == Permit::Probe && state.take().is_some()
    }
}

fn pause_from(now: Timestamp) -> Timestamp {
    now.saturating_add(PAUSE).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::new(second, 0).unwrap()
    }

    #[test]
    fn breaker_admits_one_probe_after_pause_and_only_a_probe_closes_it() {
        let breaker = Breaker::default();
        assert_eq!(breaker.enter(at(0)), Ok(Permit::Free));
        assert!(breaker.refused(Refusal::Unauthorized, at(0)), "the first refusal is an alarm");
        assert!(!breaker.refused(Refusal::Unauthorized, at(0)), "the second is not");
        assert!(!breaker.admitted(Permit::Free));
        assert_eq!(breaker.enter(at(59)), Err(Refusal::Unauthorized));
        assert_eq!(breaker.enter(at(60)), Ok(Permit::Probe));
        assert_eq!(breaker.enter(at(60)), Err(Refusal::Unauthorized), "one probe at a time");
        assert!(!breaker.refused(Refusal::NotAllowListed, at(61)));
        assert_eq!(breaker.enter(at(120)), Err(Refusal::NotAllowListed));
        assert_eq!(breaker.enter(at(121)), Ok(Permit::Probe));
        assert!(breaker.admitted(Permit::Probe));
        assert_eq!(breaker.enter(at(121)), Ok(Permit::Free));
    }
}
