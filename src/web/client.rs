//! The browser's address, believed only from the configured number of proxies.

use std::net::IpAddr;

use http::HeaderMap;

/// The address `trusted_proxies` hops away: each trusted proxy has appended the address it saw to
/// `X-Forwarded-For`, so the last entries are believed and anything further left is not.
pub fn client_address(headers: &HeaderMap, peer: Option<IpAddr>, trusted_proxies: usize) -> Option<IpAddr> {
    if trusted_proxies == 0 {
        return peer;
    }
    let hops: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map_while(|hop| hop.trim().parse().ok())
        .collect();
    hops.len().checked_sub(trusted_proxies).and_then(|at| hops.get(at).copied()).or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_hops_are_believed() {
        for (forwarded, proxies, client) in [
            ("203.0.113.9", 0, "10.0.0.1"),
            ("203.0.113.9", 1, "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9", 2, "198.51.100.1"),
            ("203.0.113.9", 2, "10.0.0.1"),
            ("nonsense", 1, "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            let peer = "10.0.0.1".parse().ok();
            assert_eq!(client_address(&headers, peer, proxies), client.parse().ok(), "{forwarded} {proxies}");
        }
    }
}
