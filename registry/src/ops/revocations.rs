//! Revoking and restoring a version, with all that descends from it.

mod family;
mod forecast;
mod many;
mod scene;
mod selection;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Access, Tx, assignments, events::VersionState, transact};
use crate::{
    domain::{
        revocation::{Revocation, Revoke, effective},
        role::Action,
    },
    error::{Error, Result},
    state::State,
    store::{
        buckets::Bucket,
        operations::{self, Operation},
        revocations as rows,
        versions::{self, Hold, Version},
        views::{self, VersionView},
    },
};
use family::Locked;
pub use forecast::{Descendant, Fallback, Forecast, NamedVersion, Target, Touched};
pub use many::{Many, preview, revoke_many};

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
        let (mut locked, walk) = Locked::take(tx, std::slice::from_ref(&version), &how)?;
        let version = versions::get(tx.conn, &home.id, &fingerprint)?;
        refuse_revoked(tx, &home, &version)?;
        locked.revoke(tx, (std::slice::from_ref(&version), &walk), &how)?;
        finish(tx, &home, &fingerprint)
    })
    .await?;
    state.jobs.wake();
    Ok(done)
}

/// Refuses to touch a version whose revocation is in force: only restoring it is left.
pub(super) fn refuse_revoked(tx: &mut Tx<'_>, bucket: &Bucket, version: &Version) -> Result<()> {
    let all = rows::of_versions(tx.conn, std::slice::from_ref(&version.id))?;
    match effective(&all) {
        Some(revocation) if revocation.in_force(tx.now.max(bucket.changed_at)) => {
            Err(is_revoked(&version.fingerprint))
        }
        _ => Ok(()),
    }
}

fn is_revoked(version: &str) -> Error {
    Error::refused(format!("version {version} is revoked: restore it first"))
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
