//! How many sessions there may be at a time, so that no client fills the database: from one network, and in all.
//!
//! When it is full, a new session takes the place of one that nobody misses: first of those whose cookie never came back,
//! then of those in which nobody has posted a form, the oldest first. If there is none, the new one is refused; a browser
//! that has a session is never refused.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use super::{Sessions, deletion::Deleted};
use crate::{
    journey::Journey,
    ledger::LedgerKey,
    store::{Error, Tx, sql},
};

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

/// Counts the live sessions of a network, up to one more than the cap.
macro_rules! count {
    ($column:literal) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM sessions WHERE ",
            $column,
            " = $1 AND NOT moved AND ends > $2 LIMIT $3) AS live"
        )
    };
}

/// Deletes the session of a network that is missed least.
macro_rules! make_room {
    ($condition:literal) => {
        concat!(
            "DELETE FROM sessions WHERE key = (SELECT key FROM sessions WHERE ",
            $condition,
            " AND NOT moved AND NOT (confirmed AND answered) ORDER BY confirmed, answered, seen LIMIT 1)
             RETURNING key, key_id, data, moved, confirmed, journey"
        )
    };
}

impl Sessions {
    /// Makes room for one more session from `networks`, within the transaction that begins it.
    pub(super) async fn make_room(
        &self,
        tx: &mut Tx<'_>,
        networks: &Networks,
        now: i64,
    ) -> Result<Room, Error> {
        let Some(CapContext { caps, live, .. }) = &self.caps else { return Ok(Room::Made(Vec::new())) };
        let mut deleted: Vec<Deleted> = Vec::new();
        let of_network = [
            (&networks.own, caps.address, count!("network"), make_room!("network = $1")),
            (&networks.wide, caps.network, count!("wide_network"), make_room!("wide_network = $1")),
        ];
        for (network, cap, count, make_room) in of_network {
            let Some(network) = network.as_ref().filter(|_| cap > 0) else { continue };
            let (there,): (i64,) = sql!(tx, count, &network[..], now, cap => fetch_one)?;
            if there < cap {
                continue;
            }
            let gone: Vec<Deleted> = sql!(tx, make_room, &network[..] => fetch_all)?;
            if gone.is_empty() {
                return Ok(Room::None);
            }
            deleted.extend(gone);
        }
        if deleted.is_empty() && caps.total > 0 && live.load(Ordering::Relaxed) >= caps.total {
            let gone: Vec<Deleted> = sql!(tx, make_room!("TRUE") => fetch_all)?;
            if gone.is_empty() {
                return Ok(Room::None);
            }
            deleted.extend(gone);
        }
        live.fetch_add(1 - i64::try_from(deleted.len()).unwrap_or(0), Ordering::Relaxed);
        Ok(Room::Made(self.end_journeys(tx, &deleted).await?))
    }

    /// Counts the live sessions anew, those that other servers have begun included.
    pub(super) async fn recount(&self) -> Result<(), Error> {
        let Some(CapContext { live, .. }) = &self.caps else { return Ok(()) };
        live.store(self.count_all().await?, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
