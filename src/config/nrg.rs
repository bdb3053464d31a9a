//! `[nrg]`: how NRG's API is reached.

use std::{collections::BTreeMap, time::Duration};

use url::Url;
use zeroize::Zeroizing;

use super::section::{ROOT_URL, Section, root_url};

/// NRG's API.
pub struct Nrg {
    /// Scheme and host (contract section 1).
    pub base_url: Url,
    /// The path before each endpoint's name, with a slash at both ends.
    pub base_path: String,
    /// The name for Basic authentication.
    pub username: Zeroizing<String>,
    /// The password for Basic authentication.
    pub password: Zeroizing<String>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long each call may take in all, by the endpoint's key.
    pub timeouts: BTreeMap<&'static str, Duration>,
    /// Send the cookie `SMCHALLENGE=YES` (contract 11.1).
    pub gateway_cookie: bool,
    /// The longest answer read, in bytes.
    pub max_reply_bytes: usize,
    /// How long a list of plans is kept.
    pub offers_cache: Duration,
}

/// The endpoints of contract section 4.
const ENDPOINTS: [&str; 17] = [
    "token",
    "prospect",
    "cleanup_address",
    "tdsp",
    "esid",
    "esid_residential",
    "esid_validation",
    "offers",
    "offer_details",
    "identity",
    "kba_oe",
    "kba_result",
    "available_dates",
    "check_credit",
    "recheck_credit",
    "enroll",
    "holds",
];

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
    let connect_timeout = section.duration("connect_timeout");
    let timeouts = section.section("timeouts", read_timeouts);
    let gateway_cookie = section.switch("gateway_cookie");
    let max_reply_bytes = section.number("max_reply_bytes", "a whole number of bytes");
    let offers_cache = section.duration("offers_cache");
    if let (Some(connect), Some(timeouts)) = (connect_timeout, &timeouts)
        && timeouts.values().any(|limit| *limit <= connect)
    {
        return section.must_be("connect_timeout", "shorter than each of nrg.timeouts", None);
    }
    Some(Nrg {
        base_url: base_url?,
        base_path: base_path?,
        username: username?,
        password: password?,
        connect_timeout: connect_timeout?,
        timeouts: timeouts?,
        gateway_cookie: gateway_cookie?,
        max_reply_bytes: max_reply_bytes?,
        offers_cache: offers_cache?,
    })
}

fn read_timeouts(section: &mut Section<'_>) -> Option<BTreeMap<&'static str, Duration>> {
    // All are read before any is judged.
    let timeouts = ENDPOINTS.map(|endpoint| (endpoint, section.duration(endpoint)));
    timeouts.into_iter().map(|(endpoint, limit)| Some((endpoint, limit?))).collect()
}
