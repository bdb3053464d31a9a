//! The peer: the same kind of page by another engine, if one is running. `ENROLL_BENCH_PEER` is its address
//! (`127.0.0.1:9002`), `ENROLL_BENCH_PEER_PID` its process. Keep it on the first core: `taskset -c 0 node app.js`.

use std::{net::SocketAddr, time::Duration};

use super::load::{Line, get, post, rate};

/// A peer that runs, and a visit to it.
pub struct Peer {
    address: SocketAddr,
    show: Vec<u8>,
    send: Vec<u8>,
}

impl Peer {
    /// Begins a visit; none where there is no peer.
    pub async fn visit() -> Option<Self> {
        let address: SocketAddr =
            std::env::var("ENROLL_BENCH_PEER").ok()?.parse().expect("an address and a port");
        let page = reqwest::get(format!("http://{address}/page")).await.unwrap();
        let cookies: Vec<_> = page
            .headers()
            .get_all("set-cookie")
            .iter()
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned))
            .collect();
        let cookies = cookies.join("; ");
        let body = "first=Jordan&middle=&last=Samplecase&dob=1985-03-28&phone=7135550142&email=jordan%40example.com\
                    &confirm=jordan%40example.com&ssn=&licence=";
        let peer = Self { address, show: get("/page", &cookies), send: post("/page", &cookies, body) };
        // Once before, so that the page has values to show.
        Line::open(address).await.ask(&peer.send).await;
        Some(peer)
    }

    /// Pages it shows a second.
    pub async fn gets(&self, lines: usize, time: Duration) -> f64 {
        self.rate(&self.show, 200, lines, time).await
    }

    /// Forms it takes a second.
    pub async fn posts(&self, lines: usize, time: Duration) -> f64 {
        self.rate(&self.send, 302, lines, time).await
    }

    async fn rate(&self, request: &[u8], expected: u16, lines: usize, time: Duration) -> f64 {
        let asks = (0..lines).map(|_| || request.to_vec()).collect();
        rate(self.address, asks, expected, time).await
    }

    /// Its resident memory, MiB.
    pub fn memory(&self) -> Option<f64> {
        let process = std::env::var("ENROLL_BENCH_PEER_PID").ok()?.parse().expect("the number of a process");
        Some(super::child::resident(process))
    }
}
