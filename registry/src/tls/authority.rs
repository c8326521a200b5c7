//! The private certificate authority: made once, issues the certificate that is served.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

use super::TlsError;

const DAY: i64 = 86_400;
const AUTHORITY_DAYS: i64 = 3650;
/// The longest that clients of any make accept.
const LEAF_DAYS: i64 = 397;
const RENEW_DAYS: i64 = 30;
/// Clients whose clock is a little behind must accept what was just issued.
const BACKDATED_SECONDS: i64 = 3600;

/// The private authority that vouches for this installation.
pub struct CertificateAuthority {
    certificate_pem: String,
    certificate: CertificateDer<'static>,
    expires_at: i64,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate to serve, with its key.
pub struct Leaf {
    /// PEM of the certificate, followed by that of the authority.
    pub cert_chain_pem: String,
    /// PEM of its private key (PKCS #8), wiped from memory in the end.
    pub key_pem: Zeroizing<String>,
}

impl CertificateAuthority {
    /// Makes an authority that is good for ten years and gives the PEM of its certificate and of its
    /// private key, to be stored and handed to [`CertificateAuthority::load`].
    pub fn generate(now: DateTime<Utc>) -> Result<(String, Zeroizing<String>), TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        // The name is its own, since the bundles of two installations may end up in one.
        let id: String = key
            .public_key_raw()
            .iter()
            .rev()
            .take(4)
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        params.distinguished_name = named(&format!("Touchmark private CA {id}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        last(
            &mut params,
            now.timestamp(),
            now.timestamp() + AUTHORITY_DAYS * DAY,
        );
        let certificate = params.self_signed(&key)?;
        Ok((certificate.pem(), Zeroizing::new(key.serialize_pem())))
    }

    /// Takes up an authority that was made before. Fails if the two are no pair, or no PEM.
    pub fn load(cert_pem: &str, key_pem: &str) -> Result<Self, TlsError> {
        let key = KeyPair::from_pem(key_pem)?;
        let certificate = first_certificate(cert_pem)?;
        let parsed = parse(&certificate)?;
        if parsed.public_key().subject_public_key.data.as_ref() != key.public_key_raw() {
            return Err(TlsError::Mismatch);
        }
        let expires_at = parsed.validity().not_after.timestamp();
        Ok(Self {
            certificate_pem: cert_pem.to_owned(),
            issuer: Issuer::from_ca_cert_der(&certificate, key)?,
            certificate,
            expires_at,
        })
    }

    /// PEM of the authority's certificate: what clients have to trust.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// When the authority itself ends, in seconds since 1970.
    pub fn expires_at(&self) -> i64 {
        self.expires_at
    }

    /// Issues a certificate for these host names and IP addresses with a new ECDSA P-256 key. It is
    /// good for 397 days, or until the authority ends. Fails if a name cannot be in a certificate.
    pub fn issue(&self, host_names: &[String], now: DateTime<Utc>) -> Result<Leaf, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(host_names)?;
        params.distinguished_name = named("Touchmark registry");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let end = now.timestamp() + LEAF_DAYS * DAY;
        last(&mut params, now.timestamp(), end.min(self.expires_at));
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Leaf {
            cert_chain_pem: certificate.pem() + &self.certificate_pem,
            key_pem: Zeroizing::new(key.serialize_pem()),
        })
    }

    /// Whether a certificate must be issued anew: it is not for exactly these names, has fewer than
    /// 30 days left, is not of this authority, or cannot be read.
    pub fn needs_renewal(&self, leaf_pem: &str, names: &[String], now: DateTime<Utc>) -> bool {
        self.is_good(leaf_pem, names, now).is_none()
    }

    fn is_good(&self, leaf_pem: &str, names: &[String], now: DateTime<Utc>) -> Option<()> {
        let leaf = first_certificate(leaf_pem).ok()?;
        let leaf = parse(&leaf).ok()?;
        let authority = parse(&self.certificate).ok()?;
        leaf.verify_signature(Some(authority.public_key())).ok()?;
        let days_left = (leaf.validity().not_after.timestamp() - now.timestamp()) / DAY;
        let wanted: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        (days_left >= RENEW_DAYS && names_of(&leaf)? == wanted).then_some(())
    }
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Touchmark");
    name.push(DnType::CommonName, common_name);
    name
}

fn last(params: &mut CertificateParams, from: i64, until: i64) {
    // rcgen's type for times is not ours to name; adding to one of its own avoids that.
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let seconds = |at: i64| Duration::from_secs(u64::try_from(at).unwrap_or_default());
    params.not_before = epoch + seconds(from - BACKDATED_SECONDS);
    params.not_after = epoch + seconds(until);
}

fn first_certificate(pem: &str) -> Result<CertificateDer<'static>, TlsError> {
    CertificateDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| TlsError::Certificate(error.to_string()))
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, TlsError> {
    let parsed = X509Certificate::from_der(der);
    parsed
        .map(|(_, certificate)| certificate)
        .map_err(|error| TlsError::Certificate(error.to_string()))
}

fn names_of(certificate: &X509Certificate<'_>) -> Option<BTreeSet<String>> {
    let names = &certificate
        .subject_alternative_name()
        .ok()??
        .value
        .general_names;
    names
        .iter()
        .map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_lowercase()),
            GeneralName::IPAddress(bytes) => Some(address(bytes)?.to_string()),
            _ => None,
        })
        .collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(|b| IpAddr::from(Ipv4Addr::from(b)));
    let sixteen = || <[u8; 16]>::try_from(bytes).map(|b| IpAddr::from(Ipv6Addr::from(b)));
    four.or_else(|_| sixteen()).ok()
}
