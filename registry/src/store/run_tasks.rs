//! Rows of run tasks: one a registry, from when it is first asked for.

use diesel::prelude::*;
use serde::Serialize;

use super::{Conn, on, schema::run_tasks};
use crate::{domain::time::Time, error::Result};

/// The run task of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = run_tasks)]
pub struct RunTask {
    /// The registry.
    pub registry_id: String,
    /// What stands for the registry in the address.
    pub api_id: String,
    /// The key of the signature, sealed.
    #[serde(skip)]
    pub sealed_key: Vec<u8>,
    /// `UNSET`, `FAIL` or `WARN`.
    pub on_untracked_image: String,
    /// When it was made.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When it changed last.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

/// The run task of a registry, if it was asked for before.
pub fn find(conn: &mut Conn, registry_id: &str) -> Result<Option<RunTask>> {
    let query = run_tasks::table.find(registry_id);
    Ok(on!(conn, |c| query
        .select(RunTask::as_select())
        .first(c)
        .optional())?)
}

/// Inserts a run task; the registry must be locked.
pub fn insert(conn: &mut Conn, new: &RunTask) -> Result<()> {
    let values = (
        run_tasks::registry_id.eq(&new.registry_id),
        run_tasks::api_id.eq(&new.api_id),
        run_tasks::sealed_key.eq(&new.sealed_key),
        run_tasks::on_untracked_image.eq(&new.on_untracked_image),
        run_tasks::created_at.eq(new.created_at.micros()),
        run_tasks::updated_at.eq(new.updated_at.micros()),
    );
    on!(conn, |c| diesel::insert_into(run_tasks::table)
        .values(values)
        .execute(c))?;
    Ok(())
}

/// Writes back what can change.
pub fn save(conn: &mut Conn, task: &RunTask) -> Result<()> {
    let set = (
        run_tasks::sealed_key.eq(&task.sealed_key),
        run_tasks::on_untracked_image.eq(&task.on_untracked_image),
        run_tasks::updated_at.eq(task.updated_at.micros()),
    );
    let row = run_tasks::table.find(&task.registry_id);
    on!(conn, |c| diesel::update(row).set(set).execute(c))?;
    Ok(())
}
