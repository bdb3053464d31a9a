//! Amendments: what became of an enrollment later, as NRG reports it to the affiliate.
//!
//! An amendment is a record of its own; the state of its submission stays, because that is what NRG answered. A settlement
//! that is corrected is kept as an amendment, too ([`Ledger::correct_settlement`]).

use jiff::Timestamp;

use super::{
    AccountError, Error, Ledger, LedgerKey, Row, State, SubmissionResult,
    endings::{self, EndedSubmission, ended_columns},
    stamp::Stamped,
    submission::{ANSWER, StoredAnswer, count, json, lock},
};
use crate::{
    postback::Ending,
    store::{Durability, Tx, moment, sql},
};

/// What a corrected settlement is called among the amendments.
const SETTLED: &str = "settled";

/// What became of an enrollment. Its word is used in the database, in lists and by the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum AmendedAs {
    /// It was cancelled, by the customer or by NRG.
    Cancelled,
    /// It was rejected afterwards, for instance by the utility.
    Rejected,
    /// Service began; after a cancellation or rejection: it was reinstated.
    Activated,
    /// Something about it was put right, such as the account number.
    Corrected,
}

impl AmendedAs {
    /// Every one.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word for it, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The ending that it is for the affiliate's targets.
    fn ending(self) -> Ending {
        match self {
            Self::Cancelled => Ending::Cancelled,
            Self::Rejected => Ending::Rejected,
            Self::Activated => Ending::Activated,
            Self::Corrected => Ending::Corrected,
        }
    }

    /// Whether it can follow on `latest`. `changes`: it changes the account number.
    fn may_follow(self, latest: Option<Self>, changes: bool) -> bool {
        match (latest, self) {
            (None, _) => true,
            (Some(Self::Cancelled | Self::Rejected), next) => next == Self::Activated,
            (Some(Self::Activated), next) => matches!(next, Self::Cancelled | Self::Corrected),
            (Some(Self::Corrected), next) => next != Self::Corrected || changes,
        }
    }
}

impl AmendedAs {
    /// Enqueues the postbacks of the ending that it is, after it was written down. Each time it is written of the journey
    /// the targets hear of it; a settlement that is taken back counts as rejected.
    pub(super) async fn tell(
        self,
        ledger: &Ledger,
        tx: &mut Tx<'_>,
        ended: &EndedSubmission,
        now: i64,
    ) -> Result<(), Error> {
        let (times,): (i64,) = sql!(tx,
            "SELECT COUNT(*) FROM amendments
             WHERE tracking_id IN (SELECT tracking_id FROM submissions WHERE journey = $2)
                 AND (amended_as = $1 OR ($1 = 'rejected' AND replaced_state IN ('enrolled', 'accepted')
                     AND settled_as NOT IN ('enrolled', 'accepted')))", self.word(), &ended.journey => fetch_one)?;
        let ending = self.ending();
        let rows = ended.postbacks(ledger, ending, count(times), now);
        endings::record(tx, &ended.journey, ending, &rows).await?;
        Ok(())
    }
}

/// The account number that a correction gives.
#[derive(Clone)]
pub struct CorrectedAccount {
    /// The account number.
    pub number: String,
    /// Its check digit.
    pub check_digit: Option<String>,
}

/// An amendment, or the correction of a settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// 1, 2, 3 within the submission.
    pub number: u32,
    /// The submission's round.
    pub round: u32,
    /// When.
    pub amended_at: Timestamp,
    /// The word of [`AmendedAs`], or `settled`.
    pub amended_as: String,
    /// Of a corrected settlement: the word of the state it was settled as.
    pub settled_as: Option<String>,
    /// The word of the state before.
    pub replaced_state: String,
    /// The operator's name.
    pub operator: String,
    /// The reason, in the operator's words.
    pub reason: String,
}

