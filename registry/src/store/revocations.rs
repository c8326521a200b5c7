//! Rows of revocations, and the walk from versions to all that descend from them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{
    Conn,
    condition::{HasParent, IsUnsettled, checked},
    on,
    prepared::{any_of, prepared},
    schema::{buckets, builds, revocations, versions},
    steps::in_steps,
};
use crate::{
    domain::{revocation::Revocation, time::Time},
    error::Result,
};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = revocations)]
struct Row {
    version_id: String,
    source_id: String,
    source_bucket_name: String,
    source_version_name: String,
    source_fingerprint: String,
    #[diesel(deserialize_as = i64)]
    revoke_at: Time,
    author_id: String,
    message: String,
    keep_channels: bool,
    settled: bool,
    #[diesel(deserialize_as = i64)]
    created_at: Time,
}

impl From<Row> for Revocation {
    fn from(row: Row) -> Self {
        Self {
            version_id: row.version_id,
            source_id: row.source_id,
            source_bucket_name: row.source_bucket_name,
            source_version_name: row.source_version_name,
            source_fingerprint: row.source_fingerprint,
            revoke_at: row.revoke_at,
            author_id: row.author_id,
            message: row.message,
            keep_channels: row.keep_channels,
            settled: row.settled,
            created_at: row.created_at,
        }
    }
}

/// All revocations of some versions, in no order.
pub fn of_versions(conn: &mut Conn, version_ids: &[String]) -> Result<Vec<Revocation>> {
    let query = revocations::table.filter(any_of(revocations::version_id, version_ids));
    let rows: Vec<Row> = on!(conn, |c| query.select(Row::as_select()).load(c))?;
    Ok(rows.into_iter().map(Revocation::from).collect())
}

/// All revocations of one version, in the order of their sources.
pub fn all_of(conn: &mut Conn, version_id: &str) -> Result<Vec<Revocation>> {
    let query = revocations::table
        .filter(revocations::version_id.eq(version_id))
        .order(revocations::source_id);
    let rows: Vec<Row> = on!(conn, |c| query.select(Row::as_select()).load(c))?;
    Ok(rows.into_iter().map(Revocation::from).collect())
}

/// Records a revocation, or puts it in the place of the one with the same version and source.
pub fn put(conn: &mut Conn, new: &Revocation) -> Result<()> {
    let values = (
        revocations::version_id.eq(&new.version_id),
        revocations::source_id.eq(&new.source_id),
        revocations::source_bucket_name.eq(&new.source_bucket_name),
        revocations::source_version_name.eq(&new.source_version_name),
        revocations::source_fingerprint.eq(&new.source_fingerprint),
        revocations::revoke_at.eq(new.revoke_at.micros()),
        revocations::author_id.eq(&new.author_id),
        revocations::message.eq(&new.message),
        revocations::keep_channels.eq(new.keep_channels),
        revocations::settled.eq(new.settled),
        revocations::created_at.eq(new.created_at.micros()),
    );
    let set = (
        revocations::revoke_at.eq(new.revoke_at.micros()),
        revocations::author_id.eq(&new.author_id),
        revocations::message.eq(&new.message),
        revocations::keep_channels.eq(new.keep_channels),
        revocations::settled.eq(new.settled),
    );
    let key = (revocations::version_id, revocations::source_id);
    on!(conn, |c| prepared!(
        diesel::insert_into(revocations::table)
            .values(values)
            .on_conflict(key)
            .do_update()
            .set(set)
            .returning(revocations::version_id)
    )
    .get_results::<String>(c))?;
    Ok(())
}

/// Versions and their buckets.
pub type Members = BTreeMap<String, String>;

/// The versions that have a revocation from this source, itself included.
pub fn from_source(conn: &mut Conn, source_id: &str) -> Result<Members> {
    let source = source_id.to_owned();
    let mut found = from_sources(conn, std::slice::from_ref(&source))?;
    Ok(found.remove(&source).unwrap_or_default())
}

