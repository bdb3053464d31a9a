//! Access: all that is kept of a journey, for the person whose data it is.

use serde::{Deserialize, Serialize};

use super::{
    Error, Ledger, Records,
    amend::Signature,
    privacy::{Locked, PrivacyAction, PrivacyError},
    submission::PAYLOAD,
};
use crate::{
    fields::Zip,
    postback::{self, Outbox},
    store::{Durability, sql},
};

/// The most postbacks of a journey: each target has one for each ending.
const POSTBACKS: u32 = 1_000;

/// All that is kept of a journey.
pub struct Kept {
    /// Consents, submissions with what was done about them, and the privacy actions, this one included.
    pub records: Records,
    /// By tracking id, what else is encrypted in the submissions, where the keys open it.
    pub sent: Vec<(String, Sent)>,
    /// What the affiliate's targets were sent, newest first.
    pub postbacks: Vec<postback::Row>,
    /// Whether hashes are kept by which the person is found.
    pub findable: bool,
}

/// What is kept of the request that was sent to NRG, and says something of the person.
#[derive(Serialize, Deserialize)]
pub struct Sent {
    /// The ZIP code that bills go to. Absent in rows of an earlier version.
    pub billing_zip: Option<Zip>,
    /// Whether bills come without paper.
    pub paperless: Option<bool>,
}

impl Ledger {
    /// All that is kept of `journey`, and records that it was given out.
    ///
    /// # Errors
    /// [`PrivacyError`]; nothing was changed then.
    pub async fn access(&self, journey: &str, reason: &str, operator: &str) -> Result<Kept, PrivacyError> {
        let by = Signature::new(operator, reason, self.now()).ok_or(PrivacyError::NoReason)?;
        self.store
            .transaction(Durability::PowerLoss, async |tx| -> Result<(), PrivacyError> {
                let locked = Locked::lock(tx, &self.key, journey, by.at).await?;
                Ok(locked.record(tx, &self.key, PrivacyAction::Access, by).await?)
            })
            .await?;
        Ok(self.kept(journey).await?)
    }

    async fn kept(&self, journey: &str) -> Result<Kept, Error> {
        let payloads: Vec<(String, String, Vec<u8>)> = sql!(self.store.reader().await?,
            "SELECT tracking_id, payload_key_id, payload FROM submissions WHERE journey = $1 ORDER BY created_at, tracking_id",
            journey => fetch_all)?;
        let opened = |(tracking_id, key_id, blob): (String, String, Vec<u8>)| {
            let plain = self.keys.open(PAYLOAD, tracking_id.as_bytes(), &key_id, &blob)?;
            Some((tracking_id, serde_json::from_slice(&plain).ok()?))
        };
        let findable: Option<(i32,)> = sql!(self.store.reader().await?,
            "SELECT 1 FROM person_hashes WHERE journey = $1", journey => fetch_optional)?;
        let outbox =
            Outbox::new(self.store.clone(), self.targets.clone(), self.clock.clone(), self.entropy.clone());
        let of_journey =
            postback::Filter { journey: Some(journey.to_owned()), ..postback::Filter::default() };
        Ok(Kept {
            records: self.records(journey).await?,
            sent: payloads.into_iter().filter_map(opened).collect(),
            postbacks: outbox.list(&of_journey, POSTBACKS).await?,
            findable: findable.is_some(),
        })
    }
}
