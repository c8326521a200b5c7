//! Lists of hosts in settings: proxies to believe, names for the certificate.

use std::net::IpAddr;

pub(super) fn proxies(text: &str) -> Result<Vec<String>, String> {
    let items = list(text);
    match items.iter().find(|item| !is_network(item)) {
        Some(item) => Err(format!(
            "`{item}` must be an IP address or a range such as 10.0.0.0/8"
        )),
        None => Ok(items),
    }
}

fn is_network(text: &str) -> bool {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| {
        length.bytes().all(|b| b.is_ascii_digit())
            && length.parse::<u8>().is_ok_and(|length| length <= most)
    })
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
    fn proxies_are_addresses_and_ranges() {
        assert_eq!(
            proxies("10.0.0.1, fd00::/8,").unwrap(),
            ["10.0.0.1", "fd00::/8"]
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
