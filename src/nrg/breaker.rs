//! The breaker: once NRG refuses us (401, 403), no visitor's call goes out to be refused too, which
//! might lock the account. After a pause one call goes as a probe; if it is let in, so are all.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Refusal;

/// How long nothing is sent after a refusal.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// Closed unless NRG refused us.
#[derive(Default)]
pub(super) struct Breaker(Mutex<Option<Open>>);

#[derive(Clone, Copy)]
struct Open {
    refusal: Refusal,
    probe_at: Timestamp,
}

/// Leave to send one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    /// As usual.
    Free,
    /// The one call that finds out whether NRG lets us in again.
    Probe,
}

impl Breaker {
    /// Leave to send now, or the refusal that stands.
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

    /// The refusal that stands.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.as_ref().map(|open| open.refusal)
    }

    /// Something has changed that NRG may let in: the next call is a probe.
    pub(super) fn try_now(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &mut *state {
            open.probe_at = Timestamp::MIN;
        }
    }

    /// NRG refused a call. True the first time: that is worth an alarm.
    pub(super) fn refused(&self, refusal: Refusal, now: Timestamp) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.replace(Open { refusal, probe_at: pause_from(now) }).is_none()
    }

    /// NRG let a call in. Only a probe closes the breaker: a call that set out before the refusal says
    /// nothing about now. True when it closed.
    pub(super) fn let_in(&self, pass: Permit) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pass == Permit::Probe && state.take().is_some()
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
        assert!(!breaker.let_in(Permit::Free));
        assert_eq!(breaker.enter(at(59)), Err(Refusal::Unauthorized));
        assert_eq!(breaker.enter(at(60)), Ok(Permit::Probe));
        assert_eq!(breaker.enter(at(60)), Err(Refusal::Unauthorized), "one probe at a time");
        assert!(!breaker.refused(Refusal::NotAllowListed, at(61)));
        assert_eq!(breaker.enter(at(120)), Err(Refusal::NotAllowListed));
        assert_eq!(breaker.enter(at(121)), Ok(Permit::Probe));
        assert!(breaker.let_in(Permit::Probe));
        assert_eq!(breaker.enter(at(121)), Ok(Permit::Free));
    }
}
