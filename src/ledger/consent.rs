//! Consents: append-only, chained per journey by a keyed hash, so that an edit shows.
//!
//! Each row's `chain` is a hash over all its columns and the `chain` of the row before it. Without the ledger's key a
//! row cannot be changed, inserted or deleted so that the rest still fits. A submission keeps a keyed hash of the
//! chain's end, so that the chain cannot be shortened either.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Error, Ledger, LedgerKey, LedgerReader};
use crate::store::{millis, sql};

/// Rows read at a time when the chains are verified.
const PAGE: i64 = 500;

/// What was agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ConsentKind {
    /// That NRG asks a credit bureau. Written before `identity` is called.
    Credit,
    /// The documents of the contract: EFL, TOS, YRAC.
    Documents,
    /// That the applicant enrolls, and may.
    Affirmation,
    /// That records come electronically.
    ElectronicRecords,
    /// Marketing by phone or text.
    Marketing,
}

/// A consent that was just given.
#[derive(Clone)]
pub struct NewConsent {
    /// The journey it was given in; its chain.
    pub journey: String,
    /// What was agreed to.
    pub kind: ConsentKind,
    /// Which text was shown.
    pub text_id: String,
    /// Its version.
    pub text_version: String,
    /// The text itself, as shown; only its SHA-256 is stored.
    pub text: String,
    /// The language of the page: `en` or `es`.
    pub language: String,
    /// The state of the service address: `TX`.
    pub state: String,
    /// The brand's id, such as `RE`.
    pub brand: String,
    /// The chosen offer, once there is one.
    pub offer_code: Option<String>,
    /// The links of the documents shown.
    pub documents: Vec<String>,
    /// `MVI` or `SWI`.
    pub transaction_type: Option<String>,
    /// The meter.
    pub esi_id: Option<String>,
    /// The record at NRG, once there is one.
    pub tracking_id: Option<String>,
    /// The client's address, whole or cut, as the setting says.
    pub client_address: String,
    /// The browser's own name for itself.
    pub user_agent: String,
    /// The build of this program.
    pub build: String,
}

/// What [`LedgerReader::verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Chains read.
    pub journeys: u64,
    /// Rows read.
    pub consents: u64,
    /// Submissions whose consents were compared with what they keep of them.
    pub submissions: u64,
    /// Where a chain does not hold; empty when all is as it was written.
    pub breaks: Vec<ChainBreak>,
}

/// A place where the records of a journey do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainBreak {
    /// This row of the chain is the first that is not as it was written, or not where.
    Row {
        /// The journey.
        journey: String,
        /// The row's number in it.
        number: i64,
    },
    /// The chain does not hold what it held when this record was submitted: its end is gone.
    End {
        /// The journey.
        journey: String,
        /// The record.
        tracking_id: String,
    },
}

/// Tracking id, journey, where its consents ended, the hash that says so, and the chain there now.
type EndColumns = (String, String, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>);

/// A stored consent. Fields without a comment are explained at [`NewConsent`].
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "the names of NewConsent")]
pub struct Consent {
    pub journey: String,
    /// 1, 2, 3 within the journey.
    pub number: i64,
    /// Unix milliseconds.
    pub given_at: i64,
    /// `credit`, `documents`, `affirmation`, `electronic-records` or `marketing`.
    pub kind: String,
    pub text_id: String,
    pub text_version: String,
    /// SHA-256 of the text shown, in hex.
    pub text_hash: String,
    pub language: String,
    pub state: String,
    pub brand: String,
    pub offer_code: Option<String>,
    /// The links, one a line.
    pub documents: String,
    pub transaction_type: Option<String>,
    pub esi_id: Option<String>,
    pub tracking_id: Option<String>,
    pub client_address: String,
    pub user_agent: String,
    pub build: String,
    /// The keyed hash over the row and the one before it.
    pub chain: Vec<u8>,
}

/// Affects no row if the number was taken meanwhile.
pub(super) const INSERT: &str = "INSERT INTO consents
    (journey, number, given_at, kind, text_id, text_version, text_hash, language, state, brand, offer_code,
     documents, transaction_type, esi_id, tracking_id, client_address, user_agent, build, chain)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    ON CONFLICT (journey, number) DO NOTHING";

/// Finds the end of a journey's chain.
pub(super) const LAST: &str =
    "SELECT number, chain FROM consents WHERE journey = $1 ORDER BY number DESC LIMIT 1";

