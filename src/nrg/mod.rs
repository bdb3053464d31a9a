//! The client of the NRG Sales APIs (the NRG wire contract).
//!
//! In come typed values of `fields` and `journey`; out go outcomes, decided beside the call that
//! produced them. A refusal of NRG's is an [`Outcome`](crate::journey::Outcome); only a failure to
//! talk is an [`Error`]. Nothing of a browser's request ever gets in: every request is built from
//! typed values alone. No query string and no body is ever logged.

mod breaker;
mod calls;
mod client;
mod codes;
mod endpoint;
mod envelope;
mod error;
mod mask;
mod metrics;
mod offer_cache;
mod sanitize;
#[cfg(test)]
mod tests;
mod transport;
mod utilities;
mod wire;

use std::{sync::Arc, time::Duration};

use prometheus_client::registry::Registry;
use url::Url;
use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    entropy::Entropy,
    fields::{Brand, Language},
    journey::Site,
};

use transport::Transport;

pub use calls::{
    enroll::{EnrollCodes, EnrollReply, EnrollRequest, Enrollment},
    esid_validation::MeterAddress,
    holds::Hold,
    identity::IdentityReply,
    kba_result::QuizAnswer,
    offers::Offers,
};
pub use client::BrandClient;
pub use endpoint::{Endpoint, Timeouts};
pub use error::{Error, Kind, Refusal, Unusable};
pub use offer_cache::OfferCache;
pub use utilities::{AFFILIATE_CHANNEL, PublishedUtility, UTILITIES, utility};

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
    transport: Arc<Transport>,
}

impl Nrg {
    /// A client for `settings`.
    ///
    /// # Errors
    /// [`Unusable`], when the address is not one, the credentials cannot be a header, or TLS cannot be set up.
    pub fn new(settings: Settings, clock: Clock, entropy: Entropy) -> Result<Self, Unusable> {
        Ok(Self { transport: Arc::new(Transport::new(settings, clock, entropy)?) })
    }

    /// Calls from now on go out with these. True if they are others than before; then NRG is asked at once whether it
    /// lets us in.
    ///
    /// # Errors
    /// [`Unusable`], when they cannot be a header.
    pub fn use_credentials(&self, username: &str, password: &str) -> Result<bool, Unusable> {
        self.transport.use_credentials(username, password)
    }

    /// Why no call goes out now: NRG refuses us.
    pub fn refusal(&self) -> Option<Refusal> {
        self.transport.refusal()
    }

    /// The word for what came of the latest call; none before the first.
    pub fn last_outcome(&self) -> Option<&'static str> {
        self.transport.metrics.last()
    }

    /// Names the counters of the calls in the page of metrics.
    pub fn register(&self, registry: &mut Registry) {
        self.transport.metrics.register(registry);
    }

    /// Calls for `brand`, with NRG's texts in `language`.
    pub fn brand_client<'a>(&'a self, site: &'a Site, brand: Brand, language: Language) -> BrandClient<'a> {
        let promo = site.brand(brand).and_then(|brand| brand.promo_code.as_deref());
        BrandClient { transport: &self.transport, site, brand, language, promo, span: None }
    }
}
