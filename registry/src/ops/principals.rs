//! Creating and deleting principals, and giving them new secrets.
//!
//! A principal that is bound to a project is managed by the admins of that project, every other by those of
//! the organization. The organization never loses its last admin.

mod manage;
mod person;
mod record;
mod rules;

pub use manage::{Standing, delete_secret, grant, revoke, set_standing};
pub use person::create_person;

use std::{sync::Arc, time::Duration};

use super::Access;
use crate::{
    auth::secret::{self, Secret},
    domain::{id, name, role::Role, time::Time},
    error::{Error, Kind, Result},
    store::{
        Conn, Store,
        members::{self, Member},
        principals::{self as rows, Principal, Scope, StoredSecret},
    },
};
use record::append;
pub(super) use record::{State, record};
pub(super) use rules::keeping_an_admin;
use rules::{check_creates, check_manages};

/// How long the old secret goes on after a new one was made.
const OVERLAP: Duration = Duration::from_hours(24);

/// What a create says.
#[derive(Debug, Clone)]
pub struct Create {
    /// Unique in the organization.
    pub name: String,
    /// The project that it is bound to, if it is bound to one.
    pub project_id: Option<String>,
    /// What its role is given on.
    pub scope: Scope,
    /// Its role there.
    pub role: Role,
}

/// A principal and its secret, which nobody will see again.
#[derive(Debug, Clone)]
pub struct Created {
    /// The principal.
    pub principal: Principal,
    /// The secret.
    pub secret: Secret,
    /// The principal with its roles and secrets; the new one is the last.
    pub member: Member,
}

/// Creates a service principal with a role and a secret.
///
/// # Errors
/// [`Error::Exists`] when the name is taken, [`Error::Forbidden`] for a role that the caller may not give.
pub async fn create(store: &Store, access: Access, create: Create, now: Time) -> Result<Created> {
    create_expiring(store, access, (create, None), now).await
}

/// [`create`] with a secret that ends, if it ends, after a span.
pub async fn create_expiring(
    store: &Store,
    access: Access,
    (create, lifetime): (Create, Option<Duration>),
    now: Time,
) -> Result<Created> {
    name::check("name", &create.name)?;
    store
        .write(move |conn| {
            check_creates(conn, &access, &create)?;
            insert(conn, &access, (&create, lifetime), now)
        })
        .await
}

pub(super) fn insert(
    conn: &mut Conn,
    access: &Access,
    (create, lifetime): (&Create, Option<Duration>),
    now: Time,
) -> Result<Created> {
    let place = (create.project_id.clone(), create.name.clone());
    let principal = insert_bare(conn, access, place, now)?;
    rows::bind(conn, &principal.id, &create.scope, create.role)?;
    let secret = new_secret(conn, &principal, lifetime, now)?;
    record(conn, access, "principal.created", &principal, now)?;
    created(conn, principal, secret)
}

/// A new principal without a role, a secret and an event: those are up to the caller.
pub(super) fn insert_bare(
    conn: &mut Conn,
    access: &Access,
    (project_id, name): (Option<String>, String),
    now: Time,
) -> Result<Principal> {
    let principal = Principal {
        id: id::ulid(now),
        organization_id: access.project.organization_id.clone(),
        project_id,
        kind: "service".into(),
        name,
        client_id: secret::client_id().map_err(Error::internal)?,
        disabled: false,
        generation: 1,
        created_at: now,
    };
    rows::insert(conn, &principal)?;
    Ok(principal)
}

pub(super) fn created(conn: &mut Conn, principal: Principal, secret: Secret) -> Result<Created> {
    let member = members::one(conn, principal.clone())?;
    Ok(Created {
        principal,
        secret,
        member,
    })
}

pub(super) fn new_secret(
    conn: &mut Conn,
    principal: &Principal,
    lifetime: Option<Duration>,
    now: Time,
) -> Result<Secret> {
    let secret = Secret::generate().map_err(Error::internal)?;
    let newest = rows::secrets(conn, &principal.id)?.pop();
    let stored = StoredSecret {
        id: following(newest, now),
        principal_id: principal.id.clone(),
        digest: secret.hash().to_vec(),
        created_at: now,
        expires_at: lifetime.map(|lifetime| now.after(lifetime).micros()),
        last_used_at: None,
    };
    rows::insert_secret(conn, &stored)?;
    Ok(secret)
}

