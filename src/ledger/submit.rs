//! Submit: writes a submission and the consents it rests on, in one transaction, before anything is sent.

use super::{
    Error, Ledger, NewConsent, NewSubmission, Submitted,
    consent::{self, Consent},
    submission::{PAYLOAD, json},
};
use crate::store::{Store, durable, on_reader, span};

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
            if let Some(submitted) = self.try_to_write(new, consents).await? {
                return Ok(submitted);
            }
        }
        Err(Error::Contended)
    }

    /// One transaction. `None`: rolled back, because a number in a chain was taken meanwhile.
    async fn try_to_write(
        &self,
        new: Option<&NewSubmission>,
        consents: &[NewConsent],
    ) -> Result<Option<Submitted>, Error> {
        let now = self.now();
        let attribution = new
            .map(|new| &new.attribution)
            .filter(|attribution| !attribution.is_empty())
            .and_then(|attribution| serde_json::to_string(attribution).ok());
        let language = new.map(|new| new.request.language.tag());
        let prepared = new.map(|new| {
            let plain = json(&new.request);
            let place = new.tracking_id.as_str().as_bytes();
            let sealed = self.keys.seal(&self.entropy, PAYLOAD, place, &plain);
            (new, sealed, self.key.hash("payload", [plain.as_slice()]))
        });
        // Two records of one person, submitted at the same moment: the second has to see the first. SQLite has
        // but one writer anyway.
        let one_at_a_time = match &self.store {
            Store::Sqlite { .. } => None,
            Store::Postgres(_) => Some("SELECT pg_advisory_xact_lock($1)"),
        };
        durable!(&self.store, tx => {
            let mut submitted = new.is_none().then_some(Submitted::New);
            if let Some((new, sealed, hash)) = &prepared {
                if let Some(within) = new.ask_within {
                    if let Some(lock) = one_at_a_time {
                        sqlx::query(lock).bind(new.person.number()).execute(&mut *tx).await?;
                    }
                    let other: Option<(i64,)> = sqlx::query_as(RECENT)
                        .bind(new.person.bytes()).bind(now - span(within)).bind(new.tracking_id.as_str())
                        .fetch_optional(&mut *tx).await?;
                    if other.is_some() {
                        return Ok(Some(Submitted::AskFirst));
                    }
                }
                // Placeholders mean the same in both: what is inserted, and what a correction replaces.
                for (statement, meaning) in [(INSERT, Submitted::New), (CORRECT, Submitted::Resubmitted)] {
                    let written = sqlx::query(statement)
                        .bind(new.tracking_id.as_str()).bind(&new.journey).bind(new.person.bytes()).bind(&hash[..])
                        .bind(i64::from(new.round)).bind(now).bind(&sealed.key_id).bind(&sealed.blob)
                        .bind(new.request.brand.id()).bind(new.request.codes.offer.as_str()).bind(&new.transaction_type).bind(&new.esi_id)
                        .bind(&attribution).bind(new.deposit).bind(language).bind(&new.site)
                        .execute(&mut *tx).await?.rows_affected();
                    if written == 1 {
                        submitted = Some(meaning);
                        break;
                    }
                }
            }
            let Some(submitted) = submitted else { return Ok(Some(Submitted::AlreadyThere)) };
            for consent in consents {
                let last = sqlx::query_as(consent::LAST).bind(&consent.journey).fetch_optional(&mut *tx).await?;
                let row = Consent::after(last, consent, now, &self.key);
                let written = sqlx::query(consent::INSERT)
                    .bind(row.journey).bind(row.number).bind(row.given_at).bind(row.kind)
                    .bind(row.text_id).bind(row.text_version).bind(row.text_hash).bind(row.language)
                    .bind(row.state).bind(row.brand).bind(row.offer_code).bind(row.documents)
                    .bind(row.transaction_type).bind(row.esi_id).bind(row.tracking_id)
                    .bind(row.client_address).bind(row.user_agent).bind(row.build).bind(row.chain)
                    .execute(&mut *tx).await?.rows_affected();
                if written == 0 {
                    return Ok(None);
                }
            }
            if let Some((new, ..)) = &prepared {
                let end: Option<(i64, Vec<u8>)> =
                    sqlx::query_as(consent::LAST).bind(&new.journey).fetch_optional(&mut *tx).await?;
                let (number, chain) = end.unwrap_or_default();
                let seal = self.key.chain_end(new.tracking_id.as_str(), &new.journey, number, &chain);
                sqlx::query("UPDATE submissions SET consents_to = $2, consents_seal = $3 WHERE tracking_id = $1")
                    .bind(new.tracking_id.as_str()).bind(number).bind(&seal[..])
                    .execute(&mut *tx).await?;
            }
            Ok(Some(submitted))
        })
    }

    /// Logs a second post with other content than the first, which is ignored.
    async fn warn_if_changed(&self, new: &NewSubmission) -> Result<(), Error> {
        let stored: Option<(Vec<u8>,)> = on_reader!(&self.store, db =>
            sqlx::query_as("SELECT payload_hash FROM submissions WHERE tracking_id = $1")
                .bind(new.tracking_id.as_str()).fetch_optional(db).await)?;
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

/// Another record of the same person and address, recently submitted and not refused; unless this record has been
/// submitted too, which is the more important answer.
const RECENT: &str = "SELECT submitted_at FROM submissions
    WHERE person_key = $1 AND submitted_at > $2 AND tracking_id <> $3 AND state NOT IN ('refused', 'repairable')
        AND NOT EXISTS (SELECT 1 FROM submissions own WHERE own.tracking_id = $3 AND own.state <> 'repairable')
    LIMIT 1";

const INSERT: &str = "INSERT INTO submissions
    (tracking_id, journey, person_key, payload_hash, state, round, tries, not_before, payload_key_id, payload,
     brand, offer_code, transaction_type, esi_id, created_at, submitted_at, attribution,
     deposit, language, site)
    VALUES ($1, $2, $3, $4, 'ready', $5, 0, $6, $7, $8, $9, $10, $11, $12, $6, $6, $13, $14, $15, $16)
    ON CONFLICT (tracking_id) DO NOTHING";

const CORRECT: &str = "UPDATE submissions SET
    journey = $2, person_key = $3, payload_hash = $4, state = 'ready', round = $5, tries = 0, not_before = $6,
    payload_key_id = $7, payload = $8, brand = $9, offer_code = $10, transaction_type = $11, esi_id = $12,
    attribution = $13, deposit = $14, language = $15, site = $16,
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
            testing::{consent, ledger, submission},
        },
        store::{
            on_writer,
            testing::{ManualClock, on_each_database},
        },
    };

    async fn set(ledger: &Ledger, tracking_id: &str, state: &str) {
        on_writer!(&ledger.store, db => sqlx::query("UPDATE submissions SET state = $1 WHERE tracking_id = $2")
            .bind(state).bind(tracking_id).execute(db).await.map(|_| ()))
        .unwrap();
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
    async fn second_record_of_same_person_within_a_day_asks_first() {
        on_each_database(async |store| {
            let (manual, clock) = ManualClock::new();
            let ledger = ledger(&store, &clock);
            let day = Duration::from_secs(24 * 3600);
            let first = submission(&ledger, "1");
            ledger.submit(&first, &[]).await.unwrap();
            let ask = async |tracking_id: &str, person: &[&str]| {
                let mut new = submission(&ledger, tracking_id);
                new.ask_within = Some(day);
                if !person.is_empty() {
                    new.person = ledger.person_key(person);
                }
                ledger.submit(&new, &[consent("j")]).await.unwrap()
            };
            assert_eq!(ask("2", &[]).await, Submitted::AskFirst);
            assert!(ledger.find("2").await.unwrap().is_none());
            assert_eq!(ledger.verify().await.unwrap().consents, 0);
            // Another person, and the same record: no reason to ask.
            assert_eq!(ask("3", &["Other"]).await, Submitted::New);
            assert_eq!(ask("1", &[]).await, Submitted::AlreadyThere);
            // A repair of a record, when another one has gone through meanwhile.
            set(&ledger, "1", "repairable").await;
            assert_eq!(ask("4", &[]).await, Submitted::New);
            let mut repair = submission(&ledger, "1");
            (repair.round, repair.ask_within) = (2, Some(day));
            assert_eq!(ledger.submit(&repair, &[]).await.unwrap(), Submitted::AskFirst);
            set(&ledger, "4", "refused").await;
            assert_eq!(ledger.submit(&repair, &[]).await.unwrap(), Submitted::Resubmitted);
            // An unknown may have gone through; after a day nobody asks.
            set(&ledger, "1", "unknown").await;
            assert_eq!(ask("5", &[]).await, Submitted::AskFirst);
            manual.forward(day);
            assert_eq!(ask("5", &[]).await, Submitted::New);
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
