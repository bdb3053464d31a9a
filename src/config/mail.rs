//! `[mail]`: whether mails are sent to persons, and by which relay.

use std::{net::IpAddr, time::Duration};

use lettre::message::Mailbox;

use super::section::Section;
use crate::mail::{Relay, Settings, Tls};

/// The longest time limit of an attempt: after it, another server may make one.
const LONGEST: Duration = Duration::from_secs(90);

/// What an address with a name must be.
const MAILBOX: &str = "an e-mail address, with a name before it: \"Your Name <hello@your-domain.com>\"";

/// How mails are sent; `Some(None)`: none are.
pub(super) fn read(section: &mut Section<'_>) -> Option<Option<Settings>> {
    let enabled = section.switch("enabled");
    section.unused_if(enabled != Some(true));
    let settings = read_enabled(section);
    if enabled? { settings.map(Some) } else { Some(None) }
}

fn read_enabled(section: &mut Section<'_>) -> Option<Settings> {
    let capture = section.has_example("host");
    let host = section.parse("host", "a host name or an address, without port", host);
    let port = section.number("port", "a port");
    let tls = section.parse("tls", "required, implicit or none", |word| word.parse().ok());
    let cleartext = section.switch("allow_cleartext");
    let user = section.optional("username", "a text", |text| Some(text.to_owned()));
    let password = section.optional_secret("password", "a text", Some);
    let authorities = section.file("ca_file", "a file of certificates in PEM", |bytes| {
        reqwest::Certificate::from_pem_bundle(&bytes).ok().filter(|found| !found.is_empty()).map(|_| bytes)
    });
    let timeout = section.duration("timeout");
    if timeout.is_some_and(|timeout| timeout > LONGEST) {
        return section.must_be("timeout", "at most 90s", None);
    }
    let (host, tls) = (host?, tls?);
    if tls == Tls::None && !cleartext? && !is_here(&host) {
        return section.must_be("tls", "required or implicit where host is not this machine", None);
    }
    let credentials = match (user?, password?) {
        (None, None) => None,
        (Some(_), Some(_)) if tls == Tls::None && !is_here(&host) => {
            return section.must_be("tls", "required or implicit where there is a password", None);
        }
        (Some(user), Some(password)) => Some((user, password)),
        (Some(_), None) => return section.missing("password"),
        (None, Some(_)) => return section.missing("username"),
    };
    let authorities = authorities?;
    let relay = if capture {
        Relay::Capture
    } else {
        Relay::Smtp { host, port: port?, tls, credentials, authorities }
    };
    Some(Settings { relay, timeout: timeout? })
}

/// The mailbox that `key` names, if it names one.
pub(super) fn mailbox(section: &mut Section<'_>, key: &str) -> Option<Option<Mailbox>> {
    section.optional(key, MAILBOX, |text| text.parse().ok())
}

fn host(text: &str) -> Option<String> {
    url::Host::parse(text).ok().map(|host| host.to_string())
}

/// Whether `host` is this machine.
fn is_here(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
