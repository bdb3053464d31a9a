//! What stays of an address: a keyed hash, by which the outbox knows it again and an unsubscribe link names it.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{fields::Email, store::keyed_hash};

/// The keyed hash of an address.
pub type AddressHash = [u8; 32];

/// How many bytes of a token prove that this server made it.
const PROOF: usize = 16;

/// The key of the hashes, wiped when dropped, without `Debug`. It must stay the same: an address that takes no mail is known
/// by nothing else. A clone shares it.
#[derive(Clone)]
pub struct AddressKey(Arc<Zeroizing<[u8; 32]>>);

impl AddressKey {
    /// The key of these bytes.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Arc::new(Zeroizing::new(key)))
    }

    /// The hash of an address, whatever its capitals.
    pub fn hash(&self, address: &Email) -> AddressHash {
        self.keyed("address of a mail", &[address.as_str().to_ascii_lowercase().as_bytes()])
    }

    /// What a mail is about that is sent once for each of `parts`.
    pub(super) fn about(&self, parts: &[&[u8]]) -> String {
        hex::encode(self.keyed("what a mail is about", parts))
    }

    /// The token of the unsubscribe link of an address. It can be made by nobody else, and tells nothing.
    pub(super) fn token(&self, address: &AddressHash) -> String {
        URL_SAFE_NO_PAD.encode([&address[..], &self.proof(address)].concat())
    }

    /// The address that a token names; `None`: this server has not made it.
    pub(super) fn of_token(&self, token: &str) -> Option<AddressHash> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (address, proof) = bytes.split_first_chunk::<32>()?;
        bool::from(self.proof(address).ct_eq(proof)).then_some(*address)
    }

    fn proof(&self, address: &AddressHash) -> Vec<u8> {
        self.keyed("unsubscribe link", &[address]).into_iter().take(PROOF).collect()
    }

    fn keyed(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        keyed_hash(&self.0, label, parts.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_names_its_address_under_its_key_and_unchanged() {
        let key = AddressKey::new([1; 32]);
        let address = key.hash(&Email::parse("Jordan@example.com").unwrap());
        assert_eq!(address, key.hash(&Email::parse("jordan@EXAMPLE.com").unwrap()));
        let token = key.token(&address);
        assert_eq!(key.of_token(&token), Some(address));
        assert_eq!(AddressKey::new([2; 32]).of_token(&token), None);
        for place in 0..token.len() - 1 {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(key.of_token(std::str::from_utf8(&changed).unwrap()), None, "{place}");
            assert_eq!(key.of_token(&token[..place]), None, "{place}");
        }
    }
}
