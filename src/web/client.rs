//! The client's address, as far as the configured number of proxies is trusted.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

/// The address `trusted_proxies` hops away. Each trusted proxy has appended the address of its own client to
/// `X-Forwarded-For`, so only that many of the last entries are trusted; entries before them may be forged and are not
/// read.
pub fn client_address(headers: &HeaderMap, peer: Option<IpAddr>, trusted_proxies: usize) -> Option<IpAddr> {
    let Some(hop) = trusted_proxies.checked_sub(1) else { return peer };
    // A client's byte beyond ASCII spoils the entry it stands in, not the proxy's in the same line.
    let lines =
        headers.get_all("x-forwarded-for").iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let lines: Vec<_> = lines.collect();
    let entry = lines.iter().rev().flat_map(|line| line.rsplit(',')).nth(hop);
    entry.and_then(|entry| address(entry.trim())).or(peer)
}

/// Parses an address, with or without the port and the brackets that some proxies add.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_address_is_taken_from_trusted_hops_only() {
        for (forwarded, proxies, client) in [
            ("203.0.113.9", 0, "10.0.0.1"),
            ("203.0.113.9", 1, "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9", 2, "198.51.100.1"),
            ("203.0.113.9", 2, "10.0.0.1"),
            ("nonsense", 1, "10.0.0.1"),
            // An entry forged by the client does not keep the proxy's own entry from being read.
            ("nonsense, 203.0.113.9", 1, "203.0.113.9"),
            ("Cañón, 203.0.113.9", 1, "203.0.113.9"),
            ("203.0.113.9ñ", 1, "10.0.0.1"),
            (", ,203.0.113.9", 1, "203.0.113.9"),
            ("203.0.113.9, nonsense", 1, "10.0.0.1"),
            ("203.0.113.9:4711", 1, "203.0.113.9"),
            ("[2001:db8::9]:4711", 1, "2001:db8::9"),
            ("[2001:db8::9]", 1, "2001:db8::9"),
            ("2001:db8::9", 1, "2001:db8::9"),
            ("2001:db8::1, 2001:db8::9", 1, "2001:db8::9"),
            ("[2001:db8::9", 1, "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            let peer = "10.0.0.1".parse().ok();
            assert_eq!(client_address(&headers, peer, proxies), client.parse().ok(), "{forwarded} {proxies}");
        }
        // The client's own line comes before the proxy's; other headers are not read.
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.1".parse().unwrap());
        headers.append("x-forwarded-for", "203.0.113.9".parse().unwrap());
        headers.insert("forwarded", "for=198.51.100.1".parse().unwrap());
        headers.insert("x-real-ip", "198.51.100.1".parse().unwrap());
        let peer = "10.0.0.1".parse().ok();
        assert_eq!(client_address(&headers, peer, 1), "203.0.113.9".parse().ok());
        assert_eq!(client_address(&headers, peer, 0), peer);
    }
}
