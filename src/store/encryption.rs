//! Encryption at rest: XChaCha20-Poly1305 under a named key.
//!
//! What is encrypted for one place (a label and the row's own key) is decrypted nowhere else. The first
//! key of the list encrypts; all of them decrypt, so that a new one is put last before it is put first. Keys
//! and plain text never reach a log: neither type has a `Debug`.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use zeroize::Zeroizing;

use super::keyed_hash;
use crate::entropy::Entropy;

const NONCE: usize = 24;

/// The keys that encrypt what is stored, newest first. A clone shares them.
#[derive(Clone)]
pub struct KeyRing {
    newest: Arc<Key>,
    older: Arc<[Key]>,
}

struct Key {
    id: String,
    // The `zeroize` feature wipes the cipher's key when it is dropped.
    cipher: XChaCha20Poly1305,
    /// The key of its keyed hashes, derived from its secret.
    hashes: Zeroizing<[u8; 32]>,
}

/// What is wrong with a list of keys. Reveals nothing about the keys themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// The list is empty.
    #[error("at least one key is needed")]
    None,
    /// An entry is not `id:base64`.
    #[error("a key is written id:base64, the id of 1 to 32 letters, digits, - or _")]
    Form,
    /// A key has not 32 bytes.
    #[error("a key has 32 bytes (44 characters of base64)")]
    Length,
    /// Two entries have one id.
    #[error("two keys have the same id")]
    Twice,
}

/// An encrypted value, as it is stored.
pub struct Sealed {
    /// The id of the key that encrypted it.
    pub key_id: String,
    /// Nonce and ciphertext.
    pub blob: Vec<u8>,
}

impl KeyRing {
    /// Parses keys written `id:base64` (32 bytes). The first one encrypts. To rotate, put a new one last
    /// on every server, then first, and keep the old one until everything it encrypted has been deleted.
    ///
    /// # Errors
    /// [`KeyRingError`]: which rule an entry breaks.
    pub fn parse(entries: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, KeyRingError> {
        let mut keys: Vec<Key> = Vec::new();
        for entry in entries {
            let (id, secret) = entry.as_ref().trim().split_once(':').ok_or(KeyRingError::Form)?;
            let named = (1..=32).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            if !named {
                return Err(KeyRingError::Form);
            }
            if keys.iter().any(|key| key.id == id) {
                return Err(KeyRingError::Twice);
            }
            let secret = Zeroizing::new(STANDARD.decode(secret).map_err(|_| KeyRingError::Form)?);
            keys.push(Key::new(id, secret.as_slice().try_into().map_err(|_| KeyRingError::Length)?));
        }
        let mut keys = keys.into_iter();
        let newest = keys.next().ok_or(KeyRingError::None)?;
        Ok(Self { newest: Arc::new(newest), older: keys.collect() })
    }

    /// A list of one random key, for a server whose sessions need not outlive it.
    pub fn random(entropy: &Entropy) -> Self {
        let secret = Zeroizing::new(entropy.bytes());
        Self { newest: Arc::new(Key::new("random", &secret)), older: [].into() }
    }

    /// Encrypts `plain` for the place that `label` and `row` name.
    pub fn seal(&self, entropy: &Entropy, label: &str, row: &[u8], plain: &[u8]) -> Sealed {
        let nonce: [u8; NONCE] = entropy.bytes();
        #[allow(clippy::expect_used, reason = "fails only beyond 256 GiB of plain text")]
        let text = self
            .newest
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &place(label, row) })
            .expect("a stored value is far shorter than the cipher's limit");
        Sealed { key_id: self.newest.id.clone(), blob: [&nonce, text.as_slice()].concat() }
    }

    /// Decrypts what was encrypted for this place. `None`: the key is unknown, or the value was encrypted
    /// for another place, under another key, or has been changed.
    pub fn open(&self, label: &str, row: &[u8], key_id: &str, blob: &[u8]) -> Option<Vec<u8>> {
        let key = std::iter::once(&*self.newest).chain(self.older.iter()).find(|key| key.id == key_id)?;
        let (nonce, text) = blob.split_first_chunk::<NONCE>()?;
        key.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: &place(label, row) }).ok()
    }

    /// The ids of the keys; the first one encrypts.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.newest).chain(self.older.iter()).map(|key| key.id.as_str())
    }

    /// Whether the list has the key of that id.
    pub fn knows(&self, key_id: &str) -> bool {
        self.ids().any(|id| id == key_id)
    }

    /// The keyed hash of `value` for the purpose `label`, under the newest key.
    pub(crate) fn hash(&self, label: &str, value: &[u8]) -> [u8; 32] {
        self.newest.hash(label, value)
    }

    /// The same under each older key, by which what was stored before the newest came is still found.
    pub(crate) fn older_hashes(&self, label: &str, value: &[u8]) -> impl Iterator<Item = [u8; 32]> {
        self.older.iter().map(move |key| key.hash(label, value))
    }
}

