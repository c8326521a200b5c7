//! Buckets and their channels, many at once.

use diesel::prelude::*;

use crate::{
    error::Result,
    store::{
        Conn,
        channels::Channel,
        on,
        prepared::any_of,
        schema::{buckets, channels, versions},
        steps::in_steps,
    },
};

/// A bucket of a project.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Outline {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// All buckets of a project, by name.
pub fn outlines(conn: &mut Conn, project_id: &str) -> Result<Vec<Outline>> {
    let query = buckets::table
        .filter(buckets::project_id.eq(project_id))
        .order(buckets::name)
        .select((buckets::id, buckets::name));
    Ok(on!(conn, |c| query.load(c))?)
}

/// A bucket, and which of its versions matter beside those that channels hold.
#[derive(Debug, Queryable)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) revision: i64,
    /// The newest complete version, revoked or not.
    pub(super) complete_id: Option<String>,
    /// The version that was begun last.
    pub(super) last_id: Option<String>,
}

/// The buckets of these ids, as far as they exist.
pub(super) fn heads(conn: &mut Conn, ids: &[String]) -> Result<Vec<Head>> {
    in_steps(ids, |ids| {
        let of = || versions::table.filter(versions::bucket_id.eq(buckets::id));
        let complete = of()
            .filter(versions::number.is_not_null())
            .order(versions::number.desc())
            .select(versions::id)
            .limit(1);
        let last = of()
            .order(versions::sequence.desc())
            .select(versions::id)
            .limit(1);
        let query = buckets::table.filter(any_of(buckets::id, ids)).select((
            buckets::id,
            buckets::name,
            buckets::revision,
            complete.single_value(),
            last.single_value(),
        ));
        Ok(on!(conn, |c| query.load(c))?)
    })
}

/// The channels of some buckets, those of one bucket by name.
pub(super) fn channels(conn: &mut Conn, bucket_ids: &[String]) -> Result<Vec<Channel>> {
    let mut found: Vec<Channel> = in_steps(bucket_ids, |ids| {
        let query = channels::table.filter(any_of(channels::bucket_id, ids));
        Ok(on!(conn, |c| query.select(Channel::as_select()).load(c))?)
    })?;
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}
