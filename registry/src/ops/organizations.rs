//! Creating and deleting organizations: what is of one is nowhere to be seen from another. Only whoever runs
//! the registry does that, so nobody's role is asked for.

use super::{
    Access,
    events::{Place, Resource},
    projects,
};
use crate::{
    domain::{id, name, time::Time},
    error::{Error, Kind, Result},
    store::{
        Conn, Store,
        organizations::{self as rows, Organization, Project},
    },
};

/// Creates an organization with a first project, which has an active registry.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub async fn create(store: &Store, name: String, now: Time) -> Result<(Organization, Project)> {
    name::check("name", &name)?;
    store.write(move |conn| insert(conn, &name, now)).await
}

pub(super) fn insert(conn: &mut Conn, name: &str, now: Time) -> Result<(Organization, Project)> {
    let organization = Organization {
        id: id::uuid(),
        name: name.to_owned(),
        created_at: now,
    };
    rows::insert(conn, &organization)?;
    let project = Project {
        id: id::uuid(),
        organization_id: organization.id.clone(),
        name: "default".into(),
        description: String::new(),
        created_at: now,
    };
    let access = Access::system(project.clone());
    let resource = Resource {
        kind: "organization",
        id: &organization.id,
        name: &organization.name,
    };
    let place = Place::organization(&access, now);
    place.record(conn, "organization.created", resource, Some(&organization))?;
    projects::insert(conn, &access, now)?;
    Ok((organization, project))
}

/// Deletes an organization whose projects have no buckets, with all its projects and principals.
///
/// # Errors
/// [`Error::Refused`] while there are buckets, and for the last organization of the registry.
pub async fn delete(store: &Store, organization_id: String, now: Time) -> Result<()> {
    store
        .write(move |conn| {
            let all = rows::all(conn)?;
            for organization in &all {
                // All of them, so that of two deletions one sees what the other left.
                rows::hold(conn, &organization.id)?;
            }
            let all = rows::all(conn)?;
            let found = all.iter().find(|row| row.id == organization_id);
            let organization =
                found.ok_or_else(|| Error::Missing(Kind::Organization, organization_id.clone()))?;
            if all.len() == 1 {
                return Err(Error::refused(
                    "this is the only organization of the registry: create another one first",
                ));
            }
            remove(conn, organization, now)
        })
        .await
}

fn remove(conn: &mut Conn, organization: &Organization, now: Time) -> Result<()> {
    let mut projects = rows::projects(conn, &organization.id)?;
    for project in &projects {
        rows::hold_project(conn, &project.id)?;
        projects::check_empty(conn, project)?;
    }
    let project = projects.pop().unwrap_or_else(|| Project {
        id: String::new(),
        organization_id: organization.id.clone(),
        name: String::new(),
        description: String::new(),
        created_at: now,
    });
    let access = Access::system(project);
    rows::delete(conn, &organization.id)?;
    let resource = Resource {
        kind: "organization",
        id: &organization.id,
        name: &organization.name,
    };
    let place = Place::organization(&access, now);
    place.record::<Organization>(conn, "organization.deleted", resource, None)
}
