//! Who asks.
//!
//! A client is an address: the one that is connected, or, where that belongs to a trusted proxy, the last one in
//! `X-Forwarded-For`, which the proxy itself has written. What stands before it there may be anybody's invention, so
//! nothing else of the header is looked at. Addresses of a /64 network of IPv6 are one client, because one client has
//! them all.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddrV4},
    str::FromStr,
};

use axum::http::HeaderMap;
use ipnet::{AddrParseError, IpNet};

/// Whose requests and connections are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// An address, or a network that one client has for itself.
    At(IpAddr),
    /// All of whom a trusted proxy says something that is no address. They are never counted as the proxy itself.
    Unreadable,
}

impl Client {
    /// Who is connected.
    pub fn connected(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::At(address.into()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::At(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
        }
    }

    /// Who asks, when `connected` sends these headers. Without a connected address all are one.
    pub fn asking(connected: Option<IpAddr>, headers: &HeaderMap, trusted_proxies: &[IpNet]) -> Self {
        let Some(connected) = connected else { return Self::At(Ipv4Addr::UNSPECIFIED.into()) };
        let told = headers.get_all("x-forwarded-for").iter().next_back();
        match told.filter(|_| is_trusted(connected, trusted_proxies)) {
            None => Self::connected(connected),
            Some(list) => last(list.as_bytes()).map_or(Self::Unreadable, Self::connected),
        }
    }
}

/// Whether an address is one of the proxies that are believed.
pub fn is_trusted(address: IpAddr, trusted_proxies: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted_proxies.iter().any(|network| network.contains(&address))
}

/// A network, such as `10.88.0.0/16`, or one address.
///
/// # Errors
/// The text is neither.
pub fn network(text: &str) -> Result<IpNet, AddrParseError> {
    IpAddr::from_str(text).map(IpNet::from).or_else(|_| IpNet::from_str(text))
}

/// This machine itself.
pub fn loopback() -> Vec<IpNet> {
    let networks = [(Ipv4Addr::LOCALHOST.into(), 8), (Ipv6Addr::LOCALHOST.into(), 128)];
    networks.into_iter().filter_map(|(address, prefix)| IpNet::new(address, prefix).ok()).collect()
}

/// The last address of a list: bare, in brackets, with a port, with a zone. All before it is anybody's, even its bytes.
fn last(list: &[u8]) -> Option<IpAddr> {
    let last = list.rsplit(|byte| *byte == b',').next()?;
    let text = std::str::from_utf8(last.trim_ascii()).ok()?;
    if let Ok(with_port) = text.parse::<SocketAddrV4>() {
        return Some((*with_port.ip()).into());
    }
    let host = match text.strip_prefix('[') {
        None => text,
        Some(bracketed) => {
            let (host, port) = bracketed.split_once(']')?;
            if !port.is_empty() {
                port.strip_prefix(':')?.parse::<u16>().ok()?;
            }
            host
        }
    };
    host.split_once('%').map_or(host, |(address, _zone)| address).parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn at(text: &str) -> Client {
        Client::At(text.parse().expect("address"))
    }

    fn asking(connected: &str, forwarded: &[&[u8]], trusted: &[IpNet]) -> Client {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line).expect("a header"));
        }
        Client::asking(Some(connected.parse().expect("address")), &headers, trusted)
    }

    /// Who is connected is the client, unless that is a proxy on this machine: then it is the last address that the
    /// proxy wrote, not the first, which the client can choose.
    #[test]
    fn the_client_is_who_is_connected_or_whom_the_proxy_names() {
        for (connected, forwarded, expected) in [
            ("203.0.113.7", "", "203.0.113.7"),
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "192.0.2.9, 198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "192.0.2.9, 198.51.100.1:4711", "198.51.100.1"),
            ("::1", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::"),
            ("::1", "192.0.2.9,[2001:db8:1:2:3::4]", "2001:db8:1:2::"),
            ("::1", "2001:db8:1:2:3::4", "2001:db8:1:2::"),
            ("::1", "fe80::1%eth0", "fe80::"),
            ("::1", "[fe80::1%eth0]:80", "fe80::"),
            ("::ffff:127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
            ("2001:db8:1:2:aaaa::1", "", "2001:db8:1:2::"),
        ] {
            let lines: &[&[u8]] = if forwarded.is_empty() { &[] } else { &[b"192.0.2.1", forwarded.as_bytes()] };
            assert_eq!(asking(connected, lines, &loopback()), at(expected), "{connected}, {forwarded}");
        }
        assert_eq!(Client::asking(None, &HeaderMap::new(), &loopback()), at("0.0.0.0"));
    }

    /// Bytes that a client puts before what the proxy appends change nothing.
    #[test]
    fn what_the_client_wrote_is_not_read_whatever_its_bytes() {
        for line in [&b"\xff, 203.0.113.7"[..], b"\xff\xfe,,\t, 203.0.113.7", b"unknown, 203.0.113.7 "] {
            assert_eq!(asking("127.0.0.1", &[line], &loopback()), at("203.0.113.7"), "{line:?}");
        }
    }

    /// Nobody uses up the proxy's own allowance, which is the machine's.
    #[test]
    fn a_header_that_cannot_be_read_is_never_the_proxy() {
        let unreadable: [&[u8]; 9] = [
            b"",
            b" ",
            b"\xff",
            b"unknown",
            b"203.0.113.7, nonsense",
            b"203.0.113.7,",
            b"[::1",
            b"[::1]x",
            b"[::1]:99999",
        ];
        for line in unreadable {
            assert_eq!(asking("127.0.0.1", &[line], &loopback()), Client::Unreadable, "{line:?}");
        }
    }

    /// A proxy is who is listed, so one behind a container's bridge counts, and loopback does not where it is not
    /// listed.
    #[test]
    fn only_listed_proxies_are_believed() {
        let trusted = ["10.88.0.0/16", "2001:db8::7"].map(|text| network(text).expect("network"));
        for (connected, expected) in [
            ("10.88.0.1", "198.51.100.1"),
            ("::ffff:10.88.3.4", "198.51.100.1"),
            ("2001:db8::7", "198.51.100.1"),
            ("2001:db8::8", "2001:db8::"),
            ("10.89.0.1", "10.89.0.1"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(asking(connected, &[b"198.51.100.1"], &trusted), at(expected), "{connected}");
        }
        assert!(network("10.0.0.0/33").is_err() && network("proxy.example").is_err());
        assert!(is_trusted("127.3.2.1".parse().expect("address"), &loopback()));
    }
}
