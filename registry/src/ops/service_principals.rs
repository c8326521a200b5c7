//! Service principals as the protocol makes them: below a project or the organization, without a secret.
//! Secrets come from the command line.

use std::sync::Arc;

use super::{Access, principals, transact};
use crate::{
    domain::{
        name,
        resource_name::{Parent, ServicePrincipalName},
        role::{Action, Role},
    },
    error::{Error, Kind, Result},
    state::State,
    store::{
        Conn,
        principals::{self as rows, Principal, Scope, StoredSecret},
    },
};

/// What a service principal belongs to.
pub fn parent(principal: &Principal) -> Parent {
    match &principal.project_id {
        Some(project) => Parent::Project(project.clone()),
        None => Parent::Organization(principal.organization_id.clone()),
    }
}

/// Refuses who is not admin of what service principals belong to.
fn check(access: &Access, parent: &Parent) -> Result<()> {
    match parent {
        Parent::Project(_) => access.check(Action::Administer, None),
        Parent::Organization(_) => Action::Administer.check(access.organization_role()),
    }
}

/// Creates a service principal, in a project as its viewer, in the organization without any role.
///
/// # Errors
/// [`Error::Exists`] when the name is taken in the organization.
pub async fn create(
    state: &State,
    access: Arc<Access>,
    parent: Parent,
    name: String,
) -> Result<Principal> {
    name::check("body.name", &name)?;
    transact(state, access, move |tx| {
        check(tx.access, &parent)?;
        let project_id = match &parent {
            Parent::Project(_) => Some(tx.access.project.id.clone()),
            Parent::Organization(_) => None,
        };
        let place = (project_id, name.clone());
        let principal = principals::insert_bare(tx.conn, tx.access, ("service", place), tx.now)?;
        if let Some(project) = &principal.project_id {
            let scope = Scope::Project(project.clone());
            rows::bind(tx.conn, &principal.id, &scope, Role::Viewer)?;
        }
        principals::record(tx.conn, tx.access, "principal.created", &principal, tx.now)?;
        Ok(principal)
    })
    .await
}

/// A service principal by its name, and its secrets.
///
/// # Errors
/// [`Error::Missing`] when there is none of this name there.
pub fn find(
    conn: &mut Conn,
    access: &Access,
    wanted: &ServicePrincipalName,
) -> Result<(Principal, Vec<StoredSecret>)> {
    check(access, &wanted.parent)?;
    let missing = || Error::Missing(Kind::Principal, wanted.to_string());
    let organization = &access.project.organization_id;
    let principal =
        rows::by_name(conn, organization, &wanted.name).map_err(|error| match error {
            Error::Missing(..) => missing(),
            other => other,
        })?;
    if principal.kind != "service" || parent(&principal) != wanted.parent {
        return Err(missing());
    }
    let secrets = rows::secrets(conn, &principal.id)?;
    Ok((principal, secrets))
}

/// Deletes a service principal; its roles, those of policies too, and its tokens end with it.
///
/// # Errors
/// [`Error::Missing`] when there is none, [`Error::Refused`] for the last admin of the organization.
pub async fn delete(
    state: &State,
    access: Arc<Access>,
    wanted: ServicePrincipalName,
) -> Result<()> {
    let reader = access.clone();
    let find = move |conn: &mut Conn| find(conn, &reader, &wanted);
    let (principal, _) = state.store.read(find).await?;
    principals::delete(&state.store, access, principal.id, state.clock.now()).await
}
