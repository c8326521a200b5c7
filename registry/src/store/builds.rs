//! Rows of builds.

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Conn, Page, PageRequest,
    condition::IsRunning,
    error::OrElse,
    on,
    page::{Cursor, Listing, Sort},
    prepared::{any_of, prepared},
    sboms::{self, Below},
    schema::{buckets, builds, versions},
    versions::Version,
};
use crate::{
    domain::{build::BuildStatus, label::Labels, limit, time::Time},
    error::{Error, Kind, Result},
};

/// A build: one component of a version, made by one run of Packer.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Serialize)]
#[diesel(table_name = builds)]
pub struct Build {
    /// ULID.
    pub id: String,
    /// The version it belongs to.
    pub version_id: String,
    /// The bucket's revision when it was registered: its place in the list.
    pub sequence: i64,
    /// What it builds; unique in the version.
    pub component_type: String,
    /// Where it stands.
    #[diesel(deserialize_as = String)]
    pub status: BuildStatus,
    /// Why it has that status, when the registry itself gave it.
    pub status_reason: String,
    /// The run of Packer that spoke last.
    pub packer_run_uuid: String,
    /// The provider; empty until told.
    pub platform: String,
    /// The image that it started from; may be empty.
    pub source_external_identifier: String,
    /// The version that it started from; may be empty, and need not be known here.
    pub parent_version_id: String,
    /// The channel through which that version was found; may be empty.
    pub parent_channel_id: String,
    /// Labels.
    #[diesel(deserialize_as = String)]
    pub labels: Labels,
    /// Opaque JSON.
    pub metadata: Option<String>,
    /// When it was heard of last. Not part of events.
    #[diesel(deserialize_as = Option<i64>)]
    #[serde(skip)]
    pub heartbeat_at: Heartbeat,
    /// When it was registered.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When it changed last; a heartbeat is no change.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

/// When a build was heard of last, if ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heartbeat(pub Option<Time>);

impl From<Option<i64>> for Heartbeat {
    fn from(micros: Option<i64>) -> Self {
        Self(micros.map(Time::from_micros))
    }
}

/// Lists of builds: all of a version at once when no size is asked for, since Packer does not page.
pub const LISTING: Listing = Listing {
    sortable: &["created_at"],
    default: Sort {
        field: "created_at",
        descending: false,
    },
    size: limit::PAGE_MAX,
};

/// The build of this id, which must belong to the version.
pub fn find(conn: &mut Conn, version_id: &str, id: &str) -> Result<Build> {
    let query = builds::table
        .filter(builds::id.eq(id))
        .filter(builds::version_id.eq(version_id));
    on!(conn, |c| query
        .select(Build::as_select())
        .first(c)
        .optional())
    .or_else_error(|| Error::Missing(Kind::Build, id.to_owned()))
}

/// A build of this project by the names of its path, and the bucket that it is in; `None` when there is none.
pub fn locate(
    conn: &mut Conn,
    project_id: &str,
    (bucket, fingerprint, id): (&str, &str, &str),
) -> Result<Option<(String, Build)>> {
    let query = builds::table
        .inner_join(versions::table.inner_join(buckets::table))
        .filter(builds::id.eq(id))
        .filter(versions::fingerprint.eq(fingerprint))
        .filter(buckets::name.eq(bucket))
        .filter(buckets::project_id.eq(project_id));
    Ok(on!(conn, |c| query
        .select((buckets::id, Build::as_select()))
        .first(c)
        .optional())?)
}

/// A build of a bucket with its version, by fingerprint and id; `None` when either is missing.
pub fn with_version(
    conn: &mut Conn,
    bucket_id: &str,
    (fingerprint, id): (&str, &str),
) -> Result<Option<(Version, Build)>> {
    let query = builds::table
        .inner_join(versions::table)
        .filter(builds::id.eq(id))
        .filter(versions::bucket_id.eq(bucket_id))
        .filter(versions::fingerprint.eq(fingerprint));
    Ok(on!(conn, |c| query
        .select((Version::as_select(), Build::as_select()))
        .first(c)
        .optional())?)
}

/// A build to insert: nothing but its identity; the rest follows with [`save`].
#[derive(Debug, Clone)]
pub struct NewBuild<'a> {
    /// ULID.
    pub id: &'a str,
    /// The version it belongs to.
    pub version_id: &'a str,
    /// The bucket's revision.
    pub sequence: i64,
    /// What it builds; unique in the version.
    pub component_type: &'a str,
    /// The run of Packer that registers it.
    pub packer_run_uuid: &'a str,
    /// When.
    pub at: Time,
}

/// Inserts a build that has not started.
///
/// # Errors
/// [`Error::Exists`] when the version has a build of this component type.
pub fn insert(conn: &mut Conn, new: &NewBuild<'_>) -> Result<Build> {
    let values = (
        (
            builds::id.eq(new.id),
            builds::version_id.eq(new.version_id),
            builds::sequence.eq(new.sequence),
            builds::component_type.eq(new.component_type),
            builds::status.eq(BuildStatus::Unset.as_str()),
            builds::status_reason.eq(""),
            builds::packer_run_uuid.eq(new.packer_run_uuid),
            builds::platform.eq(""),
        ),
        (
            builds::source_external_identifier.eq(""),
            builds::parent_version_id.eq(""),
            builds::parent_channel_id.eq(""),
            builds::labels.eq("{}"),
            builds::created_at.eq(new.at.micros()),
            builds::updated_at.eq(new.at.micros()),
        ),
    );
    let rows: Vec<Build> = on!(conn, |c| prepared!(
        diesel::insert_into(builds::table)
            .values(values)
            .on_conflict_do_nothing()
            .returning(Build::as_returning())
    )
    .get_results(c))?;
    rows.into_iter()
        .next()
        .ok_or_else(|| Error::Exists(Kind::Build, new.component_type.to_owned()))
}

