//! Submissions: one row for one record at NRG, written with its consents in one transaction.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Error, Ledger, NewConsent, PersonKey,
    consent::{self, ConsentRow},
};
use crate::store::{moment, on_reader, span, transaction};

pub(super) const PAYLOAD: &str = "submission payload";
pub(super) const ANSWER: &str = "submission answer";
/// Tries when other consents of the same journey are written at the same moment.
const TRIES: usize = 20;

/// Where a submission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be sent.
    Ready,
    /// Being sent; the answer is not here yet.
    Sent,
    /// NRG opened the account (contract 5.19 E1).
    Enrolled,
    /// NRG took it, the account number comes later (E2).
    Accepted,
    /// NRG refused it.
    Refused {
        /// The record is still open: it may be submitted again once repaired (E5, E8).
        repairable: bool,
    },
    /// NRG had it already (E6), and does not say how that ended.
    Duplicate,
    /// Sent, without an answer that can be read. Never sent again by this program.
    Unknown,
}

impl State {
    /// The word in the database, the log and the operator's list.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Sent => "sent",
            Self::Enrolled => "enrolled",
            Self::Accepted => "accepted",
            Self::Refused { repairable: false } => "refused",
            Self::Refused { repairable: true } => "repairable",
            Self::Duplicate => "duplicate",
            Self::Unknown => "unknown",
        }
    }

    /// Reads [`word`](Self::word).
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Ready,
            Self::Sent,
            Self::Enrolled,
            Self::Accepted,
            Self::Refused { repairable: false },
            Self::Refused { repairable: true },
            Self::Duplicate,
            Self::Unknown,
        ]
        .into_iter()
        .find(|state| state.word() == word)
    }

    /// Nothing more will happen by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Ready | Self::Sent)
    }
}

/// What the worker needs to send, sealed in the row. No `Debug`: the guid is a secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct Payload {
    /// NRG's second handle of the record.
    pub guid: String,
    /// The brand's id, such as `RE`.
    pub brand: String,
    /// The language of NRG's texts: `E` or `S`.
    pub language: String,
    /// The six codes of the chosen offer.
    pub codes: Codes,
    /// Bills come electronically (`ebillFlag`).
    pub paperless: bool,
}

/// The six codes `enroll` takes, all from one entry of `offers` (contract 5.19).
#[derive(Clone, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named as on the wire")]
pub struct Codes {
    pub offer: String,
    pub promo: String,
    pub campaign: String,
    pub product_price: String,
    pub incentive: String,
    pub market_segment: String,
}

/// What NRG gave the new customer (contract 5.19). Personal: sealed in the row, no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionResult {
    /// The contract account (`caNumber`), with its leading zeros. Absent when accepted only.
    pub account_number: Option<String>,
    /// Its check digit.
    pub check_digit: Option<String>,
    /// The customer's number.
    pub bpid: Option<String>,
    /// The submission document's number.
    pub idoc: Option<String>,
}

/// A submission to be written.
pub struct NewSubmission {
    /// The record at NRG.
    pub tracking_id: String,
    /// The round it is meant as: 1, or one more than the round whose refusal was repaired. A late
    /// second post of the same page thus never passes for a repair.
    pub round: u32,
    /// The journey it ends.
    pub journey: String,
    /// Who, where.
    pub person: PersonKey,
    /// The brand's id, such as `RE`.
    pub brand: String,
    /// The chosen offer.
    pub offer_code: String,
    /// `MVI` or `SWI`.
    pub transaction_type: String,
    /// The meter, where one was found.
    pub esi_id: Option<String>,
    /// What to send.
    pub payload: Payload,
}

/// What became of [`Ledger::submit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// The row was written and will be sent.
    New,
    /// The record was submitted before; nothing was written, consents neither.
    AlreadyThere,
    /// The row had been refused and was repaired; it will be sent again.
    Resubmitted,
}

/// A submission as it stands. No `Debug`: it holds what NRG answered.
#[derive(Clone)]
pub struct Row {
    /// The record at NRG.
    pub tracking_id: String,
    /// The journey it ended.
    pub journey: String,
    /// Where it stands.
    pub state: State,
    /// 1, and one more with each repair.
    pub round: u32,
    /// How often it was sent, or tried to, in this round.
    pub tries: u32,
    /// What NRG gave, when enrolled or accepted.
    pub result: Option<SubmissionResult>,
    /// NRG's text for the customer, when refused; clean text.
    pub message: Option<String>,
    /// The code of a refusal.
    pub code: Option<String>,
    /// The brand's id.
    pub brand: String,
    /// The chosen offer.
    pub offer_code: String,
    /// `MVI` or `SWI`.
    pub transaction_type: String,
    /// The meter.
    pub esi_id: Option<String>,
    /// First submitted.
    pub created_at: Timestamp,
    /// Last submitted: the beginning of the present round.
    pub submitted_at: Timestamp,
    /// Last sent.
    pub sent_at: Option<Timestamp>,
    /// When it became final.
    pub finished_at: Option<Timestamp>,
}

