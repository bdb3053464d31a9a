//! Consents: append-only, chained per journey by a keyed hash, so that an edit shows.
//!
//! Each row's `chain` is a hash over all its columns and the `chain` of the row before it. Without the ledger's key a
//! row cannot be changed, inserted or deleted so that the rest still fits. A submission keeps a keyed hash of the
//! chain's end, so that the chain cannot be shortened either.

use sha2::{Digest, Sha256};

use super::{Error, Ledger, LedgerKey, Person};
use crate::store::millis;

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
    /// Who gives it, as far as that is known.
    pub person: Option<Person>,
}

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
    pub(super) fn link(&self, before: &[u8], key: &LedgerKey) -> [u8; 32] {
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

impl Ledger {
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
