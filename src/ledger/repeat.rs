//! Whether the same person has submitted for the same home already, under another record: what is compared.
//!
//! The person is the same by the number (SSN or driver license), or by name and birth date; the home by its meter, or by
//! its address as the postal service reads it. So a middle initial, `Lane` for `Ln` or another spelling of the unit is no
//! other home of another person. Every part is a keyed hash of its own, and is kept for as long as it is compared.

use super::keyed_hash::{LedgerKey, PersonKey};
use crate::fields::{BirthDate, NumberKey, PersonName, ServiceAddress};

/// A person at a home, as the journey knows them.
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the names say it")]
pub struct PersonAtHome<'a> {
    pub first_name: &'a PersonName,
    pub last_name: &'a PersonName,
    pub birth_date: BirthDate,
    pub home: &'a ServiceAddress,
    /// The hash under which tries with the number are counted, if there is a number.
    pub number: Option<&'a NumberKey>,
}

/// The keyed hashes of a person at a home. No `Debug`.
#[derive(Clone)]
pub struct RepeatKeys {
    /// Name, birth date and address as they were typed: what earlier releases compare, and keep.
    pub(super) person: PersonKey,
    /// Name and birth date, whatever the spelling.
    pub(super) name: PersonKey,
    /// The address, whatever the spelling.
    pub(super) home: PersonKey,
    /// The number.
    pub(super) number: Option<PersonKey>,
}

impl RepeatKeys {
    pub(super) fn of(key: &LedgerKey, one: PersonAtHome<'_>) -> Self {
        let PersonAtHome { first_name, last_name, birth_date, home, number } = one;
        let born = birth_date.wire();
        let name = PersonName::folded(first_name, last_name);
        Self {
            person: key.person(&[first_name.as_str(), last_name.as_str(), &born, &home.line()]),
            name: key.keyed("repeat: name", &[&name, &born]),
            home: key.keyed("repeat: home", &[&home.folded()]),
            number: number.map(|number| key.keyed("repeat: number", &[number.as_str()])),
        }
    }

    /// The locks that no two servers may hold at once for the same person, in one order for all.
    pub(super) fn locks(&self) -> Vec<i64> {
        let keys = [Some(&self.person), Some(&self.name), self.number.as_ref()];
        let mut locks: Vec<i64> = keys.into_iter().flatten().map(PersonKey::number).collect();
        locks.sort_unstable();
        locks
    }
}
