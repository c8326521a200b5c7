//! Lets a locked-out owner in again. Whoever may do this owns the host.

use super::{
    Access,
    principals::{self, Create, Created},
};
use crate::{
    domain::{role::Role, time::Time},
    error::{Error, Result},
    store::{
        Conn, Store,
        organizations::{self, Project},
        principals::{self as rows, Principal, Scope},
    },
};

/// The name of an admin that has to be made.
const ADMIN: &str = "admin";

/// Gives an admin of the organization a new secret and ends all others: the one of this name, else the
/// oldest that is not shut out. One that is shut out is let in again; when none is left, one is made.
///
/// # Errors
/// [`Error::Missing`] when nobody has this name, [`Error::Refused`] when that is no admin.
pub async fn recover(
    store: &Store,
    project: Project,
    name: Option<String>,
    now: Time,
) -> Result<Created> {
    let write = store.write(move |conn| {
        let organization_id = &project.organization_id;
        organizations::lock(conn, organization_id)?;
        let access = Access::system(project.clone());
        let Some(principal) = choose(conn, organization_id, name.as_deref())? else {
            let create = Create {
                name: ADMIN.into(),
                project_id: None,
                scope: Scope::Organization(organization_id.clone()),
                role: Role::Admin,
            };
            return principals::insert(conn, &access, (&create, None), now);
        };
        rows::let_in(conn, &principal.id)?;
        let whole = Scope::Organization(organization_id.clone());
        rows::bind(conn, &principal.id, &whole, Role::Admin)?;
        for secret in rows::secrets(conn, &principal.id)? {
            rows::delete_secret(conn, &secret.id)?;
        }
        let secret = principals::new_secret(conn, &principal, None, now)?;
        let principal = rows::by_id(conn, &principal.id)?.unwrap_or(principal);
        principals::record(conn, &access, "principal.recovered", &principal, now)?;
        principals::created(conn, principal, secret)
    });
    write.await
}

/// Whom to let in; `None` when there is nobody.
fn choose(conn: &mut Conn, organization_id: &str, name: Option<&str>) -> Result<Option<Principal>> {
    let admins = rows::all_admins(conn, organization_id)?;
    if let Some(name) = name {
        let named = rows::by_name(conn, organization_id, name)?;
        if !admins.iter().any(|admin| admin.id == named.id) {
            return Err(Error::refused(format!(
                "{name} is no admin of the organization: without --principal, its oldest admin is let in, \
                 or a new one is made"
            )));
        }
        return Ok(Some(named));
    }
    let open = admins.iter().find(|admin| !admin.disabled);
    if let Some(admin) = open.or(admins.first()) {
        return Ok(Some(admin.clone()));
    }
    // The name may be taken by somebody whose role was taken away.
    match rows::by_name(conn, organization_id, ADMIN) {
        Ok(found) => Ok(Some(found)),
        Err(Error::Missing(..)) => Ok(None),
        Err(other) => Err(other),
    }
}
