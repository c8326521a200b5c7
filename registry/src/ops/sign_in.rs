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
    let attempt = Attempt::begin(state, from, &client_id)?;
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
        return Err(attempt.failed("unknown client id or wrong secret"));
    };
    let token = issue(state, &principal, matching)?;
    attempt.succeeded();
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

/// Somebody who tries to sign in, and is slowed down when that fails too often.
pub(super) struct Attempt<'a> {
    state: &'a State,
    from: IpAddr,
    who: Who,
    now: Time,
}

impl<'a> Attempt<'a> {
    /// By the one who signs in with this id, from an address.
    ///
    /// # Errors
    /// [`Error::TooMany`] when it is not looked at, since too many failed before.
    pub(super) fn begin(state: &'a State, from: IpAddr, id: &str) -> Result<Self> {
        let now = state.clock.now();
        let who = slow_down(state, |slow| {
            let who = slow.who(from, id);
            slow.check(who, now).map(|()| who)
        });
        let who = who.map_err(|wait| {
            state.metrics.signed_in(SignIn::Slowed);
            Error::TooMany(wait)
        })?;
        Ok(Self {
            state,
            from,
            who,
            now,
        })
    }

    /// Notes that it succeeded.
    pub(super) fn succeeded(self) {
        slow_down(self.state, |slow| slow.succeeded(self.who, self.now));
        self.state.metrics.signed_in(SignIn::Granted);
    }

    /// Notes that it failed, and gives what to answer.
    pub(super) fn failed(self, why: &'static str) -> Error {
        let Self {
            state,
            from,
            who,
            now,
        } = self;
        match slow_down(state, |slow| slow.failed(who, now)) {
            Ok(()) => {
                state.metrics.signed_in(SignIn::Refused);
                Error::Unauthenticated(why)
            }
            Err(wait) => {
                state.metrics.signed_in(SignIn::Slowed);
                // Not the id: it may be a secret that was put in the wrong place.
                let seconds = wait.as_secs();
                tracing::warn!(client = %from, seconds, "too many failed sign-ins, slowing down");
                Error::TooMany(wait)
            }
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
