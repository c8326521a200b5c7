//! Links that stand for a permission by themselves: whoever has one may read one thing for some minutes,
//! without a token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Signs links, the same on every node.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it is a key")]
pub struct LinkKey(Zeroizing<Vec<u8>>);

impl LinkKey {
    /// A key of these bytes.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The signature of a link to `path`, good until a moment in seconds since 1970.
    pub fn sign(&self, path: &str, until: i64) -> String {
        let signature = self.mac(path, until).map(|mac| mac.finalize().into_bytes());
        signature.map_or_else(String::new, |bytes| URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Whether this is that signature. Takes the same time wherever they differ.
    pub fn verify(&self, path: &str, until: i64, signature: &str) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(signature);
        match (self.mac(path, until), signature) {
            (Some(mac), Ok(signature)) => mac.verify_slice(&signature).is_ok(),
            _ => false,
        }
    }

    fn mac(&self, path: &str, until: i64) -> Option<Hmac<Sha256>> {
        // A key may have any length, so there always is one.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{until} {path}").as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_one_link_and_one_moment() {
        let key = LinkKey::new(Zeroizing::new(vec![7; 32]));
        let other = LinkKey::new(Zeroizing::new(vec![8; 32]));
        let signature = key.sign("/a", 10);
        assert!(key.verify("/a", 10, &signature));
        assert!(!key.verify("/a", 11, &signature));
        assert!(!key.verify("/b", 10, &signature));
        assert!(!other.verify("/a", 10, &signature));
        for forged in ["", "AAAA", "=", &signature[1..]] {
            assert!(!key.verify("/a", 10, forged), "{forged}");
        }
    }
}
