//! The click that began a journey: the campaign parameters of the affiliate's link.
//!
//! The input is the query of the link. Known parameters are kept; all others are ignored. Their values are opaque: each
//! network has its own, and looks them up to the letter. They are for the affiliate alone: none is sent to NRG, logged or
//! shown on a page.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fields::Query;

/// The longest value, in bytes.
const LONGEST: usize = 512;

/// What stands around the name of a macro in a link, which the network replaces by a value.
const MACROS: [(&str, &str); 4] = [("{", "}"), ("${", "}"), ("%%", "%%"), ("#", "#")];

/// The campaign parameters of a link, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Attribution(BTreeMap<String, String>);

/// Why the value of a campaign parameter is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Unusable {
    /// It is a macro that the network did not replace.
    Macro,
    /// It has more than 512 bytes.
    TooLong,
    /// It has a control character.
    Control,
}

impl Attribution {
    /// The parameters that are kept: a click's id, an affiliate's own ids, those of the large networks and the campaign.
    pub const NAMES: [&'static str; 23] = [
        "cid",
        "sub1",
        "sub2",
        "sub3",
        "sub4",
        "sub5",
        "sub6",
        "sub7",
        "sub8",
        "sub9",
        "sub10",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
        "utm_id",
        "gclid",
        "gbraid",
        "wbraid",
        "fbclid",
        "msclkid",
        "ttclid",
    ];