impl Key {
    fn new(id: &str, secret: &[u8; 32]) -> Self {
        let hashes = Zeroizing::new(keyed_hash(secret, "keyed hashes", []));
        Self { id: id.to_owned(), cipher: XChaCha20Poly1305::new(secret.into()), hashes }
    }

    fn hash(&self, label: &str, value: &[u8]) -> [u8; 32] {
        keyed_hash(&self.hashes, label, [value])
    }
}

/// The associated data: no label contains a NUL, so no two places are written alike.
fn place(label: &str, row: &[u8]) -> Vec<u8> {
    [label.as_bytes(), &[0], row].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(id: &str, byte: u8) -> String {
        format!("{id}:{}", STANDARD.encode([byte; 32]))
    }

    #[test]
    fn sealed_value_opens_only_in_its_place_and_unchanged() {
        let (entropy, keys) = (Entropy::system(), KeyRing::parse([written("a", 1)]).unwrap());
        let sealed = keys.seal(&entropy, "session", b"row", b"plain");
        let Sealed { key_id, blob } = &sealed;
        assert_eq!(keys.open("session", b"row", key_id, blob).unwrap(), b"plain");
        assert!(keys.open("session", b"other row", key_id, blob).is_none());
        assert!(keys.open("other", b"row", key_id, blob).is_none());
        assert!(keys.open("session", b"row", "b", blob).is_none());
        for place in 0..blob.len() {
            let mut changed = blob.clone();
            changed[place] ^= 1;
            assert!(keys.open("session", b"row", key_id, &changed).is_none());
            assert!(keys.open("session", b"row", key_id, &blob[..place]).is_none());
        }
    }

    #[test]
    fn newest_key_seals_and_older_key_still_opens() {
        let entropy = Entropy::system();
        let before = KeyRing::parse([written("old", 1)]).unwrap();
        let after = KeyRing::parse([written("new", 2), written("old", 1)]).unwrap();
        let sealed = before.seal(&entropy, "l", b"r", b"plain");
        assert_eq!(after.open("l", b"r", &sealed.key_id, &sealed.blob).unwrap(), b"plain");
        assert_eq!(after.seal(&entropy, "l", b"r", b"plain").key_id, "new");
        let other = KeyRing::parse([written("old", 9)]).unwrap();
        assert!(other.open("l", b"r", &sealed.key_id, &sealed.blob).is_none());
    }

    #[test]
    fn hash_depends_on_key_purpose_and_value_and_stays_found_under_an_older_key() {
        let before = KeyRing::parse([written("old", 1)]).unwrap();
        let after = KeyRing::parse([written("new", 2), written("old", 1)]).unwrap();
        let hash = before.hash("l", b"value");
        assert_eq!(after.older_hashes("l", b"value").collect::<Vec<_>>(), [hash]);
        for other in [after.hash("l", b"value"), before.hash("m", b"value"), before.hash("l", b"other")] {
            assert_ne!(other, hash);
        }
        // Not the hash under the key that encrypts.
        assert_ne!(hash, keyed_hash(&[1; 32], "l", [b"value".as_slice()]));
    }

    #[test]
    fn key_list_is_validated_when_parsed() {
        let cases = [
            (vec![], KeyRingError::None),
            (vec!["no-colon".to_owned()], KeyRingError::Form),
            (vec![written("", 1)], KeyRingError::Form),
            (vec![written("bad id", 1)], KeyRingError::Form),
            (vec!["a:***".to_owned()], KeyRingError::Form),
            (vec!["a:c2hvcnQ=".to_owned()], KeyRingError::Length),
            (vec![written("a", 1), written("a", 2)], KeyRingError::Twice),
        ];
        for (entries, expected) in cases {
            assert_eq!(KeyRing::parse(entries).err(), Some(expected));
        }
    }
}
