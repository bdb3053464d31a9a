//! `[session]`: what seals what is stored, and how long a visit lasts.

use super::section::Section;
use crate::session::{KeyRing, Limits};

/// Sessions.
pub struct Session {
    /// Seal what is stored, newest first.
    pub keys: KeyRing,
    /// How long a visit lasts.
    pub limits: Limits,
    /// Whether a visit can be put aside and gone on with elsewhere.
    pub resume: bool,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Session> {
    let keys = section.secret(
        "keys",
        "keys written id:base64, each of 32 bytes and with an id of its own, commas between them",
        |text| {
            let entries = text.split([',', '\n']).filter(|entry| !entry.trim().is_empty());
            KeyRing::parse(entries).ok()
        },
    );
    let idle = section.duration("idle");
    let absolute = section.duration("absolute");
    let resume = section.switch("resume");
    if idle > absolute && absolute.is_some() {
        return section.must_be("idle", "no longer than session.absolute", None);
    }
    Some(Session { keys: keys?, limits: Limits { idle: idle?, absolute: absolute? }, resume: resume? })
}