impl Consent {
    /// The row that follows `last` (number and chain; none for a journey's first).
    pub(super) fn after(
        last: Option<(i64, Vec<u8>)>,
        consent: &NewConsent,
        at: i64,
        key: &LedgerKey,
    ) -> Self {
        let (number, chain) = last.unwrap_or_default();
        let consent = consent.clone();
        let text_hash = hex::encode(Sha256::digest(&consent.text));
        let mut row = Self {
            journey: consent.journey,
            number: number + 1,
            given_at: at,
            kind: <&str>::from(consent.kind).to_owned(),
            text_id: consent.text_id,
            text_version: consent.text_version,
            text_hash,
            language: consent.language,
            state: consent.state,
            brand: consent.brand,
            offer_code: consent.offer_code,
            documents: consent.documents.join("\n"),
            transaction_type: consent.transaction_type,
            esi_id: consent.esi_id,
            tracking_id: consent.tracking_id,
            client_address: consent.client_address,
            user_agent: consent.user_agent,
            build: consent.build,
            chain: Vec::new(),
        };
        row.chain = row.link(&chain, key).to_vec();
        row
    }

    /// The hash over every column and the chain before.
    fn link(&self, before: &[u8], key: &LedgerKey) -> [u8; 32] {
        let mut parts: Vec<&[u8]> = vec![before];
        let numbers = [self.number.to_be_bytes(), self.given_at.to_be_bytes()];
        parts.extend(numbers.iter().map(|number| &number[..]));
        for text in [
            &self.journey,
            &self.kind,
            &self.text_id,
            &self.text_version,
            &self.text_hash,
            &self.language,
            &self.state,
            &self.brand,
            &self.documents,
            &self.client_address,
            &self.user_agent,
            &self.build,
        ] {
            parts.push(text.as_bytes());
        }
        for text in [&self.offer_code, &self.transaction_type, &self.esi_id, &self.tracking_id] {
            // Absent and empty are not the same.
            parts.push(if text.is_some() { b"1" } else { b"0" });
            parts.push(text.as_deref().unwrap_or_default().as_bytes());
        }
        key.hash("consent", parts)
    }
}

/// Compares two hashes in constant time.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

impl LedgerReader {
    /// Reads every consent and checks by the ledger's `key` that each chain is as it was written, and whole as far as a
    /// submission rests on it. Not detected: a journey deleted with its submissions (retention does that), and the
    /// removed end of a chain that no submission followed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn verify(&self, key: &LedgerKey) -> Result<VerifyReport, Error> {
        let mut report = VerifyReport::default();
        let (mut journey, mut number, mut chain) = (String::new(), 0_i64, Vec::new());
        let mut read_to = (String::new(), 0_i64);
        let mut broken = false;
        loop {
            let page: Vec<Consent> = sql!(self.store.reader().await?,
                "SELECT * FROM consents WHERE (journey, number) > ($1, $2) ORDER BY journey, number LIMIT $3",
                &read_to.0, read_to.1, PAGE => fetch_all)?;
            let Some(last) = page.last() else { break };
            read_to = (last.journey.clone(), last.number);
            for row in page {
                report.consents += 1;
                if row.journey != journey {
                    report.journeys += 1;
                    (journey, number, chain, broken) = (row.journey.clone(), 0, Vec::new(), false);
                }
                // After the first break of a journey nothing more can be said about it.
                if !broken && (row.number != number + 1 || !same(&row.chain, &row.link(&chain, key))) {
                    broken = true;
                    report.breaks.push(ChainBreak::Row { journey: row.journey, number: row.number });
                }
                (number, chain) = (row.number, row.chain);
            }
        }
        self.verify_ends(key, &mut report).await?;
        Ok(report)
    }

    async fn verify_ends(&self, key: &LedgerKey, report: &mut VerifyReport) -> Result<(), Error> {
        let mut read_to = String::new();
        loop {
            let page: Vec<EndColumns> = sql!(self.store.reader().await?,
                "SELECT s.tracking_id, s.journey, s.consents_to, s.consents_seal, c.chain
                 FROM submissions s LEFT JOIN consents c ON c.journey = s.journey AND c.number = s.consents_to
                 WHERE s.tracking_id > $1 ORDER BY s.tracking_id LIMIT $2", &read_to, PAGE => fetch_all)?;
            let Some((last, ..)) = page.last() else { return Ok(()) };
            read_to.clone_from(last);
            for (tracking_id, journey, number, seal, chain) in page {
                report.submissions += 1;
                let (number, chain) = (number.unwrap_or_default(), chain.unwrap_or_default());
                let expected = key.chain_end(&tracking_id, &journey, number, &chain);
                if !seal.is_some_and(|seal| same(&seal, &expected)) {
                    report.breaks.push(ChainBreak::End { journey, tracking_id });
                }
            }
        }
    }
}

