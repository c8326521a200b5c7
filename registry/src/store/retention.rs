//! What retention looks for and takes away.

use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use serde::Serialize;

use super::{
    Conn, on,
    schema::{builds, events, versions},
    steps::{STEP, in_steps},
};
use crate::{
    domain::{build::BuildStatus, time::Time},
    error::Result,
};

/// An incomplete version on which nothing happened for long.
#[derive(Debug, Clone, Queryable)]
pub struct Abandoned {
    /// The version.
    pub id: String,
    /// Its bucket.
    pub bucket_id: String,
}

/// A page of incomplete versions that have not changed since `limit` and of which no build runs, in the
/// order of their ids.
pub fn abandoned(conn: &mut Conn, limit: Time, after: &str) -> Result<Vec<Abandoned>> {
    let running = builds::table
        .filter(builds::version_id.eq(versions::id))
        .filter(builds::status.eq(BuildStatus::Running.as_str()));
    let query = versions::table
        .filter(versions::id.gt(after))
        .filter(versions::number.is_null())
        .filter(versions::updated_at.lt(limit.micros()))
        .filter(not(exists(running)))
        .order(versions::id)
        .select((versions::id, versions::bucket_id))
        .limit(200);
    Ok(on!(conn, |c| query.load(c))?)
}

/// An event as it is archived: every column of it.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = events)]
pub struct Archived {
    sequence: i64,
    id: String,
    organization_id: String,
    project_id: String,
    bucket_id: String,
    revision: i64,
    actor_kind: String,
    actor_id: String,
    actor_name: String,
    request_id: String,
    at: i64,
    action: String,
    resource_kind: String,
    resource_id: String,
    resource_name: String,
    payload: String,
    digest: String,
}

/// Events by their sequence numbers, in that order.
pub fn events(conn: &mut Conn, sequences: &[i64]) -> Result<Vec<Archived>> {
    let mut sequences = sequences.to_vec();
    sequences.sort_unstable();
    in_steps(&sequences, |step| {
        let query = events::table
            .filter(events::sequence.eq_any(step))
            .order(events::sequence);
        Ok(on!(conn, |c| query.select(Archived::as_select()).load(c))?)
    })
}

/// How many of these events are in the log.
pub fn count(conn: &mut Conn, sequences: &[i64]) -> Result<usize> {
    let mut all = 0;
    for step in sequences.chunks(STEP) {
        let query = events::table.filter(events::sequence.eq_any(step)).count();
        let count: i64 = on!(conn, |c| query.get_result(c))?;
        all += usize::try_from(count).unwrap_or_default();
    }
    Ok(all)
}

/// Deletes events.
pub fn delete(conn: &mut Conn, sequences: &[i64]) -> Result<()> {
    for step in sequences.chunks(STEP) {
        let of = events::table.filter(events::sequence.eq_any(step));
        on!(conn, |c| diesel::delete(of).execute(c))?;
    }
    Ok(())
}
