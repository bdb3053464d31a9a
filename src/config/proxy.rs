//! `proxy` and `proxy_credentials`, in `[nrg]` and in `[postbacks.NAME]`: the way out.

use super::section::Section;
use crate::egress::{Credentials, Proxy, address};

/// The proxy of the section, if it has one. `direct` says why there must be none.
pub(super) fn read(section: &mut Section<'_>, direct: Option<&'static str>) -> Option<Option<Proxy>> {
    const ADDRESS: &str = "the address of a proxy, such as http://proxy.internal:3128 or socks5h://proxy.internal:1080, \
        without path, name and password (those belong in proxy_credentials)";
    const CREDENTIALS: &str = "a user, a colon and a password, each of at most 255 bytes";
    let found = section.optional("proxy", ADDRESS, address);
    let credentials =
        section.optional_secret("proxy_credentials", CREDENTIALS, |text| Credentials::parse(&text));
    match (found?, credentials?, direct) {
        (None, None, _) => Some(None),
        (None, Some(_), _) => section.must_be("proxy", "set where proxy_credentials is", None),
        (Some(_), _, Some(why)) => section.must_be("proxy", why, None),
        (Some(address), credentials, None) => Some(Some(Proxy::new(address, credentials))),
    }
}
