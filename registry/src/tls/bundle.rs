//! The file that `SSL_CERT_FILE` names: since it replaces what a client trusts by itself, it has to
//! hold the system's roots as well as ours.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// Roots for clients to trust.
pub struct Bundle {
    /// PEM of the system's roots, then of our authority.
    pub pem: String,
    /// How many of the system's roots are in it. With none, clients that use the bundle reach only
    /// this server; the user should be told.
    pub system_roots: usize,
}

/// Makes the bundle for clients of an authority given as PEM.
///
/// The system's roots are those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, if set. That may be an
/// earlier bundle of ours, so whatever is there twice is written once.
pub fn bundle(ca_pem: &str) -> Bundle {
    let roots = rustls_native_certs::load_native_certs().certs;
    join(roots.iter().map(AsRef::as_ref), ca_pem)
}

fn join<'a>(roots: impl Iterator<Item = &'a [u8]>, ca_pem: &str) -> Bundle {
    let ours: BTreeSet<Vec<u8>> = CertificateDer::pem_slice_iter(ca_pem.as_bytes())
        .filter_map(Result::ok)
        .map(|certificate| certificate.to_vec())
        .collect();
    let mut seen = BTreeSet::new();
    let mut pem = String::new();
    for root in roots.filter(|root| !ours.contains(*root)) {
        if seen.insert(root) {
            armor(root, &mut pem);
        }
    }
    for certificate in &ours {
        armor(certificate, &mut pem);
    }
    Bundle {
        pem,
        system_roots: seen.len(),
    }
}

/// PEM as RFC 7468 wants it: lines of 64 characters.
fn armor(der: &[u8], pem: &mut String) {
    pem.push_str("-----BEGIN CERTIFICATE-----\n");
    for line in der.chunks(48) {
        STANDARD.encode_string(line, pem);
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_root_is_there_once_and_ours_is_last() {
        let mut ca = String::new();
        armor(&[7; 100], &mut ca);
        let roots: [&[u8]; 4] = [&[1; 48], &[7; 100], &[2; 49], &[1; 48]];
        let bundle = join(roots.into_iter(), &ca);
        assert_eq!(bundle.system_roots, 2);
        assert_eq!(bundle.pem.matches("BEGIN").count(), 3);
        assert!(bundle.pem.ends_with(&ca));
        assert!(bundle.pem.lines().all(|line| line.len() <= 64));
        let again: Vec<_> = CertificateDer::pem_slice_iter(bundle.pem.as_bytes())
            .map(Result::unwrap)
            .collect();
        assert_eq!(again.len(), 3);
        assert_eq!(join(again.iter().map(AsRef::as_ref), &ca).pem, bundle.pem);
    }
}
