//! The client of the NRG Sales APIs (the NRG wire contract).
//!
//! In come typed values of `fields` and `journey`; out go outcomes, decided beside the call that
//! produced them. A refusal of NRG's is an [`Outcome`](crate::journey::Outcome); only a failure to
//! talk is an [`Error`]. Nothing of a browser's request ever gets in: every request is built from
//! typed values alone. No query string and no body is ever logged.

mod available_dates;
mod breaker;
mod catalogue;
mod cleanup_address;
mod codes;
mod counts;
mod credit;
mod endpoint;
mod enroll;
mod envelope;
mod error;
mod esid;
mod esid_validation;
mod holds;
mod identity;
mod kba_oe;
mod kba_result;
mod mask;
mod message;
mod offer_cache;
mod offer_details;
mod offers;
mod prospect;
mod send;
mod tdsp;
#[cfg(test)]
mod tests;
mod token;
mod wire;

use std::{sync::Arc, time::Duration};

use prometheus_client::registry::Registry;
use serde::{Serialize, de::DeserializeOwned};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    entropy::Entropy,
    fields::{Brand, Guid, Language, TrackingId},
    journey::{Record, Site},
    tracing_context::Span,
};

use envelope::Answer;
use send::Door;

pub use catalogue::{AFFILIATE_CHANNEL, Catalogued, UTILITIES, utility};
pub use endpoint::{Endpoint, Timeouts};
pub use enroll::{EnrollRequest, Enrollment, Heard};
pub use error::{Error, Kind, Refusal, Unusable};
pub use esid_validation::MeterAddress;
pub use holds::Hold;
pub use identity::IdentityReply;
pub use kba_result::QuizAnswer;
pub use offer_cache::OfferCache;
pub use offers::Offers;

/// Where NRG is and how to talk to it.
#[derive(Clone)]
pub struct Settings {
    /// For example `https://stg-api.nrg.com` (contract 1).
    pub base_url: Url,
    /// The path below it, `NRGREST/rest/sales/`.
    pub base_path: String,
    /// Of Basic authentication.
    pub username: Zeroizing<String>,
    /// Of Basic authentication.
    pub password: Zeroizing<String>,
    /// For DNS, TCP and TLS together. Must be shorter than every time limit.
    pub connect_timeout: Duration,
    /// The time limit of each endpoint.
    pub timeouts: Timeouts,
    /// Send the fixed cookie `SMCHALLENGE=YES` (contract 1 and 11.1).
    pub gateway_cookie: bool,
    /// No answer may be longer than this, in bytes.
    pub max_reply_bytes: usize,
}

/// The client. Cheap to clone; all clones share connections and breaker.
#[derive(Clone)]
pub struct Nrg {
    door: Arc<Door>,
}

impl Nrg {
    /// A client for `settings`.
    ///
    /// # Errors
    /// [`Unusable`], when the address is not one, the credentials cannot be a header, or TLS cannot be set up.
    pub fn new(settings: Settings, clock: Clock, entropy: Entropy) -> Result<Self, Unusable> {
        Ok(Self { door: Arc::new(Door::new(settings, clock, entropy)?) })
    }

    /// Calls from now on go out with these. True if they are others than before; then NRG is asked at once whether it
    /// lets us in.
    ///
    /// # Errors
    /// [`Unusable`], when they cannot be a header.
    pub fn use_credentials(&self, username: &str, password: &str) -> Result<bool, Unusable> {
        self.door.use_credentials(username, password)
    }

    /// Why no call goes out now: NRG refuses us.
    pub fn refusal(&self) -> Option<Refusal> {
        self.door.refusal()
    }

    /// The word for what came of the latest call; none before the first.
    pub fn last_outcome(&self) -> Option<&'static str> {
        self.door.counts.last()
    }

    /// Names the counters of the calls in the page of metrics.
    pub fn register(&self, registry: &mut Registry) {
        self.door.counts.register(registry);
    }

    /// Calls for `brand`, with NRG's texts in `language`.
    pub fn caller<'a>(&'a self, site: &'a Site, brand: Brand, language: Language) -> Caller<'a> {
        let promo = site.brand(brand).and_then(|brand| brand.promo_code.as_deref());
        Caller { door: &self.door, site, brand, language, promo, within: None }
    }
}

/// Makes the calls, each in its own file.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    door: &'a Door,
    site: &'a Site,
    brand: Brand,
    language: Language,
    /// The promotion plans are asked for under.
    promo: Option<&'a str>,
    within: Option<&'a Span>,
}

/// The base fields of every call (contract 2.1), with the call's own beside them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a, T> {
    affiliate_id: &'a str,
    channel_type: &'static str,
    company_code: &'static str,
    brand_id: &'static str,
    language_code: &'static str,
    #[serde(flatten)]
    own: &'a T,
}

/// The pair that every tracked call sends (contract 2.1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ids<'a> {
    tracking_id: &'a str,
    guid: &'a str,
}

impl<'a> Ids<'a> {
    fn new(tracking_id: &'a TrackingId, guid: &'a Guid) -> Self {
        Self { tracking_id: tracking_id.as_str(), guid: guid.as_str() }
    }

    fn of(record: &'a Record) -> Self {
        Self::new(&record.tracking_id, &record.guid)
    }
}

impl<'a> Caller<'a> {
    /// The same, asking for plans under `promo` where there is one, instead of the brand's usual promotion.
    pub fn under(self, promo: Option<&'a str>) -> Self {
        Self { promo: promo.or(self.promo), ..self }
    }

    /// The same, as part of a piece of work.
    pub fn within(self, span: &'a Span) -> Self {
        Self { within: Some(span), ..self }
    }

    async fn get<T, A>(&self, endpoint: Endpoint, own: &T) -> Result<Answer<A>, Error>
    where
        T: Serialize + Sync,
        A: DeserializeOwned,
    {
        let query = serde_urlencoded::to_string(self.request(own))
            .map_err(|error| Error::unwritable(endpoint, error))?;
        self.door.get(endpoint, self.language, self.within, Zeroizing::new(query)).await
    }

    async fn post<T, A>(&self, endpoint: Endpoint, own: &T) -> Result<Answer<A>, Error>
    where
        T: Serialize + Sync,
        A: DeserializeOwned,
    {
        let body =
            serde_json::to_vec(&self.request(own)).map_err(|error| Error::unwritable(endpoint, error))?;
        self.door.post(endpoint, self.language, self.within, body).await
    }

    fn request<'r, T>(&'r self, own: &'r T) -> Request<'r, T> {
        Request {
            affiliate_id: &self.site.affiliate_id,
            channel_type: AFFILIATE_CHANNEL,
            company_code: self.brand.company_code(),
            brand_id: self.brand.id(),
            language_code: self.language.wire(),
            own,
        }
    }
}
