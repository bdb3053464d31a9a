//! Rate limits: how often something may be done by one address, in one session, with one number that proves an identity,
//! about one meter, by one partner, to one e-mail address, or at this affiliate in all.
//!
//! Counted is what reaches NRG or begins a journey; a page that is only viewed is not, and costs no write. The
//! counts live in the database, so that they hold across servers and restarts, each under a keyed hash: no address,
//! number or meter is in the table. The window slides: in any length of time of a [`Rate`] never more than its tries
//! are admitted.
//!
//! A refused try stays counted for a subject of one's own (a session; a number or meter as one address tries it), so that
//! trying again and again makes the wait longer, up to the whole window after the last try. For a shared subject (an
//! address behind which many live, the affiliate, a partner) it is subtracted again: nobody waits for the tries of a
//! neighbor.
//!
//! A number and a meter are counted by the address they are tried from, so that nobody can lock their owner out. What all
//! addresses together have tried counts only once two others have tried it as well, and then lets one try through in an
//! hour: see [`about`].

pub mod about;
mod counts;
mod rate;
mod row;

use std::{net::IpAddr, time::Duration};

use crate::{
    clock::Clock,
    fields::{DriverLicense, NumberKey, Ssn},
    ledger::LedgerKey,
    store::{Error, Store},
};

pub use rate::Rate;
use row::Count;

/// What is counted. Its word, the variant's name in snake case, is part of the key that a count is stored under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// A journey begins.
    Begin,
    /// NRG is asked about an area, an address, a plan or dates; each call counts.
    LookUp,
    /// A number is traded for a token, an identity is checked, NRG's questions are answered.
    Identity,
    /// A saved journey is to be resumed.
    Resume,
    /// A credit check, each of which may be an inquiry at a bureau.
    Credit,
    /// A system of a partner's, or a page of one, asks for the plans.
    Feed,
    /// A system of a partner's hands a customer over, or asks where one stands.
    Handover,
    /// A link is mailed.
    Mail,
}

