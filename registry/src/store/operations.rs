//! Rows of finished operations. Nothing is asynchronous here; clients ask all the same.

use diesel::prelude::*;

use super::{Conn, on, schema::operations};
use crate::{
    domain::{id, time::Time},
    error::{Error, Kind, Result},
};

/// A finished operation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = operations)]
pub struct Operation {
    /// UUID.
    pub id: String,
    /// The project in which it happened.
    pub project_id: String,
    /// When it began and ended.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
}

/// Notes an operation as finished.
pub fn finish(conn: &mut Conn, project_id: &str, at: Time) -> Result<Operation> {
    let new = Operation {
        id: id::uuid(),
        project_id: project_id.to_owned(),
        created_at: at,
    };
    let values = (
        operations::id.eq(&new.id),
        operations::project_id.eq(&new.project_id),
        operations::created_at.eq(at.micros()),
    );
    on!(conn, |c| diesel::insert_into(operations::table)
        .values(values)
        .execute(c))?;
    Ok(new)
}

/// The operation of this id.
pub fn find(conn: &mut Conn, id: &str) -> Result<Operation> {
    let query = operations::table.find(id);
    let found: Option<Operation> = on!(conn, |c| query
        .select(Operation::as_select())
        .first(c)
        .optional())?;
    found.ok_or_else(|| Error::Missing(Kind::Operation, id.to_owned()))
}
