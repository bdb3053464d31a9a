//! `nrg-enroll health`: the health check of a running server, for container images with neither a shell nor an HTTP client.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::output;
use crate::config::Settings;

/// Shorter than the time after which orchestrators give a health check up, so that the error says why it failed.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The most bytes that are read of an answer.
const MAX_ANSWER_BYTES: u64 = 4096;

/// The options of the command.
#[derive(Args)]
pub struct Options {
    /// Ask whether it is ready for visitors instead.
    #[arg(long)]
    ready: bool,
}

/// Asks the server with these settings and prints its answer.
///
/// # Errors
/// As [`ask`].
pub async fn run(options: &Options, settings: &Settings) -> anyhow::Result<()> {
    Ok(output::line(&ask(settings.server.private_listen, options.ready).await?)?)
}

/// Asks the admin listener at `private` whether the server is alive or, with `ready`, whether visitors may be sent.
/// Returns its answer.
///
/// # Errors
/// The server says no, or does not answer in time.
pub async fn ask(private: SocketAddr, ready: bool) -> anyhow::Result<String> {
    let address = reachable(private);
    let path = if ready { "/readyz" } else { "/healthz" };
    let answer = timeout(TIMEOUT, exchange(address, path)).await;
    let answer = answer.with_context(|| format!("no answer from {address}"))??;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.split(' ').nth(1) != Some("200") {
        bail!("{address}{path} says: {}", if body.is_empty() { head } else { body.trim_end() });
    }
    Ok(body.trim_end().to_owned())
}

async fn exchange(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut server =
        TcpStream::connect(address).await.with_context(|| format!("nobody listens on {address}"))?;
    // With HTTP/1.0 the answer is not chunked and ends with the connection.
    let request = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
    server.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    server.take(MAX_ANSWER_BYTES).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The address to ask: a wildcard address can be listened on, but not connected to.
fn reachable(private: SocketAddr) -> SocketAddr {
    let ip = match private.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, private.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_check_of_wildcard_address_asks_loopback() {
        for (listens, asked) in [
            ("0.0.0.0:9090", "127.0.0.1:9090"),
            ("[::]:9090", "[::1]:9090"),
            ("127.0.0.1:9091", "127.0.0.1:9091"),
            ("10.0.0.5:9090", "10.0.0.5:9090"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), asked);
        }
    }
}
