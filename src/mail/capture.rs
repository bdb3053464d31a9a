//! The demo's mails, kept in memory instead of sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

use super::content::Kind;

/// How many are kept.
const MOST: usize = 50;

/// A mail that was not sent.
#[derive(Clone)]
pub struct Captured {
    /// When.
    pub at: Timestamp,
    /// Its kind.
    pub kind: Kind,
    /// To whom it would have gone.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Its text as HTML.
    pub html: String,
    /// All that would have been sent.
    pub message: String,
}

/// The latest mails. A clone shares them.
#[derive(Clone, Default)]
pub struct Capture(Arc<Mutex<VecDeque<Captured>>>);

impl Capture {
    /// The mails, newest first.
    pub fn all(&self) -> Vec<Captured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn keep(&self, mail: Captured) {
        let mut mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mails.push_front(mail);
        mails.truncate(MOST);
    }
}