/// Why a submission was not amended.
#[derive(Debug, thiserror::Error)]
pub enum AmendError {
    /// There is no submission with this tracking id.
    #[error("there is no submission with this tracking id")]
    NotFound,
    /// Only what went through can be amended.
    #[error("this submission is {}, only an enrolled or accepted one can be amended", .0.word())]
    NotEnrolled(State),
    /// It cannot follow on what was said last.
    #[error("this submission is {latest}; it cannot be {} now{}", .wanted.word(), hint(.latest, *.wanted))]
    NotAfter {
        /// The word of the latest amendment.
        latest: String,
        /// What it was to become.
        wanted: AmendedAs,
    },
    /// An account number is only given for a correction.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Amending needs a reason and a name.
    #[error("amending needs a reason and the operator's name")]
    NoReason,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

fn hint(latest: &str, wanted: AmendedAs) -> &'static str {
    match (latest.parse(), wanted) {
        (Ok(AmendedAs::Corrected), AmendedAs::Corrected) => ", but with another account number",
        (Ok(AmendedAs::Cancelled | AmendedAs::Rejected), wanted) if latest != wanted.word() => {
            " unless it is activated again first"
        }
        _ => "",
    }
}

/// A stored amendment.
#[derive(sqlx::FromRow)]
pub(super) struct StoredAmendment {
    pub(super) tracking_id: String,
    pub(super) number: i64,
    pub(super) round: i64,
    pub(super) amended_at: i64,
    pub(super) amended_as: String,
    pub(super) settled_as: Option<String>,
    pub(super) operator: String,
    pub(super) reason: String,
    pub(super) replaced_state: String,
    /// The answer before, as it was sealed.
    pub(super) replaced_key_id: Option<String>,
    pub(super) replaced: Option<Vec<u8>>,
    pub(super) stamp: Vec<u8>,
}

/// Selects a [`StoredAmendment`].
macro_rules! amendment_columns {
    ($rest:literal) => {
        concat!(
            "SELECT tracking_id, number, round, amended_at, amended_as, settled_as, operator, reason, replaced_state,
                 replaced_key_id, replaced, stamp FROM amendments ",
            $rest
        )
    };
}
pub(super) use amendment_columns;

impl StoredAmendment {
    /// The stamp that the row would have after the one with the stamp `previous`.
    pub(super) fn expected(&self, key: &LedgerKey, previous: Option<Vec<u8>>) -> [u8; 32] {
        key.stamp(
            "stamp of an amendment",
            &[
                &self.tracking_id,
                &self.number,
                &self.round,
                &self.amended_at,
                &self.amended_as,
                &self.settled_as,
                &self.operator,
                &self.reason,
                &self.replaced_state,
                &self.replaced_key_id,
                &self.replaced,
                &previous,
            ],
        )
    }

    /// Writes it behind the last one of its submission, which is locked.
    async fn append(mut self, tx: &mut Tx<'_>, key: &LedgerKey) -> Result<(), Error> {
        let last: Option<(i64, Vec<u8>)> = sql!(tx,
            "SELECT number, stamp FROM amendments WHERE tracking_id = $1 ORDER BY number DESC LIMIT 1",
            &self.tracking_id => fetch_optional)?;
        let (number, previous) = last.unzip();
        self.number = number.unwrap_or_default() + 1;
        let stamp = self.expected(key, previous);
        sql!(tx,
            "INSERT INTO amendments (tracking_id, number, round, amended_at, amended_as, settled_as, operator, reason,
                 replaced_state, replaced_key_id, replaced, stamp)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            &self.tracking_id, self.number, self.round, self.amended_at, &self.amended_as, &self.settled_as,
            &self.operator, &self.reason, &self.replaced_state, &self.replaced_key_id, &self.replaced, &stamp[..]
            => execute)?;
        Ok(())
    }
}

impl From<StoredAmendment> for Amendment {
    fn from(stored: StoredAmendment) -> Self {
        Self {
            number: count(stored.number),
            round: count(stored.round),
            amended_at: moment(stored.amended_at),
            amended_as: stored.amended_as,
            settled_as: stored.settled_as,
            replaced_state: stored.replaced_state,
            operator: stored.operator,
            reason: stored.reason,
        }
    }
}

/// What a submission was before an amendment: its row, locked until the transaction ends, and the sealed answer in it.
pub(super) struct Before {
    pub(super) row: Row,
    key_id: Option<String>,
    answer: Option<Vec<u8>>,
}

impl Before {
    /// Locks the submission, if there is one.
    pub(super) async fn lock(
        ledger: &Ledger,
        tx: &mut Tx<'_>,
        tracking_id: &str,
    ) -> Result<Option<Self>, Error> {
        let Some(stored) = lock(tx, tracking_id).await? else { return Ok(None) };
        let (key_id, answer) = (stored.answer_key_id.clone(), stored.answer.clone());
        Ok(Some(Self { row: ledger.row(stored), key_id, answer }))
    }