/// By whom, or about what. Its word, the variant's name in snake case, is part of the key that a count is stored under.
#[derive(Clone, Copy, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Subject<'a> {
    /// The browser's address, by its [`network`].
    Address(Option<IpAddr>),
    /// A journey's id.
    Session(&'a str),
    /// Everyone together.
    Affiliate(&'a str),
    /// The name of a partner, whichever of its keys it calls with.
    Partner(&'a str),
    /// The keyed hash of the e-mail address that a mail goes to.
    Recipient(&'a [u8; 32]),
}

/// How often each action may be done; `None`: without limit.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Rates {
    pub begin: ActionRates,
    pub look_up: ActionRates,
    pub identity: ActionRates,
    pub credit: ActionRates,
    pub resume: ActionRates,
    pub feed: ActionRates,
    pub handover: ActionRates,
    pub mail: ActionRates,
}

/// How often one action may be done, by each subject.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct ActionRates {
    pub address: Option<Rate>,
    pub session: Option<Rate>,
    pub person: Option<Rate>,
    pub meter: Option<Rate>,
    pub affiliate: Option<Rate>,
    pub partner: Option<Rate>,
    pub recipient: Option<Rate>,
}

/// One try too many. It has the kind of the subject, never the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries: {act} by {who}")]
pub struct LimitExceeded {
    /// What was tried.
    pub act: Action,
    /// Which limit it was: `address`, `session`, `person`, `meter`, `affiliate`, `partner` or `recipient`.
    pub who: &'static str,
    /// How long to wait, if nothing is tried meanwhile.
    pub wait: Duration,
}

/// The limits of this affiliate. A clone shares the database.
#[derive(Clone)]
pub struct RateLimiter {
    store: Store,
    key: LedgerKey,
    clock: Clock,
    rates: Rates,
}

impl RateLimiter {
    /// Limits by `rates` with counts in `store`; `key` makes the keyed hashes, the same on every server.
    pub fn new(store: Store, key: LedgerKey, clock: Clock, rates: Rates) -> Self {
        Self { store, key, clock, rates }
    }

    /// The key under which an SSN is counted.
    #[allow(clippy::disallowed_methods, reason = "the count of its tries")]
    pub fn of_ssn(&self, ssn: &Ssn) -> NumberKey {
        NumberKey::new(self.key.hash("number", [b"ssn".as_slice(), ssn.expose().as_bytes()]))
    }

    /// The key under which a license number is counted.
    #[allow(clippy::disallowed_methods, reason = "the count of its tries")]
    pub fn of_license(&self, license: &DriverLicense) -> NumberKey {
        NumberKey::new(self.key.hash("number", [b"licence".as_slice(), license.expose().as_bytes()]))
    }

    /// Counts `tries` of `act` at once, by each of `all`. `Some`: they exceed a limit, with the longest wait of them.
    ///
    /// # Errors
    /// The database failed: then the action must not be done, as it would not be counted.
    pub async fn count(
        &self,
        act: Action,
        all: &[Subject<'_>],
        tries: u32,
    ) -> Result<Option<LimitExceeded>, Error> {
        self.admit(act, all, tries, |who| who.is_shared()).await
    }

    /// As [`RateLimiter::count`], for what can be left out: tries that exceed a limit are never counted. Returns whether
    /// they were admitted.
    ///
    /// # Errors
    /// As [`RateLimiter::count`].
    pub async fn count_optional(&self, act: Action, all: &[Subject<'_>], tries: u32) -> Result<bool, Error> {
        Ok(self.admit(act, all, tries, |_| true).await?.is_none())
    }

    /// Counts `tries` by `all`; if they exceed a limit, they are subtracted again for the subjects for which `subtracted`
    /// holds.
    async fn admit(
        &self,
        act: Action,
        all: &[Subject<'_>],
        tries: u32,
        subtracted: fn(Subject<'_>) -> bool,
    ) -> Result<Option<LimitExceeded>, Error> {
        if tries == 0 {
            return Ok(None);
        }
        let tries = i64::from(tries);
        let now = self.clock.now();
        let mut limits: Vec<_> = all
            .iter()
            .filter_map(|who| {
                let rate = who.rate(self.rates.of(act))?;
                let key = self.row_key(act, (*who).into(), &[&who.bytes()], rate);
                Some((Count { key, slice: rate.slice(now), link: None }, rate, *who))
            })
            .collect();
        // Always in one order, so that two servers never wait for one another's rows.
        limits.sort_unstable_by_key(|(count, ..)| count.key);
        let counts = |counted: fn(Subject<'_>) -> bool| -> Vec<_> {
            limits.iter().filter(|(_, _, who)| counted(*who)).map(|(count, ..)| *count).collect()
        };
        let places = self.add(&counts(|_| true), tries).await?;
        let mut over = None;
        for ((count, rate, who), place) in limits.iter().zip(places) {
            let wait = rate.wait(now, tries, &self.counted(*count, place, now).await?);
            over = longer(over, wait.map(|wait| LimitExceeded { act, who: who.into(), wait }));
        }
        if over.is_some() {
            self.add(&counts(subtracted), -tries).await?;
        }
        Ok(over)
    }

    /// The key of the count of `act` by, or about, the subject that `parts` name.
    fn row_key(&self, act: Action, who: &str, parts: &[&[u8]], rate: Rate) -> [u8; 32] {
        // Another window is another count.
        let window = rate.window_millis().to_be_bytes();
        let (act, who) = (<&str>::from(act).as_bytes(), who.as_bytes());
        self.key.hash("limit", [act, who].into_iter().chain(parts.iter().copied()).chain([&window[..]]))
    }
}

/// The one with the longer wait.
fn longer(one: Option<LimitExceeded>, other: Option<LimitExceeded>) -> Option<LimitExceeded> {
    [one, other].into_iter().flatten().max_by_key(|over| over.wait)
}

impl Rates {
    fn of(&self, act: Action) -> &ActionRates {
        match act {
            Action::Begin => &self.begin,
            Action::LookUp => &self.look_up,
            Action::Identity => &self.identity,
            Action::Credit => &self.credit,
            Action::Resume => &self.resume,
            Action::Feed => &self.feed,
            Action::Handover => &self.handover,
            Action::Mail => &self.mail,
        }
    }
}

impl Subject<'_> {
    fn rate(self, rates: &ActionRates) -> Option<Rate> {
        match self {
            Subject::Address(_) => rates.address,
            Subject::Session(_) => rates.session,
            Subject::Affiliate(_) => rates.affiliate,
            Subject::Partner(_) => rates.partner,
            Subject::Recipient(_) => rates.recipient,
        }
    }

    fn is_shared(self) -> bool {
        matches!(
            self,
            Subject::Address(_) | Subject::Affiliate(_) | Subject::Partner(_) | Subject::Recipient(_)
        )
    }

    fn bytes(self) -> Vec<u8> {
        match self {
            Subject::Address(address) => address_bytes(address),
            Subject::Session(text) | Subject::Affiliate(text) | Subject::Partner(text) => {
                text.as_bytes().to_vec()
            }
            Subject::Recipient(hash) => hash.to_vec(),
        }
    }
}

fn address_bytes(address: Option<IpAddr>) -> Vec<u8> {
    match address.map(network) {
        None => Vec::new(),
        Some(IpAddr::V4(address)) => address.octets().to_vec(),
        Some(IpAddr::V6(network)) => network.octets().into_iter().take(8).collect(),
    }
}

/// What one household has of `address`: an IPv4 address, or the first 64 bits of an IPv6 one.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_keys_are_made_of_these_words() {
        let actions =
            [Action::Begin, Action::LookUp, Action::Identity, Action::Resume, Action::Credit, Action::Mail];
        assert_eq!(actions.map(<&str>::from), ["begin", "look_up", "identity", "resume", "credit", "mail"]);
        let subjects = [Subject::Address(None), Subject::Session(""), Subject::Affiliate("")];
        assert_eq!(subjects.map(<&str>::from), ["address", "session", "affiliate"]);
    }
}
