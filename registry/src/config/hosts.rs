//! Lists of hosts in settings: proxies to believe, names for the certificate.

use std::net::IpAddr;

use ipnet::IpNet;

/// Proxies whose word on where a request came from is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Where a request came from: the peer, or when that is a trusted proxy the last address of
    /// `X-Forwarded-For` that is not one. `forwarded` is that header, its lines joined with commas.
    pub fn client(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in forwarded.rsplit(',') {
            let hop = hop.trim().parse::<IpAddr>();
            match hop {
                Ok(hop) if self.contains(client) => client = hop.to_canonical(),
                _ => break,
            }
        }
        client
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The networks as text.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

pub(super) fn proxies(text: &str) -> Result<TrustedProxies, String> {
    let network = |item: String| {
        let address = item.parse::<IpAddr>().map(IpNet::from);
        address
            .or_else(|_| item.parse::<IpNet>())
            .map_err(|_| format!("`{item}` must be an IP address or a range such as 10.0.0.0/8"))
    };
    list(text)
        .into_iter()
        .map(network)
        .collect::<Result<_, _>>()
        .map(TrustedProxies)
}

pub(super) fn host_names(text: &str) -> Result<Vec<String>, String> {
    let items = list(text);
    match items.iter().find(|item| !is_host_name(item)) {
        Some(item) => Err(format!(
            "`{item}` must be a host name such as registry.example.com, or an IP address"
        )),
        None => Ok(items),
    }
}

fn is_host_name(text: &str) -> bool {
    let labels = text.strip_prefix("*.").unwrap_or(text).split('.');
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && labels.into_iter().all(is_label))
}

fn list(text: &str) -> Vec<String> {
    let items = text.split(',').map(str::trim);
    items
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = proxies("10.0.0.0/8, 192.168.1.1").unwrap();
        let client = |peer: &str, forwarded| {
            let client = proxies.client(peer.parse().unwrap(), forwarded);
            client.to_string()
        };
        assert_eq!(client("203.0.113.5", "198.51.100.1"), "203.0.113.5");
        assert_eq!(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            client("10.0.0.1", "6.6.6.6, 198.51.100.1, 192.168.1.1"),
            "198.51.100.1"
        );
        assert_eq!(client("10.0.0.1", "junk"), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", ""), "10.0.0.1");
    }

    #[test]
    fn proxies_are_addresses_and_ranges() {
        assert_eq!(
            proxies("10.0.0.1, fd00::/8,").unwrap().names(),
            ["10.0.0.1/32", "fd00::/8"]
        );
        for text in [
            "proxy",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0",
        ] {
            assert!(proxies(text).is_err(), "{text}");
        }
    }

    #[test]
    fn host_names_are_names_or_addresses() {
        assert_eq!(host_names("a.b,*.c,::1").unwrap(), ["a.b", "*.c", "::1"]);
        for text in ["https://a", "a b", "a..b", "-a", "a:443"] {
            assert!(host_names(text).is_err(), "{text}");
        }
    }
}
