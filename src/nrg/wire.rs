//! Deserializes NRG's scalars: each becomes a text, whatever its JSON type is, and absent, `null` and `""` mean the same
//! (contract "Types").

use std::{fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

/// A trimmed scalar; blank if it is absent.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Text(String);

impl Text {
    /// The text, unless it is blank.
    pub(super) fn filled(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;

        impl Visitor<'_> for Scalar {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a scalar or null")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.trim().to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Text, E> {
                Ok(Text(flag.to_string()))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Text, E> {
                Ok(Text::default())
            }
        }

        deserializer.deserialize_any(Scalar)
    }
}

/// A list, empty for `null`. The container's `default` covers an absent one.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Whether a verify date names a day: `MM/dd/yyyy`, not blank and not `0000-00-00` (contract 2.7).
pub(super) fn is_dated(date: &str) -> bool {
    date.bytes().any(|b| matches!(b, b'1'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Sample {
        scalar: Text,
        #[serde(deserialize_with = "list")]
        items: Vec<Text>,
    }

    #[test]
    fn wire_scalar_is_text_and_null_or_blank_equals_absent() {
        for (json, scalar, items) in [
            (r#"{"scalar":" 00 ","items":["a",1,null]}"#, "00", 3),
            (r#"{"scalar":7}"#, "7", 0),
            (r#"{"scalar":-7,"items":null}"#, "-7", 0),
            (r#"{"scalar":14.2}"#, "14.2", 0),
            (r#"{"scalar":true}"#, "true", 0),
            (r#"{"scalar":null}"#, "", 0),
            (r#"{"scalar":""}"#, "", 0),
            (r#"{"other":{"more":[1]}}"#, "", 0),
        ] {
            let sample: Sample = serde_json::from_str(json).unwrap();
            assert_eq!((&*sample.scalar, sample.items.len()), (scalar, items), "{json}");
        }
        assert!(serde_json::from_str::<Sample>(r#"{"scalar":{}}"#).is_err());
        assert!(serde_json::from_str::<Sample>(r#"{"items":"a"}"#).is_err());
    }

    #[test]
    fn verify_date_is_set_unless_zero_or_blank() {
        assert!(is_dated("06/15/2030"));
        assert!(!is_dated("0000-00-00"));
        assert!(!is_dated(""));
    }
}
