//! What the ending of a journey causes, within the transaction that makes it one.
//!
//! The session room calls this when a session is deleted with its journey in it, the ledger when a submission becomes
//! final. Only here is it known whether an abandoned journey has submitted anything.

use super::{Error, Ledger, State};
use crate::{
    journey::{Attribution, StopKind},
    mail,
    postback::{self, Ending, Event, Fact, Facts, PendingPostback, yes_or_no},
    store::{Tx, moment, sql},
};

/// Enqueues `rows`, the postbacks of the `ending` of `journey`, once for each target, journey and ending, and has the
/// copy of its confirmation sent or deleted. Returns
/// whether that ending holds: a journey is not abandoned if it has a submission that has, or will have, an ending of
/// its own.
///
/// # Errors
/// The database failed.
pub(crate) async fn record(
    tx: &mut Tx<'_>,
    journey: &str,
    ending: Ending,
    rows: &[PendingPostback],
) -> Result<bool, Error> {
    if ending == Ending::Abandoned && has_submitted(tx, journey).await? {
        return Ok(false);
    }
    postback::enqueue(tx, rows).await?;
    match ending {
        Ending::Enrolled => mail::release(tx, journey, false).await?,
        Ending::Accepted => mail::release(tx, journey, true).await?,
        Ending::Stopped | Ending::Abandoned | Ending::Cancelled | Ending::Rejected => {
            mail::discard(tx, journey).await?;
        }
        Ending::Unknown | Ending::Held | Ending::Released | Ending::Activated | Ending::Corrected => {}
    }
    Ok(true)
}

async fn has_submitted(tx: &mut Tx<'_>, journey: &str) -> Result<bool, Error> {
    let found: Option<(i32,)> = sql!(tx,
        "SELECT 1 FROM submissions WHERE journey = $1 AND state <> 'repairable' LIMIT 1", journey => fetch_optional)?;
    Ok(found.is_some())
}

/// What a postback may carry of a submission that came to an ending.
#[derive(sqlx::FromRow)]
pub(super) struct EndedSubmission {
    pub(super) journey: String,
    state: String,
    site: String,
    facts: Option<String>,
    brand: String,
    offer_code: String,
    attribution: Option<String>,
    deposit: Option<bool>,
}

/// The columns of an [`EndedSubmission`].
macro_rules! ended_columns {
    () => {
        "journey, state, site, facts, brand, offer_code, attribution, deposit"
    };
}
pub(super) use ended_columns;

impl EndedSubmission {
    /// The postbacks of its `ending` at `now`, for [`record`]. `occurrence` is 1, and one more each time the same is said of
    /// the journey again.
    pub(super) fn postbacks(
        &self,
        ledger: &Ledger,
        ending: Ending,
        occurrence: u32,
        now: i64,
    ) -> Vec<PendingPostback> {
        if !ledger.targets.wants(ending) {
            return Vec::new();
        }
        let stored = self.attribution.as_deref();
        let attribution: Attribution =
            stored.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let (journey, attribution, about) = (self.journey.as_str(), &attribution, self.about());
        let event = Event { journey, ending, occurrence, attribution, about, at: moment(now) };
        ledger.targets.pending_postbacks(&ledger.entropy, &event)
    }

    /// What was known of the journey when it was submitted, and why it was stopped.
    fn about(&self) -> Facts {
        let stored = self.facts.as_deref().and_then(|json| serde_json::from_str(json).ok());
        // A row of an earlier release has the columns only.
        let mut facts: Facts = stored.unwrap_or_default();
        facts.set(Fact::Site, Some(&self.site));
        facts.set(Fact::Brand, Some(&self.brand));
        facts.set(Fact::OfferCode, Some(&self.offer_code));
        facts.set(Fact::Deposit, self.deposit.map(yes_or_no));
        let stop = match self.state.parse() {
            Ok(State::Refused) => Some(StopKind::Refused),
            Ok(State::Duplicate) => Some(StopKind::AlreadySubmitted),
            _ => None,
        };
        facts.set(Fact::Stop, stop.map(StopKind::word));
        facts
    }
}