    /// Parses the query of a link. Of several values the first usable one counts. A value is kept to the letter, without the
    /// spaces around it.
    pub fn read(query: &str) -> Self {
        let mut kept = BTreeMap::new();
        for (name, value) in values(&Query::read(query)) {
            if unusable(value).is_none() {
                kept.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        Self(kept)
    }

    /// The parameters of a link that have a value which is not kept, each with the reasons.
    pub fn unusable_in(query: &str) -> BTreeSet<(&'static str, Unusable)> {
        values(&Query::read(query)).filter_map(|(name, value)| Some((name, unusable(value)?))).collect()
    }

    /// Whether a link has any of the parameters, even one whose value is not kept.
    pub fn is_in(query: &str) -> bool {
        Query::read(query).to_the_letter().any(|(name, _)| Attribution::NAMES.contains(&name))
    }

    /// Whether `value` is a macro, for which a network puts in a value of its own.
    pub fn is_macro(value: &str) -> bool {
        MACROS.iter().any(|(before, after)| {
            let inner = value.strip_prefix(before).and_then(|value| value.strip_suffix(after));
            inner.is_some_and(|inner| !inner.is_empty() && inner.chars().all(is_of_name))
        })
    }

    /// Whether there is no parameter.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a parameter, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Each parameter with its value, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl From<BTreeMap<String, String>> for Attribution {
    fn from(mut stored: BTreeMap<String, String>) -> Self {
        stored.retain(|name, value| Self::NAMES.contains(&name.as_str()) && unusable(value).is_none());
        Self(stored)
    }
}

/// The values of campaign parameters in `query` that are not blank, in order.
fn values(query: &Query) -> impl Iterator<Item = (&'static str, &str)> {
    query.to_the_letter().filter_map(|(name, value)| {
        let name = Attribution::NAMES.into_iter().find(|known| *known == name)?;
        Some((name, value.trim())).filter(|(_, value)| !value.is_empty())
    })
}

fn unusable(value: &str) -> Option<Unusable> {
    if value.len() > LONGEST {
        Some(Unusable::TooLong)
    } else if value.chars().any(char::is_control) {
        Some(Unusable::Control)
    } else {
        Attribution::is_macro(value).then_some(Unusable::Macro)
    }
}

/// What names of macros are made of; a second pair of braces, too (`{{campaign.name}}`).
fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || "_-.: {}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A click's id as it stands in a link, and as it is kept.
    #[test]
    fn click_id_of_any_network_is_kept_to_the_letter() {
        let longest = "a".repeat(LONGEST);
        for (written, kept) in [
            ("abc-1.2_~", "abc-1.2_~"),
            ("Cj0KCQiA_w==", "Cj0KCQiA_w=="),
            ("a%2Fb%2Bc%25d", "a/b+c%d"),
            ("a/b?c", "a/b?c"),
            ("a+b%20c", "a b c"),
            ("-leading,(and)%23more", "-leading,(and)#more"),
            ("se%C3%B1al", "señal"),
            ("%40handle", "@handle"),
            ("%3Dsum", "=sum"),
            ("a%7Cb%3Ac%3Bd", "a|b:c;d"),
            ("%7B%22a%22%3A1%7D", "{\"a\":1}"),
            ("%3Cb%3E", "<b>"),
            ("%2523", "%23"),
            ("100%25", "100%"),
            ("%25", "%"),
            ("%23", "#"),
            ("a%E2%80%8Bb", "a\u{200b}b"),
            ("+padded+", "padded"),
            (&longest, &longest),
        ] {
            let attribution = Attribution::read(&format!("cid={written}"));
            assert_eq!(attribution.iter().collect::<Vec<_>>(), [("cid", kept)], "{written}");
            assert!(Attribution::unusable_in(&format!("cid={written}")).is_empty(), "{written}");
        }
    }

    #[test]
    fn macro_long_value_and_control_character_are_no_click_id() {
        let long = "a".repeat(LONGEST + 1);
        for (written, why) in [
            ("{clickid}", Unusable::Macro),
            ("%7Bclickid%7D", Unusable::Macro),
            ("${CLICK_ID}", Unusable::Macro),
            ("%25%25CLICK_URL_ESC%25%25", Unusable::Macro),
            ("%23reqid%23", Unusable::Macro),
            ("{{campaign.name}}", Unusable::Macro),
            ("a%0D%0Ab", Unusable::Control),
            ("a%00", Unusable::Control),
            (&long, Unusable::TooLong),
        ] {
            let query = format!("cid={written}&sub1=x");
            assert_eq!(Attribution::read(&query), Attribution::read("sub1=x"), "{written}");
            assert_eq!(Vec::from_iter(Attribution::unusable_in(&query)), [("cid", why)], "{written}");
            // A good second value counts.
            assert_eq!(Attribution::read(&format!("cid={written}&cid=2")).get("cid"), Some("2"), "{written}");
        }
    }

    #[test]
    fn attribution_keeps_known_names_and_first_values() {
        for (query, kept) in [
            ("cid=1&sub1=x&sub10=y&sub11=z", vec!["cid", "sub1", "sub10"]),
            (
                "utm_source=news+letter&gclid=Cj0K_w&fbclid=I&msclkid=1",
                vec!["fbclid", "gclid", "msclkid", "utm_source"],
            ),
            ("zip=77999&lang=es&first_name=Jordan&cid=&sub1=+", vec![]),
        ] {
            let attribution = Attribution::read(query);
            assert_eq!(attribution.iter().map(|(name, _)| name).collect::<Vec<_>>(), kept, "{query}");
        }
        assert_eq!(Attribution::read("cid=&cid=1&cid=2"), Attribution::read("cid=1"));
        // The names as links are passed on.
        let passed_on = Attribution::read("CID=aB&amp;Sub1=x");
        assert_eq!(passed_on.iter().collect::<Vec<_>>(), [("cid", "aB"), ("sub1", "x")]);
    }

    #[test]
    fn attribution_is_validated_again_when_deserialized() {
        let attribution = Attribution::read("cid=1&sub1=a");
        let stored = serde_json::to_string(&attribution).unwrap();
        assert_eq!(stored, r#"{"cid":"1","sub1":"a"}"#);
        assert_eq!(serde_json::from_str::<Attribution>(&stored).unwrap(), attribution);
        assert!(
            serde_json::from_str::<Attribution>(r#"{"name":"Jordan","cid":"{cid}"}"#).unwrap().is_empty()
        );
    }

    #[test]
    fn attribution_is_detected_by_parameter_name_alone() {
        for (query, is_in) in [("cid=%00", true), ("lang=es&utm_term=", true), ("lang=es&zip=77999", false)] {
            assert_eq!(Attribution::is_in(query), is_in, "{query}");
        }
    }
}
