//! Keyed hashes: HMAC-SHA256, each purpose with its label.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A hash under `key` for the purpose `label` over `parts`, each preceded by its length, so that no two
/// lists of parts are written alike.
pub(crate) fn keyed_hash<'a>(
    key: &[u8; 32],
    label: &str,
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> [u8; 32] {
    #[allow(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    let mut add = |part: &[u8]| {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    };
    add(label.as_bytes());
    parts.into_iter().for_each(add);
    mac.finalize().into_bytes().into()
}
