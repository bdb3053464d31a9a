//! Stamps: keyed hashes over the rows of submissions, settlements and amendments, so that an edit shows.
//!
//! A stamp covers every column that lasts: not the lease, not the hashes that retention erases, and not, before the
//! submission is final, what sending it changes. The stamp of a settlement or an amendment covers the one before it too,
//! and that of the submission the latest of each, so that none of them can be removed.
//!
//! Whoever changes a submission asks before the change what its stamp says ([`Stamped::of`]), and stamps it afterwards, in
//! the same transaction. A row that was not as it was stamped keeps its stamp, and so stays one that was changed.

use super::{Error, LedgerKey, State, count, keyed_hash::same};
use crate::store::{Tx, sql};

/// What of a submission is stamped.
#[derive(sqlx::FromRow)]
pub(super) struct StampedSubmission {
    pub(super) tracking_id: String,
    pub(super) journey: String,
    person_key: Vec<u8>,
    payload_hash: Vec<u8>,
    state: String,
    round: i64,
    tries: i64,
    payload_key_id: String,
    payload: Vec<u8>,
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
    pub(super) consents_to: Option<i64>,
    pub(super) consents_seal: Option<Vec<u8>>,
    attribution: Option<String>,
    deposit: Option<bool>,
    language: Option<String>,
    site: String,
    facts: Option<String>,
    amended_as: Option<String>,
    pub(super) stamp: Option<Vec<u8>>,
    last_settlement: Option<Vec<u8>>,
    last_amendment: Option<Vec<u8>>,
}

/// Selects a [`StampedSubmission`], with what follows its columns. The table is `s`.
macro_rules! stamped_columns {
    ($rest:literal) => {
        concat!(
            "SELECT s.tracking_id, s.journey, s.person_key, s.payload_hash, s.state, s.round, s.tries, s.payload_key_id,
                 s.payload, s.answer_key_id, s.answer, s.code, s.brand, s.offer_code, s.transaction_type, s.esi_id,
                 s.created_at, s.submitted_at, s.sent_at, s.finished_at, s.consents_to, s.consents_seal, s.attribution,
                 s.deposit, s.language, s.site, s.facts, s.amended_as, s.stamp,
                 (SELECT b.stamp FROM settlements b WHERE b.tracking_id = s.tracking_id
                     ORDER BY b.round DESC LIMIT 1) AS last_settlement,
                 (SELECT a.stamp FROM amendments a WHERE a.tracking_id = s.tracking_id
                     ORDER BY a.number DESC LIMIT 1) AS last_amendment",
            $rest
        )
    };
}
pub(super) use stamped_columns;

impl StampedSubmission {
    /// The stamp that the row would have if it was written as it is.
    pub(super) fn expected(&self, key: &LedgerKey) -> [u8; 32] {
        let under_way = self.state.parse().is_ok_and(|state: State| !state.is_final());
        // A lease changes these, and is no event to be recorded.
        let (state, tries, sent_at) = match under_way {
            true => ("under way".to_owned(), None, None),
            false => (self.state.clone(), Some(self.tries), self.sent_at),
        };
        key.stamp(
            "stamp of a submission",
            &[
                &self.tracking_id,
                &self.journey,
                &self.person_key,
                &self.payload_hash,
                &state,
                &self.round,
                &tries,
                &self.payload_key_id,
                &self.payload,
                &self.answer_key_id,
                &self.answer,
                &self.code,
                &self.brand,
                &self.offer_code,
                &self.transaction_type,
                &self.esi_id,
                &self.created_at,
                &self.submitted_at,
                &sent_at,
                &self.finished_at,
                &self.consents_to,
                &self.consents_seal,
                &self.attribution,
                &self.deposit,
                &self.language,
                &self.site,
                &self.facts,
                &self.amended_as,
                &self.last_settlement,
                &self.last_amendment,
            ],
        )
    }

    async fn read(tx: &mut Tx<'_>, tracking_id: &str) -> Result<Option<Self>, Error> {
        sql!(tx, stamped_columns!(" FROM submissions s WHERE s.tracking_id = $1"), tracking_id => fetch_optional)
    }
}

/// What the stamp of a submission said before a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamped {
    /// There was none: the submission is a new one, or one of an earlier release.
    Never,
    /// The submission was as it was written.
    Holds,
    /// It was not.
    Changed,
}

impl Stamped {
    /// Of the submission `tracking_id`, which is about to be changed.
    pub(super) async fn of(tx: &mut Tx<'_>, key: &LedgerKey, tracking_id: &str) -> Result<Self, Error> {
        let row = StampedSubmission::read(tx, tracking_id).await?;
        Ok(match row.and_then(|row| Some((row.expected(key), row.stamp?))) {
            None => Self::Never,
            Some((expected, stamp)) if same(&stamp, &expected) => Self::Holds,
            Some(_) => Self::Changed,
        })
    }

    /// Stamps the submission as it is after the change, at `now`.
    pub(super) async fn stamp(
        self,
        tx: &mut Tx<'_>,
        key: &LedgerKey,
        tracking_id: &str,
        now: i64,
    ) -> Result<(), Error> {
        if self == Self::Changed {
            return Ok(());
        }
        let Some(row) = StampedSubmission::read(tx, tracking_id).await? else { return Ok(()) };
        if self == Self::Never {
            count::add(tx, key, &row.journey, 1, now).await?;
        }
        sql!(tx, "UPDATE submissions SET stamp = $2 WHERE tracking_id = $1", tracking_id, &row.expected(key)[..]
            => execute)?;
        Ok(())
    }
}
