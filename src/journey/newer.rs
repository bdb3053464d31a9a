//! What a newer version stored in a journey and this one does not know: left out when it is read, put back when it is
//! stored again.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

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

impl Newer {
    /// Reads what is known of `stored`: leaves out what cannot be read, member by member. `None`: not even so.
    pub(super) fn read<J: Serialize + DeserializeOwned>(stored: Map<String, Value>) -> Option<(J, Self)> {
        let mut known = Value::Object(stored.clone());
        let mut withheld = false;
        let journey: J = loop {
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
        Some((journey, Self { stored, read, withheld }))
    }

    /// Puts into `written`, the journey as this version stores it, what it has not changed of what was stored.
    pub(super) fn put_back(&self, written: &mut Map<String, Value>) {
        for (name, stored) in &self.stored {
            match (self.read.get(name), written.get_mut(name)) {
                // A member that has no value is left out where it is written.
                (read, now) if read == now.as_deref() => drop(written.insert(name.clone(), stored.clone())),
                (Some(read), Some(now)) if COLLECTIONS.contains(&name.as_str()) => {
                    keep_entries(stored, read, now);
                }
                _ => {}
            }
        }
    }

    /// Whether an ending or a hold is unknown.
    pub(super) fn is_withheld(&self) -> bool {
        self.withheld
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
