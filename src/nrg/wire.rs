//! Deserializes NRG's scalars: each becomes a line of visible text, whatever its JSON type is, and absent, `null` and `""`
//! mean the same (contract "Types").

use std::{fmt, marker::PhantomData, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor, value},
};

use super::bounded::visible;

/// The longest id or code that is sent back to NRG, in bytes.
const LONGEST_ID: usize = 100;

/// A scalar as a trimmed line of visible text; blank if it is absent. All that is read of an answer is one: no control
/// character and no mark of direction gets any further, however the text is used.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    text: String,
    /// Whether NRG wrote something else, of which this is what is seen.
    is_altered: bool,
}

impl Text {
    fn of(written: &str) -> Self {
        let written = written.trim();
        let text = visible(written).trim().to_owned();
        Self { is_altered: text != written, text }
    }

    fn of_scalar(scalar: impl ToString) -> Self {
        Self { text: scalar.to_string(), is_altered: false }
    }

    /// The text as NRG wrote it, for what is sent back to NRG. None if it is blank, and if it is no id or code that can be
    /// used: longer than any, or altered.
    pub(super) fn exact(&self) -> Option<&str> {
        self.filled().filter(|text| !self.is_altered && text.len() <= LONGEST_ID)
    }

    /// The text, unless it is blank.
    pub(super) fn filled(&self) -> Option<&str> {
        (!self.text.is_empty()).then_some(self.text.as_str())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;

        impl<'de> Visitor<'de> for Scalar {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a scalar or null")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::of(text))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text::of_scalar(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text::of_scalar(number))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Text, E> {
                // Above this, digits may be lost: an identifier written so is none.
                let is_exact = number.abs() < 9e15;
                Ok(if is_exact { Text::of_scalar(number) } else { Text::default() })
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Text, E> {
                Ok(Text::of_scalar(flag))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Text, E> {
                Ok(Text::default())
            }

            /// Programs that make JSON from XML write a blank element as an empty list or object.
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
                let first = list.next_element()?.unwrap_or_default();
                match list.next_element::<IgnoredAny>()? {
                    None => Ok(first),
                    Some(_) => Err(de::Error::custom("more than one scalar")),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Text, A::Error> {
                match object.next_key::<IgnoredAny>()? {
                    None => Ok(Text::default()),
                    Some(_) => Err(de::Error::custom("an object instead of a scalar")),
                }
            }
        }

        deserializer.deserialize_any(Scalar)
    }
}

/// A list, empty for `null` and for a blank text; what is not a list is the only element of one. The container's
/// `default` covers an absent list.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list or null")
        }

        fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            if text.trim().is_empty() {
                return Ok(Vec::new());
            }
            T::deserialize(value::StrDeserializer::new(text)).map(|only| vec![only])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut elements = Vec::new();
            while let Some(element) = list.next_element()? {
                elements.push(element);
            }
            Ok(elements)
        }

        fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Vec<T>, A::Error> {
            T::deserialize(value::MapAccessDeserializer::new(object)).map(|only| vec![only])
        }
    }

    deserializer.deserialize_any(List(PhantomData))
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
            (r#"{"scalar":["00"],"items":"a"}"#, "00", 1),
            (r#"{"scalar":[],"items":" "}"#, "", 0),
            (r#"{"scalar":{},"items":[]}"#, "", 0),
            (r#"{"scalar":1000000999999991200000}"#, "", 0),
        ] {
            let sample: Sample = serde_json::from_str(json).unwrap();
            assert_eq!((&*sample.scalar, sample.items.len()), (scalar, items), "{json}");
        }
        for json in [r#"{"scalar":{"more":1}}"#, r#"{"scalar":["a","b"]}"#, r#"{"items":{"more":1}}"#] {
            assert!(serde_json::from_str::<Sample>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn wire_text_is_visible_and_exact_only_as_it_was_written() {
        let longest = "A".repeat(LONGEST_ID);
        let longer = "A".repeat(LONGEST_ID + 1);
        for (written, text, exact) in [
            ("59990001", "59990001", Some("59990001")),
            (" Cañón 12 ", "Cañón 12", Some("Cañón 12")),
            ("one\ntwo\tthree\u{85}four", "one two three four", None),
            ("a\u{202e}b\u{61c}c\u{200e}d\u{200f}e\u{2066}f\u{2069}g", "abcdefg", None),
            ("\u{1b}[31mred\u{7}\u{0}\u{9c}", "[31mred", None),
            ("\u{feff} 12 \u{200b}", "12", None),
            ("\u{202e}", "", None),
            (&longest, &longest, Some(longest.as_str())),
            (&longer, &longer, None),
            ("", "", None),
        ] {
            let read: Text = serde_json::from_value(written.into()).unwrap();
            assert_eq!((&*read, read.exact()), (text, exact), "{written:?}");
        }
    }

    #[test]
    fn verify_date_is_set_unless_zero_or_blank() {
        assert!(is_dated("06/15/2030"));
        assert!(!is_dated("0000-00-00"));
        assert!(!is_dated(""));
    }
}
