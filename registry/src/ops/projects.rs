//! Creating and deleting projects. Each has a registry from birth.

use std::sync::Arc;

use super::{
    Access,
    events::{Place, Resource},
    principals,
};
use crate::{
    domain::{id, limit, name, role::Action, time::Time},
    error::{Error, Kind, Result},
    store::{
        Conn, Store, buckets,
        organizations::{self as rows, Project},
        principals::{self as people, Scope},
        registries::{self, Registry},
    },
};

/// What a create says.
#[derive(Debug, Clone)]
pub struct Create {
    /// Unique in the organization.
    pub name: String,
    /// Free text.
    pub description: String,
}

/// Creates a project of the caller's organization, with an active registry.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub async fn create(
    store: &Store,
    access: Arc<Access>,
    create: Create,
    now: Time,
) -> Result<Project> {
    name::check("name", &create.name)?;
    name::check_text("description", &create.description, limit::TEXT)?;
    store
        .write(move |conn| {
            Action::Administer.check(access.organization_role())?;
            let project = Project {
                id: id::uuid(),
                organization_id: access.project.organization_id.clone(),
                name: create.name.clone(),
                description: create.description.clone(),
                created_at: now,
            };
            let access = Access {
                project,
                ..Access::clone(&access)
            };
            insert(conn, &access, now)?;
            Ok(access.project)
        })
        .await
}

/// Inserts the project that `access` is in, and its registry, and notes both.
pub(super) fn insert(conn: &mut Conn, access: &Access, now: Time) -> Result<()> {
    let project = &access.project;
    rows::insert_project(conn, project)?;
    let registry = Registry {
        id: id::ulid(now),
        project_id: project.id.clone(),
        activated: true,
        feature_tier: "PLUS".into(),
        created_at: now,
        updated_at: now,
    };
    registries::insert(conn, &registry)?;
    let place = Place::project(access, now);
    let named = |kind, id| Resource {
        kind,
        id,
        name: &project.name,
    };
    let resource = named("project", &project.id);
    place.record(conn, "project.created", resource, Some(project))?;
    let resource = named("registry", &registry.id);
    place.record(conn, "registry.created", resource, Some(&registry))
}

/// Deletes a project without buckets, with its registry and the principals that are bound to it.
///
/// # Errors
/// [`Error::Refused`] while it has buckets, for the last project of the organization, and when its last
/// admin is bound to the project.
pub async fn delete(
    store: &Store,
    access: Arc<Access>,
    project_id: String,
    now: Time,
) -> Result<()> {
    store
        .write(move |conn| {
            Action::Administer.check(access.organization_role())?;
            let organization_id = &access.project.organization_id;
            principals::keeping_an_admin(conn, organization_id, |conn| {
                rows::hold(conn, organization_id)?;
                let all = rows::projects(conn, organization_id)?;
                let project = all.iter().find(|project| project.id == project_id);
                let project =
                    project.ok_or_else(|| Error::Missing(Kind::Project, project_id.clone()))?;
                if all.len() == 1 {
                    return Err(Error::refused(
                        "this is the only project of the organization: create another one first, or delete the organization",
                    ));
                }
                remove(conn, &access, project, now)
            })
        })
        .await
}

fn remove(conn: &mut Conn, access: &Access, project: &Project, now: Time) -> Result<()> {
    rows::hold_project(conn, &project.id)?;
    check_empty(conn, project)?;
    for principal in people::bound_to(conn, &project.id)? {
        principals::remove(conn, access, &principal, now)?;
    }
    people::unbind_all(conn, &Scope::Project(project.id.clone()))?;
    rows::delete_project(conn, &project.id)?;
    let resource = Resource {
        kind: "project",
        id: &project.id,
        name: &project.name,
    };
    let place = Place {
        project_id: &project.id,
        ..Place::organization(access, now)
    };
    place.record::<Project>(conn, "project.deleted", resource, None)
}

/// Refuses a project that has buckets.
pub(super) fn check_empty(conn: &mut Conn, project: &Project) -> Result<()> {
    if buckets::any(conn, &project.id)? {
        let Project { name, .. } = project;
        let why = format!("the project {name} still has buckets: delete them first");
        return Err(Error::refused(why));
    }
    Ok(())
}
