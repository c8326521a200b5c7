//! What a channel gave at a moment, from where to where it moved, and the artifacts that can be asked for.

use diesel::prelude::*;

use super::{
    Conn,
    channels::Assignment,
    on,
    prepared::any_of,
    schema::{artifacts, builds, channel_history, versions},
    versions::Version,
};
use crate::{
    domain::{
        build::BuildStatus,
        label::Labels,
        resolve::{Candidate, Wanted},
        time::Time,
    },
    error::{Error, Result},
};

/// How many versions are looked at for one that had what another has not.
pub const LOOK_BACK: i64 = 20;

/// What a channel was assigned last at a moment; `None` when it had never been.
pub fn assignment_at(conn: &mut Conn, channel_id: &str, at: Time) -> Result<Option<Assignment>> {
    let query = channel_history::table
        .filter(channel_history::channel_id.eq(channel_id))
        .filter(channel_history::assigned_at.le(at.micros()))
        .order((
            channel_history::assigned_at.desc(),
            channel_history::sequence.desc(),
        ));
    Ok(on!(conn, |c| query
        .select(Assignment::as_select())
        .first(c)
        .optional())?)
}

/// The newest complete versions of a bucket below a number, the newest first; [`LOOK_BACK`] at most.
pub fn before(conn: &mut Conn, bucket_id: &str, number: i64) -> Result<Vec<Version>> {
    let query = versions::table
        .filter(versions::bucket_id.eq(bucket_id))
        .filter(versions::number.lt(number))
        .order(versions::number.desc())
        .limit(LOOK_BACK);
    Ok(on!(conn, |c| query.select(Version::as_select()).load(c))?)
}

/// A row of [`candidates`]; the numbers are its place in the version.
#[derive(Queryable)]
struct Row {
    place: (i64, i64),
    build: (String, String, String, String, String, String),
    artifact: (String, String, String),
}

impl TryFrom<Row> for Candidate {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let (version_id, build_id, component_type, platform, source, labels) = row.build;
        let (artifact_id, external_identifier, region) = row.artifact;
        Ok(Self {
            version_id,
            build_id,
            component_type,
            platform,
            source_external_identifier: source,
            labels: Labels::try_from(labels).map_err(Error::internal)?,
            artifact_id,
            external_identifier,
            region,
        })
    }
}

/// The artifacts of done builds of some versions that have an id: those of one version in the order in which
/// builds were registered and reported them. Those that `wanted` rules out may be left out.
pub fn candidates(
    conn: &mut Conn,
    version_ids: &[String],
    wanted: &Wanted,
) -> Result<Vec<Candidate>> {
    let mut rows: Vec<Row> = on!(conn, |c| {
        let mut query = artifacts::table
            .inner_join(builds::table)
            .filter(any_of(builds::version_id, version_ids))
            .filter(builds::status.eq(BuildStatus::Done.as_str()))
            .filter(artifacts::external_identifier.ne(""))
            .select((
                (builds::sequence, artifacts::position),
                (
                    builds::version_id,
                    builds::id,
                    builds::component_type,
                    builds::platform,
                    builds::source_external_identifier,
                    builds::labels,
                ),
                (
                    artifacts::id,
                    artifacts::external_identifier,
                    artifacts::region,
                ),
            ))
            .into_boxed();
        if !wanted.platform.is_empty() {
            query = query.filter(builds::platform.eq(&wanted.platform));
        }
        if !wanted.region.is_empty() {
            query = query.filter(artifacts::region.eq(&wanted.region));
        }
        if !wanted.component_type.is_empty() {
            query = query.filter(builds::component_type.eq(&wanted.component_type));
        }
        query.load(c)
    })?;
    rows.sort_by_key(|row| row.place);
    rows.into_iter().map(Candidate::try_from).collect()
}

/// From which version to which a channel was moved; names are those of then, empty for none.
#[derive(Debug, Clone, Queryable)]
pub struct Move {
    /// The channel.
    pub channel_id: String,
    /// The bucket's revision.
    pub sequence: i64,
    /// What it held since.
    pub to: String,
    /// What it held before; `None` when it was the first.
    pub from: Option<String>,
}

/// The moves of some channels at some revisions of their buckets, in no order; there may be others among them.
pub fn moves(conn: &mut Conn, places: &[(String, i64)]) -> Result<Vec<Move>> {
    let mut ids: Vec<String> = places.iter().map(|(id, _)| id.clone()).collect();
    ids.sort();
    ids.dedup();
    let at: Vec<i64> = places.iter().map(|(_, revision)| *revision).collect();
    let before = diesel::alias!(channel_history as before);
    let held = before
        .filter(
            before
                .field(channel_history::channel_id)
                .eq(channel_history::channel_id),
        )
        .filter(
            before
                .field(channel_history::sequence)
                .lt(channel_history::sequence),
        )
        .order(before.field(channel_history::sequence).desc())
        .select(before.field(channel_history::version_name))
        .limit(1);
    let query = channel_history::table
        .filter(any_of(channel_history::channel_id, &ids))
        .filter(channel_history::sequence.eq_any(&at))
        .select((
            channel_history::channel_id,
            channel_history::sequence,
            channel_history::version_name,
            held.single_value(),
        ));
    Ok(on!(conn, |c| query.load(c))?)
}
