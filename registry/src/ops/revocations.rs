//! Revoking and restoring a version, with all that descends from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Access, Tx, assignments, events::VersionState, settlement::settle, transact};
use crate::{
    domain::{
        revocation::{Revocation, Revoke, effective},
        role::Action,
        time::Time,
    },
    error::{Error, Result},
    state::State,
    store::{
        Conn,
        buckets::Bucket,
        operations::{self, Operation},
        revocations as rows,
        versions::{self, Hold, Version},
        views::{self, VersionView},
    },
};

/// Revokes a version, now or later, and unless told otherwise all that descends from it.
///
/// # Errors
/// [`Error::Refused`] when a revocation of the version is in force already.
pub async fn revoke(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint): (String, String),
    how: Revoke,
) -> Result<(VersionView, Operation)> {
    let done = transact(state, access, move |tx| {
        let home = tx.find(&bucket, Action::Decide)?;
        let version = versions::get(tx.conn, &home.id, &fingerprint)?;
        let (mut locked, descendants) = lock_family(tx, &home, &version, how.spare_descendants)?;
        let version = versions::get(tx.conn, &home.id, &fingerprint)?;
        refuse_revoked(tx, &home, &version)?;
        let at = locked.get(&home.id).ok_or(Error::Retry)?.changed_at;
        let own = own_revocation(tx, &home, &version, &how, at);
        rows::delete_source(tx.conn, &version.id)?;
        let action = if own.in_force(own.created_at) {
            "version.revoked"
        } else {
            "version.revocation_scheduled"
        };
        record(tx, &locked, &version.id, &own, action)?;
        for id in descendants.keys() {
            let inherited = Revocation {
                version_id: id.clone(),
                ..own.clone()
            };
            record(tx, &locked, id, &inherited, "version.revocation_inherited")?;
        }
        for bucket in locked.values_mut() {
            settle(tx, bucket)?;
        }
        finish(tx, &home, &fingerprint)
    })
    .await?;
    state.jobs.wake();
    Ok(done)
}

/// Locks the version's bucket and those of its descendants, in the order of their ids, and makes sure
/// that no descendant was recorded meanwhile.
fn lock_family(
    tx: &mut Tx<'_>,
    home: &Bucket,
    version: &Version,
    alone: bool,
) -> Result<(BTreeMap<String, Bucket>, BTreeMap<String, String>)> {
    let project = tx.access.project.id.clone();
    let root = std::slice::from_ref(&version.id);
    let walk = |conn: &mut Conn| {
        if alone {
            Ok(BTreeMap::new())
        } else {
            rows::descendants(conn, &project, root)
        }
    };
    let found = walk(tx.conn)?;
    let mut ids: BTreeSet<String> = found.values().cloned().collect();
    ids.insert(home.id.clone());
    let locked = tx.lock_all(ids)?;
    let mut held: Vec<String> = found.keys().cloned().collect();
    held.push(version.id.clone());
    versions::hold(tx.conn, &held, Hold::Exclusive)?;
    let again = walk(tx.conn)?;
    if again != found {
        return Err(Error::Retry);
    }
    Ok((locked, again))
}

/// Refuses to touch a version whose revocation is in force: only restoring it is left.
pub(super) fn refuse_revoked(tx: &mut Tx<'_>, bucket: &Bucket, version: &Version) -> Result<()> {
    let all = rows::of_versions(tx.conn, std::slice::from_ref(&version.id))?;
    match effective(&all) {
        Some(revocation) if revocation.in_force(tx.now.max(bucket.changed_at)) => {
            let why = format!(
                "version {} is revoked: restore it first",
                version.fingerprint
            );
            Err(Error::refused(why))
        }
        _ => Ok(()),
    }
}

fn own_revocation(
    tx: &Tx<'_>,
    home: &Bucket,
    version: &Version,
    how: &Revoke,
    at: Time,
) -> Revocation {
    Revocation {
        version_id: version.id.clone(),
        source_id: version.id.clone(),
        source_bucket_name: home.name.clone(),
        source_version_name: version.name(),
        source_fingerprint: version.fingerprint.clone(),
        revoke_at: how.at.resolve(tx.now),
        author_id: tx.access.actor.name.clone(),
        message: how.message.clone(),
        keep_channels: how.keep_channels,
        settled: false,
        created_at: at,
    }
}

