//! Rows of artifacts, and the search for one by its id where it lives.

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Text},
};
use serde::Serialize;

use super::{
    Conn, Page, PageRequest,
    conn::Driver,
    on,
    page::{Cursor, Listing, Sort},
    prepared::any_of,
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

/// Deletes the artifacts of a build.
pub fn clear(conn: &mut Conn, build_id: &str) -> Result<()> {
    let of = artifacts::table.filter(artifacts::build_id.eq(build_id));
    on!(conn, |c| diesel::delete(of).execute(c))?;
    Ok(())
}

/// Records the artifacts of a build that has none.
pub fn insert(
    conn: &mut Conn,
    build_id: &str,
    new: &[NewArtifact],
    at: Time,
) -> Result<Vec<Artifact>> {
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
    match conn.driver() {
        // A statement that is prepared once is cheaper than one that is long, where none is a round trip.
        Driver::Sqlite(c) => {
            for row in &rows {
                let values = (
                    artifacts::id.eq(&row.id),
                    artifacts::build_id.eq(&row.build_id),
                    artifacts::position.eq(row.position),
                    artifacts::external_identifier.eq(&row.external_identifier),
                    artifacts::region.eq(&row.region),
                    artifacts::created_at.eq(row.created_at.micros()),
                );
                diesel::insert_into(artifacts::table)
                    .values(values)
                    .execute(c)?;
            }
        }
        Driver::Postgres(c) => drop(InsertAll::of(build_id, &rows, at).execute(c)?),
    }
    Ok(rows)
}

/// Inserts any number of artifacts of one build by one statement of `PostgreSQL`, whose text is always the same.
struct InsertAll<'a> {
    build_id: &'a str,
    at: i64,
    ids: Vec<&'a str>,
    positions: Vec<i64>,
    identifiers: Vec<&'a str>,
    regions: Vec<&'a str>,
}

impl<'a> InsertAll<'a> {
    fn of(build_id: &'a str, rows: &'a [Artifact], at: Time) -> Self {
        let texts = |of: fn(&Artifact) -> &str| rows.iter().map(of).collect();
        Self {
            build_id,
            at: at.micros(),
            ids: texts(|row| &row.id),
            positions: rows.iter().map(|row| row.position).collect(),
            identifiers: texts(|row| &row.external_identifier),
            regions: texts(|row| &row.region),
        }
    }
}

impl QueryId for InsertAll<'_> {
    type QueryId = InsertAll<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for InsertAll<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO artifacts (build_id, created_at, id, position, external_identifier, region) SELECT ",
        );
        out.push_bind_param::<Text, _>(self.build_id)?;
        out.push_sql("::text, ");
        out.push_bind_param::<BigInt, _>(&self.at)?;
        out.push_sql("::bigint, new.* FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.ids)?;
        out.push_sql("::text[], ");
        out.push_bind_param::<Array<BigInt>, _>(&self.positions)?;
        out.push_sql("::bigint[], ");
        out.push_bind_param::<Array<Text>, _>(&self.identifiers)?;
        out.push_sql("::text[], ");
        out.push_bind_param::<Array<Text>, _>(&self.regions)?;
        out.push_sql("::text[]) AS new");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for InsertAll<'_> {}

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
        .filter(any_of(artifacts::build_id, build_ids))
        .order((artifacts::build_id, artifacts::position));
    Ok(on!(conn, |c| query.select(Artifact::as_select()).load(c))?)
}

/// The artifacts of all builds of some versions, those of one build in order.
pub fn of_versions(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<Artifact>> {
    let query = artifacts::table
        .inner_join(builds::table)
        .filter(any_of(builds::version_id, version_ids))
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