/// An id that sorts behind that of the newest secret, also within the same millisecond.
fn following(newest: Option<StoredSecret>, now: Time) -> String {
    let newest = newest.map(|secret| secret.id).unwrap_or_default();
    let mut at = now;
    loop {
        let id = id::ulid(at);
        if id > newest {
            return id;
        }
        at = at.after(Duration::from_millis(1));
    }
}

/// What becomes of the old secret when a new one is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    /// It goes on for a day, so that everybody can change over.
    Overlaps,
    /// It ends now, and its tokens with it.
    EndsNow,
}

/// Gives a principal a second secret; of the old ones only the newest stays, for a day or not at all.
///
/// # Errors
/// [`Error::Missing`] when there is no such principal, [`Error::Forbidden`] for who may not manage it.
pub async fn rotate(
    store: &Store,
    access: Access,
    (name, old): (String, Old),
    now: Time,
) -> Result<Created> {
    let rotation = Rotation {
        name,
        old,
        lifetime: None,
    };
    rotate_expiring(store, Arc::new(access), rotation, now).await
}

/// What a rotation says.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// Whose secret.
    pub name: String,
    /// What becomes of the old one.
    pub old: Old,
    /// After how long the new one ends, if it does.
    pub lifetime: Option<Duration>,
}

/// [`rotate`] with a secret that ends, if it ends, after a span.
pub async fn rotate_expiring(
    store: &Store,
    access: Arc<Access>,
    rotation: Rotation,
    now: Time,
) -> Result<Created> {
    store
        .write(move |conn| {
            let Rotation {
                name,
                old,
                lifetime,
            } = &rotation;
            let principal = rows::by_name(conn, &access.project.organization_id, name)?;
            check_manages(conn, &access, &principal)?;
            end_old(conn, &principal, *old, now)?;
            let secret = new_secret(conn, &principal, *lifetime, now)?;
            record(conn, &access, "principal.rotated", &principal, now)?;
            created(conn, principal, secret)
        })
        .await
}

/// Of the old secrets only the newest stays, for a day or not at all.
fn end_old(conn: &mut Conn, principal: &Principal, old: Old, now: Time) -> Result<()> {
    let mut secrets = rows::secrets(conn, &principal.id)?;
    let newest = secrets.pop();
    for secret in &secrets {
        rows::delete_secret(conn, &secret.id)?;
    }
    match (newest, old) {
        (Some(secret), Old::EndsNow) => rows::delete_secret(conn, &secret.id),
        (Some(secret), Old::Overlaps) if secret.live(now) => {
            let end = now.after(OVERLAP).micros();
            let end = secret.expires_at.unwrap_or(i64::MAX).min(end);
            rows::end_secret(conn, &secret.id, Time::from_micros(end))
        }
        _ => Ok(()),
    }
}

/// Deletes a principal, its secrets and its roles; its tokens end with it.
///
/// # Errors
/// [`Error::Missing`] when there is no such principal, [`Error::Refused`] for the last admin of the
/// organization.
pub async fn delete(store: &Store, access: Arc<Access>, id: String, now: Time) -> Result<()> {
    store
        .write(move |conn| {
            let organization_id = &access.project.organization_id;
            keeping_an_admin(conn, organization_id, |conn| {
                let principal = rows::by_id(conn, &id)?
                    .filter(|principal| principal.organization_id == *organization_id)
                    .ok_or_else(|| Error::Missing(Kind::Principal, id.clone()))?;
                check_manages(conn, &access, &principal)?;
                remove(conn, &access, &principal, now)
            })
        })
        .await
}

/// Deletes a principal and notes it.
pub(super) fn remove(
    conn: &mut Conn,
    access: &Access,
    principal: &Principal,
    now: Time,
) -> Result<()> {
    rows::delete(conn, &principal.id)?;
    append::<Principal>(conn, access, ("principal.deleted", principal), None, now)
}
