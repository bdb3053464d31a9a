//! A keyed hash of an SSN or license number.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::problem::Problem;

/// It is equal for equal numbers, and reveals nothing without the key. It only counts attempts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NumberKey(String);

impl NumberKey {
    /// The key of these bytes.
    pub fn new(hash: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(hash))
    }

    /// Parses the result of [`as_str`](Self::as_str).
    ///
    /// # Errors
    /// [`Problem::Unreadable`].
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let hash = URL_SAFE_NO_PAD.decode(text).ok().and_then(|hash| hash.try_into().ok());
        hash.map(Self::new).ok_or(Problem::Unreadable)
    }

    /// 43 characters of base64url.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

redacted_debug!(NumberKey);
stored_as_text!(NumberKey, as_str, parse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_key_parses_back_from_text_and_is_redacted_in_debug() {
        let key = NumberKey::new([7; 32]);
        assert!(NumberKey::parse(key.as_str()).unwrap() == key);
        for text in ["", "900456789", &key.as_str()[1..]] {
            assert!(NumberKey::parse(text).is_err(), "{text}");
        }
        assert_eq!(format!("{key:?}"), "NumberKey(hidden)");
    }
}
