//! `[ledger]`: how submissions are sent, and how long their records are kept.

use std::time::Duration;

use super::{key::is_one_byte, section::Section};
use crate::ledger::{LedgerKey, Settings};

/// The settings of the ledger.
pub struct Ledger {
    /// The key of the keyed hashes. It stays the same for as long as records are kept.
    pub key: LedgerKey,
    /// How many days records are kept.
    pub retention_days: u32,
    /// How many days the log of requests to `enroll` is kept.
    pub attempts_days: u32,
    /// Within this time, a second submission of the same person for the same home must be confirmed first.
    pub recent_window: Duration,
    /// Whether keyed hashes are kept by which a person without a reference is found.
    pub find_by_person: bool,
    /// How long one `enroll` may take before its outcome counts as unknown.
    pub send_limit: Duration,
    /// The most attempts to send a submission while the connection to NRG fails.
    pub max_tries: u32,
}

impl Ledger {
    /// The settings of the ledger's worker; `lease` is the store's.
    pub fn sending(&self, lease: Duration) -> Settings {
        Settings::new(self.send_limit, self.max_tries, lease)
    }
}

/// Two years (PUCT 25.491).
const TWO_YEARS: u32 = 730;

/// The key of the keyed hashes.
pub(super) fn read_key(section: &mut Section<'_>) -> Option<LedgerKey> {
    section.secret("key", "32 random bytes in base64", |text| {
        LedgerKey::parse(&text).ok().filter(|_| !is_one_byte(&text))
    })
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Ledger> {
    let key = read_key(section);
    let retention_days = section.number("retention_days", "a whole number of days");
    let short = section.switch("allow_short_retention");
    let attempts_days = section.number("attempts_days", "a whole number of days");
    let recent_window = section.duration("recent_window");
    let find_by_person = section.switch("find_by_person");
    let send_limit = section.duration("send_limit");
    let max_tries = section.number("max_tries", "a whole number");

    if retention_days.is_some_and(|days: u32| days < TWO_YEARS) && short == Some(false) {
        section.must_be::<()>(
            "retention_days",
            "730 or more, or else ledger.allow_short_retention must be true",
            None,
        );
    }
    if attempts_days == Some(0) {
        section.must_be::<()>("attempts_days", "1 or more", None);
    }
    if max_tries == Some(0) {
        section.must_be::<()>("max_tries", "1 or more", None);
    }
    Some(Ledger {
        key: key?,
        retention_days: retention_days?,
        attempts_days: attempts_days?,
        recent_window: recent_window?,
        find_by_person: find_by_person?,
        send_limit: send_limit?,
        max_tries: max_tries?,
    })
}
