//! A key: a prefix by which people and scanners for leaked secrets know it, and 256 random bits.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::entropy::Entropy;

/// What every key begins with.
const PREFIX: &str = "enroll_partner_";

/// A key, wiped when dropped, without `Debug`.
pub struct PartnerKey(Zeroizing<String>);

impl PartnerKey {
    /// A new key.
    pub fn new(entropy: &Entropy) -> Self {
        let bits = Zeroizing::new(entropy.bytes::<32>());
        Self(Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(*bits))))
    }

    /// The key with this text; `None` if it cannot be one, so that the database need not be asked.
    pub fn parse(text: &str) -> Option<Self> {
        let bits = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).map(Zeroizing::new).ok()?;
        (bits.len() == 32).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The key as text, for the one who is given it and for its hash.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_parses_back_and_what_is_none_is_refused() {
        let key = PartnerKey::new(&Entropy::new(|buffer| buffer.fill(7)));
        let text = key.expose().to_owned();
        assert_eq!(text.len(), PREFIX.len() + 43);
        assert_eq!(PartnerKey::parse(&text).unwrap().expose(), text);
        for other in
            ["", PREFIX, &text[1..], &text[..text.len() - 1], &format!("{text}A"), &format!("{text} ")]
        {
            assert!(PartnerKey::parse(other).is_none(), "{other:?}");
        }
    }
}
