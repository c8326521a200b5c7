//! What can go wrong with sealing, in words for whoever starts the server.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// What can go wrong with a master key or with what was sealed under it.
#[derive(Debug)]
pub enum SealError {
    /// The key file cannot be read or written.
    File {
        /// The key file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than its owner may read the key file.
    Exposed(PathBuf),
    /// The key is not the base64 text of 32 bytes.
    Malformed,
    /// The key file does not hold the base64 text of 32 bytes.
    MalformedFile(PathBuf),
    /// The system has no random numbers to give.
    Random,
    /// The sealed bytes are damaged, were sealed under another key, or under another name.
    Broken(String),
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, source } => write!(f, "master key {}: {source}", path.display()),
            Self::Exposed(path) => write!(
                f,
                "master key {0}: others may read it; run `chmod 600 '{0}'`",
                path.display()
            ),
            Self::Malformed => f.write_str("the master key must be base64 of exactly 32 bytes"),
            Self::MalformedFile(path) => write!(
                f,
                "master key {}: must hold base64 of exactly 32 bytes",
                path.display()
            ),
            Self::Random => f.write_str("the system gives no random numbers"),
            Self::Broken(name) => write!(
                f,
                "{name} cannot be opened: damaged, or sealed under another master key"
            ),
        }
    }
}

impl std::error::Error for SealError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            _ => None,
        }
    }
}
