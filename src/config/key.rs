//! What a key must not be.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// Whether a key, written in base64, is one byte again and again: typed, or left from an example, and not drawn at random.
pub(super) fn is_one_byte(key: &str) -> bool {
    let bytes = STANDARD.decode(key.trim()).map(Zeroizing::new).unwrap_or_default();
    bytes.iter().all(|byte| Some(byte) == bytes.first())
}
