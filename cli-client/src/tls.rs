//! TLS settings: which roots the client trusts.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::Error;

/// Makes TLS settings that trust the certificates in `pem`, or the system's
/// when there is none.
pub(crate) fn config(pem: Option<&[u8]>) -> Result<ClientConfig, Error> {
    let roots = match pem {
        Some(pem) => given_roots(pem)?,
        None => system_roots(),
    };
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Setup(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates of a PEM bundle; one at least must be there.
fn given_roots(pem: &[u8]) -> Result<RootCertStore, Error> {
    let refuse = |error: &dyn std::fmt::Display| {
        Error::Setup(format!("the CA certificates cannot be used: {error}"))
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| refuse(&error))?;
        roots.add(certificate).map_err(|error| refuse(&error))?;
    }
    if roots.is_empty() {
        return Err(refuse(&"there is none"));
    }
    Ok(roots)
}

/// The roots that the system trusts; those it cannot read are left out.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_bundle_without_certificates_is_refused() {
        let error = super::config(Some(b"nothing")).err();
        assert!(error.is_some_and(|error| error.to_string().contains("there is none")));
    }
}
