//! The click that began a journey: the campaign parameters of the affiliate's link.
//!
//! The input is the query of the link. Known parameters with short values of harmless characters are kept; all others are
//! ignored. They are for the affiliate alone: none is sent to NRG, logged or shown on a page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fields::Query;

/// The longest value; click ids of the large networks are shorter.
const MAX: usize = 128;

/// The campaign parameters of a link, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Attribution(BTreeMap<String, String>);

impl Attribution {
    /// The parameters that are kept.
    pub const NAMES: [&'static str; 13] = [
        "cid",
        "gclid",
        "sub1",
        "sub2",
        "sub3",
        "sub4",
        "sub5",
        "utm_campaign",
        "utm_content",
        "utm_id",
        "utm_medium",
        "utm_source",
        "utm_term",
    ];

    /// Parses the query of a link. The first of several values counts; a value that is too long, or has other characters
    /// than click ids have, is dropped. A value is kept to the letter: the affiliate looks it up.
    pub fn read(query: &str) -> Self {
        let mut kept = BTreeMap::new();
        for (name, value) in Query::read(query).to_the_letter() {
            if is_kept(name, value) {
                kept.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        Self(kept)
    }

    /// Whether a link has any of the parameters, even one whose value is dropped.
    pub fn is_in(query: &str) -> bool {
        Query::read(query).to_the_letter().any(|(name, _)| Attribution::NAMES.contains(&name))
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
        stored.retain(|name, value| is_kept(name, value));
        Self(stored)
    }
}

/// Excludes `@`, so that no e-mail address is kept, and characters with a meaning in HTML, logs or spreadsheets.
fn is_kept(name: &str, value: &str) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || " -_.~:|".contains(c);
    let first = value.chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    Attribution::NAMES.contains(&name) && value.len() <= MAX && first && value.chars().all(harmless)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribution_keeps_known_names_with_short_safe_values() {
        let long = format!("cid={}", "a".repeat(MAX + 1));
        let longest = format!("cid={}", "a".repeat(MAX));
        for (query, kept) in [
            ("cid=abc-1.2_~&sub1=x&sub5=y&sub6=z", vec!["cid", "sub1", "sub5"]),
            ("utm_source=news+letter&gclid=Cj0K_w", vec!["gclid", "utm_source"]),
            ("zip=77999&lang=es&first_name=Jordan", vec![]),
            ("cid=jordan%40example.com", vec![]),
            ("cid=%3Cscript%3E&sub1=%0D%0A&sub2=%3D1%2B1&sub3=-1&sub4=", vec![]),
            (&long, vec![]),
            (&longest, vec!["cid"]),
        ] {
            let attribution = Attribution::read(query);
            assert_eq!(attribution.iter().map(|(name, _)| name).collect::<Vec<_>>(), kept, "{query}");
        }
        assert_eq!(Attribution::read("cid=1&cid=2"), Attribution::read("cid=1"));
        // The names as links are passed on, the values to the letter.
        assert_eq!(
            Attribution::read("CID=aB+&amp;Sub1=x").iter().collect::<Vec<_>>(),
            [("cid", "aB "), ("sub1", "x")]
        );
        assert!(Attribution::read("cid=a%E2%80%8Bb").is_empty());
    }

    #[test]
    fn attribution_is_validated_again_when_deserialized() {
        let attribution = Attribution::read("cid=1&sub1=a");
        let stored = serde_json::to_string(&attribution).unwrap();
        assert_eq!(stored, r#"{"cid":"1","sub1":"a"}"#);
        assert_eq!(serde_json::from_str::<Attribution>(&stored).unwrap(), attribution);
        assert!(serde_json::from_str::<Attribution>(r#"{"name":"Jordan","cid":"a@b"}"#).unwrap().is_empty());
    }

    #[test]
    fn attribution_is_detected_by_parameter_name_alone() {
        for (query, is_in) in [("cid=%40", true), ("lang=es&utm_term=", true), ("lang=es&zip=77999", false)] {
            assert_eq!(Attribution::is_in(query), is_in, "{query}");
        }
    }
}
