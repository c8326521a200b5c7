//! Signing in and out, and the sessions in between.

use super::Origin;
use crate::{
    auth::{
        caller::Caller,
        password,
        secret::Secret,
        session::{self, Token},
    },
    domain::{id, time::Time},
    error::{Error, Result},
    ops::{principals::record, sign_in::Attempt},
    state::State,
    store::{
        Conn,
        people::{self as rows, Session},
        principals::Principal,
    },
};

/// Sessions of one person at most; a new one ends the oldest.
const MOST: usize = 20;
/// Bytes of the name of a browser that are kept.
const AGENT: usize = 200;
/// How much later than it was noted a session may have been used, in microseconds.
const A_MINUTE: i64 = 60_000_000;

/// A session that has begun.
#[derive(Debug, Clone)]
pub struct Started {
    /// What the cookie holds.
    pub token: Token,
    /// Who.
    pub person: Principal,
}

/// What somebody signs in with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Their name.
    pub name: String,
    /// Their password.
    pub password: Secret,
}

/// Checks a name and a password and begins a session. An unknown name and a wrong password look the same, in
/// words and in work.
///
/// # Errors
/// [`Error::Unauthenticated`] when they do not belong together, [`Error::TooMany`] when that happened too
/// often.
pub async fn sign_in(state: &State, credentials: Credentials, origin: Origin) -> Result<Started> {
    let Credentials { name, password } = credentials;
    let attempt = Attempt::begin(state, origin.address(), &format!("user {name}"))?;
    let found = state.store.read(move |conn| {
        let person = rows::by_name(conn, &name)?.filter(|found| !found.disabled);
        // Nobody has the empty id: who is not known costs a look as well.
        let id = person.as_ref().map_or("", |found| found.id.as_str());
        let hash = rows::password(conn, id)?;
        Ok((person, hash))
    });
    let (person, hash) = found.await?;
    let fits = state.passwords.matches(password, hash).await?;
    let Some(person) = person.filter(|_| fits) else {
        return Err(attempt.failed("unknown name or wrong password"));
    };
    attempt.succeeded();
    let now = state.clock.now();
    state
        .store
        .write(move |conn| begin(conn, &person, &origin, now))
        .await
}

/// Begins a session. Those that have ended are cleared away.
pub(super) fn begin(
    conn: &mut Conn,
    person: &Principal,
    origin: &Origin,
    now: Time,
) -> Result<Started> {
    let before = rows::sessions_of(conn, &person.id)?;
    let live = before.iter().filter(|found| session::is_live(found, now));
    let kept: Vec<&str> = live.take(MOST - 1).map(|found| found.id.as_str()).collect();
    for old in before.iter().filter(|old| !kept.contains(&old.id.as_str())) {
        rows::end(conn, &person.id, &old.id)?;
    }
    let token = Token::generate()?;
    let mut agent: String = origin.agent.chars().filter(|c| !c.is_control()).collect();
    agent.truncate(agent.floor_char_boundary(AGENT));
    let address = origin.address.map(|address| address.to_string());
    let session = Session {
        id: id::ulid(now),
        digest: token.digest().to_vec(),
        principal_id: person.id.clone(),
        generation: person.generation,
        address: address.unwrap_or_default(),
        agent,
        created_at: now.micros(),
        used_at: now.micros(),
        expires_at: now.after(session::LONGEST).micros(),
    };
    rows::insert_session(conn, &session)?;
    rows::was_here(conn, &person.id, now)?;
    Ok(Started {
        token,
        person: person.clone(),
    })
}

/// A session that is in use.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Its id.
    pub id: String,
    /// Who is signed in.
    pub caller: Caller,
}

/// Who is signed in with a cookie; `None` when the session has ended.
pub async fn seen(state: &State, token: &Token) -> Result<Option<Visit>> {
    let (digest, now) = (token.digest(), state.clock.now());
    let found = state
        .store
        .read(move |conn| session::identify(conn, &digest, now));
    let Some((session, caller)) = found.await? else {
        return Ok(None);
    };
    if session.used_at.saturating_add(A_MINUTE) < now.micros() {
        let (id, person_id) = (session.id.clone(), session.principal_id);
        let noted = state.store.write(move |conn| {
            rows::used(conn, &id, now)?;
            rows::was_here(conn, &person_id, now)
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "the time of the last use of a session was not noted");
        }
    }
    Ok(Some(Visit {
        id: session.id,
        caller,
    }))
}

/// Ends the session of a cookie.
pub async fn sign_out(state: &State, token: &Token) -> Result<()> {
    let digest = token.digest();
    state
        .store
        .write(move |conn| {
            if let Some(session) = rows::session(conn, &digest)? {
                rows::end(conn, &session.principal_id, &session.id)?;
            }
            Ok(())
        })
        .await
}

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The session.
    pub session: Session,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The sessions of whoever asks that have not ended, the newest first.
pub async fn list(state: &State, visit: &Visit) -> Result<Vec<Seen>> {
    let (person_id, now) = (visit.caller.principal.id.clone(), state.clock.now());
    let all = state
        .store
        .read(move |conn| rows::sessions_of(conn, &person_id));
    let live = all.await?.into_iter();
    let live = live.filter(|session| session::is_live(session, now));
    Ok(live
        .map(|session| Seen {
            current: session.id == visit.id,
            session,
        })
        .collect())
}

/// Ends a session of whoever asks.
///
/// # Errors
/// [`Error::Absent`] when they have no such session.
pub async fn end(state: &State, visit: &Visit, id: String) -> Result<()> {
    let person_id = visit.caller.principal.id.clone();
    let ended = state
        .store
        .write(move |conn| rows::end(conn, &person_id, &id));
    if ended.await? {
        return Ok(());
    }
    Err(Error::Absent("this session has ended already".into()))
}

/// Changes the password of whoever asks, and ends their other sessions.
///
/// # Errors
/// [`Error::Invalid`] when the current password is another, or the new one does not do; [`Error::TooMany`]
/// when the current one was wrong too often.
pub async fn change_password(
    state: &State,
    (visit, origin): (&Visit, Origin),
    (current, new): (Secret, Secret),
) -> Result<()> {
    let person = visit.caller.principal.clone();
    password::check(&new, &person.name)?;
    let attempt = Attempt::begin(state, origin.address(), &format!("user {}", person.name))?;
    let id = person.id.clone();
    let known = state.store.read(move |conn| rows::password(conn, &id));
    if !state.passwords.matches(current, known.await?).await? {
        return Err(match attempt.failed("wrong password") {
            Error::Unauthenticated(_) => Error::invalid("current", "is not your password"),
            slowed => slowed,
        });
    }
    let hash = state.passwords.hash(new).await?;
    let (session_id, now) = (visit.id.clone(), state.clock.now());
    state
        .store
        .write(move |conn| {
            rows::set_password(conn, &person.id, &hash, now)?;
            for other in rows::sessions_of(conn, &person.id)? {
                if other.id != session_id {
                    rows::end(conn, &person.id, &other.id)?;
                }
            }
            let access = origin.access(conn, &person)?;
            record(conn, &access, "principal.password_set", &person, now)
        })
        .await
}
