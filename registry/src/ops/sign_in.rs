//! Exchanging a client id and secret for a token.

use crate::{
    auth::{
        secret,
        token::{Claims, TokenError},
    },
    error::{Error, Result},
    state::State,
    store::principals::{self as rows, Principal, StoredSecret},
};

/// A token, and for how many seconds it is good.
#[derive(Debug, Clone)]
pub struct Token {
    /// What goes behind `Bearer`.
    pub access_token: String,
    /// Seconds.
    pub expires_in: i64,
}

/// Checks a client id and its secret and makes a token. An unknown id and a wrong secret look the same,
/// in words and in work.
///
/// # Errors
/// [`Error::Unauthenticated`] when they do not belong together.
pub async fn exchange(state: &State, client_id: String, presented: &str) -> Result<Token> {
    let now = state.clock.now();
    let found = state
        .store
        .read(move |conn| {
            let Some(principal) = rows::by_client_id(conn, &client_id)? else {
                return Ok(None);
            };
            let secrets = rows::secrets(conn, &principal.id)?;
            Ok(Some((principal, secrets)))
        })
        .await?;
    let refused = || Error::Unauthenticated("unknown client id or wrong secret");
    let Some((principal, secrets)) = found else {
        secret::matches(&[0; 32], presented);
        return Err(refused());
    };
    let matching = secrets.iter().find(|stored| {
        let digest = <[u8; 32]>::try_from(stored.digest.as_slice());
        digest.is_ok_and(|digest| secret::matches(&digest, presented)) && stored.live(now)
    });
    let matching = matching
        .filter(|_| !principal.disabled)
        .ok_or_else(refused)?;
    let token = issue(state, &principal, matching)?;
    let (id, secret_id) = (principal.id.clone(), matching.id.clone());
    if let Err(error) = state
        .store
        .write(move |conn| rows::used(conn, &id, &secret_id, now))
        .await
    {
        tracing::warn!(%error, principal = principal.name, "the time of the last use was not noted");
    }
    Ok(token)
}

fn issue(state: &State, principal: &Principal, secret: &StoredSecret) -> Result<Token> {
    let claims = Claims {
        sub: principal.id.clone(),
        sid: secret.id.clone(),
        generation: principal.generation,
    };
    let (access_token, expires_in) = state
        .keys
        .issue(claims, state.clock.now().seconds())
        .map_err(|error: TokenError| Error::internal(error))?;
    Ok(Token {
        access_token,
        expires_in,
    })
}
