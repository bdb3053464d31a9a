//! What the client is set up with.

use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use super::endpoint::Timeouts;
use crate::egress::Proxy;

/// The address of NRG's API, the credentials, and the limits of a call.
#[derive(Clone)]
pub struct Settings {
    /// For example `https://stg-api.nrg.com` (contract 1).
    pub base_url: Url,
    /// The path below it, `NRGREST/rest/sales/`.
    pub base_path: String,
    /// The user name of Basic authentication; without a colon.
    pub username: Zeroizing<String>,
    /// The password of Basic authentication.
    pub password: Zeroizing<String>,
    /// By which calls go out, if they do not connect by themselves.
    pub proxy: Option<Proxy>,
    /// The time limit of DNS, TCP and TLS together. Must be shorter than every limit of `timeouts`.
    pub connect_timeout: Duration,
    /// The time limit of each endpoint.
    pub timeouts: Timeouts,
    /// Send the fixed cookie `SMCHALLENGE=YES` (contract 1 and 11.1).
    pub gateway_cookie: bool,
    /// The longest answer that is read, in bytes.
    pub max_reply_bytes: usize,
}
