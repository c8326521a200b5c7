//! Rows of artifacts, and the search for one by its id where it lives.

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Conn, Page, PageRequest, on,
    page::{Cursor, Listing, Sort},
    schema::{artifacts, buckets, builds, versions},
};
use crate::{
    domain::{
        build::{BuildStatus, NewArtifact},
        id, limit,
        time::Time,
    },
    error::Result,
};

/// What a build made, in one region.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = artifacts)]
pub struct Artifact {
    /// ULID.
    pub id: String,
    /// The build that made it.
    pub build_id: String,
    /// Its place among the artifacts of the build.
    pub position: i64,
    /// Its id where it lives; may be empty.
    pub external_identifier: String,
    /// The region; may be empty.
    pub region: String,
    /// When it was recorded.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
}

/// Rows of one insert: `SQLite` takes 32,766 values a statement, `PostgreSQL` 65,535.
const CHUNK: usize = 1_000;

/// Puts these artifacts in the place of those that the build had.
pub fn replace(
    conn: &mut Conn,
    build_id: &str,
    new: &[NewArtifact],
    at: Time,
) -> Result<Vec<Artifact>> {
    on!(conn, |c| diesel::delete(
        artifacts::table.filter(artifacts::build_id.eq(build_id))
    )
    .execute(c))?;
    let rows: Vec<Artifact> = (0_i64..)
        .zip(new)
        .map(|(position, artifact)| Artifact {
            id: id::ulid(at),
            build_id: build_id.to_owned(),
            position,
            external_identifier: artifact.external_identifier.clone(),
            region: artifact.region.clone(),
            created_at: at,
        })
        .collect();
    for rows in rows.chunks(CHUNK) {
        let values: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    artifacts::id.eq(&row.id),
                    artifacts::build_id.eq(&row.build_id),
                    artifacts::position.eq(row.position),
                    artifacts::external_identifier.eq(&row.external_identifier),
                    artifacts::region.eq(&row.region),
                    artifacts::created_at.eq(row.created_at.micros()),
                )
            })
            .collect();
        on!(conn, |c| diesel::insert_into(artifacts::table)
            .values(&values)
            .execute(c))?;
    }
    Ok(rows)
}

/// The artifacts of one build, in the order in which it reported them.
pub fn of_build(conn: &mut Conn, build_id: &str) -> Result<Vec<Artifact>> {
    let query = artifacts::table
        .filter(artifacts::build_id.eq(build_id))
        .order(artifacts::position);
    Ok(on!(conn, |c| query.select(Artifact::as_select()).load(c))?)
}

/// The artifacts of some builds, those of one build in order.
pub fn of_builds(conn: &mut Conn, build_ids: &[String]) -> Result<Vec<Artifact>> {
    let query = artifacts::table
        .filter(artifacts::build_id.eq_any(build_ids))
        .order((artifacts::build_id, artifacts::position));
    Ok(on!(conn, |c| query.select(Artifact::as_select()).load(c))?)
}

/// The artifacts of all builds of some versions, those of one build in order.
pub fn of_versions(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<Artifact>> {
    let query = artifacts::table
        .inner_join(builds::table)
        .filter(builds::version_id.eq_any(version_ids))
        .order((artifacts::build_id, artifacts::position));
    Ok(on!(conn, |c| query.select(Artifact::as_select()).load(c))?)
}

/// Lists of found artifacts: the newest first.
pub const LISTING: Listing = Listing {
    sortable: &["created_at"],
    default: Sort {
        field: "created_at",
        descending: true,
    },
    size: limit::PAGE,
};

/// What to look for. Empty fields match everything, but for the identifier.
#[derive(Debug, Clone)]
pub struct Search {
    /// The artifact's id where it lives, exactly.
    pub external_identifier: String,
    /// The build's platform, exactly.
    pub platform: String,
    /// The artifact's region, exactly.
    pub region: String,
}

/// Where an artifact was found.
#[derive(Debug, Clone, Queryable)]
pub struct Found {
    /// The artifact.
    pub id: String,
    /// Its build.
    pub build_id: String,
    /// The version of that.
    pub version_id: String,
    /// The bucket of that.
    pub bucket_id: String,
}

/// A page of the artifacts of done builds in a project that match.
pub fn search(
    conn: &mut Conn,
    project_id: &str,
    search: &Search,
    request: &PageRequest,
) -> Result<Page<Found>> {
    let rows: Vec<Found> = on!(conn, |c| {
        let mut query = artifacts::table
            .inner_join(builds::table.inner_join(versions::table.inner_join(buckets::table)))
            .filter(artifacts::external_identifier.eq(&search.external_identifier))
            .filter(buckets::project_id.eq(project_id))
            .filter(builds::status.eq(BuildStatus::Done.as_str()))
            .select((artifacts::id, builds::id, versions::id, buckets::id))
            .limit(request.fetch())
            .into_boxed();
        if !search.platform.is_empty() {
            query = query.filter(builds::platform.eq(&search.platform));
        }
        if !search.region.is_empty() {
            query = query.filter(artifacts::region.eq(&search.region));
        }
        query = match (request.cursor(), request.descending()) {
            (Some(from), false) => query.filter(artifacts::id.gt(&from.key)),
            (Some(from), true) => query.filter(artifacts::id.lt(&from.key)),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order(artifacts::id.desc())
        } else {
            query.order(artifacts::id.asc())
        };
        query.load(c)
    })?;
    Ok(Page::of(rows, request, |found| Cursor::text(&found.id)))
}
