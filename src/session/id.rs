//! The secret that names a session: what the cookie carries.
//!
//! It never reaches the database (its SHA-256 does), a log or a page: no `Debug`, no `Display`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// A session's id: 32 random bytes, only ever drawn by the server.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct SessionId([u8; 32]);

impl SessionId {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads a cookie's value. `None`: not of the form an id has.
    pub fn from_cookie(value: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(value).ok()?);
        Some(Self(bytes.as_slice().try_into().ok()?))
    }

    /// The cookie's value: 43 characters of base64url.
    pub fn to_cookie(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The key of the session's row: who copies the table learns no id.
    pub(super) fn row_key(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_cookie_parses_back_to_id_and_others_are_refused() {
        let id = SessionId::new([7; 32]);
        assert!(SessionId::from_cookie(&id.to_cookie()).unwrap() == id);
        let long = "A".repeat(44);
        for value in ["", "A", "not base64!", long.as_str(), &id.to_cookie()[1..]] {
            assert!(SessionId::from_cookie(value).is_none(), "{value}");
        }
    }
}
