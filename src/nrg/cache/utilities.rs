//! The cache of the utilities of ZIP codes. Refusals are not kept.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::shared::{Ages, Found, SharedCache};
use crate::{
    clock::Clock,
    fields::{Brand, Language, Transaction, Zip},
    journey::{Outcome, Utility},
    nrg::{
        advice::{AdviceCollector, Advised},
        client::BrandClient,
        endpoint::Endpoint,
        error::Error,
    },
};

/// The capacity: a few hundred bytes each. Texas has about 2,000 ZIP codes with competition.
const KEYS: u64 = 20_000;

/// The cache.
pub struct UtilityCache(SharedCache<Key, Advised<Outcome<Vec<Utility>>>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    site: String,
    zip: Zip,
    brand: Brand,
    transaction: Transaction,
    /// The names are NRG's text, and those who wait for a refusal together get its message.
    language: Language,
}

impl Key {
    fn new(client: &BrandClient<'_>, zip: &Zip, transaction: Transaction) -> Self {
        let (site, zip) = (client.site.name.clone(), zip.clone());
        Self { site, zip, brand: client.brand, transaction, language: client.language }
    }
}

impl UtilityCache {
    /// A cache whose entries live for `lifetime`.
    pub fn new(lifetime: Duration, clock: Clock) -> Self {
        let ages = Ages { fresh: lifetime, stale: lifetime, failure: Duration::ZERO };
        let keeps = |advised: &Advised<Outcome<_>>| matches!(advised.answer, Outcome::Accepted(_));
        Self(SharedCache::new(Endpoint::Tdsp, KEYS, ages, clock, keeps))
    }

    /// Whether [`UtilityCache::get`] would call NRG.
    pub fn needs_call(&self, client: &BrandClient<'_>, zip: &Zip, transaction: Transaction) -> bool {
        let key = Key::new(client, zip, transaction);
        matches!(self.0.find(&key, Timestamp::MIN), Found::Absent)
    }

    /// What [`BrandClient::tdsp`] answers. Those who ask at the same time share one call, which goes on when nobody
    /// waits for it any more.
    ///
    /// # Errors
    /// The call failed.
    pub async fn get(
        &self,
        client: &BrandClient<'_>,
        zip: &Zip,
        transaction: Transaction,
    ) -> Result<Outcome<Vec<Utility>>, Arc<Error>> {
        let call = || {
            let (client, zip) = (client.detached(), zip.clone());
            async move {
                let collector = AdviceCollector::default();
                let answer = client.brand_client().collecting(&collector).tdsp(&zip, transaction).await?;
                Ok(Advised { answer, texts: collector.take() })
            }
        };
        let advised = self.0.ask(Key::new(client, zip, transaction), Timestamp::MIN, call).result().await?;
        Ok(client.collected(advised))
    }
}
