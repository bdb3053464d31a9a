//! Amounts of money.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// An amount in dollars, never negative. NRG's are whole dollars (contract 2.7); one with cents is kept to the cent,
/// because rounding it would show a wrong sum. Stored as a number of dollars, and with cents as a text, "213.45".
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dollars {
    cents: u32,
}

impl Dollars {
    /// No money.
    pub const ZERO: Self = Self { cents: 0 };

    /// So many whole dollars, at most 42,949,672.
    pub const fn whole(dollars: u32) -> Self {
        Self { cents: dollars.saturating_mul(100) }
    }

    /// So many cents.
    pub const fn from_cents(cents: u32) -> Self {
        Self { cents }
    }

    /// The whole dollars, and the cents beyond them.
    pub const fn parts(self) -> (u32, u32) {
        (self.cents / 100, self.cents % 100)
    }
}

impl fmt::Display for Dollars {
    /// The number alone, "200" or "213.45": the sign belongs to the text around it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (whole, 0) => write!(f, "{whole}"),
            (whole, cents) => write!(f, "{whole}.{cents:02}"),
        }
    }
}

impl fmt::Debug for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dollars({self})")
    }
}

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.parts() {
            (whole, 0) => serializer.serialize_u32(whole),
            (..) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StoredDollars)
    }
}

struct StoredDollars;

impl Visitor<'_> for StoredDollars {
    type Value = Dollars;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of dollars, or a text with cents")
    }

    fn visit_u64<E: de::Error>(self, dollars: u64) -> Result<Dollars, E> {
        let cents = dollars.checked_mul(100).and_then(|cents| u32::try_from(cents).ok());
        cents.map(Dollars::from_cents).ok_or_else(|| E::custom("stored amount out of range"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Dollars, E> {
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let parts = text.split_once('.').filter(|(_, cents)| is_plain && cents.len() == 2);
        let cents = parts.and_then(|(whole, cents)| {
            let (whole, cents): (u32, u32) = (whole.parse().ok()?, cents.parse().ok()?);
            whole.checked_mul(100)?.checked_add(cents)
        });
        cents.map(Dollars::from_cents).ok_or_else(|| E::custom("stored amount refused"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_stored_as_number_and_with_cents_as_text() {
        for (amount, stored, shown) in [
            (Dollars::ZERO, "0", "0"),
            (Dollars::whole(200), "200", "200"),
            (Dollars::from_cents(21_345), r#""213.45""#, "213.45"),
            (Dollars::from_cents(5), r#""0.05""#, "0.05"),
        ] {
            assert_eq!(serde_json::to_string(&amount).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Dollars>(stored).unwrap(), amount);
            assert_eq!(amount.to_string(), shown);
        }
    }

    #[test]
    fn stored_amount_that_is_none_is_refused() {
        for stored in ["-1", "42949673", r#""213""#, r#""213.4""#, r#""+1.00""#, r#""a.00""#, "2.5", "null"] {
            assert!(serde_json::from_str::<Dollars>(stored).is_err(), "{stored}");
        }
    }
}
