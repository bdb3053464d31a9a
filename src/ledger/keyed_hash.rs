//! The ledger's keyed hashes: HMAC-SHA256 under one stable key, each purpose with its label.

use std::sync::Arc;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::store::{KeyRingError, keyed_hash};

/// The key of the ledger's hashes: 32 bytes, wiped when dropped, without `Debug`. A clone shares it.
#[derive(Clone)]
pub struct LedgerKey(Arc<Zeroizing<[u8; 32]>>);

/// A person, a home, or both, as a keyed hash: equal for equal ones, and nothing else can be read from it.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonKey([u8; 32]);

impl LedgerKey {
    /// Reads a key written in base64.
    ///
    /// # Errors
    /// [`KeyRingError::Form`] or [`KeyRingError::Length`].
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| KeyRingError::Form)?);
        let key = bytes.as_slice().try_into().map_err(|_| KeyRingError::Length)?;
        Ok(Self::new(key))
    }

    /// The key of these bytes.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Arc::new(Zeroizing::new(key)))
    }

    /// A hash for the purpose `label` over `parts`, each preceded by its length, so that no two
    /// lists of parts are written alike.
    pub(crate) fn hash<'a>(&self, label: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        keyed_hash(&self.0, label, parts)
    }

    /// A key for another room, which needs one that stays as long.
    pub fn derived(&self, label: &str) -> [u8; 32] {
        self.hash("derived key", [label.as_bytes()])
    }

    /// A hash that ties a submission to the end of its journey's chain of consents at that moment.
    pub(super) fn chain_end(&self, tracking_id: &str, journey: &str, number: i64, chain: &[u8]) -> [u8; 32] {
        let number = number.to_be_bytes();
        self.hash("consents of a submission", [tracking_id.as_bytes(), journey.as_bytes(), &number, chain])
    }

    /// The stamp over `columns` of a row of the kind `label`.
    pub(super) fn stamp(&self, label: &str, columns: &[&dyn Column]) -> [u8; 32] {
        let mut parts: Vec<Vec<u8>> = Vec::with_capacity(2 * columns.len());
        for column in columns {
            let bytes = column.bytes();
            // Absent and empty are not the same.
            parts.push(vec![u8::from(bytes.is_some())]);
            parts.push(bytes.unwrap_or_default());
        }
        self.hash(label, parts.iter().map(Vec::as_slice))
    }

    pub(super) fn person(&self, parts: &[&str]) -> PersonKey {
        let parts: Vec<String> = parts.iter().map(|part| part.trim().to_lowercase()).collect();
        PersonKey(self.hash("person", parts.iter().map(String::as_bytes)))
    }

    /// A key for the purpose `label` of these parts, to the letter.
    pub(super) fn keyed(&self, label: &str, parts: &[&str]) -> PersonKey {
        PersonKey(self.hash(label, parts.iter().map(|part| part.as_bytes())))
    }
}

/// A column, as it is hashed.
pub(super) trait Column {
    /// Its bytes; `None` where it is NULL.
    fn bytes(&self) -> Option<Vec<u8>>;
}

impl Column for String {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.clone().into_bytes())
    }
}

impl Column for Vec<u8> {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.clone())
    }
}

impl Column for i64 {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(self.to_be_bytes().to_vec())
    }
}

impl Column for bool {
    fn bytes(&self) -> Option<Vec<u8>> {
        Some(vec![u8::from(*self)])
    }
}

impl<C: Column> Column for Option<C> {
    fn bytes(&self) -> Option<Vec<u8>> {
        self.as_ref()?.bytes()
    }
}

/// Compares two hashes in constant time.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

impl PersonKey {
    /// As text, for the session: 43 characters of base64url.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads [`to_text`](Self::to_text).
    pub fn from_text(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its first eight bytes, as the number of a lock.
    pub(super) fn number(&self) -> i64 {
        let mut start = [0; 8];
        start.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        i64::from_be_bytes(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn person_key_is_equal_for_same_person_and_differs_otherwise() {
        let key = LedgerKey::new([1; 32]);
        let one = key.person(&["Jordan", "Samplecase", "100 Example Oak Ln"]);
        assert!(one == key.person(&[" JORDAN", "samplecase ", "100 example oak ln"]));
        assert!(one == PersonKey::from_text(&one.to_text()).unwrap());
        assert!(one != key.person(&["Jordan", "Samplecase", "101 Example Oak Ln"]));
        assert!(one != key.person(&["Jordan", "Samplecase100", " Example Oak Ln"]));
        assert!(one != LedgerKey::new([2; 32]).person(&["Jordan", "Samplecase", "100 Example Oak Ln"]));
    }
}
