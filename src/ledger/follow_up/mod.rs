//! Follow-ups: what becomes of an enrollment after NRG has taken it, as NRG's `holds` tells of its account.
//!
//! Where they are switched on, each submission gets a row of its own, in the transaction that writes it. Once it is
//! enrolled, a worker asks now and then ([`start_follow_up_worker`]), one server at a time by lease, and each change is
//! kept and told to the targets. The person looks it up by a code and the phone number ([`status`]).

mod asker;
mod queue;
mod standing;
mod status;
mod worker;

use std::time::Duration;

use jiff::Timestamp;

pub use self::{
    asker::HoldsAsker,
    queue::FollowUpJob,
    standing::{DepositStanding, Standing},
    status::{Proof, Status},
    worker::start_follow_up_worker,
};

use super::{Error, FollowUps, Ledger, LedgerKey, NewSubmission, privacy::not_on_hold};
use crate::{
    fields::Phone,
    store::{Tx, span, sql},
};

/// After how long the first question is asked: NRG needs a while to put an account under a hold.
const FIRST: Duration = Duration::from_secs(3600);

impl Ledger {
    /// The same, which follows what is submitted as `follow_ups` say; `None`: nothing is.
    pub fn with_follow_ups(self, follow_ups: Option<FollowUps>) -> Self {
        Self { follow_ups, ..self }
    }

    /// Whether submissions are followed.
    pub fn follows(&self) -> bool {
        self.follow_ups.is_some()
    }

    /// Until when what was submitted at this time is followed; `None`: nothing is.
    pub fn followed_until(&self, submitted_at: Timestamp) -> Option<Timestamp> {
        submitted_at.checked_add(self.follow_ups?.days).ok()
    }

    /// Begins to follow a submission that is being written within `tx`, or was corrected.
    pub(super) async fn follow(&self, tx: &mut Tx<'_>, new: &NewSubmission, now: i64) -> Result<(), Error> {
        let Some(FollowUps { every, .. }) = self.follow_ups else { return Ok(()) };
        let tracking_id = new.tracking_id.as_str();
        let phone = phone_hash(&self.key, tracking_id, &new.phone);
        sql!(tx,
            "INSERT INTO follow_ups (tracking_id, submitted_at, next_at, phone_hash) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tracking_id) DO UPDATE SET submitted_at = $2, next_at = $3, phone_hash = $4",
            tracking_id, now, now + span(every.min(FIRST)), &phone[..] => execute)?;
        Ok(())
    }

    /// Forgets what is not needed any more of enrollments that are not followed any more: the hash of the phone number, the
    /// code, and NRG's words. Returns of how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn cleanup_follow_ups(&self) -> Result<u64, Error> {
        let since = self.followed_since();
        sql!(self.store.writer().await?,
            concat!("UPDATE follow_ups SET phone_hash = NULL, code_hash = NULL, titles_key_id = NULL, titles = NULL
             WHERE submitted_at <= $1 AND phone_hash IS NOT NULL AND NOT EXISTS (SELECT 1 FROM submissions s
                 WHERE s.tracking_id = follow_ups.tracking_id AND NOT ", not_on_hold!("s.journey"), ")"), since => execute)
    }

    /// What was submitted later than this is followed.
    fn followed_since(&self) -> i64 {
        // Switched off, nothing is.
        self.now() - self.follow_ups.map_or(0, |follow_ups| span(follow_ups.days))
    }
}

/// A hash of the phone number of one submission, which differs for every other.
fn phone_hash(key: &LedgerKey, tracking_id: &str, phone: &Phone) -> [u8; 32] {
    key.hash("phone of a submission", [tracking_id.as_bytes(), phone.digits().as_bytes()])
}

#[cfg(test)]
mod tests;
