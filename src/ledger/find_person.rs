//! Find a person: the journeys of whoever has a phone number, an e-mail address or a name.

use std::collections::BTreeSet;

use super::{Error, Ledger, LedgerKey, LedgerReader, PersonKey, Records};
use crate::{
    fields::{Email, PersonName, Phone},
    store::sql,
};

/// By what a person is looked for: all that is given has to fit.
#[derive(Clone, Debug, Default)]
pub struct PersonFilter {
    /// The phone number.
    pub phone: Option<Phone>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The name.
    pub name: Option<FullName>,
}

/// A name as people say it, given names first. Where it has more than two words, it is not known where the family name
/// begins: each way to read it is kept.
#[derive(Clone, Debug)]
pub struct FullName(Vec<(PersonName, PersonName)>);

impl FullName {
    /// Reads a name; `None`: it is not one of two words or more.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let read = |at| {
            let (first, last) = words.split_at_checked(at)?;
            Some((PersonName::parse(&first.join(" ")).ok()?, PersonName::parse(&last.join(" ")).ok()?))
        };
        let readings: Vec<_> = (1..words.len()).filter_map(read).collect();
        (!readings.is_empty()).then_some(Self(readings))
    }
}

impl Ledger {
    /// The records of the journeys of a person, as [`LedgerReader::find_person`] finds them by the key of this ledger.
    ///
    /// # Errors
    /// The database failed.
    pub async fn person(&self, wanted: &PersonFilter) -> Result<Vec<Records>, Error> {
        self.find_person(&self.key, wanted).await
    }
}

impl LedgerReader {
    /// The records of the journeys of a person, the journey with the newest record first. `key` is the one they were written
    /// with. None where nothing is asked for.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_person(&self, key: &LedgerKey, wanted: &PersonFilter) -> Result<Vec<Records>, Error> {
        let PersonFilter { phone, email, name } = wanted;
        let mut found: Option<BTreeSet<String>> = None;
        let by_phone = phone.iter().map(|phone| (BY_PHONE, vec![key.of_phone(phone)]));
        let by_email = email.iter().map(|email| (BY_EMAIL, vec![key.of_email(email)]));
        let readings =
            |name: &FullName| name.0.iter().map(|(first, last)| key.of_name(first, last)).collect();
        let by_name = name.iter().map(|name| (BY_NAME, readings(name)));
        for (statement, hashes) in by_phone.chain(by_email).chain(by_name) {
            let journeys = self.having(statement, &hashes).await?;
            found = Some(match found {
                Some(others) => others.intersection(&journeys).cloned().collect(),
                None => journeys,
            });
        }
        let journeys: Vec<String> = found.unwrap_or_default().into_iter().collect();
        let mut records = self.records_of(&journeys).await?;
        records.sort_by_key(|records| std::cmp::Reverse(records.last_at()));
        Ok(records)
    }

    async fn having(&self, statement: &'static str, hashes: &[PersonKey]) -> Result<BTreeSet<String>, Error> {
        let mut journeys = BTreeSet::new();
        for hash in hashes {
            let rows: Vec<(String,)> =
                sql!(self.store.reader().await?, statement, hash.bytes() => fetch_all)?;
            journeys.extend(rows.into_iter().map(|(journey,)| journey));
        }
        Ok(journeys)
    }

    /// How many journeys have records and cannot be found by their person: they were written by an earlier release or while
    /// `ledger.find_by_person` was off, or were erased.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_unfindable(&self) -> Result<i64, Error> {
        let (count,): (i64,) = sql!(self.store.reader().await?,
            "SELECT COUNT(*) FROM (SELECT journey FROM consents UNION SELECT journey FROM submissions) recorded
             WHERE NOT EXISTS (SELECT 1 FROM person_hashes p WHERE p.journey = recorded.journey)" => fetch_one)?;
        Ok(count)
    }
}

