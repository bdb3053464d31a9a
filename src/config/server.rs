//! `[server]`: the addresses and limits of the two listeners.

use std::{net::SocketAddr, time::Duration};

use url::Url;

use super::section::{ROOT_URL, Section, root_url};

/// The web server.
pub struct Server {
    /// The address of the public pages.
    pub listen: SocketAddr,
    /// The address of the admin listener.
    pub private_listen: SocketAddr,
    /// The host names that the admin listener answers to, beside addresses and `localhost`.
    pub private_hosts: Vec<String>,
    /// The URL of the pages: https, or http on this machine.
    pub public_url: Url,
    /// The number of proxies in front of the server that add to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// How long a request waits for NRG.
    pub patience: Duration,
    /// The time limit of a request.
    pub request_timeout: Duration,
    /// The time limit for requests and submissions under way when the server is stopped.
    pub drain: Duration,
    /// The time limit for receiving the head of a request, and for an idle connection.
    pub head_timeout: Duration,
    /// The time limit for receiving a form.
    pub form_timeout: Duration,
    /// How long a server that is stopped reports itself not ready and serves on.
    pub unready: Duration,
    /// The longest body of a request, in bytes.
    pub max_body_bytes: usize,
    /// The most connections of the public listener.
    pub max_connections: usize,
}

/// Whether who listens at `one` has `other` as well.
fn is_taken(one: SocketAddr, other: SocketAddr) -> bool {
    // `[::]` is every address of IPv4 too; 0: the system chooses a port.
    let is_every =
        |of: SocketAddr, ip: SocketAddr| of.ip().is_unspecified() && (of.is_ipv6() || ip.is_ipv4());
    let same = one.ip() == other.ip() || is_every(one, other) || is_every(other, one);
    one.port() != 0 && one.port() == other.port() && same
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Server> {
    const ADDRESS: &str = "an address and a port, such as 127.0.0.1:8080";
    let listen: Option<SocketAddr> = section.parse("listen", ADDRESS, |text| text.parse().ok());
    let private_listen: Option<SocketAddr> =
        section.parse("private_listen", ADDRESS, |text| text.parse().ok());
    if let (Some(public), Some(private)) = (listen, private_listen)
        && is_taken(public, private)
    {
        section.must_be::<()>("private_listen", "another address or port than server.listen", None);
    }
    let private_hosts = section.any_hosts("private_hosts");
    let public_url = section.optional("public_url", ROOT_URL, root_url);
    let trusted_proxies = section.number("trusted_proxies", "a whole number");
    let patience = section.duration("patience");
    let request_timeout = section.duration("request_timeout");
    let drain = section.duration("drain");
    let head_timeout = section.duration("head_timeout");
    let form_timeout = section.duration("form_timeout");
    if let (Some(patience), Some(form), Some(whole)) = (patience, form_timeout, request_timeout)
        && whole <= patience + form
    {
        section.must_be::<()>("request_timeout", "longer than `form_timeout` and `patience` together", None);
    }
    let unready = section.number("unready_seconds", "a whole number of seconds").map(Duration::from_secs);
    let max_body_bytes = section.number("max_body_bytes", "a whole number of bytes");
    let max_connections = section.number("max_connections", "a whole number of connections");
    if max_connections == Some(0) {
        section.must_be::<()>("max_connections", "1 or more", None);
    }
    if max_body_bytes == Some(0) {
        section.must_be::<()>("max_body_bytes", "1 or more", None);
    }

    let listen = listen?;
    let public_url = match public_url? {
        Some(url) => url,
        // Only a loopback address is also the one that browsers use.
        None if listen.ip().is_loopback() => Url::parse(&format!("http://{listen}")).ok()?,
        None => return section.missing("public_url"),
    };
    Some(Server {
        listen,
        private_listen: private_listen?,
        private_hosts: private_hosts?,
        public_url,
        trusted_proxies: trusted_proxies?,
        patience: patience?,
        request_timeout: request_timeout?,
        drain: drain?,
        head_timeout: head_timeout?,
        form_timeout: form_timeout?,
        unready: unready?,
        max_body_bytes: max_body_bytes?,
        max_connections: max_connections?,
    })
}
