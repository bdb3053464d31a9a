//! Collects NRG's texts for people that come although nobody has to stop (contract 3.1), whichever call brings them.

use std::sync::{Mutex, PoisonError};

use crate::journey::AdviceText;

/// The texts of the calls made for one request, or by one task.
#[derive(Default)]
pub struct AdviceCollector(Mutex<Vec<AdviceText>>);

impl AdviceCollector {
    /// The texts since this was last called.
    pub fn take(&self) -> Vec<AdviceText> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn add(&self, texts: impl IntoIterator<Item = AdviceText>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(texts);
    }
}

/// An answer in a cache, with the texts that came with it.
#[derive(Clone)]
pub(super) struct Advised<T> {
    pub(super) answer: T,
    pub(super) texts: Vec<AdviceText>,
}
