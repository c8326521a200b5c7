//! Random credentials: client ids, client secrets and the hashes by which the latter are known.
//!
//! This is where randomness enters the server. A secret has 256 random bits, so a plain SHA-256 of
//! it cannot be searched; passwords of people need something slower and are not made here.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// With what every client secret begins, so that scanners of leaked secrets can know it.
pub const SECRET_PREFIX: &str = "tms_";

/// With what every client id begins.
pub const CLIENT_ID_PREFIX: &str = "tmc_";

/// The system gives no random numbers; nothing can go on without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the system gives no random numbers")
    }
}

impl std::error::Error for NoRandomness {}

/// Text that must not be shown: `Debug` hides it, there is no `Display`, and it is wiped at the end.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes `text` in as a secret.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Draws a client secret: `tms_` and 43 characters of base64url, 256 random bits.
    pub fn generate() -> Result<Self, NoRandomness> {
        let bytes = Zeroizing::new(random_bytes::<32>()?);
        Ok(Self::new(format!(
            "{SECRET_PREFIX}{}",
            URL_SAFE_NO_PAD.encode(bytes.as_slice())
        )))
    }

    /// Draws what stands in a link that works once: 43 characters of base64url, 256 random bits.
    pub fn for_link() -> Result<Self, NoRandomness> {
        let bytes = Zeroizing::new(random_bytes::<32>()?);
        Ok(Self::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
    }

    /// Draws a password that is easily typed: three groups of five letters and digits, of which a throw-away
    /// registry needs no more.
    pub fn for_demo() -> Result<Self, NoRandomness> {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let bytes = Zeroizing::new(random_bytes::<15>()?);
        let letters: Vec<char> = bytes
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
            .map(|letter| char::from(*letter))
            .collect();
        let groups: Vec<String> = letters
            .chunks(5)
            .map(|some| some.iter().collect())
            .collect();
        Ok(Self::new(groups.join("-")))
    }

    /// The text itself. Whoever calls this answers for where it goes.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored instead of the secret.
    pub fn hash(&self) -> [u8; 32] {
        hash(self.reveal())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Draws a client id: `tmc_` and 22 characters of base64url, 128 random bits. It is not secret.
pub fn client_id() -> Result<String, NoRandomness> {
    let text = URL_SAFE_NO_PAD.encode(random_bytes::<16>()?);
    Ok(format!("{CLIENT_ID_PREFIX}{text}"))
}

/// `N` random bytes from the system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// SHA-256 of a secret as its holder presents it.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether `presented` is the secret with this hash. Takes the same time wherever they differ.
pub fn matches(hash_of_secret: &[u8; 32], presented: &str) -> bool {
    hash_of_secret.ct_eq(&hash(presented)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_their_shape_and_differ() {
        let one = Secret::generate().unwrap();
        let other = Secret::generate().unwrap();
        assert_eq!(one.reveal().len(), SECRET_PREFIX.len() + 43);
        assert!(one.reveal().starts_with(SECRET_PREFIX));
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(format!("{one:?}"), "Secret(***)");
    }

    #[test]
    fn client_ids_have_their_shape() {
        let id = client_id().unwrap();
        assert_eq!(id.len(), CLIENT_ID_PREFIX.len() + 22);
        assert!(id.starts_with(CLIENT_ID_PREFIX));
    }

    #[test]
    fn only_the_secret_matches_its_hash() {
        let secret = Secret::generate().unwrap();
        assert!(matches(&secret.hash(), secret.reveal()));
        assert!(!matches(&secret.hash(), ""));
        assert!(!matches(&secret.hash(), &secret.reveal()[1..]));
        assert!(!matches(&secret.hash(), "tms_other"));
    }
}
