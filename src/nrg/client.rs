//! The client, and its view for one brand in one language. Each call is in a file of its own in `calls`.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use prometheus_client::registry::Registry;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{
    advice::{AdviceCollector, Advised},
    endpoint::Endpoint,
    envelope::{Answer, Verdict},
    error::{Error, Refusal, Unusable},
    lanes::Caller,
    reading::Reading,
    settings::Settings,
    transport::Transport,
    utilities::AFFILIATE_CHANNEL,
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    fields::{Brand, Guid, Language, TrackingId},
    journey::{AdviceText, Record, Site},
    tracing_context::Span,
};

/// The client. It is cheap to clone; all clones share the connections and the circuit breaker.
#[derive(Clone)]
pub struct Nrg {
    transport: Arc<Transport>,
}

impl Nrg {
    /// A client for `settings`.
    ///
    /// # Errors
    /// [`Unusable`], when the address is no URL, the user name contains a colon, or TLS cannot be set up.
    pub fn new(settings: Settings, clock: Clock, entropy: Entropy) -> Result<Self, Unusable> {
        Ok(Self { transport: Arc::new(Transport::new(settings, clock, entropy)?) })
    }

    /// Replaces the credentials of all later calls. Returns whether they differ from those before; then the breaker
    /// sends the next call as a probe.
    ///
    /// # Errors
    /// [`Unusable`], when the user name contains a colon.
    pub fn use_credentials(&self, username: &str, password: &str) -> Result<bool, Unusable> {
        self.transport.use_credentials(username, password)
    }

    /// The refusal that keeps the breaker open; none while calls are sent.
    pub fn refusal(&self) -> Option<Refusal> {
        self.transport.refusal()
    }

    /// The metric label of the latest call's outcome; none before the first call.
    pub fn last_outcome(&self) -> Option<&'static str> {
        self.transport.metrics.last()
    }

    /// The fields of answers so far that were read although NRG spells them otherwise than the contract.
    pub fn odd_fields(&self) -> BTreeSet<&'static str> {
        self.transport.oddities.odd_fields()
    }

    /// Registers the metrics of the calls.
    pub fn register(&self, registry: &mut Registry) {
        self.transport.metrics.register(registry);
        self.transport.oddities.register(registry);
    }

    /// A client for the calls of `brand`, with NRG's texts in `language`.
    pub fn brand_client<'a>(&'a self, site: &'a Site, brand: Brand, language: Language) -> BrandClient<'a> {
        let promo = site.brand(brand).and_then(|brand| brand.promo_code.as_deref());
        BrandClient {
            transport: &self.transport,
            site,
            brand,
            language,
            promo,
            span: None,
            caller: Caller::default(),
            collector: None,
        }
    }
}

/// Makes the calls for one brand in one language.
#[derive(Clone, Copy)]
pub struct BrandClient<'a> {
    transport: &'a Arc<Transport>,
    pub(super) site: &'a Site,
    pub(super) brand: Brand,
    pub(super) language: Language,
    /// The promotion whose plans are asked for.
    pub(super) promo: Option<&'a str>,
    pub(super) span: Option<&'a Span>,
    caller: Caller<'a>,
    collector: Option<&'a AdviceCollector>,
}

/// A [`BrandClient`] that outlives the request it was made for.
pub(super) struct DetachedClient {
    transport: Arc<Transport>,
    site: Site,
    brand: Brand,
    language: Language,
    promo: Option<String>,
    span: Option<Span>,
    network: Option<IpAddr>,
    session: Option<String>,
}

impl DetachedClient {
    pub(super) fn brand_client(&self) -> BrandClient<'_> {
        BrandClient {
            transport: &self.transport,
            site: &self.site,
            brand: self.brand,
            language: self.language,
            promo: self.promo.as_deref(),
            span: self.span.as_ref(),
            caller: Caller { network: self.network, session: self.session.as_deref() },
            collector: None,
        }
    }
}

/// The base fields of every call (contract 2.1), together with those of the call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a, T> {
    affiliate_id: &'a str,
    channel_type: &'static str,
    company_code: &'static str,
    brand_id: &'static str,
    language_code: &'static str,
    #[serde(flatten)]
    fields: &'a T,
}

/// The pair that every tracked call sends (contract 2.1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ids<'a> {
    tracking_id: &'a str,
    guid: &'a str,
}

