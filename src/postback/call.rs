//! How a target is called: method, address, body and headers.

use http::{HeaderName, header};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::{
    address::address,
    fact::{Fact, Field},
    invalid_target::InvalidTarget,
    template::{JsonTemplate, Names, Template},
};

/// The headers that a target's settings cannot set: those of the request itself, of its signature, and of its credential.
const OURS: [HeaderName; 7] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::TRANSFER_ENCODING,
    header::AUTHORIZATION,
    header::COOKIE,
];

/// How a target is called. No `Debug`: it holds the target's token.
pub struct Call {
    /// The address, without the query.
    pub(super) place: Url,
    pub(super) query: Option<Template>,
    pub(super) body: Body,
    pub(super) headers: Vec<(HeaderName, Template)>,
    pub(super) token: Option<Zeroizing<String>>,
}

/// What is sent.
pub(super) enum Body {
    /// Nothing: a GET.
    None,
    /// A JSON object of these fields; `id`, `order_id`, `ending` and `time` are always among them.
    Fields(Vec<Field>),
    /// The content of a form.
    Form(Template),
    /// JSON of the target's own.
    Json(JsonTemplate),
}

/// The body that the settings ask for.
#[derive(Clone, Debug)]
pub enum BodySettings<'a> {
    /// A GET, which has none.
    None,
    /// A JSON object of these fields.
    Fields(&'a [Field]),
    /// A form, as a query is written: `click={click_id}&value={amount}`.
    Form(&'a str),
    /// JSON, with fields in its texts.
    Json(&'a str),
}

impl Call {
    /// A call of the address `url`, which may have fields in its query; the token of `names` also in its path. `headers` are
    /// written `Name: value`.
    ///
    /// # Errors
    /// [`InvalidTarget`].
    pub fn new(
        url: &str,
        loopback: bool,
        body: &BodySettings<'_>,
        headers: &[String],
        names: Names<'_>,
    ) -> Result<Self, InvalidTarget> {
        let (place, query) = url.split_once('?').map_or((url, None), |(place, query)| (place, Some(query)));
        if query.is_none() && matches!(body, BodySettings::None) || url.contains('#') {
            return Err(InvalidTarget::Placeholder);
        }
        let body = match body {
            BodySettings::None => Body::None,
            BodySettings::Fields(also) => {
                let mut fields =
                    [Fact::Id, Fact::OrderId, Fact::Ending, Fact::Time].map(Field::from).to_vec();
                fields
                    .extend(also.iter().filter(|field| !fields.contains(field)).cloned().collect::<Vec<_>>());
                Body::Fields(fields)
            }
            BodySettings::Form(text) => Body::Form(Template::parse(text, names)?),
            BodySettings::Json(text) => Body::Json(JsonTemplate::parse(text, names)?),
        };
        Ok(Self {
            place: address(&with_token(place, names.token)?, loopback)?,
            query: query.map(|query| Template::parse(query, names)).transpose()?,
            body,
            headers: headers.iter().map(|line| header_of(line, names)).collect::<Result<_, _>>()?,
            token: names.token.map(|token| Zeroizing::new(token.to_owned())),
        })
    }
}

impl Call {
    /// The host that is called.
    pub fn host(&self) -> Option<Host<&str>> {
        self.place.host()
    }
}

/// The address with the token in its path.
fn with_token(place: &str, token: Option<&str>) -> Result<String, InvalidTarget> {
    let plain = |token: &str| {
        let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.:".contains(&byte);
        token.bytes().all(kept) && token.bytes().any(|byte| byte != b'.')
    };
    let host_ends = place.find("://").and_then(|at| place.get(at + 3..)?.find('/').map(|end| at + 3 + end));
    let (host, path) = place.split_at_checked(host_ends.unwrap_or(place.len())).unwrap_or((place, ""));
    let path = match token {
        Some(token) if path.contains("{token}") && plain(token) => path.replace("{token}", token),
        _ => path.to_owned(),
    };
    if host.contains(['{', '}']) || path.contains(['{', '}']) {
        return Err(InvalidTarget::Placeholder);
    }
    Ok(format!("{host}{path}"))
}

fn header_of(line: &str, names: Names<'_>) -> Result<(HeaderName, Template), InvalidTarget> {
    let (name, value) = line.split_once(':').ok_or(InvalidTarget::Header)?;
    let name: HeaderName = name.trim().parse().map_err(|_| InvalidTarget::Header)?;
    if OURS.contains(&name) || name.as_str().starts_with("webhook-") {
        return Err(InvalidTarget::Header);
    }
    Ok((name, Template::parse(value.trim(), names)?))
}
