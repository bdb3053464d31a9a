//! The open connections of a listener: how many there may be in all and of one source, and which of them ends when there
//! are too many.
//!
//! A connection *waits* while it is the client's turn: to send a head, the rest of a form, or another request. When a
//! listener or a source has all it may have, a further connection takes the place of the one that has waited longest.
//! One whose request the server is answering is never ended.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::rate_limit::network;

/// One source may have this part of all connections.
const SHARE: usize = 8;

/// The open connections of a listener.
pub struct Connections {
    most: usize,
    /// None: a source may have them all.
    most_of_source: Option<usize>,
    open: Mutex<Open>,
    /// Notified when a connection has ended.
    ended: Notify,
    count: Gauge,
    displaced: Counter,
}

#[derive(Default)]
struct Open {
    next: u64,
    by_number: HashMap<u64, Entry>,
}

struct Entry {
    /// Who has it; none while it belongs to a proxy that uses it for one visitor after the other.
    source: Option<IpAddr>,
    /// Since when it is the client's turn; none while it is the server's.
    waits_since: Option<Instant>,
    displaced: CancellationToken,
}

/// A connection that was admitted. Dropped, it leaves its place.
pub struct Connection {
    connections: Arc<Connections>,
    number: u64,
    displaced: CancellationToken,
}

impl Connections {
    /// At most `most` connections, and an eighth of them of one source.
    pub fn shared(most: usize) -> Arc<Self> {
        Self::new(most, Some((most / SHARE).max(1)))
    }

    /// At most `most` connections, whosever they are.
    pub fn unshared(most: usize) -> Arc<Self> {
        Self::new(most, None)
    }

