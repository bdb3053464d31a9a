//! `[session]`: the keys that encrypt stored data, and how long a session lasts.

use std::time::Duration;

use super::{key::is_one_byte, section::Section};
use crate::session::{Caps, KeyRing, Limits};

/// Sessions.
pub struct Session {
    /// The keys that encrypt stored data, newest first.
    pub keys: KeyRing,
    /// How long a session lasts.
    pub limits: Limits,
    /// How many sessions there may be at a time.
    pub caps: Caps,
    /// Whether a session can be saved and resumed on another device.
    pub resume: bool,
    /// Whether a session that times out is put aside for who gives the birth date again.
    pub keep_timed_out: bool,
}

/// The shortest idle limit. Pages warn of it two minutes before (`static/enroll.js`), and whoever looks up an account
/// number or a driver license between two pages needs the rest.
const SHORTEST: Duration = Duration::from_secs(5 * 60);

/// The keys that encrypt stored data.
pub(super) fn read_keys(section: &mut Section<'_>) -> Option<KeyRing> {
    section.secret(
        "keys",
        "keys written id:base64, each of 32 random bytes and with an id of its own, commas between them",
        |text| {
            let entries: Vec<&str> =
                text.split([',', '\n']).filter(|entry| !entry.trim().is_empty()).collect();
            let is_weak = |entry: &&str| entry.split_once(':').is_some_and(|(_, key)| is_one_byte(key));
            if entries.iter().any(is_weak) { None } else { KeyRing::parse(entries).ok() }
        },
    )
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Session> {
    let keys = read_keys(section);
    let idle = section.duration("idle");
    let absolute = section.duration("absolute");
    let resume = section.switch("resume");
    let keep_timed_out = section.switch("keep_timed_out");
    let mut cap =
        |key| section.number::<u32>(key, "a whole number of sessions, 0 for no limit").map(i64::from);
    let (address, network, total) = (cap("most_per_address"), cap("most_per_network"), cap("most"));
    if idle.is_some_and(|idle| idle < SHORTEST) {
        return section.must_be("idle", "5m or more, because pages warn two minutes before", None);
    }
    if idle > absolute && absolute.is_some() {
        return section.must_be("idle", "no longer than session.absolute", None);
    }
    Some(Session {
        keys: keys?,
        limits: Limits { idle: idle?, absolute: absolute? },
        caps: Caps { address: address?, network: network?, total: total? },
        resume: resume?,
        keep_timed_out: keep_timed_out?,
    })
}
