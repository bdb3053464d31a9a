//! Targets: where postbacks go, for which endings, and how. Checked as a whole before the server starts.

use std::{net::IpAddr, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use url::{Host, Url, form_urlencoded::byte_serialize};
use zeroize::Zeroizing;

use super::{
    event::Ending,
    fact::{Fact, Facts, Field},
    public_ip::is_public,
};
/// The fewest bytes of a key that are worth signing with.
const SHORTEST_KEY: usize = 24;

/// A receiver of postbacks.
pub struct Target {
    /// Its name in the settings.
    pub name: String,
    /// How it is called.
    pub call: Call,
    /// The endings it gets postbacks of.
    pub endings: Vec<Ending>,
    /// Only journeys of these sites, by name; of all sites when the list is empty.
    pub sites: Vec<String>,
    /// Journeys whose link had no click id are included.
    pub without_click: bool,
    /// The key that signs its postbacks.
    pub key: Key,
    /// It is on this machine; no other address is called.
    pub loopback: bool,
}

/// How a target is called.
#[derive(Debug, PartialEq, Eq)]
pub enum Call {
    /// GET with a query, as tracking networks expect.
    Get(Template),
    /// POST of a JSON object with these fields.
    Post {
        /// The address.
        url: Url,
        /// `id`, `order_id`, `ending` and `time` first, which are always included.
        fields: Vec<Field>,
    },
}

/// An address with fields in braces in its query.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    place: Url,
    query: String,
}

/// What is wrong with an address or a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidTarget {
    /// Not https, or not on this machine where it should be.
    Address,
    /// An address of a private network.
    Private,
    /// Braces where none may be, or around a name that is no [`Field`].
    Placeholder,
}

/// A key to sign with, wiped when dropped, without `Debug`.
#[derive(Clone)]
pub struct Key(Zeroizing<Vec<u8>>);

impl Key {
    /// Reads a key in base64, with or without `whsec_` before it: 24 bytes or more.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).map(Zeroizing::new).ok()?;
        (bytes.len() >= SHORTEST_KEY).then_some(Self(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Call {
    /// A GET of the address `text` with its fields filled in.
    ///
    /// # Errors
    /// [`InvalidTarget`].
    pub fn get(text: &str, loopback: bool) -> Result<Self, InvalidTarget> {
        let (place, query) = text.split_once('?').ok_or(InvalidTarget::Placeholder)?;
        let mut rest = query;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(InvalidTarget::Placeholder)?;
            if before.contains('}') || Field::parse(name).is_none() {
                return Err(InvalidTarget::Placeholder);
            }
            rest = after;
        }
        if place.contains(['{', '}']) || rest.contains('}') || query.contains('#') {
            return Err(InvalidTarget::Placeholder);
        }
        Ok(Self::Get(Template { place: address(place, loopback)?, query: query.to_owned() }))
    }

    /// A POST to the address `text`.
    ///
    /// # Errors
    /// [`InvalidTarget`].
    pub fn post(text: &str, loopback: bool, also: &[Field]) -> Result<Self, InvalidTarget> {
        if text.contains(['{', '}']) {
            return Err(InvalidTarget::Placeholder);
        }
        let mut fields = [Fact::Id, Fact::OrderId, Fact::Ending, Fact::Time].map(Field::from).to_vec();
        fields.extend(also.iter().filter(|field| !fields.contains(field)).cloned().collect::<Vec<_>>());
        Ok(Self::Post { url: address(text, loopback)?, fields })
    }
}

/// The address to call: https to the Internet, or on this machine and there http too.
fn address(text: &str, loopback: bool) -> Result<Url, InvalidTarget> {
    let url = Url::parse(text).map_err(|_| InvalidTarget::Address)?;
    let whole = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let number = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::from(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::from(ip)),
        Some(Host::Domain(_)) => None,
        None => return Err(InvalidTarget::Address),
    };
    let named = url.host_str().unwrap_or_default().trim_end_matches('.');
    let local = match number {
        Some(ip) => ip.is_loopback(),
        None => named == "localhost" || named.ends_with(".localhost"),
    };
    match (url.scheme(), loopback) {
        _ if !whole => Err(InvalidTarget::Address),
        ("http" | "https", true) if local => Ok(url),
        // Another name is checked each time it is resolved.
        ("https", false) if !local && number.is_none_or(is_public) => Ok(url),
        ("https", false) => Err(InvalidTarget::Private),
        _ => Err(InvalidTarget::Address),
    }
}

impl Template {
    /// The address with `facts` in its query; an unknown fact is blank.
    pub(super) fn fill(&self, facts: &Facts) -> Url {
        let query = Field::all().fold(self.query.clone(), |query, field| {
            let value: String =
                byte_serialize(facts.get(&field).map_or(&[][..], |value| value.as_bytes())).collect();
            query.replace(&format!("{{{}}}", field.word()), &value)
        });
        let mut url = self.place.clone();
        url.set_query(Some(&query));
        url
    }
}

/// All targets. A clone shares them.
#[derive(Clone, Default)]
pub struct Targets(Arc<[Target]>);

impl Targets {
    /// The targets of the settings.
    pub fn new(targets: Vec<Target>) -> Self {
        Self(targets.into())
    }

    /// The target of that name.
    pub fn of(&self, name: &str) -> Option<&Target> {
        self.0.iter().find(|target| target.name == name)
    }

    /// There are no targets.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each target.
    pub fn iter(&self) -> impl Iterator<Item = &Target> {
        self.0.iter()
    }

    /// Whether any target gets postbacks of such an ending.
    pub fn wants(&self, ending: Ending) -> bool {
        self.iter().any(|target| target.endings.contains(&ending))
    }
}
