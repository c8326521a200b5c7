//! Statements that tell what hangs on some versions: their builds, artifacts and channels, and the channels that
//! went away from them.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{
    Conn,
    channels::{Assignment, Channel},
    on,
    prepared::any_of,
    schema::{artifacts, builds, channel_history, channels},
    selection::rows,
    steps::{STEP, in_steps},
};
use crate::{
    domain::{build::BuildStatus, channel::SERVICE_AUTHOR},
    error::Result,
};

/// The channels that hold one of these versions, in no order.
pub fn holding(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<Channel>> {
    in_steps(version_ids, |ids| {
        let held = channels::version_id.assume_not_null();
        let query = channels::table.filter(any_of(held, ids));
        Ok(on!(conn, |c| query.select(Channel::as_select()).load(c))?)
    })
}

/// The channels of some buckets that people manage and that the registry moved last, in no order.
pub fn rolled_back(conn: &mut Conn, bucket_ids: &[String]) -> Result<Vec<Channel>> {
    in_steps(bucket_ids, |ids| {
        let query = channels::table
            .filter(any_of(channels::bucket_id, ids))
            .filter(channels::managed.eq(false))
            .filter(channels::author_id.eq(SERVICE_AUTHOR));
        Ok(on!(conn, |c| query.select(Channel::as_select()).load(c))?)
    })
}

/// The assignment of a channel before its last one.
pub fn before_last(conn: &mut Conn, channel_id: &str) -> Result<Option<Assignment>> {
    let query = channel_history::table
        .filter(channel_history::channel_id.eq(channel_id))
        .order(channel_history::sequence.desc())
        .offset(1)
        .limit(1);
    Ok(on!(conn, |c| query
        .select(Assignment::as_select())
        .get_result(c)
        .optional())?)
}

/// Where the builds of some versions stand, by version.
pub fn statuses(
    conn: &mut Conn,
    version_ids: &[String],
) -> Result<BTreeMap<String, Vec<BuildStatus>>> {
    let rows: Vec<Stands> = in_steps(version_ids, |ids| {
        let query = builds::table
            .filter(any_of(builds::version_id, ids))
            .select((builds::version_id, builds::status));
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    let mut found: BTreeMap<String, Vec<BuildStatus>> = BTreeMap::new();
    for row in rows {
        found.entry(row.version_id).or_default().push(row.status);
    }
    Ok(found)
}

#[derive(Queryable)]
struct Stands {
    version_id: String,
    #[diesel(deserialize_as = String)]
    status: BuildStatus,
}

/// An artifact of a version, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Held {
    /// The version.
    pub version_id: String,
    /// The provider.
    pub platform: String,
    /// The region; may be empty.
    pub region: String,
    /// Its id where it lives; may be empty.
    pub external_identifier: String,
}

/// The artifacts of the done builds of some versions, at most `limit`, and how many there are in all.
pub fn artifacts_of(
    conn: &mut Conn,
    version_ids: &[String],
    limit: usize,
) -> Result<(Vec<Held>, i64)> {
    let mut found: Vec<Held> = Vec::new();
    let mut count = 0;
    for ids in version_ids.chunks(STEP) {
        let of = artifacts::table
            .inner_join(builds::table)
            .filter(any_of(builds::version_id, ids))
            .filter(builds::status.eq(BuildStatus::Done.as_str()));
        let all: i64 = on!(conn, |c| of.count().get_result(c))?;
        count += all;
        let query = of
            .select((
                builds::version_id,
                builds::platform,
                artifacts::region,
                artifacts::external_identifier,
            ))
            .order((artifacts::build_id, artifacts::position))
            .limit(rows(limit.saturating_sub(found.len())));
        let some: Vec<Held> = on!(conn, |c| query.load(c))?;
        found.extend(some);
    }
    Ok((found, count))
}