    fn new(most: usize, most_of_source: Option<usize>) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            most_of_source,
            open: Mutex::default(),
            ended: Notify::new(),
            count: Gauge::default(),
            displaced: Counter::default(),
        })
    }

    /// Registers how many connections there are, and how many were ended for others.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("connections", "Open connections of the public listener", self.count.clone());
        let help = "Connections ended because newer ones needed their place";
        registry.register("connections_displaced", help, self.displaced.clone());
    }

    /// Admits a connection of `source`, if it is known who has it. Where none of too many waits, it waits for one to end.
    pub async fn admit(self: &Arc<Self>, source: Option<IpAddr>) -> Connection {
        let source = source.map(network);
        loop {
            let ended = self.ended.notified();
            if let Some(connection) = self.try_admit(source) {
                return connection;
            }
            ended.await;
        }
    }

    fn try_admit(self: &Arc<Self>, source: Option<IpAddr>) -> Option<Connection> {
        let mut open = self.lock();
        let is_full = open.by_number.len() >= self.most;
        if is_full && !self.displace(&mut open, |_| true) {
            return None;
        }
        let number = open.next;
        open.next += 1;
        let displaced = CancellationToken::new();
        let entry = Entry { source, waits_since: Some(Instant::now()), displaced: displaced.clone() };
        open.by_number.insert(number, entry);
        self.keep_to_share(&mut open, source);
        self.count.set(i64::try_from(open.by_number.len()).unwrap_or(i64::MAX));
        Some(Connection { connections: Arc::clone(self), number, displaced })
    }

    /// Ends the connection of `source` that has waited longest, if it has more than its share. A source all of whose
    /// connections are being answered keeps them: their number is that of the calls a visitor can make at a time.
    fn keep_to_share(&self, open: &mut Open, source: Option<IpAddr>) {
        let (Some(source), Some(most)) = (source, self.most_of_source) else { return };
        let held = open.by_number.values().filter(|entry| entry.source == Some(source)).count();
        if held > most {
            self.displace(open, |entry| entry.source == Some(source));
        }
    }

    /// Ends the connection that has waited longest of those that `of` holds for. Returns whether there was one.
    fn displace(&self, open: &mut Open, of: impl Fn(&Entry) -> bool) -> bool {
        let waiting = open.by_number.iter().filter(|(_, entry)| of(entry));
        let longest = waiting.filter_map(|(number, entry)| Some((entry.waits_since?, *number))).min();
        let Some(entry) = longest.and_then(|(_, number)| open.by_number.remove(&number)) else {
            return false;
        };
        entry.displaced.cancel();
        self.displaced.inc();
        true
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Completes when the connection has to end because another one needs its place.
    pub async fn displaced(&self) {
        self.displaced.cancelled().await;
    }

    /// A head has come, of a request of `source`: now it is the client's turn to send the rest.
    pub fn receives(&self, source: Option<IpAddr>) {
        let source = source.map(network);
        let mut open = self.connections.lock();
        let Some(entry) = open.by_number.get_mut(&self.number) else { return };
        let is_new = entry.source != source;
        (entry.source, entry.waits_since) = (source, Some(Instant::now()));
        if is_new {
            self.connections.keep_to_share(&mut open, source);
        }
    }

    /// The whole request has come: now it is the server's turn.
    pub fn answers(&self) {
        self.set(|entry| entry.waits_since = None);
    }

    /// The request is answered: now the client may send another, or close. `source`: whose connection it is between two
    /// requests.
    pub fn rests(&self, source: Option<IpAddr>) {
        let source = source.map(network);
        self.set(|entry| (entry.source, entry.waits_since) = (source, Some(Instant::now())));
    }

    fn set(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.connections.lock().by_number.get_mut(&self.number) {
            change(entry);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        open.by_number.remove(&self.number);
        self.connections.count.set(i64::try_from(open.by_number.len()).unwrap_or(i64::MAX));
        drop(open);
        self.connections.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;
    use tokio::time::advance;

    use super::*;

    fn source(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    /// One connection of each of `sources`, a second after one another.
    async fn opened(connections: &Arc<Connections>, sources: impl Iterator<Item = u8>) -> Vec<Connection> {
        let mut all = Vec::new();
        for last in sources {
            all.push(connections.admit(source(last)).await);
            advance(Duration::from_secs(1)).await;
        }
        all
    }

    fn displaced(all: &[Connection]) -> Vec<usize> {
        (0..all.len()).filter(|n| all[*n].displaced.is_cancelled()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn further_connection_ends_the_one_that_waited_longest() {
        let connections = Connections::shared(8);
        let mut all = opened(&connections, 0..8).await;
        // The first has sent a head since, and the second is being answered.
        all[0].receives(source(0));
        all[1].answers();
        all.push(connections.admit(source(9)).await);
        assert_eq!(displaced(&all), [2]);
        // An answer that is finished is a wait that begins.
        all[1].rests(source(1));
        all.extend(opened(&connections, 10..17).await);
        assert_eq!(displaced(&all), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!((connections.count.get(), connections.displaced.get()), (8, 8));
    }

    #[tokio::test(start_paused = true)]
    async fn source_with_its_share_ends_its_own_connection() {
        let connections = Connections::shared(16);
        let all = opened(&connections, [1, 2, 2, 1, 2].into_iter()).await;
        assert_eq!(displaced(&all), [1]);
        // The addresses of an IPv6 network are one source.
        let connections = Connections::shared(16);
        let mut all = Vec::new();
        for address in ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "2001:db8::3"] {
            all.push(connections.admit(address.parse().ok()).await);
            advance(Duration::from_secs(1)).await;
        }
        assert_eq!(displaced(&all), [0]);
    }

    #[tokio::test(start_paused = true)]
    async fn connection_of_a_proxy_belongs_to_the_visitor_it_is_used_for() {
        let connections = Connections::shared(16);
        let mut all = Vec::new();
        for _ in 0..6 {
            all.push(connections.admit(None).await);
            advance(Duration::from_secs(1)).await;
        }
        // Three half-sent forms of one visitor, whose share are two.
        for connection in &all[..3] {
            connection.receives(source(1));
            advance(Duration::from_secs(1)).await;
        }
        assert_eq!(displaced(&all), [0]);
        all[1].rests(None);
        all[3].receives(source(1));
        assert_eq!(displaced(&all), [0]);
    }

    #[tokio::test(start_paused = true)]
    async fn connection_waits_for_one_to_end_while_all_are_answered() {
        let connections = Connections::shared(2);
        let mut all = opened(&connections, 0..2).await;
        all.iter().for_each(Connection::answers);
        let mut third = Box::pin(connections.admit(source(3)));
        assert!(third.as_mut().now_or_never().is_none());
        drop(all.pop());
        assert!(third.now_or_never().is_some());
    }
}
