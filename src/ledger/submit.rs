//! Submit: writes a submission and the consents it rests on, in one transaction, before anything is sent.

use super::{
    Error, Ledger, NewConsent, NewSubmission, PersonKey, Submitted,
    consent::{self, Consent},
    count,
    stamp::Stamped,
    submission::{PAYLOAD, Payload, json},
};
use crate::store::{Durability, Tx, span, sql};

/// Tries when other consents of the same journey are written at the same moment.
const TRIES: usize = 20;

impl Ledger {
    /// Writes a submission and the consents it rests on, in one transaction, and wakes the worker.
    /// A second submission of the same record writes nothing, unless it corrects a refusal; nor does one that has to
    /// be asked about first.
    ///
    /// # Errors
    /// The database failed: nothing was written, nothing will be sent.
    pub async fn submit(&self, new: &NewSubmission, consents: &[NewConsent]) -> Result<Submitted, Error> {
        let submitted = self.write(Some(new), consents).await?;
        match submitted {
            Submitted::New | Submitted::Resubmitted => self.wake.notify_one(),
            Submitted::AlreadyThere => self.warn_if_changed(new).await?,
            Submitted::AskFirst => {}
        }
        Ok(submitted)
    }

    /// Writes a submission (or none) and consents, trying again while others write to the same chain.
    pub(super) async fn write(
        &self,
        new: Option<&NewSubmission>,
        consents: &[NewConsent],
    ) -> Result<Submitted, Error> {
        for _ in 0..TRIES {
            let written = self
                .store
                .transaction(Durability::PowerLoss, async |tx| self.write_once(tx, new, consents).await);
            match written.await {
                Err(Error::Contended) => {}
                written => return written,
            }
        }
        Err(Error::Contended)
    }

    /// Writes within `tx`. [`Error::Contended`]: a number in a chain was taken meanwhile.
    async fn write_once(
        &self,
        tx: &mut Tx<'_>,
        new: Option<&NewSubmission>,
        consents: &[NewConsent],
    ) -> Result<Submitted, Error> {
        let now = self.now();
        let (mut stamped, mut submitted) = (Stamped::Never, Submitted::New);
        if let Some(new) = new {
            // A first round has no row yet.
            if new.round > 1 {
                stamped = Stamped::of(tx, &self.key, new.tracking_id.as_str()).await?;
            }
            submitted = self.write_submission(tx, new, now).await?;
        }
        if matches!(submitted, Submitted::AlreadyThere | Submitted::AskFirst) {
            return Ok(submitted);
        }
        let mut begun = None;
        for consent in consents {
            let last = sql!(tx, consent::LAST, &consent.journey => fetch_optional)?;
            let row = Consent::after(last, consent, now, &self.key);
            let written = sql!(tx, consent::INSERT,
                &row.journey, row.number, row.given_at, &row.kind, &row.text_id, &row.text_version, &row.text_hash,
                &row.language, &row.state, &row.brand, &row.offer_code, &row.documents, &row.transaction_type,
                &row.esi_id, &row.tracking_id, &row.client_address, &row.user_agent, &row.build, &row.chain
                => execute)?;
            if written == 0 {
                return Err(Error::Contended);
            }
            begun = begun.or((row.number == 1).then_some(&consent.journey));
        }
        if let Some(NewConsent { journey, person: Some(person), .. }) = consents.last() {
            self.keep_person(tx, journey, person).await?;
        }
        if let Some(new) = new {
            let tracking_id = new.tracking_id.as_str();
            let end: Option<(i64, Vec<u8>)> = sql!(tx, consent::LAST, &new.journey => fetch_optional)?;
            let (number, chain) = end.unwrap_or_default();
            let seal = self.key.chain_end(tracking_id, &new.journey, number, &chain);
            sql!(tx, "UPDATE submissions SET consents_to = $2, consents_seal = $3 WHERE tracking_id = $1",
                tracking_id, number, &seal[..] => execute)?;
            stamped.stamp(tx, &self.key, tracking_id, now).await?;
        } else if let Some(journey) = begun {
            count::add(tx, &self.key, journey, 0, now).await?;
        }
        Ok(submitted)
    }

