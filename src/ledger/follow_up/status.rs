//! The code by which a person looks up what became of an enrollment, and the phone number that proves who asks.
//!
//! Code and number are stored as keyed hashes. A code that was answered wrongly too often names nothing any more.

use jiff::Timestamp;

use super::{Standing, phone_hash, queue::TITLES};
use crate::{
    fields::{Brand, Language, Phone},
    ledger::{Error, Ledger},
    store::{moment, sql},
};

/// How many wrong answers a code survives, less one.
const MOST_TRIES: i64 = 5;

/// Where an enrollment stands, for the person.
#[derive(Clone)]
pub struct Status {
    /// The brand it is with, if this version knows it.
    pub brand: Option<Brand>,
    /// Where it stands, if NRG has told.
    pub standing: Option<Standing>,
    /// When NRG last told.
    pub known_at: Option<Timestamp>,
    /// NRG's titles of the open holds.
    pub titles: Vec<String>,
    /// The language that NRG was asked in.
    pub language: Option<Language>,
}

/// Whether somebody has proved to be the person.
pub enum Proof {
    /// By the right number.
    Right(Box<Status>),
    /// The number is another one; so many answers are left.
    Wrong(i64),
    /// The code names nothing, or nothing any more.
    Gone,
}

/// Tracking id, hash of the number, wrong answers with this one, brand, language, standing, when it was told, key id and
/// titles.
type Row = (
    String,
    Vec<u8>,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<Vec<u8>>,
);

impl Ledger {
    /// Gives the submission of a record, which is followed, the `code` of its status link, in place of an earlier one.
    /// False: it is not followed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn set_status_code(&self, tracking_id: &str, code: &str) -> Result<bool, Error> {
        let named = sql!(self.store.writer().await?,
            "UPDATE follow_ups SET code_hash = $1, tries = 0
             WHERE tracking_id = $2 AND submitted_at > $3 AND phone_hash IS NOT NULL",
            &self.code_hash(code)[..], tracking_id, self.followed_since() => execute)?;
        Ok(named == 1)
    }

    /// Whether `code` names an enrollment of this site that is followed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_status_code(&self, code: &str, site: &str) -> Result<bool, Error> {
        let found: Option<(i64,)> = sql!(self.store.reader().await?,
            "SELECT f.tries FROM follow_ups f JOIN submissions s ON s.tracking_id = f.tracking_id
             WHERE f.code_hash = $1 AND f.submitted_at > $2 AND f.tries < $3 AND s.site = $4
                 AND f.phone_hash IS NOT NULL",
            &self.code_hash(code)[..], self.followed_since(), MOST_TRIES, site => fetch_optional)?;
        Ok(found.is_some())
    }

    /// Compares `phone` with the number that was given for the enrollment `code` names. The try counts before it is
    /// compared.
    ///
    /// # Errors
    /// The database failed.
    pub async fn prove(&self, code: &str, site: &str, phone: &Phone) -> Result<Proof, Error> {
        if !self.is_status_code(code, site).await? {
            return Ok(Proof::Gone);
        }
        let hash = self.code_hash(code);
        let row: Option<Row> = sql!(self.store.writer().await?,
            "UPDATE follow_ups SET tries = tries + 1 WHERE code_hash = $1 AND tries < $2 AND phone_hash IS NOT NULL
             RETURNING tracking_id, phone_hash, tries,
                 (SELECT s.brand FROM submissions s WHERE s.tracking_id = follow_ups.tracking_id),
                 (SELECT s.language FROM submissions s WHERE s.tracking_id = follow_ups.tracking_id),
                 standing, known_at, titles_key_id, titles",
            &hash[..], MOST_TRIES => fetch_optional)?;
        let Some((tracking_id, known, tries, brand, language, standing, known_at, key_id, titles)) = row
        else {
            return Ok(Proof::Gone);
        };
        if known != phone_hash(&self.key, &tracking_id, phone) {
            return Ok(if tries < MOST_TRIES { Proof::Wrong(MOST_TRIES - tries) } else { Proof::Gone });
        }
        sql!(self.store.writer().await?,
            "UPDATE follow_ups SET tries = 0 WHERE code_hash = $1", &hash[..] => execute)?;
        let opened = key_id.zip(titles).and_then(|(key_id, blob)| {
            let plain = self.keys.open(TITLES, tracking_id.as_bytes(), &key_id, &blob)?;
            serde_json::from_slice(&plain).ok()
        });
        Ok(Proof::Right(Box::new(Status {
            brand: Brand::parse(&brand).ok(),
            standing: standing.as_deref().map(Standing::parse),
            known_at: known_at.map(moment),
            titles: opened.unwrap_or_default(),
            language: language.and_then(|tag| Language::parse(&tag).ok()),
        })))
    }

    pub(super) fn code_hash(&self, code: &str) -> [u8; 32] {
        self.key.hash("code of a status link", [code.as_bytes()])
    }
}
