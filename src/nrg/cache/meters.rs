//! The cache of the addresses of meters, which are public data of the meter and the same for every brand. A meter that
//! NRG does not know is not kept.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::shared::{Ages, Found, SharedCache};
use crate::{
    clock::Clock,
    fields::EsiId,
    nrg::{
        advice::{AdviceCollector, Advised},
        calls::esid_validation::MeterAddress,
        client::BrandClient,
        endpoint::Endpoint,
        error::Error,
    },
};

/// The capacity: a few hundred bytes each.
const KEYS: u64 = 20_000;

/// The cache.
pub struct MeterCache(SharedCache<EsiId, Advised<Option<MeterAddress>>>);

impl MeterCache {
    /// A cache whose entries live for `lifetime`.
    pub fn new(lifetime: Duration, clock: Clock) -> Self {
        let ages = Ages { fresh: lifetime, stale: lifetime, failure: Duration::ZERO };
        Self(SharedCache::new(Endpoint::EsidValidation, KEYS, ages, clock, |advised| {
            advised.answer.is_some()
        }))
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
            async move {
                let collector = AdviceCollector::default();
                let answer = client.brand_client().collecting(&collector).esid_validation(&esi_id).await?;
                Ok(Advised { answer, texts: collector.take() })
            }
        };
        Ok(client.collected(self.0.ask(esi_id.clone(), Timestamp::MIN, call).result().await?))
    }
}