    /// Inserts a submission, or replaces one that is to be corrected.
    async fn write_submission(
        &self,
        tx: &mut Tx<'_>,
        new: &NewSubmission,
        now: i64,
    ) -> Result<Submitted, Error> {
        let (tracking_id, request, keys) = (new.tracking_id.as_str(), &new.request, &new.keys);
        let number = keys.number.as_ref().map(PersonKey::bytes);
        if let Some(within) = new.ask_within {
            // Two records of one person, submitted at the same moment: the second has to see the first. SQLite has
            // only one writer anyway.
            if matches!(tx, Tx::Postgres(_)) {
                for lock in new.keys.locks() {
                    sql!(tx, "SELECT pg_advisory_xact_lock($1)", lock => execute)?;
                }
            }
            let other: Option<(i64,)> = sql!(tx, RECENT,
                keys.person.bytes(), now - span(within), tracking_id, number, keys.name.bytes(), &new.esi_id,
                keys.home.bytes() => fetch_optional)?;
            if other.is_some() {
                return Ok(Submitted::AskFirst);
            }
        }
        let payload = json(&Payload { request, billing_zip: &new.billing_zip });
        let sealed = self.keys.seal(&self.entropy, PAYLOAD, tracking_id.as_bytes(), &payload);
        let hash = self.key.hash("payload", [json(request).as_slice()]);
        let attribution =
            (!new.attribution.is_empty()).then(|| serde_json::to_string(&new.attribution).ok()).flatten();
        let mut facts = new.facts.clone();
        self.amounts.add_to(&mut facts);
        let facts = serde_json::to_string(&facts).ok();
        // Placeholders mean the same in both: what is inserted, and what a correction replaces.
        for (statement, submitted) in [(INSERT, Submitted::New), (CORRECT, Submitted::Resubmitted)] {
            let written = sql!(tx, statement,
                tracking_id, &new.journey, keys.person.bytes(), &hash[..], i64::from(new.round), now,
                &sealed.key_id, &sealed.blob, request.brand.id(), request.codes.offer.as_str(),
                &new.transaction_type, &new.esi_id, &attribution, new.deposit, request.language.tag(), &new.site,
                number, keys.name.bytes(), keys.home.bytes(), &facts
                => execute)?;
            if written == 1 {
                self.follow(tx, new, now).await?;
                return Ok(submitted);
            }
        }
        Ok(Submitted::AlreadyThere)
    }

    /// Logs a second post with other content than the first, which is ignored.
    async fn warn_if_changed(&self, new: &NewSubmission) -> Result<(), Error> {
        let stored: Option<(Vec<u8>,)> = sql!(self.store.reader().await?,
            "SELECT payload_hash FROM submissions WHERE tracking_id = $1", new.tracking_id.as_str() => fetch_optional)?;
        let hash = self.key.hash("payload", [json(&new.request).as_slice()]);
        if stored.is_some_and(|(stored,)| stored != hash) {
            tracing::warn!(
                tracking_id = new.tracking_id.as_str(),
                "ledger: submitted again with other content, which was ignored"
            );
        }
        Ok(())
    }
}

/// Another record of the same person for the same home, recently submitted and not refused; unless this record has been
/// submitted too, which is the more important answer. Rows of an earlier release have `person_key` alone.
const RECENT: &str = "SELECT submitted_at FROM submissions
    WHERE submitted_at > $2 AND tracking_id <> $3 AND state NOT IN ('refused', 'repairable')
        AND (person_key = $1 OR ((number_key = $4 OR name_key = $5) AND (esi_id = $6 OR home_key = $7)))
        AND NOT EXISTS (SELECT 1 FROM submissions own WHERE own.tracking_id = $3 AND own.state <> 'repairable')
    LIMIT 1";

const INSERT: &str = "INSERT INTO submissions
    (tracking_id, journey, person_key, payload_hash, state, round, tries, not_before, payload_key_id, payload,
     brand, offer_code, transaction_type, esi_id, created_at, submitted_at, attribution,
     deposit, language, site, number_key, name_key, home_key, facts)
    VALUES ($1, $2, $3, $4, 'ready', $5, 0, $6, $7, $8, $9, $10, $11, $12, $6, $6, $13, $14, $15, $16, $17, $18, $19, $20)
    ON CONFLICT (tracking_id) DO NOTHING";

