//! What a partner's system gave for a person: shown in the form of each step until the person has answered it.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::step::Step;

/// A journey that a partner handed over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedOver {
    /// What the person reads as the partner's name.
    pub partner: String,
    /// Whether the person has opened the link.
    #[serde(default)]
    pub opened: bool,
    /// The values of forms by step and name of the field. A step that is answered has none any more.
    #[serde(default)]
    pub fields: BTreeMap<Step, BTreeMap<String, String>>,
}

impl fmt::Debug for HandedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandedOver(hidden)")
    }
}
