//! Certificates: a private authority so that a first start needs no questions, or the operator's own.
//!
//! Everything goes in and out as PEM text; where it is kept is not this module's business. The
//! provider of cryptography is always `ring`, named here, so that no process-wide default is needed.

use std::fmt;
use std::path::PathBuf;

mod authority;
mod bundle;
mod names;
mod serving;

pub use authority::{CertificateAuthority, Leaf};
pub use bundle::{Bundle, bundle};
pub use names::{machine_name, wanted_names};
pub use serving::{LiveCertificate, server_config, server_config_of};

/// What can be wrong with certificates and keys.
#[derive(Debug)]
pub enum TlsError {
    /// A certificate could not be made, or a stored authority cannot be used.
    Authority(String),
    /// There is no usable certificate in the PEM text.
    Certificate(String),
    /// There is no usable private key in the PEM text.
    Key(String),
    /// The private key is not the certificate's.
    Mismatch,
    /// A file that the operator brought is missing, unreadable or wrong.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authority(problem) => write!(f, "certificate authority: {problem}"),
            Self::Certificate(problem) => write!(f, "certificate: {problem}"),
            Self::Key(problem) => write!(f, "private key: {problem}"),
            Self::Mismatch => f.write_str("the private key does not belong to the certificate"),
            Self::File { path, problem } => write!(f, "{}: {problem}", path.display()),
        }
    }
}

impl std::error::Error for TlsError {}

impl From<rcgen::Error> for TlsError {
    fn from(error: rcgen::Error) -> Self {
        Self::Authority(error.to_string())
    }
}

#[cfg(test)]
mod tests;
