//! Rows of registries: one a project.

use diesel::prelude::*;
use serde::Serialize;

use super::{Conn, on, schema::registries};
use crate::{
    domain::time::Time,
    error::{Error, Kind, Result},
};

/// The registry of a project.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = registries)]
pub struct Registry {
    /// ULID.
    pub id: String,
    /// The project.
    pub project_id: String,
    /// Whether it takes part in builds.
    pub activated: bool,
    /// `UNSET`, `STANDARD` or `PLUS`; nothing here depends on it.
    pub feature_tier: String,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When it changed last.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

/// The registry of a project.
pub fn find(conn: &mut Conn, project_id: &str) -> Result<Registry> {
    let query = registries::table.filter(registries::project_id.eq(project_id));
    let found: Option<Registry> = on!(conn, |c| query
        .select(Registry::as_select())
        .first(c)
        .optional())?;
    found.ok_or_else(|| Error::Missing(Kind::Registry, project_id.to_owned()))
}

/// [`find`], and holds the registry until the transaction ends, against others that hold it.
pub fn lock(conn: &mut Conn, project_id: &str) -> Result<Registry> {
    let of = registries::table.filter(registries::project_id.eq(project_id));
    let rows: Vec<Registry> = on!(conn, |c| diesel::update(of)
        .set(registries::activated.eq(registries::activated))
        .returning(Registry::as_returning())
        .get_results(c))?;
    let found = rows.into_iter().next();
    found.ok_or_else(|| Error::Missing(Kind::Registry, project_id.to_owned()))
}

/// Inserts a registry.
///
/// # Errors
/// [`Error::Exists`] when the project has one.
pub fn insert(conn: &mut Conn, new: &Registry) -> Result<()> {
    let values = (
        registries::id.eq(&new.id),
        registries::project_id.eq(&new.project_id),
        registries::activated.eq(new.activated),
        registries::feature_tier.eq(&new.feature_tier),
        registries::created_at.eq(new.created_at.micros()),
        registries::updated_at.eq(new.updated_at.micros()),
    );
    let inserted = on!(conn, |c| diesel::insert_into(registries::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::Exists(Kind::Registry, new.project_id.clone()));
    }
    Ok(())
}

/// Writes back what can change.
pub fn save(conn: &mut Conn, registry: &Registry) -> Result<()> {
    let set = (
        registries::activated.eq(registry.activated),
        registries::feature_tier.eq(&registry.feature_tier),
        registries::updated_at.eq(registry.updated_at.micros()),
    );
    on!(conn, |c| diesel::update(
        registries::table.find(&registry.id)
    )
    .set(set)
    .execute(c))?;
    Ok(())
}

/// Deletes a registry.
pub fn delete(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(registries::table.find(id))
        .execute(c))?;
    Ok(())
}
