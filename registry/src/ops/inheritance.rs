//! What a version takes over from the parent that it records: what revokes the parent revokes it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Tx, revocations::record, settlement::settle};
use crate::{
    domain::revocation::Revocation,
    error::{Error, Result},
    store::{
        Conn,
        buckets::Bucket,
        revocations as rows,
        versions::{self, Hold, Version},
    },
};

/// Locks the bucket of a version that is about to record a parent, and the buckets of all that
/// descends from it, since they will inherit what revokes the parent.
pub(super) fn lock_for_parent(
    tx: &mut Tx<'_>,
    home: &Bucket,
    version: &Version,
    parent_id: &str,
) -> Result<BTreeMap<String, Bucket>> {
    let project = tx.access.project.id.clone();
    let walk = |conn: &mut Conn| rows::descendants(conn, &project, &version.id);
    let found = walk(tx.conn)?;
    let mut ids: BTreeSet<String> = found.values().cloned().collect();
    ids.insert(home.id.clone());
    let locked = tx.lock_all(ids)?;
    // Whoever records one of these as a parent must see what it inherits here, or be seen by the walk.
    let mut heirs: Vec<String> = found.keys().cloned().collect();
    heirs.push(version.id.clone());
    versions::hold(tx.conn, &heirs, Hold::Exclusive)?;
    versions::hold(tx.conn, &[parent_id.to_owned()], Hold::Shared)?;
    if walk(tx.conn)? != found {
        return Err(Error::Retry);
    }
    Ok(locked)
}

/// Lets a version, and what descends from it, inherit what revokes its new parent.
pub(super) fn inherit(
    tx: &mut Tx<'_>,
    locked: &mut BTreeMap<String, Bucket>,
    version: &Version,
    parent_id: &str,
) -> Result<()> {
    let project = tx.access.project.id.clone();
    let parent = versions::in_project(tx.conn, &project, &[parent_id.to_owned()])?;
    if parent.is_empty() {
        return Ok(());
    }
    let from = rows::of_versions(tx.conn, &[parent_id.to_owned()])?;
    if from.is_empty() {
        return Ok(());
    }
    let mut heirs = rows::descendants(tx.conn, &project, &version.id)?;
    heirs.insert(version.id.clone(), version.bucket_id.clone());
    let heirs: Vec<(String, String)> = heirs.into_iter().collect();
    let ids: Vec<String> = heirs.iter().map(|(id, _)| id.clone()).collect();
    let have = rows::of_versions(tx.conn, &ids)?;
    for source in &from {
        for (id, bucket_id) in &heirs {
            let known = have
                .iter()
                .any(|r| r.version_id == *id && r.source_id == source.source_id);
            if known || *id == source.source_id {
                continue;
            }
            let created_at = locked.get(bucket_id).ok_or(Error::Retry)?.changed_at;
            let inherited = Revocation {
                version_id: id.clone(),
                settled: false,
                created_at,
                ..source.clone()
            };
            record(tx, locked, id, &inherited, "version.revocation_inherited")?;
        }
    }
    locked
        .values_mut()
        .try_for_each(|bucket| settle(tx, bucket))
}