impl Ledger {
    /// As [`LedgerReader::verify`], by the ledger's own key.
    ///
    /// # Errors
    /// The database failed.
    pub async fn verify(&self) -> Result<VerifyReport, Error> {
        self.reader.verify(&self.key).await
    }

    /// Writes a consent given before there is a submission, such as the credit authorization.
    ///
    /// # Errors
    /// The database failed; what the consent is for must not happen.
    pub async fn consent(&self, consent: &NewConsent) -> Result<(), Error> {
        self.write(None, std::slice::from_ref(consent)).await?;
        Ok(())
    }

    /// The current time as rows store it.
    pub(super) fn now(&self) -> i64 {
        millis(self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::testing::{consent, ledger, submission},
        store::testing::{ManualClock, on_each_database},
    };

    #[tokio::test]
    async fn concurrent_consents_of_one_journey_form_one_unbroken_chain() {
        on_each_database(async |store| {
            let ledger = ledger(&store, &ManualClock::new().1);
            let race = (0..12).map(|_| {
                let ledger = ledger.clone();
                tokio::spawn(async move { ledger.consent(&consent("j")).await.unwrap() })
            });
            for written in futures_util::future::join_all(race).await {
                written.unwrap();
            }
            ledger.consent(&consent("k")).await.unwrap();
            let report = ledger.verify().await.unwrap();
            assert_eq!(report, VerifyReport { journeys: 2, consents: 13, ..VerifyReport::default() });
        })
        .await;
    }

    #[tokio::test]
    async fn consent_row_edited_deleted_or_moved_breaks_chain() {
        let tampering = [
            ("UPDATE consents SET given_at = given_at + 1 WHERE journey = 'j' AND number = 2", 2),
            ("UPDATE consents SET esi_id = '' WHERE journey = 'j' AND number = 3", 3),
            (
                "UPDATE consents SET documents = 'https://other.example/efl' WHERE journey = 'j' AND number = 1",
                1,
            ),
            ("DELETE FROM consents WHERE journey = 'j' AND number = 2", 3),
            ("UPDATE consents SET number = 9 WHERE journey = 'j' AND number = 3", 9),
            (
                "UPDATE consents SET chain = (SELECT chain FROM consents WHERE journey = 'k') WHERE journey = 'j' AND number = 1",
                1,
            ),
        ];
        for (edit, number) in tampering {
            on_each_database(async |store| {
                let ledger = ledger(&store, &ManualClock::new().1);
                for journey in ["j", "j", "j", "k"] {
                    ledger.consent(&consent(journey)).await.unwrap();
                }
                sql!(store.writer().await.unwrap(), edit => execute).unwrap();
                let breaks = ledger.verify().await.unwrap().breaks;
                assert_eq!(breaks, [ChainBreak::Row { journey: "j".to_owned(), number }], "{edit}");
            })
            .await;
        }
    }

    #[tokio::test]
    async fn consent_chain_end_removed_is_detected_by_submission() {
        let tampering = [
            "DELETE FROM consents WHERE journey = 'journey of 1' AND number = 2",
            "DELETE FROM consents WHERE journey = 'journey of 1'",
            "UPDATE submissions SET consents_to = 1 WHERE tracking_id = '1'",
            "UPDATE submissions SET consents_seal = NULL WHERE tracking_id = '1'",
            "UPDATE submissions SET consents_to = 0, consents_seal = (SELECT consents_seal FROM submissions
                 WHERE tracking_id = '2') WHERE tracking_id = '1'",
        ];
        for edit in tampering {
            on_each_database(async |store| {
                let ledger = ledger(&store, &ManualClock::new().1);
                let new = submission(&ledger, "1");
                let consents = [consent(&new.journey), consent(&new.journey)];
                ledger.submit(&new, &consents).await.unwrap();
                ledger.submit(&submission(&ledger, "2"), &[]).await.unwrap();
                let report = ledger.verify().await.unwrap();
                let whole = VerifyReport { journeys: 1, consents: 2, submissions: 2, breaks: vec![] };
                assert_eq!(report, whole);
                sql!(store.writer().await.unwrap(), edit => execute).unwrap();
                let gone =
                    ChainBreak::End { journey: "journey of 1".to_owned(), tracking_id: "1".to_owned() };
                assert_eq!(ledger.verify().await.unwrap().breaks, [gone], "{edit}");
            })
            .await;
        }
    }
}
