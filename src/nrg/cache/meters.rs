//! The cache of the addresses of meters, which are public data of the meter and the same for every brand. A meter that
//! NRG does not know is not kept.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::shared::{Ages, Found, SharedCache};
use crate::{
    clock::Clock,
    fields::EsiId,
    nrg::{calls::esid_validation::MeterAddress, client::BrandClient, endpoint::Endpoint, error::Error},
};

/// The capacity: a few hundred bytes each.
const KEYS: u64 = 20_000;

/// The cache.
pub struct MeterCache(SharedCache<EsiId, Option<MeterAddress>>);

impl MeterCache {
    /// A cache whose entries live for `lifetime`.
    pub fn new(lifetime: Duration, clock: Clock) -> Self {
        let ages = Ages { fresh: lifetime, stale: lifetime, failure: Duration::ZERO };
        Self(SharedCache::new(Endpoint::EsidValidation, KEYS, ages, clock, Option::is_some))
    }

    /// Whether [`MeterCache::get`] would call NRG.
    pub fn needs_call(&self, esi_id: &EsiId) -> bool {
        matches!(self.0.find(esi_id, Timestamp::MIN), Found::Absent)
    }

    /// What [`BrandClient::esid_validation`] answers. Those who ask at the same time share one call, which goes on when
    /// nobody waits for it any more.
    ///
    /// # Errors
    /// The call failed.
    pub async fn get(
        &self,
        client: &BrandClient<'_>,
        esi_id: &EsiId,
    ) -> Result<Option<MeterAddress>, Arc<Error>> {
        let call = || {
            let (client, esi_id) = (client.detached(), esi_id.clone());
            async move { client.brand_client().esid_validation(&esi_id).await }
        };
        self.0.ask(esi_id.clone(), Timestamp::MIN, call).result().await
    }
}
