//! Rows of organizations and their projects.

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Conn,
    conn::Driver,
    on,
    schema::{organizations, projects},
};
use crate::{
    domain::time::Time,
    error::{Error, Kind, Result},
};

/// An organization.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = organizations)]
pub struct Organization {
    /// UUID.
    pub id: String,
    /// Unique.
    pub name: String,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
}

/// A project of an organization.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = projects)]
pub struct Project {
    /// UUID.
    pub id: String,
    /// The organization it belongs to.
    pub organization_id: String,
    /// Unique in the organization.
    pub name: String,
    /// Free text.
    pub description: String,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
}

/// The organization of this id.
pub fn organization(conn: &mut Conn, id: &str) -> Result<Option<Organization>> {
    let query = organizations::table.find(id);
    Ok(on!(conn, |c| query
        .select(Organization::as_select())
        .first(c)
        .optional())?)
}

/// The organization that was created first; `None` in a database that is new.
pub fn first(conn: &mut Conn) -> Result<Option<Organization>> {
    let query = organizations::table.order((organizations::created_at, organizations::id));
    Ok(on!(conn, |c| query
        .select(Organization::as_select())
        .first(c)
        .optional())?)
}

/// Holds an organization until the transaction ends, against others that hold it.
pub fn lock(conn: &mut Conn, id: &str) -> Result<()> {
    let row = organizations::table.find(id);
    on!(conn, |c| diesel::update(row)
        .set(organizations::name.eq(organizations::name))
        .execute(c))?;
    Ok(())
}

/// All organizations, by name.
pub fn all(conn: &mut Conn) -> Result<Vec<Organization>> {
    let query = organizations::table.order(organizations::name);
    Ok(on!(conn, |c| query
        .select(Organization::as_select())
        .load(c))?)
}

/// Keeps an organization until the transaction ends: nobody can put a project into it meanwhile.
pub fn hold(conn: &mut Conn, id: &str) -> Result<()> {
    // SQLite has one writer, who is at it just now.
    if let Driver::Postgres(c) = conn.driver() {
        let row = organizations::table.find(id).select(organizations::id);
        let _: Option<String> = row.for_update().first(c).optional()?;
    }
    Ok(())
}

/// Keeps a project until the transaction ends: nobody can put anything into it meanwhile.
pub fn hold_project(conn: &mut Conn, id: &str) -> Result<()> {
    if let Driver::Postgres(c) = conn.driver() {
        let row = projects::table.find(id).select(projects::id);
        let _: Option<String> = row.for_update().first(c).optional()?;
    }
    Ok(())
}

/// Deletes an organization and all that belongs to it.
pub fn delete(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(organizations::table.find(id))
        .execute(c))?;
    Ok(())
}

/// Deletes a project and all that belongs to it.
pub fn delete_project(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(projects::table.find(id))
        .execute(c))?;
    Ok(())
}

/// Inserts an organization.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub fn insert(conn: &mut Conn, new: &Organization) -> Result<()> {
    let values = (
        organizations::id.eq(&new.id),
        organizations::name.eq(&new.name),
        organizations::created_at.eq(new.created_at.micros()),
    );
    let inserted = on!(conn, |c| diesel::insert_into(organizations::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::Exists(Kind::Organization, new.name.clone()));
    }
    Ok(())
}

/// The project of this id.
pub fn project(conn: &mut Conn, id: &str) -> Result<Option<Project>> {
    let query = projects::table.find(id);
    Ok(on!(conn, |c| query
        .select(Project::as_select())
        .first(c)
        .optional())?)
}

/// Locks a project until the transaction ends: for what must be unique or counted in all of it.
pub fn lock_project(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::update(projects::table.find(id))
        .set(projects::created_at.eq(projects::created_at))
        .execute(c))?;
    Ok(())
}

/// The projects of an organization, the oldest first.
pub fn projects(conn: &mut Conn, organization_id: &str) -> Result<Vec<Project>> {
    let query = projects::table
        .filter(projects::organization_id.eq(organization_id))
        .order((projects::created_at, projects::id));
    Ok(on!(conn, |c| query.select(Project::as_select()).load(c))?)
}

/// Inserts a project.
///
/// # Errors
/// [`Error::Exists`] when the name is taken in its organization.
pub fn insert_project(conn: &mut Conn, new: &Project) -> Result<()> {
    let values = (
        projects::id.eq(&new.id),
        projects::organization_id.eq(&new.organization_id),
        projects::name.eq(&new.name),
        projects::description.eq(&new.description),
        projects::created_at.eq(new.created_at.micros()),
    );
    let inserted = on!(conn, |c| diesel::insert_into(projects::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::Exists(Kind::Project, new.name.clone()));
    }
    Ok(())
}
