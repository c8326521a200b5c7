//! Passwords of people: what is good enough, and the argon2id hashes by which they are known (RFC 9106).
//!
//! A hash takes 19 MiB and some hundredths of a second by design, so few are made at once, and away from the
//! threads that answer requests.

use std::sync::{Arc, OnceLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use tokio::sync::Semaphore;

use super::secret::{Secret, random_bytes};
use crate::error::{Error, Result};

/// Characters of a password at least.
pub const SHORTEST: usize = 12;
/// Bytes of a password at most: all of them count, and somebody has to hash them.
pub const LONGEST: usize = 1_024;
/// Hashes that are made at once.
const AT_ONCE: usize = 2;

/// Refuses what is too easily guessed. There are no rules about kinds of characters: length is what counts.
///
/// # Errors
/// [`Error::Invalid`] for the field `password`.
pub fn check(password: &Secret, name: &str) -> Result<()> {
    let text = password.reveal();
    let characters = text.chars().count();
    let problem = if characters < SHORTEST {
        format!("must have at least {SHORTEST} characters; several words make a good one")
    } else if text.len() > LONGEST {
        format!("must have at most {LONGEST} bytes")
    } else if text.chars().all(|c| text.starts_with(c)) {
        "must not be one character over and over".to_owned()
    } else if !name.is_empty()
        && text.to_lowercase() == name.to_lowercase().repeat(text.len() / name.len())
    {
        "must not be your name".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::invalid("password", problem))
}

/// Makes and checks hashes, a few at once.
#[derive(Debug)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    /// The hash of a password with a salt of its own, as a PHC string.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        self.work(move || hash(&password)).await?
    }

    /// Whether a password is the one with this hash. Without a hash it takes as long, and is not.
    pub async fn matches(&self, password: Secret, hash: Option<String>) -> Result<bool> {
        self.work(move || matches(&password, hash.as_deref()))
            .await?
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await;
        let turn = turn.map_err(Error::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(Error::internal)
    }
}

fn hash(password: &Secret) -> Result<String> {
    let salt = random_bytes::<16>().map_err(Error::internal)?;
    let salt = SaltString::encode_b64(&salt).map_err(|error| Error::internal(error.to_string()))?;
    let hash = Argon2::default().hash_password(password.reveal().as_bytes(), &salt);
    let hash = hash.map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// A hash that takes as long to check as that of somebody.
fn hash_of_nobody() -> Result<&'static str> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(made) = NOBODY.get() {
        return Ok(made);
    }
    let made = hash(&Secret::generate().map_err(Error::internal)?)?;
    Ok(NOBODY.get_or_init(|| made))
}

fn matches(password: &Secret, known: Option<&str>) -> Result<bool> {
    let text = match known {
        Some(known) => known,
        None => hash_of_nobody()?,
    };
    let parsed = PasswordHash::new(text).map_err(|error| Error::internal(error.to_string()))?;
    let fits = Argon2::default().verify_password(password.reveal().as_bytes(), &parsed);
    Ok(fits.is_ok() && known.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.into())
    }

    #[test]
    fn a_password_is_known_by_its_hash_and_nothing_else() {
        let known = hash(&secret("correct horse battery")).unwrap();
        assert!(
            known.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{known}"
        );
        assert!(matches(&secret("correct horse battery"), Some(&known)).unwrap());
        assert!(!matches(&secret("correct horse batterz"), Some(&known)).unwrap());
        assert!(!matches(&secret("correct horse battery"), None).unwrap());
        assert_ne!(hash(&secret("correct horse battery")).unwrap(), known);
    }

    #[test]
    fn what_is_easily_guessed_is_refused() {
        for (password, name) in [
            ("short", "ana"),
            ("aaaaaaaaaaaaaaaa", "ana"),
            ("Annabell-x-Annabell-x-", "annabell-x-"),
            (&"long ".repeat(300), "ana"),
        ] {
            assert!(check(&secret(password), name).is_err(), "{password}");
        }
        for password in ["correct horse battery", "ééééééééééé1", "ana ana ana ana"] {
            assert!(check(&secret(password), "ana").is_ok(), "{password}");
        }
    }
}
