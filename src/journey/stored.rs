//! A journey as it is stored, across versions: during an update, servers of the version before and after read and save
//! the same journeys.
//!
//! What this version does not know, members and values, counts as not answered: reading leaves it out, and storing puts
//! it back where this version has changed nothing. An ending or a hold is not left out: with it the journey would go on
//! where it must not, so that such a journey is [withheld](Journey::is_withheld).

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use super::state::Journey;

/// The members without whose value nothing may go on: where it is unknown, the journey is withheld.
const ENDINGS_AND_HOLDS: [&[&str]; 5] =
    [&["ending"], &["ending", "kind"], &["submitting"], &["identity", "result", "standing"], &["holds"]];

/// The members that collect independent entries. An unknown entry is left out alone, and is kept where others change.
const COLLECTIONS: [&str; 4] = ["unused", "revisions", "tokens", "counted"];

/// A journey as a newer version stored it.
#[derive(Clone, PartialEq, Eq)]
pub struct Newer {
    /// All that was stored.
    stored: Map<String, Value>,
    /// What this version has read of it.
    read: Map<String, Value>,
    /// An ending or a hold is unknown.
    withheld: bool,
}

impl fmt::Debug for Newer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Newer(hidden)")
    }
}

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
        match serde_json::from_str(text) {
            Ok(journey) => Some(journey),
            // During an update, or never.
            Err(_) => Self::from_newer(serde_json::from_str(text).ok()?),
        }
    }

    /// Reads what is known of `stored`: leaves out what cannot be read, member by member.
    fn from_newer(stored: Map<String, Value>) -> Option<Box<Self>> {
        let mut known = Value::Object(stored.clone());
        let mut withheld = false;
        let mut journey: Box<Self> = loop {
            match serde_path_to_error::deserialize(&known) {
                Ok(journey) => break journey,
                Err(error) => {
                    let path = path_in(&known, error.path().iter());
                    withheld |= ENDINGS_AND_HOLDS.iter().any(|member| path == *member);
                    remove(&mut known, &path)?;
                }
            }
        };
        let Ok(Value::Object(read)) = serde_json::to_value(&journey) else { return None };
        journey.newer = Some(Box::new(Newer { stored, read, withheld }));
        Some(journey)
    }

    /// The journey as a session saves it, with what a newer version stored and this one has not changed.
    pub fn to_store(&self) -> ToStore<'_> {
        let Some(newer) = &self.newer else { return ToStore::Known(self) };
        // What has no JSON form fails where it is written.
        let Ok(Value::Object(mut written)) = serde_json::to_value(self) else { return ToStore::Known(self) };
        for (name, stored) in &newer.stored {
            let (read, now) = (newer.read.get(name), written.get_mut(name));
            match (read, now) {
                (Some(read), Some(now)) if read != now => {
                    if COLLECTIONS.contains(&name.as_str()) {
                        keep_entries(stored, read, now);
                    }
                }
                _ => drop(written.insert(name.clone(), stored.clone())),
            }
        }
        ToStore::WithNewer(written)
    }

    /// Whether the journey has an ending or a hold that only a newer version knows: nothing may go on here.
    pub fn is_withheld(&self) -> bool {
        self.newer.as_ref().is_some_and(|newer| newer.withheld)
    }
}

/// The path of an error within `value`, as far as there is something at it: a member that is missing has none.
fn path_in<'a>(value: &Value, segments: impl Iterator<Item = &'a Segment>) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = value;
    for segment in segments {
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.clone(),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => break,
        };
        let Some(inner) = child(at, &name) else { break };
        (at, path) = (inner, [path, vec![name]].concat());
    }
    // An entry of a list is no answer by itself, except in a collection.
    let collects = path.first().is_some_and(|first| COLLECTIONS.contains(&first.as_str()));
    while !collects && path.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit())) {
        path.pop();
    }
    path
}

fn child<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) => members.get(name),
        Value::Array(entries) => entries.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Removes what is at `path`. `None`: the path is empty, or nothing is there.
fn remove(value: &mut Value, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let parent = parents.iter().try_fold(value, |value, name| match value {
        Value::Object(members) => members.get_mut(name),
        Value::Array(entries) => entries.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    })?;
    match parent {
        Value::Object(members) => members.remove(last),
        Value::Array(entries) => {
            let index = last.parse::<usize>().ok().filter(|index| *index < entries.len())?;
            Some(entries.remove(index))
        }
        _ => None,
    }
}

/// Adds to `now` the entries of `stored` that are not among `read`.
fn keep_entries(stored: &Value, read: &Value, now: &mut Value) {
    match (stored, read, now) {
        (Value::Object(stored), Value::Object(read), Value::Object(now)) => {
            for (name, stored) in stored {
                match (read.get(name), now.get_mut(name)) {
                    (None, None) => drop(now.insert(name.clone(), stored.clone())),
                    (Some(read), Some(now)) => keep_entries(stored, read, now),
                    _ => {}
                }
            }
        }
        (Value::Array(stored), Value::Array(read), Value::Array(now)) => {
            let unread = stored.iter().filter(|stored| !read.iter().any(|read| is_reading_of(read, stored)));
            now.extend(unread.cloned());
        }
        _ => {}
    }
}

/// Whether `read` is what this version reads of `stored`.
fn is_reading_of(read: &Value, stored: &Value) -> bool {
    match (read, stored) {
        (Value::Object(read), Value::Object(stored)) => {
            read.iter().all(|(name, read)| match stored.get(name) {
                Some(stored) => is_reading_of(read, stored),
                None => read.is_null(),
            })
        }
        _ => read == stored,
    }
}
