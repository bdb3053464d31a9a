//! `[nrg]`: the connection to NRG's API.

use std::time::Duration;

use strum::VariantArray;

use super::{
    proxy,
    section::{ROOT_URL, Section, root_url},
};
use crate::nrg::{Endpoint, OfferAges, Settings, Timeouts};

/// NRG's API.
pub struct Nrg {
    /// The settings of the client.
    pub client: Settings,
    /// How old a cached list of plans may be.
    pub offers: OfferAges,
    /// How long the utilities of a ZIP code and the address of a meter are cached.
    pub utilities_cache: Duration,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Nrg> {
    let base_url = section.parse("base_url", ROOT_URL, root_url);
    let base_path = section.parse("base_path", "a path with a slash at both ends", |path| {
        let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte));
        (path.starts_with('/') && path.ends_with('/') && plain).then(|| path.to_owned())
    });
    // A colon would end the name in the header.
    let username =
        section.secret("username", "a name without a colon", |name| (!name.contains(':')).then_some(name));
    let password = section.secret("password", "a text", Some);
    // A proxy is asked to connect only for https; else it would see the request, and could answer for NRG.
    let open = base_url.as_ref().is_some_and(|url| url.scheme() == "http");
    let proxy = proxy::read(section, open.then_some("blank where nrg.base_url is http"));
    let connect_timeout = section.duration("connect_timeout");
    let timeouts = section.section("timeouts", read_timeouts);
    let gateway_cookie = section.switch("gateway_cookie");
    let max_reply_bytes = section.number("max_reply_bytes", "a whole number of bytes");
    let offers_cache = section.duration("offers_cache");
    let offers_stale = section.duration("offers_stale");
    let utilities_cache = section.duration("utilities_cache");
    if let (Some(fresh), Some(stale)) = (offers_cache, offers_stale)
        && stale < fresh
    {
        return section.must_be("offers_stale", "no shorter than nrg.offers_cache", None);
    }
    if let (Some(connect), Some(timeouts)) = (connect_timeout, &timeouts)
        && timeouts.0.values().any(|limit| *limit <= connect)
    {
        return section.must_be("connect_timeout", "shorter than each of nrg.timeouts", None);
    }
    let client = Settings {
        base_url: base_url?,
        base_path: base_path?,
        username: username?,
        password: password?,
        proxy: proxy?,
        connect_timeout: connect_timeout?,
        timeouts: timeouts?,
        gateway_cookie: gateway_cookie?,
        max_reply_bytes: max_reply_bytes?,
    };
    let offers = OfferAges { fresh: offers_cache?, stale: offers_stale? };
    Some(Nrg { client, offers, utilities_cache: utilities_cache? })
}

fn read_timeouts(section: &mut Section<'_>) -> Option<Timeouts> {
    // All are read before any is judged, so that all problems are reported.
    let limits: Vec<_> =
        Endpoint::VARIANTS.iter().map(|endpoint| (*endpoint, section.duration(endpoint.into()))).collect();
    limits.into_iter().map(|(endpoint, limit)| Some((endpoint, limit?))).collect::<Option<_>>().map(Timeouts)
}