const BY_PHONE: &str = "SELECT journey FROM person_hashes WHERE phone = $1";
const BY_EMAIL: &str = "SELECT journey FROM person_hashes WHERE email = $1";
const BY_NAME: &str = "SELECT journey FROM person_hashes WHERE name = $1";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        ledger::{
            NewConsent, Person, Retention,
            testing::{consent, ledger, submission},
        },
        store::testing::{ManualClock, on_each_database},
    };

    fn by(journey: &str, name: (&str, &str), email: &str, phone: &str) -> NewConsent {
        let person = Person {
            first_name: PersonName::parse(name.0).unwrap(),
            last_name: PersonName::parse(name.1).unwrap(),
            email: Email::parse(email).unwrap(),
            phone: Phone::parse(phone).unwrap(),
        };
        NewConsent { person: Some(person), ..consent(journey) }
    }

    fn wanted(phone: &str, email: &str, name: &str) -> PersonFilter {
        PersonFilter {
            phone: Phone::parse(phone).ok(),
            email: Email::parse(email).ok(),
            name: FullName::parse(name),
        }
    }

    #[tokio::test]
    async fn person_is_found_by_phone_email_or_name_however_spelled() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock).with_find_by_person(true);
            let (jo, one, many) = (("Jordan", "Samplecase"), "jo@example.com", ("María José", "de la Peña"));
            ledger.consent(&by("stopped", jo, one, "7135550142")).await.unwrap();
            manual.forward(Duration::from_secs(60));
            let new = submission(&ledger, "1");
            ledger.submit(&new, &[by(&new.journey, jo, one, "7135550142")]).await.unwrap();
            ledger.consent(&by("other", many, "m@example.com", "7135550143")).await.unwrap();
            // What was put right counts.
            ledger.consent(&by("other", many, "m@example.com", "7135550144")).await.unwrap();
            for (phone, email, name, expected) in [
                ("(713) 555-0142", "", "", vec!["journey of 1", "stopped"]),
                ("", " JO@Example.com", "", vec!["journey of 1", "stopped"]),
                ("", "", "JÓRDAN A. samplecase jr.", vec!["journey of 1", "stopped"]),
                ("", "", "Maria Jose de la Pena", vec!["other"]),
                ("7135550142", "jo@example.com", "Jordan Samplecase", vec!["journey of 1", "stopped"]),
                ("7135550142", "m@example.com", "", vec![]),
                ("7135550144", "", "", vec!["other"]),
                ("7135550143", "", "", vec![]),
                ("", "", "Samplecase Jordan", vec![]),
                ("", "", "", vec![]),
            ] {
                let found = ledger.find_person(&ledger.key, &wanted(phone, email, name)).await.unwrap();
                let found: Vec<_> = found.iter().map(|records| records.journey.as_str()).collect();
                assert_eq!(found, expected, "{phone} {email} {name}");
            }
            assert_eq!(ledger.count_unfindable().await.unwrap(), 0);
        })
        .await;
    }

    #[tokio::test]
    async fn hashes_of_person_are_kept_if_so_set_and_go_with_records() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let off = ledger(&store, &clock);
            let ledger = off.clone().with_find_by_person(true);
            let jo = |journey| by(journey, ("Jordan", "Samplecase"), "jo@example.com", "7135550142");
            off.consent(&jo("before")).await.unwrap();
            assert_eq!(ledger.count_unfindable().await.unwrap(), 1);
            ledger.consent(&jo("stopped")).await.unwrap();
            let phone = wanted("7135550142", "", "");
            assert_eq!(ledger.find_person(&ledger.key, &phone).await.unwrap().len(), 1);
            // Another key finds nothing.
            let other = LedgerKey::new([9; 32]);
            assert_eq!(ledger.find_person(&other, &phone).await.unwrap().len(), 0);
            let day = Duration::from_secs(24 * 3600);
            manual.forward(730 * day);
            ledger.consent(&jo("new")).await.unwrap();
            ledger.cleanup(Retention { records: 730 * day, attempts: day, repeats: day }).await.unwrap();
            let (kept,): (i64,) =
                sql!(store.reader().await.unwrap(), "SELECT COUNT(*) FROM person_hashes" => fetch_one)
                    .unwrap();
            assert_eq!(kept, 1);
        })
        .await;
    }
}
