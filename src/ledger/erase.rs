//! Erase: takes away what is kept of a journey and need not be. What stays is what proves what was agreed to and what became
//! of it; docs/privacy.md says why, column by column.
//!
//! It covers nothing up: a row that was not as it was written keeps its stamp, as after every other change.

use jiff::Timestamp;

use super::{
    Error, Ledger, LedgerKey, Records, State,
    amend::{Signature, StoredAmendment, amendment_columns},
    keyed_hash::same,
    privacy::{Locked, PrivacyAction, PrivacyError, erased_at, held_since},
    stamp::Stamped,
};
use crate::{
    postback::{self, Fact, Facts},
    store::{Durability, Tx, moment, sql},
};

/// What came of erasing a journey.
pub struct Erasure {
    /// When it was erased: now, or earlier if nothing was left to erase.
    pub erased_at: Timestamp,
    /// Whether it had been erased before, and nothing was left to erase.
    pub again: bool,
    /// How many postbacks waited, and are not sent any more.
    pub dropped_postbacks: u64,
    /// What stays.
    pub remains: Records,
}

impl Ledger {
    /// Erases what need not be kept of `journey`, and records that. The session that may be left of it is the session room's.
    ///
    /// # Errors
    /// [`PrivacyError`]; nothing was changed then.
    pub async fn erase(&self, journey: &str, reason: &str, operator: &str) -> Result<Erasure, PrivacyError> {
        let by = Signature::new(operator, reason, self.now()).ok_or(PrivacyError::NoReason)?;
        let (at, again, dropped) = self
            .store
            .transaction(Durability::PowerLoss, async |tx| -> Result<_, PrivacyError> {
                let submissions: Vec<(String, String, Option<String>)> = sql!(tx,
                    "UPDATE submissions SET round = round WHERE journey = $1 RETURNING tracking_id, state, facts", journey
                    => fetch_all)?;
                let locked = Locked::lock(tx, &self.key, journey, by.at).await?;
                if held_since(&locked.actions).is_some() {
                    return Err(PrivacyError::OnHold);
                }
                for (tracking_id, state, _) in &submissions {
                    let state = state.parse().unwrap_or(State::Unknown);
                    if !state.is_final() || state == State::Unknown {
                        return Err(PrivacyError::UnderWay { tracking_id: tracking_id.clone(), state });
                    }
                }
                let mut erased =
                    sql!(tx, "DELETE FROM person_hashes WHERE journey = $1", journey => execute)?;
                for (tracking_id, _, facts) in &submissions {
                    erased += self.erase_submission(tx, tracking_id, facts.as_deref(), by.at).await?;
                }
                let postbacks = postback::erase(tx, journey, by.at).await?;
                erased += postbacks.erased;
                match erased_at(&locked.actions) {
                    Some(before) if erased == 0 => Ok((before, true, postbacks.dropped)),
                    _ => {
                        locked.record(tx, &self.key, PrivacyAction::Erase, by).await?;
                        Ok((moment(by.at), false, postbacks.dropped))
                    }
                }
            })
            .await?;
        let remains = self.records(journey).await?;
        Ok(Erasure { erased_at: at, again, dropped_postbacks: dropped, remains })
    }

    /// Returns how many rows had something to erase.
    async fn erase_submission(
        &self,
        tx: &mut Tx<'_>,
        tracking_id: &str,
        facts: Option<&str>,
        now: i64,
    ) -> Result<u64, Error> {
        let stamped = Stamped::of(tx, &self.key, tracking_id).await?;
        let followed = sql!(tx, "DELETE FROM follow_ups WHERE tracking_id = $1", tracking_id => execute)?;
        let amended = erase_replaced(tx, &self.key, tracking_id).await?;
        let facts = serde_json::to_string(&accounted(facts)).ok();
        let none: &[u8] = &[];
        let erased = sql!(tx,
            "UPDATE submissions SET person_key = $2, payload_hash = $2, payload_key_id = '', payload = $2,
                 answer_key_id = NULL, answer = NULL, attribution = NULL, deposit = NULL, facts = $3,
                 number_key = NULL, name_key = NULL, home_key = NULL
             WHERE tracking_id = $1 AND (payload <> $2 OR answer IS NOT NULL)", tracking_id, none, &facts => execute)?;
        stamped.stamp(tx, &self.key, tracking_id, now).await?;
        Ok(followed + amended + erased)
    }
}

/// What the affiliate's accounts need of the facts of a submission, and what says nothing of the person.
fn accounted(facts: Option<&str>) -> Facts {
    let known: Facts = facts.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let mut kept = Facts::default();
    for fact in [Fact::Amount, Fact::Currency] {
        kept.set(fact, known.fact(fact));
    }
    kept
}

/// Takes away the answers of NRG that amendments of a submission replaced, and stamps anew what was as it was written.
async fn erase_replaced(tx: &mut Tx<'_>, key: &LedgerKey, tracking_id: &str) -> Result<u64, Error> {
    let amendments: Vec<StoredAmendment> =
        sql!(tx, amendment_columns!("WHERE tracking_id = $1 ORDER BY number"), tracking_id => fetch_all)?;
    let (mut before, mut after): (Option<Vec<u8>>, Option<Vec<u8>>) = (None, None);
    let mut erased = 0;
    for mut row in amendments {
        let holds = same(&row.stamp, &row.expected(key, before));
        before = Some(row.stamp.clone());
        erased += u64::from(row.replaced.is_some());
        (row.replaced_key_id, row.replaced) = (None, None);
        if holds {
            row.stamp = row.expected(key, after).to_vec();
        }
        sql!(tx,
            "UPDATE amendments SET replaced_key_id = NULL, replaced = NULL, stamp = $3
             WHERE tracking_id = $1 AND number = $2", tracking_id, row.number, &row.stamp => execute)?;
        after = Some(row.stamp);
    }
    Ok(erased)
}

#[cfg(test)]
mod tests;
