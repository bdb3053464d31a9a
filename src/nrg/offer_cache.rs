//! Offers are the same for every visitor with the same (site, brand, utility, type, promo, language): kept for
//! minutes, and asked by one call at a time per key.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::{BrandClient, Error, Offers};
use crate::{
    fields::{Brand, Language, TdspCode, Transaction},
    journey::Outcome,
};

/// More keys than brands, utilities, types and languages can make.
const KEYS: u64 = 1_000;

/// The plans asked for a while ago.
#[derive(Clone)]
pub struct OfferCache {
    kept: Cache<Key, Arc<Offers>>,
    looked: Family<Looked, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Looked {
    found: &'static str,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    site: String,
    brand: Brand,
    tdsp: TdspCode,
    transaction: Transaction,
    promo: Option<String>,
    language: Language,
}

impl OfferCache {
    /// A cache that keeps answers for `kept`.
    pub fn new(kept: Duration) -> Self {
        let kept = Cache::builder().max_capacity(KEYS).time_to_live(kept).build();
        Self { kept, looked: Family::default() }
    }

    /// Names its counter in the page of metrics.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Lists of plans looked up: in the cache, or asked for at NRG (an error is neither)";
        registry.register("offer_lookups", help, self.looked.clone());
    }

    /// The plans of the caller's brand. A brand that stops (it does not sell there) has none.
    ///
    /// # Errors
    /// NRG could not be asked; nothing is kept then. Everyone who waited gets the same error.
    pub async fn get(
        &self,
        caller: &BrandClient<'_>,
        tdsp: &TdspCode,
        transaction: Transaction,
    ) -> Result<Arc<Offers>, Arc<Error>> {
        let key = Key {
            site: caller.site.name.clone(),
            brand: caller.brand,
            tdsp: tdsp.clone(),
            transaction,
            promo: caller.promo.map(str::to_owned),
            language: caller.language,
        };
        let entry = self
            .kept
            .entry(key)
            .or_try_insert_with(async {
                Ok::<_, Error>(Arc::new(match caller.offers(tdsp, transaction).await? {
                    Outcome::Accepted(offers) => offers,
                    Outcome::Stop(stop) => {
                        tracing::info!(
                            brand = caller.brand.id(),
                            code = stop.code,
                            "a brand sells nothing here"
                        );
                        Offers { list: Vec::new(), default_offers: false }
                    }
                    Outcome::Correct(_) | Outcome::Done => Offers { list: Vec::new(), default_offers: false },
                }))
            })
            .await?;
        let found = if entry.is_fresh() { "at_nrg" } else { "in_cache" };
        self.looked.get_or_create(&Looked { found }).inc();
        Ok(entry.into_value())
    }
}
