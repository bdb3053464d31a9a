//! The password of the report's page.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The password of the page. It is wiped when dropped and has no `Debug`.
#[derive(Clone)]
pub struct Password(Arc<Zeroizing<String>>);

impl Password {
    /// The password, if it has twelve characters or more.
    pub fn new(text: Zeroizing<String>) -> Option<Self> {
        (text.chars().count() >= 12).then(|| Self(Arc::new(text)))
    }

    /// Whether it is `guess`. Digests of equal length are compared in constant time, so that the time it takes depends
    /// neither on the password nor on its length.
    pub(super) fn is(&self, guess: &str) -> bool {
        let digest = |password: &str| Sha256::digest(password.as_bytes());
        digest(guess).as_slice().ct_eq(digest(&self.0).as_slice()).into()
    }
}
