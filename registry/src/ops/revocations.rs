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
        let Family {
            mut locked,
            descendants,
            heirs,
        } = lock_family(tx, &home, &version, how.spare_descendants)?;
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
        rows::put(tx.conn, &own)?;
        let news = News {
            action,
            revocation: Some(&own),
            spares_descendants: how.spare_descendants,
        };
        touch(tx, &locked, &version.id, &news)?;
        // They had inherited the schedule that this takes the place of, and do not inherit this.
        for id in heirs.keys().filter(|id| !descendants.contains_key(*id)) {
            restored(tx, &locked, id)?;
        }
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

/// Versions and their buckets.
type Members = BTreeMap<String, String>;

/// Whom the revocation of a version concerns, and their buckets, locked.
struct Family {
    locked: BTreeMap<String, Bucket>,
    /// Who inherits.
    descendants: Members,
    /// Who inherited the revocation that the version has by now.
    heirs: Members,
}

/// Locks the version's bucket and those of its descendants, in the order of their ids, and makes sure
/// that no descendant was recorded meanwhile.
fn lock_family(tx: &mut Tx<'_>, home: &Bucket, version: &Version, alone: bool) -> Result<Family> {
    let project = tx.access.project.id.clone();
    let root = std::slice::from_ref(&version.id);
    let walk = |conn: &mut Conn| -> Result<(Members, Members)> {
        let mut heirs = rows::from_source(conn, &version.id)?;
        heirs.remove(&version.id);
        let descendants = if alone {
            BTreeMap::new()
        } else {
            rows::descendants(conn, &project, root)?
        };
        Ok((descendants, heirs))
    };
    let found = walk(tx.conn)?;
    let both = || found.0.iter().chain(&found.1);
    let mut ids: BTreeSet<String> = both().map(|(_, bucket)| bucket.clone()).collect();
    ids.insert(home.id.clone());
    let locked = tx.lock_all(ids)?;
    let mut held: Vec<String> = both().map(|(id, _)| id.clone()).collect();
    held.push(version.id.clone());
    versions::hold(tx.conn, &held, Hold::Exclusive)?;
    if walk(tx.conn)? != found {
        return Err(Error::Retry);
    }
    let (descendants, heirs) = found;
    Ok(Family {
        locked,
        descendants,
        heirs,
    })
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
    let news = News {
        action,
        revocation: Some(revocation),
        spares_descendants: false,
    };
    touch(tx, locked, version_id, &news)
}

/// What there is to note of a version: the revocation that came, or that decides after another went.
struct News<'a> {
    action: &'static str,
    revocation: Option<&'a Revocation>,
    spares_descendants: bool,
}

/// Notes that a revocation of a version was taken back.
fn restored(tx: &mut Tx<'_>, locked: &BTreeMap<String, Bucket>, version_id: &str) -> Result<()> {
    let left = rows::all_of(tx.conn, version_id)?;
    let news = News {
        action: "version.restored",
        revocation: effective(&left),
        spares_descendants: false,
    };
    touch(tx, locked, version_id, &news)
}

/// Notes that a version changed by a revocation that came or went.
fn touch(
    tx: &mut Tx<'_>,
    locked: &BTreeMap<String, Bucket>,
    version_id: &str,
    news: &News<'_>,
) -> Result<()> {
    let mut version = versions::by_id(tx.conn, version_id)?;
    let bucket = locked.get(&version.bucket_id).ok_or(Error::Retry)?;
    version.updated_at = bucket.changed_at;
    versions::save(tx.conn, &version)?;
    let after = VersionState {
        version: Some(&version),
        revocation: news.revocation,
        spares_descendants: news.spares_descendants,
    };
    tx.version_event(news.action, bucket, &version, &after)
}

fn finish(tx: &mut Tx<'_>, home: &Bucket, fingerprint: &str) -> Result<(VersionView, Operation)> {
    let version = versions::get(tx.conn, &home.id, fingerprint)?;
    let view = views::version(tx.conn, home, version)?;
    let project = &tx.access.project.id;
    Ok((view, operations::finish(tx.conn, project, tx.now)?))
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
        let ids: Vec<String> = if own {
            family.into_keys().collect()
        } else {
            vec![version.id]
        };
        for id in &ids {
            restored(tx, &locked, id)?;
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
