//! The cache of offers, which are the same for every visitor with the same site, brand, utility, transaction, promotion
//! and language. A list that has aged is served at once and renewed behind the visitor's back.

use std::{future::Future, sync::Arc, time::Duration};

use jiff::Timestamp;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::shared::{Ages, Found, SharedCache};
use crate::{
    clock::Clock,
    fields::{Brand, Language, TdspCode, Transaction},
    journey::Outcome,
    nrg::{calls::offers::Offers, client::BrandClient, endpoint::Endpoint, error::Error, lanes::Caller},
};

/// The capacity: more keys than brands, utilities, transactions and languages can form.
const KEYS: u64 = 1_000;

/// For so long after a failed call there is no other one for the same list: each view of the plans would be a call for
/// every brand, while NRG is down.
const FAILURE: Duration = Duration::from_secs(10);

/// How old a list may be.
#[derive(Debug, Clone, Copy)]
pub struct OfferAges {
    /// A younger list is served as it is.
    pub fresh: Duration,
    /// A younger list is served, and renewed. An older one is asked for anew.
    pub stale: Duration,
}

/// The cache.
pub struct OfferCache {
    offers: SharedCache<Key, Arc<Offers>>,
    lookups: Family<LookupLabels, Counter>,
}

/// Which list is looked up.
#[derive(Clone, Copy)]
pub struct OfferLookup<'a> {
    /// Asks for the plans of its brand and promotion, with texts in its language.
    pub client: BrandClient<'a>,
    /// The utility.
    pub tdsp: &'a TdspCode,
    /// Moving in or switching.
    pub transaction: Transaction,
    /// A list for which NRG was asked earlier does not do.
    pub not_before: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookupLabels {
    found: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    site: String,
    brand: Brand,
    tdsp: TdspCode,
    transaction: Transaction,
    promo: Option<String>,
    language: Language,
}

impl OfferLookup<'_> {
    fn key(&self) -> Key {
        let client = &self.client;
        Key {
            site: client.site.name.clone(),
            brand: client.brand,
            tdsp: self.tdsp.clone(),
            transaction: self.transaction,
            promo: client.promo.map(str::to_owned),
            language: client.language,
        }
    }

    fn call(&self) -> impl Future<Output = Result<Arc<Offers>, Error>> + Send + use<> {
        // Others may wait for it, too: it must not wait for the share of one client. There are few keys.
        let client = self.client.on_behalf_of(Caller::default()).detached();
        let (tdsp, transaction) = (self.tdsp.clone(), self.transaction);
        async move {
            Ok(Arc::new(match client.brand_client().offers(&tdsp, transaction).await? {
                Outcome::Accepted(offers) => offers,
                Outcome::Stop(stop) => {
                    let brand = client.brand_client().brand().id();
                    tracing::info!(brand, code = stop.code, "nrg: brand does not sell here");
                    Offers { message: stop.message, ..Offers::default() }
                }
                Outcome::Correct(_) | Outcome::Done => Offers::default(),
            }))
        }
    }
}

impl OfferCache {
    /// A cache of lists as old as `ages` allow.
    pub fn new(ages: OfferAges, clock: Clock) -> Self {
        let ages = Ages { fresh: ages.fresh, stale: ages.stale, failure: FAILURE };
        let offers = SharedCache::new(Endpoint::Offers, KEYS, ages, clock, |_| true);
        Self { offers, lookups: Family::default() }
    }

    /// Registers its metric.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Lists of plans looked up: in the cache, in the cache but stale, or waited for at NRG (an error is \
                    none of them)";
        registry.register("offer_lookups", help, self.lookups.clone());
    }

    /// Whether [`OfferCache::get`] would call NRG for this visitor. It would not if another one waits for the same
    /// list, or if the call has just failed.
    pub fn needs_call(&self, lookup: OfferLookup<'_>) -> bool {
        matches!(self.offers.find(&lookup.key(), lookup.not_before), Found::Absent)
    }

    /// When the call for this list began, while it is in flight.
    pub fn loading_since(&self, lookup: OfferLookup<'_>) -> Option<Timestamp> {
        match self.offers.find(&lookup.key(), lookup.not_before) {
            Found::Loading(flight) => Some(flight.since),
            Found::Fresh(_) | Found::Stale(_) | Found::Failed(_) | Found::Absent => None,
        }
    }

    /// The plans of the client's brand. The list is empty if NRG answers with a stop: the brand does not sell there. A
    /// call that was begun goes on when nobody waits for it any more.
    ///
    /// # Errors
    /// The call failed. Every waiting lookup gets the same error, and so do those of the next ten seconds.
    pub async fn get(&self, lookup: OfferLookup<'_>) -> Result<Arc<Offers>, Arc<Error>> {
        let (key, call) = (lookup.key(), || lookup.call());
        let (offers, found) = match self.offers.find(&key, lookup.not_before) {
            Found::Fresh(offers) => (offers, "in_cache"),
            Found::Stale(offers) => {
                self.offers.renew(key, call);
                (offers, "stale")
            }
            Found::Loading(_) | Found::Failed(_) | Found::Absent => {
                (self.offers.ask(key, lookup.not_before, call).result().await?, "at_nrg")
            }
        };
        self.lookups.get_or_create(&LookupLabels { found }).inc();
        Ok(offers)
    }
}
