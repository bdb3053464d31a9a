//! Room for one more session, where the caps ([`super::Caps`]) are met.

use std::sync::atomic::Ordering;

use super::{
    Sessions,
    caps::{CapContext, Networks, Room},
    deletion::Deleted,
};
use crate::store::{Error, Tx, sql};

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
        let before = live.load(Ordering::Relaxed);
        let counted = self.count_all().await?;
        // What begins meanwhile is not lost. Counted twice, it is put right by the next count.
        live.fetch_add(counted - before, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