/// [`from_source`] of several, by source; those from which nothing came are left out.
pub fn from_sources(conn: &mut Conn, sources: &[String]) -> Result<BTreeMap<String, Members>> {
    let rows: Vec<(String, String, String)> = in_steps(sources, |ids| {
        let query = revocations::table
            .inner_join(versions::table)
            .filter(any_of(revocations::source_id, ids))
            .select((revocations::source_id, versions::id, versions::bucket_id));
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    let mut found: BTreeMap<String, Members> = BTreeMap::new();
    for (source, version, bucket) in rows {
        found.entry(source).or_default().insert(version, bucket);
    }
    Ok(found)
}

/// Takes back everything that came from a source.
pub fn delete_source(conn: &mut Conn, source_id: &str) -> Result<()> {
    let from = revocations::table.filter(revocations::source_id.eq(source_id));
    on!(conn, |c| diesel::delete(from).execute(c))?;
    Ok(())
}

/// Takes back one revocation.
pub fn delete(conn: &mut Conn, version_id: &str, source_id: &str) -> Result<()> {
    let row = revocations::table.find((version_id, source_id));
    on!(conn, |c| diesel::delete(row).execute(c))?;
    Ok(())
}

/// Revocations of a bucket's versions that are in force and whose effects are still to come, in the
/// order in which they fell due.
pub fn unsettled(conn: &mut Conn, bucket_id: &str, now: Time) -> Result<Vec<Revocation>> {
    let query = revocations::table
        .inner_join(versions::table)
        .filter(IsUnsettled)
        .filter(revocations::revoke_at.le(now.micros()))
        .filter(versions::bucket_id.eq(bucket_id))
        .order((revocations::revoke_at, revocations::version_id));
    let rows: Vec<Row> = on!(conn, |c| query.select(Row::as_select()).load(c))?;
    Ok(rows.into_iter().map(Revocation::from).collect())
}

/// The buckets in which [`unsettled`] finds something.
pub fn due_buckets(conn: &mut Conn, now: Time) -> Result<Vec<String>> {
    let query = revocations::table
        .inner_join(versions::table)
        .filter(IsUnsettled)
        .filter(revocations::revoke_at.le(now.micros()))
        .select(versions::bucket_id)
        .distinct();
    Ok(on!(conn, |c| query.load(c))?)
}

/// When the next revocation falls due whose effects are still to come.
pub fn next_due(conn: &mut Conn) -> Result<Option<Time>> {
    let query = revocations::table
        .filter(IsUnsettled)
        .select(revocations::revoke_at)
        .order(revocations::revoke_at);
    let first: Option<i64> = on!(conn, |c| query.first(c).optional())?;
    Ok(first.map(Time::from_micros))
}

/// Revocations that are yet to be recorded, for whoever asks which versions will be good then.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outlook<'a> {
    /// Versions that do not count: they will be revoked, or gone.
    pub without: &'a [String],
    /// Versions whose own revocation, and what was inherited from it, will be gone.
    pub restored: &'a [String],
}

/// What descends from some versions.
#[derive(Debug, Default)]
pub struct Descent {
    children: BTreeMap<String, BTreeSet<String>>,
    buckets: Members,
}

impl Descent {
    /// All that descends from `root`, without this. Ancestry may run in a circle, so the walk remembers
    /// where it was.
    pub fn below(&self, root: &str) -> Members {
        let mut found = Members::new();
        let mut left = vec![root];
        while let Some(parent) = left.pop() {
            for child in self.children.get(parent).into_iter().flatten() {
                let bucket = self.buckets.get(child).cloned().unwrap_or_default();
                if child != root && found.insert(child.clone(), bucket).is_none() {
                    left.push(child);
                }
            }
        }
        found
    }
}

/// What descends from `roots` in the project.
pub fn descent(conn: &mut Conn, project_id: &str, roots: &[String]) -> Result<Descent> {
    let mut found = Descent::default();
    let mut seen: BTreeSet<String> = roots.iter().cloned().collect();
    let mut frontier = roots.to_vec();
    while !frontier.is_empty() {
        let mut next = Vec::new();
        let rows: Vec<(String, String, String)> = in_steps(&frontier, |ids| {
            let query = builds::table
                .inner_join(versions::table.inner_join(buckets::table))
                .filter(HasParent)
                .filter(any_of(builds::parent_version_id, ids))
                .filter(checked(buckets::project_id).eq(project_id))
                .select((builds::parent_version_id, versions::id, versions::bucket_id))
                .distinct();
            Ok(on!(conn, |c| query.load(c))?)
        })?;
        for (parent, child, bucket) in rows {
            if seen.insert(child.clone()) {
                next.push(child.clone());
            }
            found.buckets.insert(child.clone(), bucket);
            found.children.entry(parent).or_default().insert(child);
        }
        frontier = next;
    }
    Ok(found)
}

/// All versions of the project that descend from one, without this.
pub fn descendants(conn: &mut Conn, project_id: &str, root: &str) -> Result<Members> {
    let root = root.to_owned();
    Ok(descent(conn, project_id, std::slice::from_ref(&root))?.below(&root))
}
