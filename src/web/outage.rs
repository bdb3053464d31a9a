//! The outages in force, which can change while the server runs.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::journey::Outages;

/// The outages in force, by the name of the site. A clone shares them.
#[derive(Clone, Default)]
pub struct OutageState(Arc<RwLock<BTreeMap<String, Arc<Outages>>>>);

impl OutageState {
    /// `outages` are in force until they are replaced.
    pub fn new(outages: BTreeMap<String, Outages>) -> Self {
        Self(Arc::new(RwLock::new(shared(outages))))
    }

    /// The outages of the site of that name; none for an unknown name.
    pub fn at(&self, site: &str) -> Arc<Outages> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(site).cloned().unwrap_or_default()
    }

    /// Puts `outages` in force instead. Returns whether they differ from the former ones.
    pub fn replace(&self, outages: BTreeMap<String, Outages>) -> bool {
        let outages = shared(outages);
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let changed = *held != outages;
        *held = outages;
        changed
    }
}

fn shared(outages: BTreeMap<String, Outages>) -> BTreeMap<String, Arc<Outages>> {
    outages.into_iter().map(|(site, outages)| (site, Arc::new(outages))).collect()
}
