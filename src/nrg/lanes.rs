//! Lanes: how many calls of a kind are in flight at once, and the share that one client has of them.
//!
//! Each kind of call has a lane of its own, so that slow calls of one kind do not hold back those of another: neither a
//! stranger's first page nor an identity call waits for sixty slow look-ups of addresses. Within a lane, the calls of
//! one session and of one network wait once there are as many as their share; nobody is refused here.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// The most calls of a lane that are in flight at once; more wait, so that a rush on the pages does not become one on
/// NRG.
pub(super) const CALLS_AT_ONCE: usize = 64;
/// Of those, the most of one session. The largest burst of one visitor are the units of a building.
pub(super) const OF_A_SESSION: usize = 12;
/// Of those, the most of one network: that of a household or an office, and no more than leaves most of the lane to
/// others.
pub(super) const OF_A_NETWORK: usize = 24;

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Utilities and plans: all that a stranger's first pages need.
    Plans,
    /// Addresses, meters, dates and holds.
    Premises,
    /// Identity, quiz and credit.
    People,
}

/// For whom a call is made. It only tells clients apart, and is forgotten with their last call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Caller<'a> {
    /// The network of the client's address.
    pub network: Option<IpAddr>,
    /// The id of the journey, if it has a session.
    pub session: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Holder {
    Session(String),
    Network(IpAddr),
}

/// The lanes.
#[derive(Default)]
pub(super) struct Lanes {
    plans: Calls,
    premises: Calls,
    people: Calls,
}

/// The calls of one lane.
struct Calls {
    all: Semaphore,
    /// Of each holder with calls that run or wait: how many they are, and the permits of its share.
    shares: Mutex<HashMap<Holder, (usize, Arc<Semaphore>)>>,
}

/// The right to make one call.
pub(super) struct Turn<'a> {
    _call: Option<SemaphorePermit<'a>>,
    _shares: [Option<Share<'a>>; 2],
}

/// A call's place in the share of its holder.
struct Share<'a> {
    // Dropped first, so that who waits for it goes on.
    permit: Option<OwnedSemaphorePermit>,
    calls: &'a Calls,
    holder: Holder,
}

impl Lanes {
    /// Waits until `caller` may make one more call in `lane`.
    pub(super) async fn enter(&self, lane: Lane, caller: Caller<'_>) -> Turn<'_> {
        let calls = match lane {
            Lane::Plans => &self.plans,
            Lane::Premises => &self.premises,
            Lane::People => &self.people,
        };
        // The shares come first: who waits for its own takes no place of the lane.
        let session = caller.session.map(|session| Holder::Session(session.to_owned()));
        let session = calls.share(session, OF_A_SESSION).await;
        let network = calls.share(caller.network.map(Holder::Network), OF_A_NETWORK).await;
        // The semaphores are never closed.
        Turn { _call: calls.all.acquire().await.ok(), _shares: [session, network] }
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self { all: Semaphore::new(CALLS_AT_ONCE), shares: Mutex::default() }
    }
}

impl Calls {
    async fn share(&self, holder: Option<Holder>, most: usize) -> Option<Share<'_>> {
        let holder = holder?;
        let permits = {
            let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
            let (calls, permits) =
                shares.entry(holder.clone()).or_insert_with(|| (0, Arc::new(Semaphore::new(most))));
            *calls += 1;
            Arc::clone(permits)
        };
        // Made before the wait, so that a call that is given up while it waits is forgotten too.
        let mut share = Share { permit: None, calls: self, holder };
        share.permit = permits.acquire_owned().await.ok();
        Some(share)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut shares = self.calls.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((calls, _)) = shares.get_mut(&self.holder) {
            *calls -= 1;
            if *calls == 0 {
                shares.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::join_all};

    use super::*;

    fn caller(session: &str, network: u8) -> Caller<'_> {
        Caller { network: Some(IpAddr::from([203, 0, 113, network])), session: Some(session) }
    }

    async fn entered<'a>(lanes: &'a Lanes, callers: impl Iterator<Item = Caller<'a>>) -> Vec<Turn<'a>> {
        join_all(callers.map(|caller| lanes.enter(Lane::Premises, caller))).await
    }

    fn waits(lanes: &Lanes, lane: Lane, caller: Caller<'_>) -> bool {
        lanes.enter(lane, caller).now_or_never().is_none()
    }

    #[tokio::test]
    async fn full_lane_holds_back_nobody_in_another_lane() {
        let lanes = Lanes::default();
        let names: Vec<String> = (0..CALLS_AT_ONCE).map(|number| number.to_string()).collect();
        let turns = entered(&lanes, (0..).zip(&names).map(|(network, name)| caller(name, network))).await;
        let stranger = caller("stranger", 200);
        assert!(waits(&lanes, Lane::Premises, stranger));
        assert!(!waits(&lanes, Lane::Plans, stranger));
        assert!(!waits(&lanes, Lane::People, stranger));
        drop(turns);
        assert!(!waits(&lanes, Lane::Premises, stranger));
    }

    #[tokio::test]
    async fn session_and_network_wait_beyond_their_shares_and_others_do_not() {
        let lanes = Lanes::default();
        let _one = entered(&lanes, std::iter::repeat_n(caller("one", 1), OF_A_SESSION)).await;
        assert!(waits(&lanes, Lane::Premises, caller("one", 1)));
        assert!(waits(&lanes, Lane::Premises, caller("one", 2)), "from another address too");
        assert!(!waits(&lanes, Lane::Premises, caller("two", 1)));
        let _two = entered(&lanes, std::iter::repeat_n(caller("two", 1), OF_A_SESSION)).await;
        assert!(waits(&lanes, Lane::Premises, caller("three", 1)), "the network has its share");
        assert!(!waits(&lanes, Lane::Premises, caller("three", 2)));
    }

    #[tokio::test]
    async fn callers_without_session_and_network_have_no_share() {
        let lanes = Lanes::default();
        let turns = entered(&lanes, std::iter::repeat_n(Caller::default(), CALLS_AT_ONCE)).await;
        assert_eq!(turns.len(), CALLS_AT_ONCE);
    }

    #[tokio::test]
    async fn callers_are_forgotten_with_their_last_call() {
        let lanes = Lanes::default();
        let known = || lanes.premises.shares.lock().unwrap().len();
        let turns = entered(&lanes, std::iter::repeat_n(caller("one", 1), OF_A_SESSION)).await;
        assert!(waits(&lanes, Lane::Premises, caller("one", 1)), "one is given up while it waits");
        assert_eq!(known(), 2);
        drop(turns);
        assert_eq!(known(), 0);
    }
}
