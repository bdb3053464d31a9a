//! The delivery client: calls targets without following redirects, reads only the status of an answer, and connects
//! only to public addresses, or to this machine where the settings say so.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect, retry,
};

use super::{message::Message, public_ip::is_public};
use crate::tls;

/// The timeouts of connecting and of the whole request.
const CONNECT: Duration = Duration::from_secs(5);
pub(super) const WHOLE: Duration = Duration::from_secs(15);

/// The client. A clone is the same.
#[derive(Clone)]
pub(super) struct DeliveryClient {
    outside: Client,
    this_machine: Client,
}

impl DeliveryClient {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        tls::provide();
        Ok(Self { outside: client(is_public)?, this_machine: client(|address| address.is_loopback())? })
    }

    /// Sends `message` once. Returns the word for the outcome; as an error if the target did not accept it.
    pub(super) async fn send(&self, loopback: bool, message: Message) -> Result<String, String> {
        let client = if loopback { &self.this_machine } else { &self.outside };
        let mut request = match message.body {
            None => client.get(message.url),
            Some(body) => client.post(message.url).header(CONTENT_TYPE, "application/json").body(body),
        };
        for (name, value) in message.headers {
            request = request.header(name, value);
        }
        #[allow(clippy::disallowed_methods, reason = "the only client that calls targets")]
        let answer = request.send().await;
        match answer {
            // Its body is not read.
            Ok(answer) if answer.status().is_success() => Ok(format!("HTTP {}", answer.status().as_u16())),
            Ok(answer) => Err(format!("HTTP {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => Err("timed out".to_owned()),
            Err(error) if error.is_connect() => Err("cannot be reached".to_owned()),
            Err(_) => Err("broke off".to_owned()),
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the only client that calls targets")]
fn client(allowed: fn(IpAddr) -> bool) -> Result<Client, reqwest::Error> {
    Client::builder()
        .dns_resolver(Arc::new(Only(allowed)))
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        // What a proxy resolves cannot be checked.
        .no_proxy()
        .pool_max_idle_per_host(1)
        .user_agent(concat!("nrg-enroll/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Resolves names to allowed addresses only. It is used for every connection, so that a name whose address has changed
/// since leads nowhere else.
struct Only(fn(IpAddr) -> bool);

impl Resolve for Only {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fit: Vec<SocketAddr> = found.filter(|address| allowed(address.ip())).collect();
            if fit.is_empty() {
                let none = io::Error::new(io::ErrorKind::PermissionDenied, "no address that may be called");
                return Err(none.into());
            }
            Ok(Box::new(fit.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn resolver_returns_allowed_addresses_only() {
        let resolve = async |allowed: fn(IpAddr) -> bool| {
            let found = Only(allowed).resolve("localhost".parse().unwrap()).await;
            found.map(|addresses| addresses.map(|address| address.ip()).collect::<Vec<_>>())
        };
        let found = resolve(|address| address.is_loopback()).await.unwrap();
        assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback));
        assert!(resolve(is_public).await.is_err());
    }
}
