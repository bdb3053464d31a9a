//! The click that began a journey: the campaign parameters of the affiliate's link.
//!
//! Which parameters those are, [`ClickParams`](super::ClickParams) knows. Their values are opaque: each network has its own,
//! and looks them up to the letter. They are for the affiliate alone: none is sent to NRG, logged or shown on a page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The longest value, in bytes.
pub(super) const LONGEST: usize = 512;
/// The longest name.
const LONGEST_NAME: usize = 32;

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
    /// The parameters that every affiliate has: a click's id, an affiliate's own ids, those of the large networks and the campaign.
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

    /// Whether `value` is a macro, for which a network puts in a value of its own.
    pub fn is_macro(value: &str) -> bool {
        MACROS.iter().any(|(before, after)| {
            let inner = value.strip_prefix(before).and_then(|value| value.strip_suffix(after));
            inner.is_some_and(|inner| !inner.is_empty() && inner.chars().all(is_of_name))
        })
    }

    /// Keeps `value`, which is usable, unless `name` has one already.
    pub(super) fn keep_first(&mut self, name: &str, value: &str) {
        self.0.entry(name.to_owned()).or_insert_with(|| value.to_owned());
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
        stored.retain(|name, value| is_name(name) && unusable(value).is_none());
        Self(stored)
    }
}

/// Whether `name` can be that of a parameter. Which names there are, the settings say; those of a stored click may have
/// been changed since.
pub(super) fn is_name(name: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(is_sign)
}

/// Why `value` is not kept, if it is not.
pub(super) fn unusable(value: &str) -> Option<Unusable> {
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

    #[test]
    fn attribution_is_validated_again_when_deserialized() {
        let attribution = Attribution::read("cid=1&sub1=a");
        let stored = serde_json::to_string(&attribution).unwrap();
        assert_eq!(stored, r#"{"cid":"1","sub1":"a"}"#);
        assert_eq!(serde_json::from_str::<Attribution>(&stored).unwrap(), attribution);
        // One that the settings added then, and what can be none.
        let stored = r#"{"aff_sub":"1","Name":"Jordan","a b":"1","cid":"{cid}"}"#;
        let read = serde_json::from_str::<Attribution>(stored).unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), [("aff_sub", "1")]);
    }
}