    /// The amendment that comes after it; `settled_as` makes it the correction of a settlement.
    fn amendment(self, amended_as: &str, settled_as: Option<State>, by: Signature<'_>) -> StoredAmendment {
        StoredAmendment {
            tracking_id: self.row.tracking_id,
            number: 0,
            round: i64::from(self.row.round),
            amended_at: by.at,
            amended_as: amended_as.to_owned(),
            settled_as: settled_as.map(|state| state.word().to_owned()),
            operator: by.operator.to_owned(),
            reason: by.reason.to_owned(),
            replaced_state: self.row.state.word().to_owned(),
            replaced_key_id: self.key_id,
            replaced: self.answer,
            stamp: Vec::new(),
        }
    }

    /// Writes down that its settlement is now another one.
    pub(super) async fn settled_otherwise(
        self,
        tx: &mut Tx<'_>,
        key: &LedgerKey,
        state: State,
        by: Signature<'_>,
    ) -> Result<(), Error> {
        self.amendment(SETTLED, Some(state), by).append(tx, key).await
    }
}

/// Who decided something, when and why.
#[derive(Clone, Copy)]
pub(super) struct Signature<'a> {
    pub(super) operator: &'a str,
    pub(super) reason: &'a str,
    pub(super) at: i64,
}

impl<'a> Signature<'a> {
    /// `None`: one of them is blank.
    pub(super) fn new(operator: &'a str, reason: &'a str, at: i64) -> Option<Self> {
        let blank = reason.trim().is_empty() || operator.trim().is_empty();
        (!blank).then_some(Self { operator, reason, at })
    }
}

impl Ledger {
    /// Records what became of an enrolled or accepted submission, with the operator and the reason, and the postbacks of
    /// that ending. `account` belongs to a correction.
    ///
    /// # Errors
    /// [`AmendError`]; nothing was changed then.
    pub async fn amend(
        &self,
        tracking_id: &str,
        amended_as: AmendedAs,
        account: Option<&CorrectedAccount>,
        reason: &str,
        operator: &str,
    ) -> Result<(), AmendError> {
        let now = self.now();
        let by = Signature::new(operator, reason, now).ok_or(AmendError::NoReason)?;
        if account.is_some() && amended_as != AmendedAs::Corrected {
            return Err(AccountError::OfNone(AmendedAs::Corrected.word()).into());
        }
        self.store
            .transaction(Durability::PowerLoss, async |tx| -> Result<(), AmendError> {
                let before = Before::lock(self, tx, tracking_id).await?.ok_or(AmendError::NotFound)?;
                let row = &before.row;
                if !matches!(row.state, State::Enrolled | State::Accepted) {
                    return Err(AmendError::NotEnrolled(row.state));
                }
                let known = row.result.clone().unwrap_or_default();
                let changes = account.is_some_and(|account| known.account_number.as_ref() != Some(&account.number));
                if let Some(latest) = &row.amended_as {
                    let follows = latest.parse().is_ok_and(|latest| amended_as.may_follow(Some(latest), changes));
                    if !follows {
                        return Err(AmendError::NotAfter { latest: latest.clone(), wanted: amended_as });
                    }
                }
                let (key_id, answer) = match account {
                    Some(account) => {
                        let result = SubmissionResult {
                            account_number: Some(account.number.clone()),
                            check_digit: account.check_digit.clone(),
                            ..known
                        };
                        let answer = StoredAnswer { result: Some(result), message: row.message.clone() };
                        let sealed = self.keys.seal(&self.entropy, ANSWER, tracking_id.as_bytes(), &json(&answer));
                        (Some(sealed.key_id), Some(sealed.blob))
                    }
                    None => (before.key_id.clone(), before.answer.clone()),
                };
                let stamped = Stamped::of(tx, &self.key, tracking_id).await?;
                let ended: EndedSubmission = sql!(tx, concat!(
                    "UPDATE submissions SET amended_as = $2, answer_key_id = $3, answer = $4 WHERE tracking_id = $1
                     RETURNING ", ended_columns!()),
                    tracking_id, amended_as.word(), &key_id, &answer => fetch_one)?;
                before.amendment(amended_as.word(), None, by).append(tx, &self.key).await?;
                amended_as.tell(self, tx, &ended, now).await?;
                Ok(stamped.stamp(tx, &self.key, tracking_id, now).await?)
            })
            .await
    }
}

#[cfg(test)]
mod tests;
