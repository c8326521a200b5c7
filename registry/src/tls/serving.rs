//! What the listener needs: a checked certificate that can be exchanged while connections come in.

use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::TlsError;

/// The certificate that is served now. A renewed one takes its place without a restart.
#[derive(Debug)]
pub struct LiveCertificate(RwLock<Arc<CertifiedKey>>);

impl LiveCertificate {
    /// Takes the PEM of a certificate with its chain, and that of its private key. Fails if one of
    /// them cannot be used, or if they do not belong together.
    pub fn from_pem(cert_chain_pem: &str, key_pem: &str) -> Result<Self, TlsError> {
        Ok(Self(RwLock::new(Arc::new(certified(
            cert_chain_pem,
            key_pem,
        )?))))
    }

    /// Reads both from files that the operator brought. Fails as [`LiveCertificate::from_pem`] does,
    /// naming the file.
    pub fn from_files(cert_file: &Path, key_file: &Path) -> Result<Self, TlsError> {
        let fail = |path: &Path, problem: String| TlsError::File {
            path: path.to_owned(),
            problem,
        };
        let read = |path: &Path| {
            fs::read_to_string(path).map_err(|e| fail(path, format!("cannot be read: {e}")))
        };
        let cert_chain_pem = read(cert_file)?;
        let key_pem = Zeroizing::new(read(key_file)?);
        Self::from_pem(&cert_chain_pem, &key_pem).map_err(|error| match error {
            TlsError::Certificate(problem) => fail(cert_file, problem),
            TlsError::Mismatch => fail(
                key_file,
                format!(
                    "is not the private key of the certificate in {}",
                    cert_file.display()
                ),
            ),
            error => fail(key_file, error.to_string()),
        })
    }

    /// Serves another certificate from the next handshake on. After a failure the old one stays.
    pub fn replace(&self, cert_chain_pem: &str, key_pem: &str) -> Result<(), TlsError> {
        let next = Arc::new(certified(cert_chain_pem, key_pem)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }
}

impl ResolvesServerCert for LiveCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(
            &self.0.read().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}

/// The listener's settings for a certificate that stays: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
pub fn server_config(cert_chain_pem: &str, key_pem: &str) -> Result<ServerConfig, TlsError> {
    server_config_of(Arc::new(LiveCertificate::from_pem(
        cert_chain_pem,
        key_pem,
    )?))
}

/// The same for a certificate that may be replaced by a renewed one.
pub fn server_config_of(certificate: Arc<LiveCertificate>) -> Result<ServerConfig, TlsError> {
    let fail = |error: rustls::Error| TlsError::Authority(error.to_string());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(fail)?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Packer and Terraform start anew for each run: a ticket saves them half a handshake.
    config.ticketer = ring::Ticketer::new().map_err(fail)?;
    Ok(config)
}

fn certified(cert_chain_pem: &str, key_pem: &str) -> Result<CertifiedKey, TlsError> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(cert_chain_pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| TlsError::Certificate(format!("no valid PEM ({error})")))?;
    if chain.is_empty() {
        return Err(TlsError::Certificate(
            "no certificate in it; expected PEM that begins with -----BEGIN CERTIFICATE-----"
                .to_owned(),
        ));
    }
    if key_pem.contains("ENCRYPTED") {
        return Err(TlsError::Key(
            "it is encrypted; remove the passphrase".to_owned(),
        ));
    }
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
        .map_err(|error| TlsError::Key(format!("no private key in PEM form ({error})")))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => TlsError::Mismatch,
        rustls::Error::InvalidCertificate(_) => TlsError::Certificate(error.to_string()),
        error => TlsError::Key(error.to_string()),
    })
}
