//! Who may manage whom, and that an organization keeps an admin.

use super::Create;
use crate::{
    domain::role::Action,
    error::{Error, Kind, Result},
    ops::Access,
    store::{
        Conn, organizations,
        principals::{self as rows, Principal, Scope},
    },
};

/// Refuses who may not manage a principal: one that is bound to a project is its admins' affair, every
/// other that of the organization's.
pub(in crate::ops) fn check_manages(
    conn: &mut Conn,
    access: &Access,
    principal: &Principal,
) -> Result<()> {
    // Whoever makes a secret for a principal can do all that it may, so its roles must not reach further.
    let beyond = |scope: &Scope| match scope {
        Scope::Organization(_) => true,
        Scope::Project(id) => *id != access.project.id,
        Scope::Bucket(_) => false,
    };
    let here = principal.project_id.as_ref() == Some(&access.project.id);
    let roles = rows::bindings(conn, &principal.id)?;
    if here && !roles.iter().any(|(scope, _)| beyond(scope)) {
        return access.check(Action::Administer, None);
    }
    Action::Administer.check(access.organization_role())
}

/// Refuses who may not create such a principal.
pub(in crate::ops) fn check_creates(
    conn: &mut Conn,
    access: &Access,
    create: &Create,
) -> Result<()> {
    match &create.project_id {
        Some(id) => check_project(conn, access, id)?,
        None => Action::Administer.check(access.organization_role())?,
    }
    match &create.scope {
        // Its project has been checked, and a bucket is part of one.
        Scope::Project(id) if create.project_id.as_ref() == Some(id) => Ok(()),
        Scope::Bucket(_) if create.project_id.is_some() => Ok(()),
        scope => check_gives(conn, access, scope),
    }
}

/// Refuses who may not give or take roles on a scope.
pub(super) fn check_gives(conn: &mut Conn, access: &Access, scope: &Scope) -> Result<()> {
    match scope {
        Scope::Organization(id) if *id == access.project.organization_id => {
            Action::Administer.check(access.organization_role())
        }
        Scope::Organization(id) => Err(Error::Missing(Kind::Organization, id.clone())),
        Scope::Project(id) => check_project(conn, access, id),
        Scope::Bucket(_) => Err(Error::refused(
            "roles on a bucket are given in the bucket's IAM policy: set that instead",
        )),
    }
}

fn check_project(conn: &mut Conn, access: &Access, id: &str) -> Result<()> {
    organizations::project(conn, id)?
        .filter(|project| project.organization_id == access.project.organization_id)
        .ok_or_else(|| Error::Missing(Kind::Project, id.to_owned()))?;
    Action::Administer.check(access.role_in(id))
}

/// Does something after which an organization that had an admin must still have one.
///
/// # Errors
/// [`Error::Refused`] when it has not.
pub(in crate::ops) fn keeping_an_admin<T>(
    conn: &mut Conn,
    organization_id: &str,
    work: impl FnOnce(&mut Conn) -> Result<T>,
) -> Result<T> {
    // Of two admins that delete each other one must see the other gone.
    organizations::lock(conn, organization_id)?;
    let before = rows::admins(conn, organization_id)?;
    let done = work(conn)?;
    if !before.is_empty() && rows::admins(conn, organization_id)?.is_empty() {
        return Err(Error::refused(
            "this is the last admin of the organization: make another one first",
        ));
    }
    Ok(done)
}
