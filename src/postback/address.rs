//! Where a target may be.

use std::net::IpAddr;

use url::{Host, Url};

use super::{invalid_target::InvalidTarget, public_ip::is_public};

/// The address to call: https to the Internet, or on this machine and there http too.
pub(super) fn address(text: &str, loopback: bool) -> Result<Url, InvalidTarget> {
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
