//! The uses that are not in the table yet.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

/// How often each key was used, and when last. Only keys in force are counted, so there are few.
#[derive(Default)]
pub(super) struct Uses(BTreeMap<[u8; 32], (i64, Timestamp)>);

impl Uses {
    pub(super) fn count(&mut self, key: [u8; 32], now: Timestamp) {
        self.add(key, 1, now);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, (uses, last)) in other.0 {
            self.add(key, uses, last);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Always in one order, so that two servers never wait for one another's rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8; 32], i64, Timestamp)> {
        self.0.iter().map(|(key, (uses, last))| (key, *uses, *last))
    }

    fn add(&mut self, key: [u8; 32], uses: i64, at: Timestamp) {
        let (known, last) = self.0.entry(key).or_insert((0, at));
        (*known, *last) = (*known + uses, at.max(*last));
    }
}

pub(super) fn lock(uses: &Mutex<Uses>) -> MutexGuard<'_, Uses> {
    uses.lock().unwrap_or_else(PoisonError::into_inner)
}