/// What is sealed of NRG's answer.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Kept {
    pub result: Option<SubmissionResult>,
    pub message: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Stored {
    tracking_id: String,
    journey: String,
    state: String,
    round: i64,
    tries: i64,
    answer_key_id: Option<String>,
    answer: Option<Vec<u8>>,
    code: Option<String>,
    brand: String,
    offer_code: String,
    transaction_type: String,
    esi_id: Option<String>,
    created_at: i64,
    submitted_at: i64,
    sent_at: Option<i64>,
    finished_at: Option<i64>,
}

/// Selects what [`Ledger::row`] reads, with the rest of the statement.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT tracking_id, journey, state, round, tries, answer_key_id, answer, code, brand, offer_code,
                 transaction_type, esi_id, created_at, submitted_at, sent_at, finished_at
             FROM submissions ",
            $rest
        )
    };
}
pub(super) use select;

impl Ledger {
    /// Writes a submission and the consents it rests on, in one transaction, and wakes the worker.
    /// A second submission of the same record writes nothing, unless it repairs a refusal.
    ///
    /// # Errors
    /// The database failed: nothing was written, nothing will be sent.
    pub async fn submit(&self, new: &NewSubmission, consents: &[NewConsent]) -> Result<Submitted, Error> {
        let submitted = self.write(Some(new), consents).await?;
        match submitted {
            Submitted::New | Submitted::Resubmitted => self.wake.notify_one(),
            Submitted::AlreadyThere => self.tell_if_changed(new).await?,
        }
        Ok(submitted)
    }

