//! The person of a journey, as keyed hashes by which it is found when there is no reference.
//!
//! Phone number, e-mail address and name have a hash each, the latest that the journey was given. Whoever has a copy of the
//! database without `ledger.key` cannot try out who is in it.

use super::{Error, Ledger, LedgerKey, PersonKey};
use crate::{
    fields::{Email, PersonName, Phone},
    store::{Tx, sql},
};

/// Who gives a consent. Only keyed hashes of it are stored, and those only if the settings say so.
#[derive(Clone)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Person {
    pub first_name: PersonName,
    pub last_name: PersonName,
    pub email: Email,
    pub phone: Phone,
}

impl LedgerKey {
    pub(super) fn of_phone(&self, phone: &Phone) -> PersonKey {
        self.keyed("find: phone", &[phone.digits()])
    }

    /// Of the whole address; capitals do not matter.
    pub(super) fn of_email(&self, email: &Email) -> PersonKey {
        self.keyed("find: e-mail", &[&email.as_str().to_lowercase()])
    }

    /// Of the name, whatever its spelling.
    pub(super) fn of_name(&self, first: &PersonName, last: &PersonName) -> PersonKey {
        self.keyed("find: name", &[&PersonName::folded(first, last)])
    }
}

impl Ledger {
    /// The same, which keeps hashes of persons if `find_by_person` says so.
    pub fn with_find_by_person(self, find_by_person: bool) -> Self {
        Self { find_by_person, ..self }
    }

    /// Keeps the hashes of the person of `journey`, in place of earlier ones.
    pub(super) async fn keep_person(
        &self,
        tx: &mut Tx<'_>,
        journey: &str,
        person: &Person,
    ) -> Result<(), Error> {
        if !self.find_by_person {
            return Ok(());
        }
        let Person { first_name, last_name, email, phone } = person;
        let [phone, email, name] =
            [self.key.of_phone(phone), self.key.of_email(email), self.key.of_name(first_name, last_name)];
        sql!(tx,
            "INSERT INTO person_hashes (journey, phone, email, name) VALUES ($1, $2, $3, $4)
             ON CONFLICT (journey) DO UPDATE SET phone = $2, email = $3, name = $4",
            journey, phone.bytes(), email.bytes(), name.bytes() => execute)?;
        Ok(())
    }
}
