//! Settling: an operator records what NRG says became of an `unknown`, and puts that right where it was wrong.

use jiff::Timestamp;

use super::{
    AccountError, Error, Ledger, LedgerKey, State, SubmissionResult,
    amend::{AmendedAs, Before, Signature},
    endings::{self, EndedSubmission, ended_columns},
    stamp::Stamped,
    submission::{ANSWER, StoredAnswer, count, json},
};
use crate::{
    postback::Ending,
    store::{Durability, Tx, moment, sql},
};

/// An operator's decision on an `unknown`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The submission's round.
    pub round: u32,
    /// When.
    pub settled_at: Timestamp,
    /// The word of the state it was settled as.
    pub settled_as: String,
    /// The operator's name.
    pub operator: String,
    /// The reason, in the operator's words.
    pub reason: String,
}

/// What an operator may settle an `unknown` as. Its word is used by the command and the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum SettledAs {
    /// NRG opened the account.
    Enrolled,
    /// NRG accepted it, without an account number yet.
    Accepted,
    /// It failed, and cannot be submitted again.
    Refused,
    /// It failed, and NRG's record is still open: the customer may submit it once more.
    Repairable,
}

impl SettledAs {
    /// Every one.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word for it, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The resolution, with the account number that NRG gave: `Enrolled` has one, and nothing else has.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn with(self, number: Option<String>, digit: Option<String>) -> Result<Resolution, AccountError> {
        let resolution = match (self, number) {
            (Self::Enrolled, None) => return Err(AccountError::Missing(self.word())),
            (Self::Enrolled, account_number) => Resolution::Enrolled(SubmissionResult {
                account_number,
                check_digit: digit,
                ..SubmissionResult::default()
            }),
            (_, Some(_)) => return Err(AccountError::OfNone(Self::Enrolled.word())),
            (Self::Accepted, None) => Resolution::Accepted,
            (Self::Refused, None) => Resolution::Refused { correctable: false },
            (Self::Repairable, None) => Resolution::Refused { correctable: true },
        };
        Ok(resolution)
    }
}

/// What an operator found out from NRG about an `unknown`: the states that it can be settled as, with their data.
#[derive(Clone)]
pub enum Resolution {
    /// It went through.
    Enrolled(SubmissionResult),
    /// NRG has it and follows up.
    Accepted,
    /// It did not go through.
    Refused {
        /// The record is still open: the customer may submit again.
        correctable: bool,
    },
}

impl Resolution {
    fn state(&self) -> State {
        match self {
            Self::Enrolled(_) => State::Enrolled,
            Self::Accepted => State::Accepted,
            Self::Refused { correctable: true } => State::Correctable,
            Self::Refused { correctable: false } => State::Refused,
        }
    }

    fn result(self) -> Option<SubmissionResult> {
        match self {
            Self::Enrolled(result) => Some(result),
            Self::Accepted | Self::Refused { .. } => None,
        }
    }
}

/// Why a submission was not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// There is no submission with this tracking id.
    #[error("there is no submission with this tracking id")]
    NotFound,
    /// Only an `unknown` can be settled.
    #[error("this submission is {}, only an unknown one can be settled", .0.word())]
    NotUnknown(State),
    /// Only what was settled can be corrected.
    #[error("this submission is {}, and was not settled: there is no settlement to correct", .0.word())]
    NotSettled(State),
    /// What was amended since is not settled any more.
    #[error("this submission is {0} since it was settled: amend it instead")]
    Amended(String),
    /// It is settled so already.
    #[error("this submission is settled as {} already, with the same account number", .0.word())]
    Same(State),
    /// Settling needs a reason and a name.
    #[error("settling needs a reason and the operator's name")]
    NoReason,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// A stored settlement.
#[derive(sqlx::FromRow)]
pub(super) struct StoredSettlement {
    pub(super) tracking_id: String,
    pub(super) round: i64,
    settled_at: i64,
    settled_as: String,
    operator: String,
    reason: String,
    pub(super) stamp: Option<Vec<u8>>,
}

/// Selects a [`StoredSettlement`].
macro_rules! settlement_columns {
    ($rest:literal) => {
        concat!(
            "SELECT tracking_id, round, settled_at, settled_as, operator, reason, stamp FROM settlements ",
            $rest
        )
    };
}
pub(super) use settlement_columns;

impl StoredSettlement {
    /// The stamp that the row would have after the one with the stamp `previous`.
    pub(super) fn expected(&self, key: &LedgerKey, previous: Option<Vec<u8>>) -> [u8; 32] {
        key.stamp(
            "stamp of a settlement",
            &[
                &self.tracking_id,
                &self.round,
                &self.settled_at,
                &self.settled_as,
                &self.operator,
                &self.reason,
                &previous,
            ],
        )
    }

    async fn insert(self, tx: &mut Tx<'_>, key: &LedgerKey) -> Result<(), Error> {
        let previous: Option<(Option<Vec<u8>>,)> = sql!(tx,
            "SELECT stamp FROM settlements WHERE tracking_id = $1 ORDER BY round DESC LIMIT 1", &self.tracking_id
            => fetch_optional)?;
        let stamp = self.expected(key, previous.and_then(|(stamp,)| stamp));
        sql!(tx,
            "INSERT INTO settlements (tracking_id, round, settled_at, settled_as, operator, reason, stamp)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &self.tracking_id, self.round, self.settled_at, &self.settled_as, &self.operator, &self.reason, &stamp[..]
            => execute)?;
        Ok(())
    }
}

impl From<StoredSettlement> for Settlement {
    fn from(stored: StoredSettlement) -> Self {
        Self {
            round: count(stored.round),
            settled_at: moment(stored.settled_at),
            settled_as: stored.settled_as,
            operator: stored.operator,
            reason: stored.reason,
        }
    }
}

