//! The client as one page uses it: for a brand, in a language, as part of a span. Each call is in a file of its own in
//! `calls`.

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{
    endpoint::Endpoint, envelope::Answer, error::Error, transport::Transport, utilities::AFFILIATE_CHANNEL,
};
use crate::{
    fields::{Brand, Guid, Language, TrackingId},
    journey::{Record, Site},
    tracing_context::Span,
};

/// Makes the calls for one brand in one language.
#[derive(Clone, Copy)]
pub struct BrandClient<'a> {
    pub(super) transport: &'a Transport,
    pub(super) site: &'a Site,
    pub(super) brand: Brand,
    pub(super) language: Language,
    /// The promotion plans are asked for under.
    pub(super) promo: Option<&'a str>,
    pub(super) span: Option<&'a Span>,
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
    /// The same, asking for plans under `promo` where there is one, instead of the brand's usual promotion.
    pub fn with_promo(self, promo: Option<&'a str>) -> Self {
        Self { promo: promo.or(self.promo), ..self }
    }

    /// The same, as part of a piece of work.
    pub fn in_span(self, span: &'a Span) -> Self {
        Self { span: Some(span), ..self }
    }

    pub(super) async fn get<T, A>(&self, endpoint: Endpoint, own: &T) -> Result<Answer<A>, Error>
    where
        T: Serialize + Sync,
        A: DeserializeOwned,
    {
        let query = serde_urlencoded::to_string(self.request(own))
            .map_err(|error| Error::unwritable(endpoint, error))?;
        self.transport.get(endpoint, self.language, self.span, Zeroizing::new(query)).await
    }

    pub(super) async fn post<T, A>(&self, endpoint: Endpoint, own: &T) -> Result<Answer<A>, Error>
    where
        T: Serialize + Sync,
        A: DeserializeOwned,
    {
        let body =
            serde_json::to_vec(&self.request(own)).map_err(|error| Error::unwritable(endpoint, error))?;
        self.transport.post(endpoint, self.language, self.span, body).await
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
