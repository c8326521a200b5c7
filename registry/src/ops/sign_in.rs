//! Exchanging a client id and secret for a token.

use std::net::IpAddr;

use crate::{
    auth::{
        secret,
        slow_down::{SlowDown, Who},
        token::{Claims, TokenError},
    },
    domain::time::Time,
    error::{Error, Result},
    state::State,
    store::principals::{self as rows, Principal, StoredSecret},
    telemetry::metrics::SignIn,
};

/// A token, and for how many seconds it is good.
#[derive(Debug, Clone)]
pub struct Token {
    /// What goes behind `Bearer`.
    pub access_token: String,
    /// Seconds.
    pub expires_in: i64,
}

/// Checks a client id and its secret, as they came from an address, and makes a token. An unknown id and a
/// wrong secret look the same, in words and in work.
///
/// # Errors
/// [`Error::Unauthenticated`] when they do not belong together, [`Error::TooMany`] when that happened too
/// often.
pub async fn exchange(
    state: &State,
    from: IpAddr,
    client_id: String,
    presented: &str,
) -> Result<Token> {
    let now = state.clock.now();
    let who = slow_down(state, |slow| {
        let who = slow.who(from, &client_id);
        slow.check(who, now).map(|()| who)
    });
    let who = who.map_err(|wait| {
        state.metrics.signed_in(SignIn::Slowed);
        Error::TooMany(wait)
    })?;
    let found = state
        .store
        .read(move |conn| {
            let principal = rows::by_client_id(conn, &client_id)?;
            // Nobody has the empty id: who is not known costs a look as well.
            let id = principal.as_ref().map_or("", |found| found.id.as_str());
            let secrets = rows::secrets(conn, id)?;
            Ok((principal, secrets))
        })
        .await?;
    let (principal, secrets) = found;
    let matching = matching(&secrets, presented, now);
    let (Some(principal), Some(matching)) = (principal.filter(|found| !found.disabled), matching)
    else {
        return Err(failed(state, (who, from), now));
    };
    let token = issue(state, &principal, matching)?;
    slow_down(state, |slow| slow.succeeded(who, now));
    state.metrics.signed_in(SignIn::Granted);
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

/// The live secret that was presented. Looks at as many as a principal can have, whether it has them or
/// not, and at all of them, whichever fits.
fn matching<'a>(
    secrets: &'a [StoredSecret],
    presented: &str,
    now: Time,
) -> Option<&'a StoredSecret> {
    for _ in secrets.len()..2 {
        secret::matches(&[0; 32], presented);
    }
    secrets.iter().fold(None, |found, stored| {
        let digest = <[u8; 32]>::try_from(stored.digest.as_slice());
        let fits = secret::matches(&digest.unwrap_or([0; 32]), presented);
        (fits && digest.is_ok() && stored.live(now))
            .then_some(stored)
            .or(found)
    })
}

/// Notes a failure and says what to answer.
fn failed(state: &State, (who, from): (Who, IpAddr), now: Time) -> Error {
    match slow_down(state, |slow| slow.failed(who, now)) {
        Ok(()) => {
            state.metrics.signed_in(SignIn::Refused);
            Error::Unauthenticated("unknown client id or wrong secret")
        }
        Err(wait) => {
            state.metrics.signed_in(SignIn::Slowed);
            // Not the client id: it may be a secret that was put in the wrong place.
            let seconds = wait.as_secs();
            tracing::warn!(client = %from, seconds, "too many failed sign-ins, slowing down");
            Error::TooMany(wait)
        }
    }
}

fn slow_down<T>(state: &State, work: impl FnOnce(&mut SlowDown) -> T) -> T {
    let lock = state.sign_ins.lock();
    // It holds no invariant that a panic could break.
    work(&mut lock.unwrap_or_else(std::sync::PoisonError::into_inner))
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