impl Ledger {
    /// Settles an `unknown` as what an operator found out, and records the operator and the reason.
    ///
    /// # Errors
    /// [`SettleError`]; nothing was changed then.
    pub async fn settle(
        &self,
        tracking_id: &str,
        settled_as: Resolution,
        reason: &str,
        operator: &str,
    ) -> Result<(), SettleError> {
        let by = Signature::new(operator, reason, self.now()).ok_or(SettleError::NoReason)?;
        self.store
            .transaction(Durability::PowerLoss, async |tx| -> Result<(), SettleError> {
                let before = Before::lock(self, tx, tracking_id).await?.ok_or(SettleError::NotFound)?;
                let row = &before.row;
                if row.state != State::Unknown || row.newer {
                    return Err(SettleError::NotUnknown(row.state));
                }
                let settlement = StoredSettlement {
                    tracking_id: row.tracking_id.clone(),
                    round: i64::from(row.round),
                    settled_at: by.at,
                    settled_as: settled_as.state().word().to_owned(),
                    operator: operator.to_owned(),
                    reason: reason.to_owned(),
                    stamp: None,
                };
                let stamped = Stamped::of(tx, &self.key, tracking_id).await?;
                settlement.insert(tx, &self.key).await?;
                self.resolve(tx, tracking_id, settled_as, None, by).await?;
                Ok(stamped.stamp(tx, &self.key, tracking_id, by.at).await?)
            })
            .await
    }

    /// Puts right what a submission was settled as; the settlement before is kept.
    ///
    /// # Errors
    /// [`SettleError`]; nothing was changed then.
    pub async fn correct_settlement(
        &self,
        tracking_id: &str,
        settled_as: Resolution,
        reason: &str,
        operator: &str,
    ) -> Result<(), SettleError> {
        let by = Signature::new(operator, reason, self.now()).ok_or(SettleError::NoReason)?;
        self.store
            .transaction(Durability::PowerLoss, async |tx| -> Result<(), SettleError> {
                let before = Before::lock(self, tx, tracking_id).await?.ok_or(SettleError::NotFound)?;
                let (state, row) = (settled_as.state(), &before.row);
                let settled: Option<(i32,)> = sql!(tx,
                    "SELECT 1 FROM settlements WHERE tracking_id = $1 AND round = $2", tracking_id,
                    i64::from(row.round) => fetch_optional)?;
                // One that is being submitted again has left its settlement behind.
                if settled.is_none() || !row.state.is_final() {
                    return Err(SettleError::NotSettled(row.state));
                }
                if let Some(amended_as) = &row.amended_as {
                    return Err(SettleError::Amended(amended_as.clone()));
                }
                let account =
                    |result: &SubmissionResult| (result.account_number.clone(), result.check_digit.clone());
                let other = match &settled_as {
                    Resolution::Enrolled(result) => row.result.as_ref().map(account) != Some(account(result)),
                    Resolution::Accepted | Resolution::Refused { .. } => false,
                };
                if row.state == state && !other {
                    return Err(SettleError::Same(state));
                }
                let replaced = row.state;
                let stamped = Stamped::of(tx, &self.key, tracking_id).await?;
                before.settled_otherwise(tx, &self.key, state, by).await?;
                self.resolve(tx, tracking_id, settled_as, Some(replaced), by).await?;
                Ok(stamped.stamp(tx, &self.key, tracking_id, by.at).await?)
            })
            .await
    }

    /// Gives a locked submission its state, and enqueues the postbacks of that. `replaced` is the state that a correction
    /// takes back.
    async fn resolve(
        &self,
        tx: &mut Tx<'_>,
        tracking_id: &str,
        resolution: Resolution,
        replaced: Option<State>,
        by: Signature<'_>,
    ) -> Result<(), Error> {
        let state = resolution.state();
        let sealed = resolution.result().map(|result| {
            let answer = StoredAnswer { result: Some(result), message: None };
            self.keys.seal(&self.entropy, ANSWER, tracking_id.as_bytes(), &json(&answer))
        });
        let (key_id, blob) = sealed.map(|sealed| (sealed.key_id, sealed.blob)).unzip();
        let ended: EndedSubmission = sql!(tx, concat!(
            "UPDATE submissions SET state = $1, finished_at = $2, answer_key_id = $3, answer = $4
             WHERE tracking_id = $5 RETURNING ", ended_columns!()),
            state.word(), by.at, &key_id, &blob, tracking_id => fetch_one)?;
        // Who was told that it went through hears that it did not.
        let went_through = |state: State| matches!(state, State::Enrolled | State::Accepted);
        let reversed = replaced.is_some_and(went_through) && !went_through(state);
        if reversed {
            AmendedAs::Rejected.tell(self, tx, &ended, by.at).await?;
        }
        if let Some(ending) = state.ending() {
            let times = settled_as(tx, tracking_id, ending).await?;
            endings::record(tx, &ended.journey, ending, &ended.postbacks(self, ending, times, by.at)).await?;
        }
        Ok(())
    }
}

/// How often the submission was settled as what `ending` says, with what is just being written, so that a target hears of
/// it each time.
async fn settled_as(tx: &mut Tx<'_>, tracking_id: &str, ending: Ending) -> Result<u32, Error> {
    let settled: Vec<(String,)> = sql!(tx,
        "SELECT settled_as FROM settlements WHERE tracking_id = $1
         UNION ALL SELECT settled_as FROM amendments WHERE tracking_id = $1 AND settled_as IS NOT NULL", tracking_id
        => fetch_all)?;
    let said = |word: &str| word.parse().ok().and_then(State::ending) == Some(ending);
    Ok(u32::try_from(settled.iter().filter(|(word,)| said(word)).count()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
