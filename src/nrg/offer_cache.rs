//! The cache of offers, which are the same for every visitor with the same site, brand, utility, transaction, promotion
//! and language. Entries live for minutes, and concurrent lookups of one key share one call (single-flight).

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::{calls::offers::Offers, client::BrandClient, error::Error};
use crate::{
    fields::{Brand, Language, TdspCode, Transaction},
    journey::Outcome,
};

/// The capacity: more keys than brands, utilities, transactions and languages can form.
const KEYS: u64 = 1_000;

/// The cache.
#[derive(Clone)]
pub struct OfferCache {
    offers: Cache<Key, Arc<Offers>>,
    lookups: Family<LookupLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookupLabels {
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
    /// A cache whose entries live for `lifetime`.
    pub fn new(lifetime: Duration) -> Self {
        let offers = Cache::builder().max_capacity(KEYS).time_to_live(lifetime).build();
        Self { offers, lookups: Family::default() }
    }

    /// Registers its metric.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Lists of plans looked up: in the cache, or asked for at NRG (an error is neither)";
        registry.register("offer_lookups", help, self.lookups.clone());
    }

    /// The plans of `client`'s brand. The list is empty if NRG answers with a stop: the brand does not sell there.
    ///
    /// # Errors
    /// The call failed. Nothing is cached then, and every waiting lookup gets the same error.
    pub async fn get(
        &self,
        client: &BrandClient<'_>,
        tdsp: &TdspCode,
        transaction: Transaction,
    ) -> Result<Arc<Offers>, Arc<Error>> {
        let key = Key {
            site: client.site.name.clone(),
            brand: client.brand,
            tdsp: tdsp.clone(),
            transaction,
            promo: client.promo.map(str::to_owned),
            language: client.language,
        };
        let entry = self
            .offers
            .entry(key)
            .or_try_insert_with(async {
                Ok::<_, Error>(Arc::new(match client.offers(tdsp, transaction).await? {
                    Outcome::Accepted(offers) => offers,
                    Outcome::Stop(stop) => {
                        tracing::info!(
                            brand = client.brand.id(),
                            code = stop.code,
                            "nrg: brand does not sell here"
                        );
                        Offers { list: Vec::new(), default_offers: false }
                    }
                    Outcome::Correct(_) | Outcome::Done => Offers { list: Vec::new(), default_offers: false },
                }))
            })
            .await?;
        let found = if entry.is_fresh() { "at_nrg" } else { "in_cache" };
        self.lookups.get_or_create(&LookupLabels { found }).inc();
        Ok(entry.into_value())
    }
}
