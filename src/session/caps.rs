//! How many sessions there may be at a time, so that no client fills the database: from one network, and in all.
//!
//! When it is full, a new session takes the place of one that nobody misses: first of those whose cookie never came back,
//! then of those in which nobody has posted a form, the oldest first. If there is none, the new one is refused; a browser
//! that has a session is never refused.

use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicI64},
};

use crate::{journey::Journey, ledger::LedgerKey};

/// The most live sessions; 0: without limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caps {
    /// Begun from one IPv4 address, or one network of 64 bits of IPv6: what a household has.
    pub address: i64,
    /// Begun from one network of 48 bits of IPv6: what one customer of a provider can have.
    pub network: i64,
    /// In all.
    pub total: i64,
}

/// The caps, with what they need.
#[derive(Clone)]
pub(super) struct CapContext {
    pub caps: Caps,
    /// Makes the keyed hashes of networks.
    pub key: LedgerKey,
    /// How many sessions are live, as last counted, and begun since.
    pub live: Arc<AtomicI64>,
}

/// The networks of a client, as keyed hashes.
#[derive(Default)]
pub(super) struct Networks {
    pub own: Option<[u8; 32]>,
    pub wide: Option<[u8; 32]>,
}

impl CapContext {
    pub(super) fn networks(&self, client: Option<IpAddr>) -> Networks {
        let hash = |bytes: &[u8]| self.key.hash("network of a session", [bytes]);
        match client.map(|client| client.to_canonical()) {
            None => Networks::default(),
            Some(IpAddr::V4(address)) => Networks { own: Some(hash(&address.octets())), wide: None },
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                let wide = [a, b, c, d, e, f];
                Networks { own: Some(hash(&[a, b, c, d, e, f, g, h])), wide: Some(hash(&wide)) }
            }
        }
    }
}

/// Whether a session may begin.
pub(super) enum Room {
    /// It may; these were deleted for it, and are abandoned.
    Made(Vec<Journey>),
    /// It may not.
    None,
}
