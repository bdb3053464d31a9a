//! What a row of the table counts.

use super::rate::Slice;

/// A count: its row, in the slice of now.
#[derive(Clone, Copy)]
pub(super) struct Count {
    pub(super) key: [u8; 32],
    pub(super) slice: Slice,
    /// For a number or a meter as one address tries it.
    pub(super) link: Option<Link>,
}

/// What ties together the counts about a subject, and those from a source: keyed hashes of each.
#[derive(Clone, Copy)]
pub(super) struct Link {
    pub(super) subject: [u8; 32],
    pub(super) source: [u8; 32],
}
