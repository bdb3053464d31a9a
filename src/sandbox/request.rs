//! Parses a call: query parameters on GET, a JSON or form body on POST, into one flat map.
//!
//! Two JSON readers, as at NRG (contract section 1): `Content-Type: application/json` exactly gives the
//! tolerant one; with a parameter after it the strict one is used, and limits are not checked.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::{Method, StatusCode},
};
use serde_json::{Map, Value};

use super::{
    catalog::Brand,
    envelope::{Reply, html},
    header::text,
    log::{CAPACITY, Call},
    state::Sandbox,
    texts::Language,
};

/// The most bytes of a body.
const BODY_LIMIT: usize = 64 * 1024;

/// How the fields were parsed, which determines how they are checked and the shape of a refusal.
#[derive(Clone, Copy, PartialEq)]
pub enum Reader {
    /// From the query of a GET: refusals in shape A.
    Query,
    /// From a form or tolerant JSON: refusals in shape B.
    Tolerant,
    /// From JSON with a `charset`: unknown fields fail, limits are skipped.
    Strict,
}

/// One call, parsed.
pub struct ApiRequest {
    pub reader: Reader,
    pub fields: Map<String, Value>,
    header_language: Option<String>,
}

impl ApiRequest {
    /// The field as text; blank when absent, null or not a scalar.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The field, unless it is absent or blank.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|value| !value.is_empty())
    }

    /// Whether the field is absent, not even blank.
    pub fn lacks(&self, name: &str) -> bool {
        !self.fields.contains_key(name)
    }

    /// The language of most texts: the header on POST, the query on GET (contract 2.5).
    pub fn language(&self) -> Language {
        match self.reader {
            Reader::Query => self.body_language(),
            Reader::Tolerant | Reader::Strict => {
                Language::from_code(self.header_language.as_deref().unwrap_or_default())
            }
        }
    }

    /// The language of some texts: the field `languageCode`.
    pub fn body_language(&self) -> Language {
        Language::from_code(self.text("languageCode"))
    }

    /// The brand of the call. Only valid once the rules have been checked.
    pub fn brand(&self) -> Brand {
        Brand::from_codes(self.text("companyCode"), self.text("brandId")).unwrap_or(Brand::Reliant)
    }
}

impl FromRequest<Sandbox> for ApiRequest {
    type Rejection = Reply;

    async fn from_request(request: Request, sandbox: &Sandbox) -> Result<Self, Reply> {
        let (parts, body) = request.into_parts();
        let (reader, fields) = if parts.method == Method::GET {
            (Reader::Query, pairs(parts.uri.query().unwrap_or_default().as_bytes()))
        } else {
            let kind = text(&parts.headers, "content-type").unwrap_or_default();
            let body = to_bytes(body, BODY_LIMIT)
                .await
                .map_err(|_| html(StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large"))?;
            match kind {
                "application/json" => (Reader::Tolerant, object(&body)?),
                _ if kind.starts_with("application/json") => (Reader::Strict, object(&body)?),
                _ if kind.starts_with("application/x-www-form-urlencoded") => {
                    (Reader::Tolerant, pairs(&body))
                }
                _ => return Err(html(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")),
            }
        };

        let endpoint = parts.uri.path().trim_start_matches('/');
        {
            let mut memory = sandbox.memory();
            if memory.calls.len() >= CAPACITY {
                memory.calls.pop_front();
            }
            memory.calls.push_back(Call::new(endpoint, &parts.headers, &fields));
        }

        let header_language = text(&parts.headers, "languagecode").map(str::to_owned);
        let request = Self { reader, fields, header_language };
        match request.given("affiliateId") {
            Some(id) if id != sandbox.settings.affiliate_id => Err(Reply::forbidden()),
            _ => Ok(request),
        }
    }
}

/// Query or form pairs. The last of several equal names wins.
fn pairs(encoded: &[u8]) -> Map<String, Value> {
    url::form_urlencoded::parse(encoded)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

/// A JSON object with its scalars as strings and without nulls. Lists are unchanged.
fn object(body: &[u8]) -> Result<Map<String, Value>, Reply> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return Err(Reply::crashed());
    };
    Ok(fields
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::Bool(flag) => Some((name, flag.to_string().into())),
            Value::Number(number) => Some((name, number.to_string().into())),
            Value::String(_) | Value::Array(_) | Value::Object(_) => Some((name, value)),
        })
        .collect())
}
