//! Seals what must be read back (signing keys, webhook secrets) before it goes to the database.
//!
//! A sealed value is one version byte, a nonce of 24 bytes and the XChaCha20-Poly1305 ciphertext.
//! The name of the value is authenticated with it, so that a row cannot be passed off as another.
//! Where the sealed bytes are kept is none of this module's business.

use std::fmt;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::private_file;

pub use error::SealError;

mod error;

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// The 32 bytes under which everything sealed in the database lies.
///
/// They are wiped from memory when the value goes, and `Debug` does not show them.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

impl MasterKey {
    /// Draws a new key. Fails with [`SealError::Random`].
    pub fn generate() -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| SealError::Random)?;
        Ok(Self(bytes))
    }

    /// Reads the key from its base64 text, as it stands in a setting or a file; white space around
    /// it does not count. Fails with [`SealError::Malformed`].
    pub fn from_base64(text: &str) -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; 32]);
        let decoded = Zeroizing::new(
            STANDARD
                .decode(text.trim())
                .map_err(|_| SealError::Malformed)?,
        );
        if decoded.len() != bytes.len() {
            return Err(SealError::Malformed);
        }
        bytes.copy_from_slice(&decoded);
        Ok(Self(bytes))
    }

    /// The base64 text that [`MasterKey::from_base64`] reads.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0.as_slice()))
    }

    /// Reads the key from a file of mode 0600, and makes that file with a new key if there is none.
    pub fn load_or_create(path: &Path) -> Result<Self, SealError> {
        match Self::load(path) {
            Err(SealError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Self::create(path)
            }
            loaded => loaded,
        }
    }

    /// Reads the key from a file that nobody but its owner may read.
    pub fn load(path: &Path) -> Result<Self, SealError> {
        let fail = |source| SealError::File {
            path: path.to_owned(),
            source,
        };
        if private_file::exposure(path).map_err(fail)? != 0 {
            return Err(SealError::Exposed(path.to_owned()));
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(fail)?);
        Self::from_base64(&text).map_err(|_| SealError::MalformedFile(path.to_owned()))
    }

    fn create(path: &Path) -> Result<Self, SealError> {
        let key = Self::generate()?;
        let mut text = key.to_base64();
        text.push('\n');
        match private_file::create(path, text.as_bytes()) {
            Ok(()) => Ok(key),
            // Another process was faster: its key is the one that counts.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
            Err(source) => Err(SealError::File {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Seals `plaintext` under `name`; each call gives other bytes. Fails with
    /// [`SealError::Random`], or [`SealError::Broken`] past the cipher's limit of 256 GiB.
    pub fn seal(&self, name: &str, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealError::Random)?;
        let payload = Payload {
            msg: plaintext,
            aad: name.as_bytes(),
        };
        let body = self
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), payload)
            .map_err(|_| SealError::Broken(name.to_owned()))?;
        let mut sealed = Vec::with_capacity(1 + NONCE + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens what [`MasterKey::seal`] gave for the same `name`. Fails with [`SealError::Broken`].
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let broken = || SealError::Broken(name.to_owned());
        let (&version, rest) = sealed.split_first().ok_or_else(broken)?;
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or_else(broken)?;
        if version != VERSION {
            return Err(broken());
        }
        let payload = Payload {
            msg: body,
            aad: name.as_bytes(),
        };
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| broken())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_ref().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private_file::TestFolder;

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let key = MasterKey::generate().unwrap();
        let sealed = key.seal("hook/1", b"s3cret").unwrap();
        assert_eq!(key.open("hook/1", &sealed).unwrap().as_slice(), b"s3cret");
        assert_ne!(sealed, key.seal("hook/1", b"s3cret").unwrap());
        assert!(key.open("hook/2", &sealed).is_err());
        assert!(
            MasterKey::generate()
                .unwrap()
                .open("hook/1", &sealed)
                .is_err()
        );
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert!(key.open("hook/1", &damaged).is_err(), "byte {at}");
            assert!(key.open("hook/1", &sealed[..at]).is_err(), "length {at}");
        }
    }

    #[test]
    fn makes_the_file_once() {
        let folder = TestFolder::new();
        let path = folder.join("master.key");
        let first = MasterKey::load_or_create(&path).unwrap();
        let again = MasterKey::load_or_create(&path).unwrap();
        assert_eq!(*first.to_base64(), *again.to_base64());
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_file_that_others_may_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = TestFolder::new();
        let path = folder.join("master.key");
        MasterKey::load_or_create(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = MasterKey::load_or_create(&path).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn refuses_text_of_another_length() {
        assert!(MasterKey::from_base64("AAAA").is_err());
        assert!(MasterKey::from_base64("not base64").is_err());
        let key = MasterKey::generate().unwrap();
        assert!(MasterKey::from_base64(&format!(" {}\n", *key.to_base64())).is_ok());
        assert_eq!(format!("{key:?}"), "MasterKey(***)");
    }
}
