//! The peer: the same kind of page by another engine, if one is running. `ENROLL_BENCH_PEER` is its address
//! (`127.0.0.1:9002`), `ENROLL_BENCH_PEER_PID` its process. Keep it on the first core: `taskset -c 0 node app.js`.

use std::{net::SocketAddr, time::Duration};

use super::load::{Line, get, post, rate};

/// What the peer carries.
pub struct Peer {
    pub gets: f64,
    pub posts: f64,
    pub memory: Option<f64>,
}

/// The peer's figures; none where there is none.
pub async fn measure(lines: usize, time: Duration) -> Option<Peer> {
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
    // Once before, so that the page has values to show.
    let mut line = Line::open(address).await;
    line.ask(&post("/page", &cookies, body)).await;
    let (show, send) = (get("/page", &cookies), post("/page", &cookies, body));
    let many = |request: &Vec<u8>| {
        (0..lines)
            .map(|_| {
                let request = request.clone();
                move || request.clone()
            })
            .collect()
    };
    let gets = rate(address, many(&show), 200, time).await;
    let posts = rate(address, many(&send), 302, time).await;
    let process = std::env::var("ENROLL_BENCH_PEER_PID").ok().and_then(|id| id.parse().ok());
    Some(Peer { gets, posts, memory: process.map(super::child::resident) })
}
