//! One postback as it is sent, signed as Standard Webhooks specifies: HMAC-SHA256 over id, timestamp and content, which
//! is the body of a POST and the query of a GET.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::Sha256;
use url::Url;

use super::{
    call::{Body, Call},
    fact::{Facts, Field},
    target::{Key, Target},
    template::in_query,
};

/// The headers of a postback.
pub(super) const ID: &str = "webhook-id";
pub(super) const TIMESTAMP: &str = "webhook-timestamp";
pub(super) const SIGNATURE: &str = "webhook-signature";

/// A request to a target.
pub(super) struct Message {
    /// The address.
    pub url: Url,
    /// The content of a POST and its type; none: a GET.
    pub body: Option<(Vec<u8>, &'static str)>,
    /// The values of [`ID`], [`TIMESTAMP`] and [`SIGNATURE`], and the target's own.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Target {
    /// The postback of that id, signed at `now`.
    pub(super) fn message(&self, id: &str, facts: &Facts, now: Timestamp) -> Message {
        let Call { place, query, body, headers, token: _ } = &self.call;
        let mut url = place.clone();
        url.set_query(query.as_ref().map(|query| query.fill(facts, in_query)).as_deref());
        let body = body.fill(facts);
        let content =
            body.as_ref().map_or(url.query().unwrap_or_default().as_bytes(), |(content, _)| content);
        let time = now.as_second().to_string();
        let mut ours = vec![(ID, id.to_owned()), (TIMESTAMP, time.clone())];
        if !self.keys.is_empty() {
            let signatures: Vec<_> = self.keys.iter().map(|key| sign(key, id, &time, content)).collect();
            ours.push((SIGNATURE, signatures.join(" ")));
        }
        let ours = ours.into_iter().map(|(name, value)| (HeaderName::from_static(name), value));
        let theirs = headers.iter().map(|(name, value)| (name.clone(), value.fill(facts, str::to_owned)));
        // No value of a fact has a control character, which alone could not stand in a header.
        let headers = ours.chain(theirs).filter_map(|(name, value)| Some((name, value.parse().ok()?)));
        Message { headers: headers.collect(), url, body }
    }
}

impl Body {
    fn fill(&self, facts: &Facts) -> Option<(Vec<u8>, &'static str)> {
        const JSON: &str = "application/json";
        Some(match self {
            Self::None => return None,
            Self::Fields(fields) => {
                let value = |field: &Field| facts.get(field).map_or(Value::Null, Value::from);
                let object: Map<_, _> =
                    fields.iter().map(|field| (field.word().to_owned(), value(field))).collect();
                (Value::Object(object).to_string().into_bytes(), JSON)
            }
            Self::Form(form) => {
                (form.fill(facts, in_query).into_bytes(), "application/x-www-form-urlencoded")
            }
            Self::Json(json) => (json.fill(facts).to_string().into_bytes(), JSON),
        })
    }
}

/// `v1,` and the base64 of the HMAC.
pub(super) fn sign(key: &Key, id: &str, time: &str, content: &[u8]) -> String {
    #[allow(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes a key of any length");
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", content] {
        mac.update(part);
    }
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}
