//! Targets: where postbacks go, for which endings, and how. Checked as a whole before the server starts.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{
    acceptance::AcceptIf,
    call::Call,
    credential::Credential,
    event::{Ending, Event},
    fact::{Fact, Facts, Field},
};
use crate::egress::Proxy;

/// The fewest bytes of a key that are worth signing with.
const SHORTEST_KEY: usize = 24;

/// A receiver of postbacks.
pub struct Target {
    /// Its name in the settings.
    pub name: String,
    /// How it is called.
    pub call: Call,
    /// Which endings of which journeys it hears of.
    pub wants: Wants,
    /// The keys that sign its postbacks, each with a signature of its own: two while one replaces the other, none where
    /// nobody checks them.
    pub keys: Vec<Key>,
    /// What the server shows it, if anything.
    pub credential: Option<Credential>,
    /// It has accepted a postback if its answer meets one of these, or if there is none; and its status is 2xx.
    pub accept_if: Vec<AcceptIf>,
    /// Certificate authorities that are trusted for it as well.
    pub authorities: Vec<reqwest::Certificate>,
    /// It is on this machine; no other address is called.
    pub loopback: bool,
    /// By which its postbacks go out, if the server does not connect by itself.
    pub proxy: Option<Proxy>,
}

/// Which endings of which journeys a target hears of. An empty list of words excludes nothing.
#[derive(Clone, Default)]
pub struct Wants {
    /// The endings.
    pub endings: Vec<Ending>,
    /// Only journeys of which this is known; all if it is `None`.
    pub click: Option<Field>,
    /// Only journeys of these sites, by name.
    pub sites: Vec<String>,
    /// Only journeys with a plan of these brands, by id.
    pub brands: Vec<String>,
    /// Only these of `MVI` and `SWI`.
    pub types: Vec<String>,
    /// Of what ended with a stop, only these kinds.
    pub stops: Vec<String>,
}

impl Wants {
    /// Whether the target hears of `event`, of which the postback could carry `facts`.
    pub(super) fn include(&self, event: &Event<'_>, facts: &Facts) -> bool {
        let one_of = |words: &[String], fact: Fact| {
            words.is_empty() || facts.fact(fact).is_some_and(|word| words.iter().any(|wanted| wanted == word))
        };
        self.endings.contains(&event.ending)
            && self.click.as_ref().is_none_or(|field| facts.get(field).is_some())
            && one_of(&self.sites, Fact::Site)
            && one_of(&self.brands, Fact::Brand)
            && one_of(&self.types, Fact::Type)
            && (event.ending != Ending::Stopped || one_of(&self.stops, Fact::Stop))
    }
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
        self.iter().any(|target| target.wants.endings.contains(&ending))
    }
}
