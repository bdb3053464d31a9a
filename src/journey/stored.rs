//! A journey as it is stored, across versions: during an update, servers of the version before and after read and save
//! the same journeys.
//!
//! What this version does not know, members and values, counts as not answered: reading leaves it out, and storing puts
//! it back where this version has changed nothing. An ending or a hold is not left out: with it the journey would go on
//! where it must not, so that such a journey is [withheld](Journey::is_withheld).

use serde::Serialize;
use serde_json::{Map, Value};

use super::{newer::Newer, state::Journey};

/// A journey in the form in which it is stored.
#[derive(Serialize)]
#[serde(untagged)]
pub enum ToStore<'a> {
    /// This version knows all of it.
    Known(&'a Journey),
    /// With what only a newer version knows.
    WithNewer(Map<String, Value>),
}

impl Journey {
    /// Reads what a session was saved as. `None`: it cannot be read even without what is unknown.
    pub fn from_stored(text: &str) -> Option<Box<Self>> {
        if let Ok(journey) = serde_json::from_str(text) {
            return Some(journey);
        }
        let (mut journey, newer): (Box<Self>, _) = Newer::read(serde_json::from_str(text).ok()?)?;
        journey.newer = Some(Box::new(newer));
        Some(journey)
    }

    /// The journey as a session saves it, with what a newer version stored and this one has not changed.
    pub fn to_store(&self) -> ToStore<'_> {
        let Some(newer) = &self.newer else { return ToStore::Known(self) };
        // What has no JSON form fails where it is written.
        let Ok(Value::Object(mut written)) = serde_json::to_value(self) else { return ToStore::Known(self) };
        newer.put_back(&mut written);
        ToStore::WithNewer(written)
    }

    /// Whether the journey has an ending or a hold that only a newer version knows: nothing may go on here.
    pub fn is_withheld(&self) -> bool {
        self.newer.as_ref().is_some_and(|newer| newer.is_withheld())
    }
}