/// Stores a revocation, and notes the change of its version.
pub(super) fn record(
    tx: &mut Tx<'_>,
    locked: &BTreeMap<String, Bucket>,
    version_id: &str,
    revocation: &Revocation,
    action: &'static str,
) -> Result<()> {
    rows::put(tx.conn, revocation)?;
    touch(tx, locked, version_id, Some(revocation), action)
}

/// Notes that a version changed by a revocation that came or went.
fn touch(
    tx: &mut Tx<'_>,
    locked: &BTreeMap<String, Bucket>,
    version_id: &str,
    revocation: Option<&Revocation>,
    action: &'static str,
) -> Result<()> {
    let mut version = versions::by_id(tx.conn, version_id)?;
    let bucket = locked.get(&version.bucket_id).ok_or(Error::Retry)?;
    version.updated_at = bucket.changed_at;
    versions::save(tx.conn, &version)?;
    let after = VersionState {
        version: Some(&version),
        revocation,
    };
    tx.version_event(action, bucket, &version, &after)
}

fn finish(tx: &mut Tx<'_>, home: &Bucket, fingerprint: &str) -> Result<(VersionView, Operation)> {
    let version = versions::get(tx.conn, &home.id, fingerprint)?;
    let project = tx.access.project.id.clone();
    let view = views::version(tx.conn, &project, version)?;
    Ok((view, operations::finish(tx.conn, &project, tx.now)?))
}

/// Takes a revocation back, and what descendants inherited from it.
///
/// # Errors
/// [`Error::Refused`] when there is nothing to restore, or the revocation was inherited from a version
/// that still exists and has to be restored instead.
pub async fn restore(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint): (String, String),
) -> Result<(VersionView, Operation)> {
    transact(state, access, move |tx| {
        let home = tx.find(&bucket, Action::Decide)?;
        let version = versions::get(tx.conn, &home.id, &fingerprint)?;
        let family = rows::from_source(tx.conn, &version.id)?;
        let mut ids: BTreeSet<String> = family.values().cloned().collect();
        ids.insert(home.id.clone());
        let mut locked = tx.lock_all(ids)?;
        // Whoever records one of these as a parent waits, or has been seen by the look after this.
        let mut held: Vec<String> = family.keys().cloned().collect();
        held.push(version.id.clone());
        versions::hold(tx.conn, &held, Hold::Exclusive)?;
        if rows::from_source(tx.conn, &version.id)? != family {
            return Err(Error::Retry);
        }
        let own = family.contains_key(&version.id);
        if own {
            rows::delete_source(tx.conn, &version.id)?;
        } else {
            forget_orphans(tx, &version)?;
        }
        let restored: Vec<String> = if own {
            family.into_keys().collect()
        } else {
            vec![version.id]
        };
        for id in &restored {
            let left = rows::of_versions(tx.conn, std::slice::from_ref(id))?;
            touch(tx, &locked, id, effective(&left), "version.restored")?;
        }
        for bucket in locked.values_mut() {
            let at = bucket.changed_at;
            assignments::follow_latest(tx, bucket, None, at)?;
        }
        finish(tx, &home, &fingerprint)
    })
    .await
}

/// Takes back what a version inherited from ancestors that no longer exist, since these cannot be
/// restored any more.
fn forget_orphans(tx: &mut Tx<'_>, version: &Version) -> Result<()> {
    let inherited = rows::of_versions(tx.conn, std::slice::from_ref(&version.id))?;
    if inherited.is_empty() {
        let why = format!(
            "version {} is neither revoked nor scheduled to be",
            version.fingerprint
        );
        return Err(Error::refused(why));
    }
    let sources: Vec<String> = inherited.iter().map(|row| row.source_id.clone()).collect();
    let alive = versions::in_project(tx.conn, &tx.access.project.id, &sources)?;
    let ancestor = inherited
        .iter()
        .find(|row| alive.iter().any(|v| v.id == row.source_id));
    if let Some(row) = ancestor {
        let why = format!(
            "the revocation is inherited: restore version {} ({}) of bucket {} instead",
            row.source_version_name, row.source_fingerprint, row.source_bucket_name,
        );
        return Err(Error::refused(why));
    }
    inherited
        .iter()
        .try_for_each(|row| rows::delete(tx.conn, &row.version_id, &row.source_id))
}