    /// The submission of a record, if there is one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, tracking_id: &str) -> Result<Option<Row>, Error> {
        let stored: Option<Stored> = on_reader!(&self.store, db =>
            sqlx::query_as(select!("WHERE tracking_id = $1")).bind(tracking_id).fetch_optional(db).await)?;
        Ok(stored.map(|stored| self.row(stored)))
    }

    /// Whether this person submitted for this address `within` that time, under another record
    /// than `except_tracking`, and was not refused.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recent(
        &self,
        person: &PersonKey,
        within: Duration,
        except_tracking: &str,
    ) -> Result<bool, Error> {
        let since = self.now() - span(within);
        let found: Option<(i64,)> = on_reader!(&self.store, db => sqlx::query_as(
            "SELECT submitted_at FROM submissions
             WHERE person_key = $1 AND submitted_at > $2 AND tracking_id <> $3
                 AND state NOT IN ('refused', 'repairable') LIMIT 1")
            .bind(person.bytes()).bind(since).bind(except_tracking).fetch_optional(db).await)?;
        Ok(found.is_some())
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
        let prepared = new.map(|new| {
            let plain = json(&new.payload);
            let sealed = self.keys.seal(&self.entropy, PAYLOAD, new.tracking_id.as_bytes(), &plain);
            (new, sealed, self.key.hash("payload", [plain.as_slice()]))
        });
        transaction!(&self.store, tx => {
            let mut submitted = new.is_none().then_some(Submitted::New);
            if let Some((new, sealed, hash)) = &prepared {
                // Placeholders mean the same in both: what is written anew, and what a repair replaces.
                for (statement, meaning) in [(INSERT, Submitted::New), (REPAIR, Submitted::Resubmitted)] {
                    let written = sqlx::query(statement)
                        .bind(&new.tracking_id).bind(&new.journey).bind(new.person.bytes()).bind(&hash[..])
                        .bind(i64::from(new.round)).bind(now).bind(&sealed.key_id).bind(&sealed.blob)
                        .bind(&new.brand).bind(&new.offer_code).bind(&new.transaction_type).bind(&new.esi_id)
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
                let row = ConsentRow::after(last, consent, now, &self.key);
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
            Ok(Some(submitted))
        })
    }

    /// A second post with other content than the first is not taken; operators should know.
    async fn tell_if_changed(&self, new: &NewSubmission) -> Result<(), Error> {
        let stored: Option<(Vec<u8>,)> = on_reader!(&self.store, db =>
            sqlx::query_as("SELECT payload_hash FROM submissions WHERE tracking_id = $1")
                .bind(&new.tracking_id).fetch_optional(db).await)?;
        let hash = self.key.hash("payload", [json(&new.payload).as_slice()]);
        if stored.is_some_and(|(stored,)| stored != hash) {
            tracing::warn!(
                tracking_id = new.tracking_id,
                "submitted again with other content, which was not taken"
            );
        }
        Ok(())
    }

    /// The row with its answer opened. An answer whose key is gone, or that was tampered with, is
    /// left out.
    pub(super) fn row(&self, stored: Stored) -> Row {
        let kept: Kept = stored
            .answer_key_id
            .zip(stored.answer)
            .and_then(|(key_id, blob)| self.keys.open(ANSWER, stored.tracking_id.as_bytes(), &key_id, &blob))
            .and_then(|plain| serde_json::from_slice(&plain).ok())
            .unwrap_or_default();
        Row {
            // The table's CHECK admits no other word; should one appear, nobody acts on it.
            state: State::from_word(&stored.state).unwrap_or(State::Unknown),
            tracking_id: stored.tracking_id,
            journey: stored.journey,
            round: count(stored.round),
            tries: count(stored.tries),
            result: kept.result,
            message: kept.message,
            code: stored.code,
            brand: stored.brand,
            offer_code: stored.offer_code,
            transaction_type: stored.transaction_type,
            esi_id: stored.esi_id,
            created_at: moment(stored.created_at),
            submitted_at: moment(stored.submitted_at),
            sent_at: stored.sent_at.map(moment),
            finished_at: stored.finished_at.map(moment),
        }
    }
}

/// A counter's column, which is never negative.
pub(super) fn count(column: i64) -> u32 {
    u32::try_from(column).unwrap_or(u32::MAX)
}

/// A sealed value's plain text.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    #[allow(clippy::expect_used, reason = "strings and flags always have a JSON form")]
    serde_json::to_vec(value).expect("a struct of strings and flags has a JSON form")
}

const INSERT: &str = "INSERT INTO submissions
    (tracking_id, journey, person_key, payload_hash, state, round, tries, not_before, payload_key_id, payload,
     brand, offer_code, transaction_type, esi_id, created_at, submitted_at)
    VALUES ($1, $2, $3, $4, 'ready', $5, 0, $6, $7, $8, $9, $10, $11, $12, $6, $6)
    ON CONFLICT (tracking_id) DO NOTHING";

const REPAIR: &str = "UPDATE submissions SET
    journey = $2, person_key = $3, payload_hash = $4, state = 'ready', round = $5, tries = 0, not_before = $6,
    payload_key_id = $7, payload = $8, brand = $9, offer_code = $10, transaction_type = $11, esi_id = $12,
    submitted_at = $6, owner = NULL, lease_until = NULL, answer_key_id = NULL, answer = NULL, code = NULL,
    sent_at = NULL, finished_at = NULL
    WHERE tracking_id = $1 AND state = 'repairable' AND round = $5 - 1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::testing::{consent, ledger, submission},
        store::{
            on_writer,
            testing::{Hands, each},
        },
    };

    async fn set(ledger: &Ledger, tracking_id: &str, state: &str) {
        on_writer!(&ledger.store, db => sqlx::query("UPDATE submissions SET state = $1 WHERE tracking_id = $2")
            .bind(state).bind(tracking_id).execute(db).await.map(|_| ()))
        .unwrap();
    }

    #[test]
    fn every_state_has_its_word() {
        for word in ["ready", "sent", "enrolled", "accepted", "refused", "repairable", "duplicate", "unknown"]
        {
            assert_eq!(State::from_word(word).unwrap().word(), word);
        }
        assert!(State::from_word("READY").is_none());
    }

    #[tokio::test]
    async fn of_fifty_submits_at_once_one_writes_the_row_and_its_consents() {
        each(async |store| {
            let ledger = ledger(&store, &Hands::new().1);
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
    async fn only_a_repairable_refusal_is_submitted_again_and_only_as_the_next_round() {
        each(async |store| {
            let (hands, clock) = Hands::new();
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
            (new.round, new.offer_code) = (2, "59990002".to_owned());
            hands.forward(Duration::from_secs(60));
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
    async fn a_recent_submission_of_the_same_person_is_found_under_another_record() {
        each(async |store| {
            let (hands, clock) = Hands::new();
            let ledger = ledger(&store, &clock);
            let day = Duration::from_secs(24 * 3600);
            let new = submission(&ledger, "1");
            ledger.submit(&new, &[]).await.unwrap();
            assert!(ledger.recent(&new.person, day, "2").await.unwrap());
            assert!(!ledger.recent(&new.person, day, "1").await.unwrap());
            assert!(!ledger.recent(&ledger.person_key(&["Other"]), day, "2").await.unwrap());
            set(&ledger, "1", "refused").await;
            assert!(!ledger.recent(&new.person, day, "2").await.unwrap());
            set(&ledger, "1", "unknown").await;
            hands.forward(day);
            assert!(!ledger.recent(&new.person, day, "2").await.unwrap());
        })
        .await;
    }
}
