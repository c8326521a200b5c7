//! Access tokens: made from a principal's credentials, checked by any node without the database.
//!
//! A token says who its bearer is, never what it may do, and lives one hour. Whether its secret was
//! revoked since is told by `generation`, which the caller compares; this module does no lookups.

use std::fmt;

use jwt_compact::alg::Ed25519;
use jwt_compact::{AlgorithmExt as _, Header, UntrustedToken, ValidationError};
use serde::{Deserialize, Serialize};

use super::key::TokenKey;
use crate::domain::id;

/// How long a token lives, in seconds.
pub const LIFETIME_SECONDS: i64 = 3600;

/// The audience that HCP clients ask for, and the only one we issue and accept.
pub const AUDIENCE: &str = "https://api.hashicorp.cloud";

const ISSUER: &str = "touchmark";

/// How far another node's clock may be ahead of ours, in seconds.
const CLOCK_SKEW: i64 = 60;

/// Ours have about 400 bytes; what is far longer is not worth decoding.
const LONGEST: usize = 4096;

/// Who the bearer of a token is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Id of the principal.
    pub sub: String,
    /// Id of the secret that was exchanged for the token.
    pub sid: String,
    /// The principal's generation at that time; a later one ends the token.
    #[serde(rename = "gen")]
    pub generation: i64,
}

/// A token whose signature, audience and times hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who its bearer is.
    pub claims: Claims,
    /// When it ends, in seconds since 1970; at that second it is no longer good.
    pub expires_at: i64,
}

/// Why a token is refused. The bearer is told no more than that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// Longer than any token of ours.
    TooLong,
    /// Not a JWT, or without the claims that ours have.
    Malformed,
    /// Signed by another algorithm than `EdDSA`, or not at all.
    Algorithm,
    /// Signed by a key that is not, or no longer, on the ring.
    UnknownKey,
    /// The signature is not of that key, or the text was changed.
    Signature,
    /// Made by another issuer or for another audience.
    Audience,
    /// Past its end.
    Expired,
    /// From the future.
    NotYet,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the token is too long",
            Self::Malformed => "the token is malformed",
            Self::Algorithm => "the token is signed by an algorithm that is not accepted",
            Self::UnknownKey => "the token is signed by an unknown key",
            Self::Signature => "the token's signature does not hold",
            Self::Audience => "the token is for another audience",
            Self::Expired => "the token has expired",
            Self::NotYet => "the token is from the future",
        })
    }
}

impl std::error::Error for TokenError {}

/// The keys whose tokens are good. The newest signs; the others let tokens live out their hour.
#[derive(Debug, Clone)]
pub struct KeyRing {
    newest: TokenKey,
    older: Vec<TokenKey>,
}

/// What stands in a token beside the times.
#[derive(Serialize, Deserialize)]
struct Body {
    iss: String,
    aud: String,
    /// Tells tokens apart that were made in the same second: a node knows by its token who has been there.
    #[serde(default)]
    jti: String,
    #[serde(flatten)]
    claims: Claims,
}

impl KeyRing {
    /// Makes a ring of the key that signs and those that are only accepted.
    pub fn new(newest: TokenKey, older: Vec<TokenKey>) -> Self {
        Self { newest, older }
    }

    /// Makes a token and says for how many seconds it is good. Times are seconds since 1970.
    ///
    /// Fails with [`TokenError::Malformed`] if `now` cannot be a date.
    pub fn issue(&self, claims: Claims, now: i64) -> Result<(String, i64), TokenError> {
        let mut token = jwt_compact::Claims::new(Body {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            jti: id::uuid(),
            claims,
        });
        token.issued_at = Some(instant(now)?);
        token.expiration = Some(instant(now.saturating_add(LIFETIME_SECONDS))?);
        let header = Header::empty()
            .with_key_id(self.newest.id())
            .with_token_type("JWT");
        let text = Ed25519
            .token(&header, &token, &self.newest.key)
            .map_err(|_| TokenError::Malformed)?;
        Ok((text, LIFETIME_SECONDS))
    }

    /// Checks a token at a time in seconds since 1970 and says whose it is.
    ///
    /// The header chooses nothing but the key: the algorithm is `EdDSA` whatever it says.
    pub fn verify(&self, token: &str, now: i64) -> Result<Verified, TokenError> {
        if token.len() > LONGEST {
            return Err(TokenError::TooLong);
        }
        let untrusted = UntrustedToken::new(token).map_err(|_| TokenError::Malformed)?;
        if untrusted.algorithm() != "EdDSA" {
            return Err(TokenError::Algorithm);
        }
        let id = untrusted.header().key_id.as_deref();
        let key = id
            .and_then(|id| self.find(id))
            .ok_or(TokenError::UnknownKey)?;
        let signed = Ed25519
            .validator::<Body>(&key.key.verifying_key())
            .validate(&untrusted)
            .map_err(|error| refusal(&error))?;
        let (_, claims) = signed.into_parts();
        let issued_at = claims.issued_at.ok_or(TokenError::Malformed)?.timestamp();
        let expires_at = claims.expiration.ok_or(TokenError::Malformed)?.timestamp();
        let body = claims.custom;
        if body.iss != ISSUER || body.aud != AUDIENCE {
            Err(TokenError::Audience)
        } else if expires_at <= now {
            Err(TokenError::Expired)
        } else if issued_at > now.saturating_add(CLOCK_SKEW) {
            Err(TokenError::NotYet)
        } else {
            Ok(Verified {
                claims: body.claims,
                expires_at,
            })
        }
    }

    fn find(&self, id: &str) -> Option<&TokenKey> {
        std::iter::once(&self.newest)
            .chain(&self.older)
            .find(|key| key.id() == id)
    }
}

fn instant(seconds: i64) -> Result<chrono::DateTime<chrono::Utc>, TokenError> {
    chrono::DateTime::from_timestamp(seconds, 0).ok_or(TokenError::Malformed)
}

fn refusal(error: &ValidationError) -> TokenError {
    match error {
        ValidationError::AlgorithmMismatch { .. } => TokenError::Algorithm,
        ValidationError::MalformedClaims(_) => TokenError::Malformed,
        _ => TokenError::Signature,
    }
}

#[cfg(test)]
mod tests;