/// Writes back what can change; the bucket must be locked.
pub fn save(conn: &mut Conn, build: &Build) -> Result<()> {
    let set = (
        (
            builds::status.eq(build.status.as_str()),
            builds::status_reason.eq(&build.status_reason),
            builds::packer_run_uuid.eq(&build.packer_run_uuid),
            builds::platform.eq(&build.platform),
            builds::source_external_identifier.eq(&build.source_external_identifier),
            builds::parent_version_id.eq(&build.parent_version_id),
            builds::parent_channel_id.eq(&build.parent_channel_id),
        ),
        (
            builds::labels.eq(build.labels.to_json()),
            builds::metadata.eq(&build.metadata),
            builds::heartbeat_at.eq(build.heartbeat_at.0.map(Time::micros)),
            builds::updated_at.eq(build.updated_at.micros()),
        ),
    );
    let row = builds::table.find(&build.id);
    let update = diesel::update(row).set(set).returning(builds::id);
    on!(conn, |c| prepared!(update).get_results::<String>(c))?;
    Ok(())
}

/// Notes that a running build was heard of, without lock, event or revision. `false` when it is not
/// running any more, or for another run.
pub fn beat(conn: &mut Conn, build: &Build, now: Time) -> Result<bool> {
    let running = builds::table
        .filter(builds::id.eq(&build.id))
        .filter(builds::status.eq(BuildStatus::Running.as_str()))
        .filter(builds::packer_run_uuid.eq(&build.packer_run_uuid));
    let set = builds::heartbeat_at.eq(now.micros());
    let update = diesel::update(running).set(set).returning(builds::id);
    let beaten = on!(conn, |c| prepared!(update).get_results::<String>(c))?;
    Ok(!beaten.is_empty())
}

/// Deletes a build and all below it.
pub fn delete(conn: &mut Conn, id: &str) -> Result<()> {
    let documents = sboms::documents_below(conn, Below::Build(id))?;
    on!(conn, |c| diesel::delete(builds::table.find(id)).execute(c))?;
    sboms::sweep(conn, &documents)
}

/// How many builds a version has.
pub fn count(conn: &mut Conn, version_id: &str) -> Result<i64> {
    let of = builds::table.filter(builds::version_id.eq(version_id));
    Ok(on!(conn, |c| of.count().get_result(c))?)
}

/// As much of a build as decides what becomes of its version.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = builds)]
pub struct Standing {
    /// Where it stands.
    #[diesel(deserialize_as = String)]
    pub status: BuildStatus,
    /// The provider; empty until told.
    pub platform: String,
    /// The version that it started from; may be empty.
    pub parent_version_id: String,
}

/// Where the builds of a version stand, in no order.
pub fn standings(conn: &mut Conn, version_id: &str) -> Result<Vec<Standing>> {
    let query = builds::table.filter(builds::version_id.eq(version_id));
    Ok(on!(conn, |c| query.select(Standing::as_select()).load(c))?)
}

/// The builds of some versions, those of one version in order of registration.
pub fn of_versions(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<Build>> {
    let query = builds::table
        .filter(any_of(builds::version_id, version_ids))
        .order((builds::version_id, builds::sequence));
    Ok(on!(conn, |c| query.select(Build::as_select()).load(c))?)
}

/// A page of a version's builds.
pub fn list(conn: &mut Conn, version_id: &str, request: &PageRequest) -> Result<Page<Build>> {
    let from = request.cursor().map(Cursor::as_number).transpose()?;
    let rows: Vec<Build> = on!(conn, |c| {
        let mut query = builds::table
            .filter(builds::version_id.eq(version_id))
            .select(Build::as_select())
            .limit(request.fetch())
            .into_boxed();
        query = match (from, request.descending()) {
            (Some(key), false) => query.filter(builds::sequence.gt(key)),
            (Some(key), true) => query.filter(builds::sequence.lt(key)),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order(builds::sequence.desc())
        } else {
            query.order(builds::sequence.asc())
        };
        query.load(c)
    })?;
    Ok(Page::of(rows, request, |build| {
        Cursor::number(build.sequence)
    }))
}

/// A running build that was not heard of since a moment, and where it belongs.
#[derive(Debug, Clone, Queryable)]
pub struct Stale {
    /// The build.
    pub id: String,
    /// Its version.
    pub version_id: String,
    /// The bucket of that.
    pub bucket_id: String,
}

/// Running builds not heard of since `limit`, the longest silent first.
pub fn stale(conn: &mut Conn, limit: Time) -> Result<Vec<Stale>> {
    let query = builds::table
        .inner_join(versions::table)
        .filter(IsRunning)
        .filter(builds::heartbeat_at.lt(limit.micros()))
        .order(builds::heartbeat_at)
        .select((builds::id, builds::version_id, versions::bucket_id))
        .limit(1_000);
    Ok(on!(conn, |c| query.load(c))?)
}

/// When the running build that is silent for longest was heard of.
pub fn longest_silence(conn: &mut Conn) -> Result<Option<Time>> {
    let query = builds::table
        .filter(IsRunning)
        .select(builds::heartbeat_at)
        .order(builds::heartbeat_at.asc());
    let first: Option<Option<i64>> = on!(conn, |c| query.first(c).optional())?;
    Ok(first.flatten().map(Time::from_micros))
}
