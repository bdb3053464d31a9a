//! `[nrg]`: how NRG's API is reached.

use std::time::Duration;

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
    /// How long each call may take in all.
    pub timeouts: Timeouts,
    /// Send the cookie `SMCHALLENGE=YES` (contract 11.1).
    pub gateway_cookie: bool,
    /// The longest answer read, in bytes.
    pub max_reply_bytes: usize,
    /// How long a list of plans is kept.
    pub offers_cache: Duration,
}

/// The limit of each endpoint, under its name in contract section 4.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Timeouts {
    pub token: Duration,
    pub prospect: Duration,
    pub cleanup_address: Duration,
    pub tdsp: Duration,
    pub esid: Duration,
    pub esid_residential: Duration,
    pub esid_validation: Duration,
    pub offers: Duration,
    pub offer_details: Duration,
    pub identity: Duration,
    pub kba_oe: Duration,
    pub kba_result: Duration,
    pub available_dates: Duration,
    pub check_credit: Duration,
    pub recheck_credit: Duration,
    pub enroll: Duration,
    pub holds: Duration,
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
    let connect_timeout = section.duration("connect_timeout");
    let timeouts = section.section("timeouts", read_timeouts);
    let gateway_cookie = section.switch("gateway_cookie");
    let max_reply_bytes = section.number("max_reply_bytes", "a whole number of bytes");
    let offers_cache = section.duration("offers_cache");
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

fn read_timeouts(section: &mut Section<'_>) -> Option<Timeouts> {
    let token = section.duration("token");
    let prospect = section.duration("prospect");
    let cleanup_address = section.duration("cleanup_address");
    let tdsp = section.duration("tdsp");
    let esid = section.duration("esid");
    let esid_residential = section.duration("esid_residential");
    let esid_validation = section.duration("esid_validation");
    let offers = section.duration("offers");
    let offer_details = section.duration("offer_details");
    let identity = section.duration("identity");
    let kba_oe = section.duration("kba_oe");
    let kba_result = section.duration("kba_result");
    let available_dates = section.duration("available_dates");
    let check_credit = section.duration("check_credit");
    let recheck_credit = section.duration("recheck_credit");
    let enroll = section.duration("enroll");
    let holds = section.duration("holds");
    Some(Timeouts {
        token: token?,
        prospect: prospect?,
        cleanup_address: cleanup_address?,
        tdsp: tdsp?,
        esid: esid?,
        esid_residential: esid_residential?,
        esid_validation: esid_validation?,
        offers: offers?,
        offer_details: offer_details?,
        identity: identity?,
        kba_oe: kba_oe?,
        kba_result: kba_result?,
        available_dates: available_dates?,
        check_credit: check_credit?,
        recheck_credit: recheck_credit?,
        enroll: enroll?,
        holds: holds?,
    })
}
