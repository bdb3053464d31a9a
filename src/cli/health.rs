//! `nrg-enroll health`: asks a running server on its private listener, for images that have neither shell nor client.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Whoever asks kills the server that does not answer: it must not wait longer than they do.
const PATIENCE: Duration = Duration::from_secs(3);
/// More is not read of an answer.
const LONGEST: u64 = 4096;

/// Asks the server at `private` whether it is alive, or, with `ready`, whether to send it visitors. Out comes what it
/// says.
///
/// # Errors
/// It is not, or does not answer in time.
pub async fn ask(private: SocketAddr, ready: bool) -> anyhow::Result<String> {
    let address = reachable(private);
    let path = if ready { "/readyz" } else { "/healthz" };
    let answer = timeout(PATIENCE, exchange(address, path)).await;
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
    // 1.0, so that the answer comes whole and the connection ends with it.
    let request = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
    server.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    server.take(LONGEST).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// "Every address" is one to listen on, not one to ask.
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
