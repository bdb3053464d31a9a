//! The HTTP client as NRG's API needs it.

use reqwest::{
    Client, ClientBuilder,
    header::{ACCEPT, COOKIE, HeaderMap, HeaderValue},
    redirect, retry,
};

use super::{error::Unusable, settings::Settings};
use crate::{egress, tls};

/// A client that keeps at most `idle_connections` open between calls. It follows no redirect, repeats nothing by itself,
/// and sends the headers that all calls share.
#[allow(clippy::disallowed_methods, reason = "only the transport to NRG uses it")]
pub(super) fn build(settings: &Settings, idle_connections: usize) -> Result<Client, Unusable> {
    tls::provide();
    let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    if settings.gateway_cookie {
        headers.insert(COOKIE, HeaderValue::from_static("SMCHALLENGE=YES"));
    }
    let builder = Client::builder()
        .default_headers(headers)
        .connect_timeout(settings.connect_timeout)
        .pool_max_idle_per_host(idle_connections)
        .https_only(settings.base_url.scheme() == "https")
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false);
    egress::by(settings.proxy.as_ref(), builder)
        .and_then(ClientBuilder::build)
        .map_err(|error| Unusable::new("no HTTP client", Some(error.into())))
}
