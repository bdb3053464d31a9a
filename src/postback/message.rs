//! One postback as it is sent, signed as Standard Webhooks specifies: HMAC-SHA256 over id, timestamp and content, which
//! is the body of a POST and the query of a GET.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::Sha256;
use url::Url;

use super::{
    fact::{Facts, Field},
    target::{Call, Key, Target},
};

/// The headers of a postback.
pub(super) const ID: &str = "webhook-id";
pub(super) const TIMESTAMP: &str = "webhook-timestamp";
pub(super) const SIGNATURE: &str = "webhook-signature";

/// A request to a target.
pub(super) struct Message {
    /// The address.
    pub url: Url,
    /// The JSON of a POST; none: a GET.
    pub body: Option<Vec<u8>>,
    /// The values of [`ID`], [`TIMESTAMP`] and [`SIGNATURE`].
    pub headers: [(&'static str, String); 3],
}

impl Target {
    /// The postback of that id, signed at `now`.
    pub(super) fn message(&self, id: &str, facts: &Facts, now: Timestamp) -> Message {
        let (url, body) = match &self.call {
            Call::Get(template) => (template.fill(facts), None),
            Call::Post { url, fields } => {
                let value = |field: &Field| facts.get(field).map_or(Value::Null, |value: &str| value.into());
                let object: Map<_, _> =
                    fields.iter().map(|field| (field.word().to_owned(), value(field))).collect();
                (url.clone(), Some(Value::Object(object).to_string().into_bytes()))
            }
        };
        let content = body.as_deref().unwrap_or_else(|| url.query().unwrap_or_default().as_bytes());
        let time = now.as_second().to_string();
        let signature = sign(&self.key, id, &time, content);
        let headers = [(ID, id.to_owned()), (TIMESTAMP, time), (SIGNATURE, signature)];
        Message { url, body, headers }
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
