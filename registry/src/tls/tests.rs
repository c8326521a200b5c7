//! What is issued is accepted, renewed in time, and mistaken files are named.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::private_file::TestFolder;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn authority() -> CertificateAuthority {
    let (certificate, key) = CertificateAuthority::generate(now()).unwrap();
    CertificateAuthority::load(&certificate, &key).unwrap()
}

#[test]
fn a_leaf_is_good_until_something_changes() {
    let authority = authority();
    let wanted = names(&["127.0.0.1", "::1", "Box", "localhost", "*.example.com"]);
    let leaf = authority.issue(&wanted, now()).unwrap();
    let pem = &leaf.cert_chain_pem;
    let at = |days| now() + TimeDelta::days(days);
    assert!(!authority.needs_renewal(pem, &wanted, now()));
    assert!(!authority.needs_renewal(pem, &wanted, at(367)));
    assert!(authority.needs_renewal(pem, &wanted, at(368)));
    assert!(authority.needs_renewal(pem, &names(&["localhost"]), now()));
    assert!(authority.needs_renewal("", &wanted, now()));
    assert!(super::tests::authority().needs_renewal(pem, &wanted, now()));
}

#[test]
fn a_leaf_does_not_outlive_its_authority() {
    let authority = authority();
    let late = now() + TimeDelta::days(3600);
    let wanted = names(&["localhost"]);
    let leaf = authority.issue(&wanted, late).unwrap();
    let end = DateTime::from_timestamp(authority.expires_at(), 0).unwrap();
    assert!(!authority.needs_renewal(&leaf.cert_chain_pem, &wanted, end - TimeDelta::days(30)));
    assert!(authority.needs_renewal(&leaf.cert_chain_pem, &wanted, end - TimeDelta::days(29)));
}

#[test]
fn an_authority_needs_its_own_key() {
    let (certificate, _) = CertificateAuthority::generate(now()).unwrap();
    let (_, key) = CertificateAuthority::generate(now()).unwrap();
    let loaded = CertificateAuthority::load(&certificate, &key);
    assert!(matches!(loaded, Err(TlsError::Mismatch)));
}

#[test]
fn the_listener_speaks_http_2_and_1() {
    let leaf = authority().issue(&names(&["localhost"]), now()).unwrap();
    let config = server_config(&leaf.cert_chain_pem, &leaf.key_pem).unwrap();
    assert_eq!(
        config.alpn_protocols,
        [b"h2".to_vec(), b"http/1.1".to_vec()]
    );
}

#[test]
fn a_live_certificate_refuses_a_bad_successor() {
    let authority = authority();
    let one = authority.issue(&names(&["localhost"]), now()).unwrap();
    let other = authority.issue(&names(&["localhost"]), now()).unwrap();
    let live = LiveCertificate::from_pem(&one.cert_chain_pem, &one.key_pem).unwrap();
    assert!(live.replace(&other.cert_chain_pem, &one.key_pem).is_err());
    assert!(live.replace(&other.cert_chain_pem, &other.key_pem).is_ok());
}

#[test]
fn mistaken_files_are_named() {
    let folder = TestFolder::new();
    let authority = authority();
    let leaf = authority.issue(&names(&["localhost"]), now()).unwrap();
    let other = authority.issue(&names(&["localhost"]), now()).unwrap();
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    for (cert_text, key_text, file, expected) in [
        ("", leaf.key_pem.as_str(), &cert, "no certificate in it"),
        (&leaf.key_pem, &leaf.key_pem, &cert, "no certificate in it"),
        (&leaf.cert_chain_pem, "", &key, "no private key"),
        (
            &leaf.cert_chain_pem,
            encrypted,
            &key,
            "remove the passphrase",
        ),
        (
            &leaf.cert_chain_pem,
            &leaf.cert_chain_pem,
            &key,
            "no private key",
        ),
        (
            &leaf.cert_chain_pem,
            &other.key_pem,
            &key,
            "is not the private key",
        ),
    ] {
        std::fs::write(&cert, cert_text).unwrap();
        std::fs::write(&key, key_text).unwrap();
        let error = LiveCertificate::from_files(&cert, &key)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(&file.display().to_string()), "{error}");
        assert!(error.contains(expected), "{error}");
    }
    std::fs::remove_file(&cert).unwrap();
    let error = LiveCertificate::from_files(&cert, &key).unwrap_err();
    assert!(
        error.to_string().contains("cert.pem: cannot be read"),
        "{error}"
    );
}