impl<'a> Ids<'a> {
    pub(super) fn new(tracking_id: &'a TrackingId, guid: &'a Guid) -> Self {
        Self { tracking_id: tracking_id.as_str(), guid: guid.as_str() }
    }

    pub(super) fn of(record: &'a Record) -> Self {
        Self::new(&record.tracking_id, &record.guid)
    }
}

impl<'a> BrandClient<'a> {
    /// The brand.
    pub fn brand(&self) -> Brand {
        self.brand
    }

    /// The same client, asking for the plans of `promo`, if it is given, instead of those of the brand's usual promotion.
    pub fn with_promo(self, promo: Option<&'a str>) -> Self {
        Self { promo: promo.or(self.promo), ..self }
    }

    /// The same client, whose calls are children of `span`.
    pub fn in_span(self, span: &'a Span) -> Self {
        Self { span: Some(span), ..self }
    }

    /// The same client, whose calls are made for `caller` and wait for its share.
    pub fn on_behalf_of(self, caller: Caller<'a>) -> Self {
        Self { caller, ..self }
    }

    /// The same client, which gives NRG's texts for people to `collector`.
    pub fn collecting(self, collector: &'a AdviceCollector) -> Self {
        Self { collector: Some(collector), ..self }
    }

    /// Gives the texts of an answer in a cache to the collector, and returns the answer.
    pub(super) fn collected<T>(&self, advised: Advised<T>) -> T {
        if let Some(collector) = self.collector {
            collector.add(advised.texts);
        }
        advised.answer
    }

    fn collect<A>(&self, answer: &Answer<A>) {
        let (Some(collector), Answer::Processed(reply)) = (self.collector, answer) else { return };
        // Those of these calls go with their results.
        let goes_with_result =
            matches!(reply.endpoint, Endpoint::Offers | Endpoint::AvailableDates | Endpoint::Enroll);
        if goes_with_result {
            return;
        }
        let is_question = reply.verdict == Verdict::Ask;
        let text = reply.advice(&self.reading(reply.endpoint));
        collector.add(text.map(|text| AdviceText { text, language: self.language, is_question }));
    }

    /// The same client, for a call that may go on when the request is answered.
    pub(super) fn detached(self) -> DetachedClient {
        DetachedClient {
            transport: Arc::clone(self.transport),
            site: self.site.clone(),
            brand: self.brand,
            language: self.language,
            promo: self.promo.map(str::to_owned),
            span: self.span.cloned(),
            network: self.caller.network,
            session: self.caller.session.map(str::to_owned),
        }
    }

    pub(super) async fn get<T, A>(&self, endpoint: Endpoint, fields: &T) -> Result<Answer<A>, Error>
    where
        T: Serialize + Sync,
        A: DeserializeOwned,
    {
        let query = serde_urlencoded::to_string(self.request(fields))
            .map_err(|error| Error::unwritable(endpoint, error))?;
        let (language, caller) = (self.language, self.caller);
        let answer = self.transport.get(endpoint, language, self.span, caller, Zeroizing::new(query)).await?;
        self.collect(&answer);
        Ok(answer)
    }

    pub(super) async fn post<T, A>(&self, endpoint: Endpoint, fields: &T) -> Result<Answer<A>, Error>
    where
        T: Serialize + Sync,
        A: DeserializeOwned,
    {
        let body =
            serde_json::to_vec(&self.request(fields)).map_err(|error| Error::unwritable(endpoint, error))?;
        let answer = self.transport.post(endpoint, self.language, self.span, self.caller, body).await?;
        self.collect(&answer);
        Ok(answer)
    }

    /// How the answers of `endpoint` are read.
    pub(super) fn reading(&self, endpoint: Endpoint) -> Reading<'_> {
        Reading {
            endpoint,
            link_hosts: &self.site.link_hosts,
            oddities: &self.transport.oddities,
            language: self.language,
        }
    }

    fn request<'r, T>(&'r self, fields: &'r T) -> Request<'r, T> {
        Request {
            affiliate_id: &self.site.affiliate_id,
            channel_type: AFFILIATE_CHANNEL,
            company_code: self.brand.company_code(),
            brand_id: self.brand.id(),
            language_code: self.language.wire(),
            fields,
        }
    }
}
