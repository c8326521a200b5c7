//! The names and addresses that the certificate has to carry.

use std::collections::BTreeSet;
use std::net::SocketAddr;

/// The name of this machine, if it has one that can stand in a certificate.
pub fn machine_name() -> Option<String> {
    let name = hostname::get().ok()?.into_string().ok()?;
    let usable = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    (!name.is_empty() && name.bytes().all(usable)).then_some(name)
}

/// The names a certificate needs, in lower case, in order, each once: those of this machine seen
/// from itself, `machine` as [`machine_name`] gives it, the address it listens at unless that is all
/// of them, the host of the public URL, and `further` ones from the settings.
pub fn wanted_names(
    machine: Option<&str>,
    listen: SocketAddr,
    public_host: Option<&str>,
    further: &[String],
) -> Vec<String> {
    let address = listen.ip().to_canonical();
    let address =
        (!address.is_unspecified() && !address.is_loopback()).then(|| address.to_string());
    let fixed = ["localhost", "127.0.0.1", "::1"];
    let names: BTreeSet<String> = fixed
        .into_iter()
        .chain(machine)
        .chain(address.as_deref())
        .chain(public_host)
        .chain(further.iter().map(String::as_str))
        .map(canonical)
        .collect();
    names.into_iter().collect()
}

/// An IPv6 address can be written in many ways; a certificate read back gives only one.
fn canonical(name: &str) -> String {
    name.parse::<std::net::IpAddr>()
        .map_or_else(|_| name.to_lowercase(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_the_machine_is_named_once() {
        let further = ["Registry.example.com".to_owned(), "fd00:0::1".to_owned()];
        let listen = "10.0.0.5:8443".parse().unwrap();
        let names = wanted_names(Some("box"), listen, Some("registry.example.com"), &further);
        assert_eq!(
            names,
            [
                "10.0.0.5",
                "127.0.0.1",
                "::1",
                "box",
                "fd00::1",
                "localhost",
                "registry.example.com"
            ]
        );
    }

    #[test]
    fn an_unspecified_address_is_no_name() {
        for listen in ["0.0.0.0:1", "[::]:1", "127.0.0.1:1", "[::1]:1"] {
            let names = wanted_names(None, listen.parse().unwrap(), None, &[]);
            assert_eq!(names, ["127.0.0.1", "::1", "localhost"], "{listen}");
        }
    }
}
