//! The keys that sign access tokens, and what they are called.
//!
//! Which of them sign and which are only accepted is said in `token`.

use std::fmt::{self, Write as _};

use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::secret::{NoRandomness, random_bytes};

/// One Ed25519 key that signs tokens. `Debug` shows its id only.
#[derive(Clone)]
pub struct TokenKey {
    id: String,
    pub(super) key: SigningKey,
}

impl TokenKey {
    /// Draws a new key.
    pub fn generate() -> Result<Self, NoRandomness> {
        let bytes = Zeroizing::new(random_bytes::<32>()?);
        Ok(Self::from_bytes(&bytes))
    }

    /// Makes the key from the bytes that [`TokenKey::to_bytes`] gave; any 32 bytes are a key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(bytes);
        let digest = Sha256::digest(key.verifying_key().as_bytes());
        let mut id = String::with_capacity(16);
        for byte in digest.iter().take(8) {
            // Writing to a string cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        Self { id, key }
    }

    /// The secret half, to be sealed and stored.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// Its id (`kid`): the first 16 hex digits of the SHA-256 of the public key.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_storage() {
        let key = TokenKey::generate().unwrap();
        let again = TokenKey::from_bytes(&key.to_bytes());
        assert_eq!(key.id(), again.id());
        assert_eq!(key.id().len(), 16);
        assert!(!format!("{key:?}").contains("key:"));
    }
}
