//! Creating and deleting principals, and giving them new secrets.

use std::{sync::Arc, time::Duration};

use super::{
    Access,
    events::{Place, Resource},
};
use crate::{
    auth::secret::{self, Secret},
    domain::{
        id, name,
        role::{Action, Role},
        time::Time,
    },
    error::{Error, Kind, Result},
    store::{
        Conn, Store, organizations,
        principals::{self as rows, Principal, Scope, StoredSecret},
    },
};

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
}

/// Creates a service principal with a role and a secret.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub async fn create(store: &Store, access: Access, create: Create, now: Time) -> Result<Created> {
    name::check("name", &create.name)?;
    store
        .write(move |conn| insert(conn, &access, &create, now))
        .await
}

pub(super) fn insert(
    conn: &mut Conn,
    access: &Access,
    create: &Create,
    now: Time,
) -> Result<Created> {
    let principal = Principal {
        id: id::ulid(now),
        organization_id: access.project.organization_id.clone(),
        project_id: create.project_id.clone(),
        kind: "service".into(),
        name: create.name.clone(),
        client_id: secret::client_id().map_err(Error::internal)?,
        disabled: false,
        generation: 1,
        created_at: now,
    };
    rows::insert(conn, &principal)?;
    rows::bind(conn, &principal.id, &create.scope, create.role)?;
    let secret = new_secret(conn, &principal, now)?;
    record(conn, access, "principal.created", &principal, now)?;
    Ok(Created { principal, secret })
}

fn new_secret(conn: &mut Conn, principal: &Principal, now: Time) -> Result<Secret> {
    let secret = Secret::generate().map_err(Error::internal)?;
    let stored = StoredSecret {
        id: id::ulid(now),
        principal_id: principal.id.clone(),
        digest: secret.hash().to_vec(),
        created_at: now,
        expires_at: None,
    };
    rows::insert_secret(conn, &stored)?;
    Ok(secret)
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
pub async fn rotate(
    store: &Store,
    access: Access,
    (name, old): (String, Old),
    now: Time,
) -> Result<Created> {
    store
        .write(move |conn| {
            let principal = rows::by_name(conn, &access.project.organization_id, &name)?;
            let mut secrets = rows::secrets(conn, &principal.id)?;
            let newest = secrets.pop();
            for secret in &secrets {
                rows::delete_secret(conn, &secret.id)?;
            }
            match (newest, old) {
                (Some(secret), Old::EndsNow) => rows::delete_secret(conn, &secret.id)?,
                (Some(secret), Old::Overlaps) if secret.live(now) => {
                    let end = secret
                        .expires_at
                        .unwrap_or(i64::MAX)
                        .min(now.after(OVERLAP).micros());
                    rows::end_secret(conn, &secret.id, Time::from_micros(end))?;
                }
                _ => {}
            }
            let secret = new_secret(conn, &principal, now)?;
            record(conn, &access, "principal.rotated", &principal, now)?;
            Ok(Created { principal, secret })
        })
        .await
}

/// Refuses who may not manage a principal: one that is bound to a project is its admins' affair, every
/// other that of the organization's.
fn check_manages(access: &Access, principal: &Principal) -> Result<()> {
    if principal.project_id.as_ref() == Some(&access.project.id) {
        return access.check(Action::Administer, None);
    }
    Action::Administer.check(access.organization_role())
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
            // Of two admins that delete each other one must see the other gone.
            organizations::lock(conn, organization_id)?;
            let principal = rows::by_id(conn, &id)?
                .filter(|principal| principal.organization_id == *organization_id)
                .ok_or_else(|| Error::Missing(Kind::Principal, id.clone()))?;
            check_manages(&access, &principal)?;
            let admins = rows::admins(conn, organization_id)?;
            if admins == [principal.id.as_str()] {
                return Err(Error::refused(
                    "this is the last admin of the organization: make another one first",
                ));
            }
            rows::delete(conn, &principal.id)?;
            let resource = Resource {
                kind: "principal",
                id: &principal.id,
                name: &principal.name,
            };
            let place = Place::project(&access, now);
            place.record::<Principal>(conn, "principal.deleted", resource, None)
        })
        .await
}

fn record(
    conn: &mut Conn,
    access: &Access,
    action: &'static str,
    principal: &Principal,
    now: Time,
) -> Result<()> {
    let resource = Resource {
        kind: "principal",
        id: &principal.id,
        name: &principal.name,
    };
    Place::project(access, now).record(conn, action, resource, Some(principal))
}