const CORRECT: &str = "UPDATE submissions SET
    journey = $2, person_key = $3, payload_hash = $4, state = 'ready', round = $5, tries = 0, not_before = $6,
    payload_key_id = $7, payload = $8, brand = $9, offer_code = $10, transaction_type = $11, esi_id = $12,
    attribution = $13, deposit = $14, language = $15, site = $16,
    number_key = $17, name_key = $18, home_key = $19, facts = $20,
    submitted_at = $6, owner = NULL, lease_until = NULL, answer_key_id = NULL, answer = NULL, code = NULL,
    sent_at = NULL, finished_at = NULL
    WHERE tracking_id = $1 AND state = 'repairable' AND round = $5 - 1";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        fields::OfferCode,
        ledger::{
            State,
            testing::{Home, consent, keys, ledger, submission},
        },
        store::testing::{ManualClock, on_each_database},
    };

    async fn set(ledger: &Ledger, tracking_id: &str, state: &str) {
        let update = "UPDATE submissions SET state = $1 WHERE tracking_id = $2";
        sql!(ledger.store.writer().await.unwrap(), update, state, tracking_id => execute).unwrap();
    }

    #[tokio::test]
    async fn fifty_concurrent_submits_write_one_row_and_its_consents() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            let race = (0..50).map(|_| {
                let ledger = ledger.clone();
                tokio::spawn(async move {
                    let new = submission(&ledger, "4900001");
                    let consents = [consent(&new.journey), consent(&new.journey)];
                    ledger.submit(&new, &consents).await.unwrap()
                })
            });
            let submitted = futures_util::future::join_all(race).await;
            let new = submitted.iter().filter(|s| *s.as_ref().unwrap() == Submitted::New).count();
            let there = submitted.iter().filter(|s| *s.as_ref().unwrap() == Submitted::AlreadyThere).count();
            assert_eq!((new, there), (1, 49));
            let row = ledger.find("4900001").await.unwrap().unwrap();
            assert_eq!((row.state, row.round, row.tries), (State::Ready, 1, 0));
            assert_eq!(ledger.verify().await.unwrap().consents, 2);
        })
        .await;
    }

    #[tokio::test]
    async fn resubmit_needs_correctable_refusal_and_next_round() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            let mut new = submission(&ledger, "1");
            let begun = clock.now();
            ledger.submit(&new, &[]).await.unwrap();
            new.round = 2;
            for state in ["ready", "sent", "enrolled", "accepted", "refused", "duplicate", "unknown"] {
                set(&ledger, "1", state).await;
                assert_eq!(ledger.submit(&new, &[]).await.unwrap(), Submitted::AlreadyThere, "{state}");
            }
            set(&ledger, "1", "repairable").await;
            new.round = 1;
            assert_eq!(ledger.submit(&new, &[]).await.unwrap(), Submitted::AlreadyThere);
            new.round = 2;
            new.request.codes.offer = OfferCode::parse("59990002").unwrap();
            manual.forward(Duration::from_secs(60));
            assert_eq!(ledger.submit(&new, &[consent("j")]).await.unwrap(), Submitted::Resubmitted);
            let row = ledger.find("1").await.unwrap().unwrap();
            assert_eq!((row.state, row.round, row.offer_code.as_str()), (State::Ready, 2, "59990002"));
            assert_eq!((row.created_at, row.submitted_at), (begun, clock.now()));
            // The late second post of the same repair.
            set(&ledger, "1", "repairable").await;
            assert_eq!(ledger.submit(&new, &[]).await.unwrap(), Submitted::AlreadyThere);
        })
        .await;
    }

    #[tokio::test]
    async fn person_at_home_spelled_otherwise_is_the_same() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            let day = Duration::from_secs(24 * 3600);
            let mut first = submission(&ledger, "1");
            first.keys = keys(&ledger, &Home::default());
            ledger.submit(&first, &[]).await.unwrap();
            let meter = first.esi_id.as_deref();
            let home = Home::default();
            for (number, (one, esi_id, same)) in [
                // The meter and the number, whatever else is typed.
                (Home { name: ("Jordan A", "Sample"), home: ("9 Elm St", "Rear"), ..home }, meter, true),
                // The name and the address as the postal service reads it, where there is no meter or number.
                (Home { name: ("JÓRDAN A.", "samplecase jr."), number: None, ..home }, None, true),
                (Home { home: ("100 EXAMPLE OAK LANE", "# 12-b"), number: None, ..home }, None, true),
                (Home { home: ("100 Example Oak Ln.", "Apt 12 B"), ..home }, Some("10000009999999999"), true),
                // One of each is enough.
                (Home { name: ("Other", "Name"), home: ("100 Example Oak Lane", "12B"), ..home }, None, true),
                (Home { home: ("7 Other St", ""), number: Some(8), ..home }, meter, true),
                // Another person at the home, and the person at another home.
                (Home { name: ("Alex", "Samplecase"), number: Some(8), ..home }, meter, false),
                (Home { name: ("Alex", "Samplecase"), number: None, ..home }, meter, false),
                (Home { home: ("102 Example Oak Ln", "12B"), ..home }, None, false),
                (Home { home: ("100 Example Oak Ln", "12C"), ..home }, Some("10000009999999999"), false),
            ]
            .into_iter()
            .enumerate()
            {
                let tracking_id = (number + 2).to_string();
                let mut new = submission(&ledger, &tracking_id);
                (new.keys, new.ask_within) = (keys(&ledger, &one), Some(day));
                new.esi_id = esi_id.map(str::to_owned);
                let submitted = ledger.submit(&new, &[]).await.unwrap();
                let expected = if same { Submitted::AskFirst } else { Submitted::New };
                assert_eq!(submitted, expected, "row {number}");
                set(&ledger, &tracking_id, "refused").await;
            }
        })
        .await;
    }

    #[tokio::test]
    async fn row_of_an_earlier_release_is_found_by_its_one_key() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            ledger.submit(&submission(&ledger, "1"), &[]).await.unwrap();
            let update = "UPDATE submissions SET number_key = NULL, name_key = NULL, home_key = NULL";
            sql!(ledger.store.writer().await.unwrap(), update => execute).unwrap();
            let mut again = submission(&ledger, "2");
            again.ask_within = Some(Duration::from_secs(60));
            assert_eq!(ledger.submit(&again, &[]).await.unwrap(), Submitted::AskFirst);
            again.keys =
                keys(&ledger, &Home { name: ("Alex", "Samplecase"), number: Some(8), ..Home::default() });
            assert_eq!(ledger.submit(&again, &[]).await.unwrap(), Submitted::New);
        })
        .await;
    }

    #[tokio::test]
    async fn second_record_of_same_person_within_a_day_asks_first() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            let day = Duration::from_secs(24 * 3600);
            let first = submission(&ledger, "1");
            ledger.submit(&first, &[]).await.unwrap();
            let ask = async |tracking_id: &str, other: bool| {
                let mut new = submission(&ledger, tracking_id);
                new.ask_within = Some(day);
                if other {
                    new.keys =
                        keys(&ledger, &Home { name: ("Other", "Name"), number: Some(8), ..Home::default() });
                }
                ledger.submit(&new, &[consent("j")]).await.unwrap()
            };
            assert_eq!(ask("2", false).await, Submitted::AskFirst);
            assert!(ledger.find("2").await.unwrap().is_none());
            assert_eq!(ledger.verify().await.unwrap().consents, 0);
            // Another person, and the same record: no reason to ask.
            assert_eq!(ask("3", true).await, Submitted::New);
            assert_eq!(ask("1", false).await, Submitted::AlreadyThere);
            // A repair of a record, when another one has gone through meanwhile.
            set(&ledger, "1", "repairable").await;
            assert_eq!(ask("4", false).await, Submitted::New);
            let mut repair = submission(&ledger, "1");
            (repair.round, repair.ask_within) = (2, Some(day));
            assert_eq!(ledger.submit(&repair, &[]).await.unwrap(), Submitted::AskFirst);
            set(&ledger, "4", "refused").await;
            assert_eq!(ledger.submit(&repair, &[]).await.unwrap(), Submitted::Resubmitted);
            // An unknown may have gone through; after a day nobody asks.
            set(&ledger, "1", "unknown").await;
            assert_eq!(ask("5", false).await, Submitted::AskFirst);
            manual.forward(day);
            assert_eq!(ask("5", false).await, Submitted::New);
        })
        .await;
    }

    #[tokio::test]
    async fn ten_concurrent_records_of_one_person_submit_one_without_asking() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            let race = (0..10).map(|number| {
                let ledger = ledger.clone();
                tokio::spawn(async move {
                    let mut new = submission(&ledger, &number.to_string());
                    new.ask_within = Some(Duration::from_secs(24 * 3600));
                    ledger.submit(&new, &[consent(&new.journey)]).await.unwrap()
                })
            });
            let submitted = futures_util::future::join_all(race).await;
            let new = submitted.iter().filter(|s| *s.as_ref().unwrap() == Submitted::New).count();
            assert_eq!(new, 1);
        })
        .await;
    }
}
