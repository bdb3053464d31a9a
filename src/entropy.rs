//! Injected randomness: random bytes are drawn from a value passed down from the command line or a test, so that a run can
//! be repeated exactly. Nothing else in the program reads the system's random source.

use std::sync::Arc;

/// The letters and digits of what a person reads out or types: without O and 0, I and 1.
pub const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// A source of random bytes. A clone draws from the same source.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// The operating system's cryptographic source.
    #[allow(clippy::disallowed_methods, reason = "the one place that draws random bytes")]
    pub fn system() -> Self {
        Self::new(|buffer| rand::fill(buffer))
    }

    /// A source that fills buffers with `fill`, for tests that repeat.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// `N` new random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        (self.0)(&mut buffer);
        buffer
    }

    /// `N` random [`SIGNS`], five bits each.
    pub fn signs<const N: usize>(&self) -> [u8; N] {
        self.bytes().map(Self::sign)
    }

    /// The sign that five bits of `byte` stand for.
    #[allow(clippy::indexing_slicing, reason = "there are 32 signs")]
    pub fn sign(byte: u8) -> u8 {
        SIGNS[usize::from(byte % 32)]
    }
}
