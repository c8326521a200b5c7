//! Statements that find the versions of a selection: by name, by what they hold, by their bucket.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{
    Conn,
    condition::checked,
    on,
    prepared::any_of,
    schema::{artifacts, buckets, builds, revocations, versions},
    steps::{STEP, in_steps},
};
use crate::{
    domain::{build::BuildStatus, label::Labels, time::Time},
    error::Result,
};

/// As much of a version as a selection looks at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable)]
#[diesel(table_name = versions)]
pub struct Candidate {
    /// ULID.
    pub id: String,
    /// Its bucket.
    pub bucket_id: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
}

/// The versions of a bucket that have one of these fingerprints.
pub fn by_fingerprint(
    conn: &mut Conn,
    bucket_id: &str,
    fingerprints: &[String],
) -> Result<Vec<Candidate>> {
    in_steps(fingerprints, |some| {
        let query = versions::table
            .filter(versions::bucket_id.eq(bucket_id))
            .filter(any_of(versions::fingerprint, some));
        Ok(on!(conn, |c| query.select(Candidate::as_select()).load(c))?)
    })
}

/// The versions of a project that hold an artifact of one of these ids, at most `limit` of some, each with that id.
/// Builds that are not done hold none.
pub fn by_artifact(
    conn: &mut Conn,
    project_id: &str,
    identifiers: &[String],
    limit: usize,
) -> Result<Vec<(String, Candidate)>> {
    let mut found = Vec::new();
    for some in identifiers.chunks(STEP) {
        let query = artifacts::table
            .inner_join(builds::table.inner_join(versions::table.inner_join(buckets::table)))
            .filter(any_of(artifacts::external_identifier, some))
            .filter(checked(buckets::project_id).eq(project_id))
            .filter(builds::status.eq(BuildStatus::Done.as_str()))
            .limit(rows(limit.saturating_sub(found.len())));
        let rows: Vec<(String, Candidate)> = on!(conn, |c| query
            .select((artifacts::external_identifier, Candidate::as_select()))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The versions of some buckets, at most `limit`.
pub fn of_buckets(conn: &mut Conn, bucket_ids: &[String], limit: usize) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for some in bucket_ids.chunks(STEP) {
        let query = versions::table
            .filter(any_of(versions::bucket_id, some))
            .limit(rows(limit.saturating_sub(found.len())));
        let rows: Vec<Candidate> = on!(conn, |c| query.select(Candidate::as_select()).load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The ids of all buckets of a project.
pub fn buckets_of(conn: &mut Conn, project_id: &str) -> Result<Vec<String>> {
    let query = buckets::table
        .filter(buckets::project_id.eq(project_id))
        .select(buckets::id);
    Ok(on!(conn, |c| query.load(c))?)
}

/// Which of these versions have a build with all of these labels. Stops when more than `limit` builds were looked
/// at, and says so by `None`.
pub fn with_labels(
    conn: &mut Conn,
    version_ids: &[String],
    (wanted, limit): (&Labels, usize),
) -> Result<Option<BTreeSet<String>>> {
    let mut found = BTreeSet::new();
    let mut seen = 0;
    for ids in version_ids.chunks(STEP) {
        let query = builds::table
            .filter(any_of(builds::version_id, ids))
            .select((builds::version_id, builds::labels))
            .limit(rows(limit.saturating_sub(seen) + 1));
        let rows: Vec<Labelled> = on!(conn, |c| query.load(c))?;
        seen += rows.len();
        if seen > limit {
            return Ok(None);
        }
        let fit = rows
            .into_iter()
            .filter(|row| row.labels.contain(wanted.pairs()));
        found.extend(fit.map(|row| row.version_id));
    }
    Ok(Some(found))
}

#[derive(Queryable)]
struct Labelled {
    version_id: String,
    #[diesel(deserialize_as = String)]
    labels: Labels,
}

/// Which of these versions have a revocation that is in force.
pub fn revoked(conn: &mut Conn, version_ids: &[String], now: Time) -> Result<BTreeSet<String>> {
    let found: Vec<String> = in_steps(version_ids, |ids| {
        let query = revocations::table
            .filter(any_of(revocations::version_id, ids))
            .filter(revocations::revoke_at.le(now.micros()))
            .select(revocations::version_id);
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    Ok(found.into_iter().collect())
}

/// A number of rows as a statement takes it.
pub(super) fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
