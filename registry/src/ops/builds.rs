//! Registering builds, following their states, and what it means when one is done.

pub(super) mod change;

use std::{collections::BTreeMap, sync::Arc};

use super::{Access, Tx, events::BuildState, inheritance, transact, versions as version_ops};
use crate::{
    domain::{
        build::{BuildChange, BuildStatus},
        id, limit, name,
        role::Action,
    },
    error::{Error, Result},
    state::State,
    store::{
        artifacts,
        buckets::{self, Bucket},
        builds::{self as rows, Build, NewBuild},
        versions::{self, Version},
        views::{self, BuildView},
    },
};

/// Registers a build of a version.
///
/// # Errors
/// [`Error::NoVersion`] without the version, [`Error::Exists`] when it has a build of this component
/// type, [`Error::Refused`] when it is complete.
pub async fn create(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint): (String, String),
    (component_type, change): (String, BuildChange),
) -> Result<BuildView> {
    if component_type.is_empty() {
        return Err(Error::invalid("component_type", "must not be empty"));
    }
    name::check_word("component_type", &component_type)?;
    change.check()?;
    transact(state, access, move |tx| {
        let build = insert(tx, (&bucket, &fingerprint), &component_type, &change)?;
        views::build(tx.conn, build)
    })
    .await
}

/// [`create`] inside a transaction.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    (bucket, fingerprint): (&str, &str),
    component_type: &str,
    change: &BuildChange,
) -> Result<Build> {
    let home = tx.find(bucket, Action::Record)?;
    let version = versions::get(tx.conn, &home.id, fingerprint)?;
    let mut locked = lock(tx, &home, &version, change)?;
    let version = versions::get(tx.conn, &home.id, fingerprint)?;
    refuse_complete(&version)?;
    if rows::counts(tx.conn, &version.id)?.0 >= limit::BUILDS {
        let why = format!("a version has at most {} builds", limit::BUILDS);
        return Err(Error::refused(why));
    }
    let bucket = locked.get(&home.id).ok_or(Error::Retry)?;
    let build = rows::insert(
        tx.conn,
        &NewBuild {
            id: &id::ulid(bucket.changed_at),
            version_id: &version.id,
            sequence: bucket.revision,
            component_type,
            packer_run_uuid: &change.packer_run_uuid,
            at: bucket.changed_at,
        },
    )?;
    let state = BuildState {
        build: &build,
        artifacts: &[],
    };
    tx.build_event("build.created", bucket, &build, Some(&state))?;
    apply(tx, &mut locked, version, build, change)
}

/// Changes a build: its state, and what is known of it. Empty fields leave things as they are.
///
/// # Errors
/// [`Error::Refused`] when it is done and the change would change it.
pub async fn update(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint, build): (String, String, String),
    change: BuildChange,
) -> Result<BuildView> {
    change.check()?;
    transact(state, access, move |tx| {
        let build = change_one(tx, (&bucket, &fingerprint, &build), &change)?;
        views::build(tx.conn, build)
    })
    .await
}

/// [`update`] inside a transaction.
pub(super) fn change_one(
    tx: &mut Tx<'_>,
    (bucket, fingerprint, build): (&str, &str, &str),
    change: &BuildChange,
) -> Result<Build> {
    let home = tx.find(bucket, Action::Record)?;
    let version = versions::existing(tx.conn, &home.id, fingerprint)?;
    let run = &change.packer_run_uuid;
    if change.is_heartbeat() && rows::beat(tx.conn, &version.id, build, run, tx.now)? {
        return rows::find(tx.conn, &version.id, build);
    }
    let mut locked = lock(tx, &home, &version, change)?;
    let version = versions::existing(tx.conn, &home.id, fingerprint)?;
    let build = rows::find(tx.conn, &version.id, build)?;
    apply(tx, &mut locked, version, build, change)
}

/// Locks what a change of a build may touch: its bucket, and more when it names a parent.
fn lock(
    tx: &mut Tx<'_>,
    home: &Bucket,
    version: &Version,
    change: &BuildChange,
) -> Result<BTreeMap<String, Bucket>> {
    if !change.parent_version_id.is_empty() {
        return inheritance::lock_for_parent(tx, home, version, &change.parent_version_id);
    }
    let bucket = buckets::lock_id(tx.conn, &home.id, tx.now)?.ok_or(Error::Retry)?;
    Ok(BTreeMap::from([(home.id.clone(), bucket)]))
}

fn refuse_complete(version: &Version) -> Result<()> {
    if version.number.is_some() {
        let why = format!(
            "version {} ({}) is complete and takes no more builds",
            version.name(),
            version.fingerprint
        );
        return Err(Error::refused(why));
    }
    Ok(())
}

/// Applies a change to a build whose bucket is locked, and completes the version if that was the last.
fn apply(
    tx: &mut Tx<'_>,
    locked: &mut BTreeMap<String, Bucket>,
    mut version: Version,
    before: Build,
    change: &BuildChange,
) -> Result<Build> {
    let at = locked
        .get(&version.bucket_id)
        .ok_or(Error::Retry)?
        .changed_at;
    if change::late_heartbeat(&before, change, at) {
        return Ok(before);
    }
    let old_artifacts = artifacts::of_build(tx.conn, &before.id)?;
    let mut build = change::merge(&before, change, at)?;
    let new_artifacts = change
        .artifacts
        .as_ref()
        .filter(|new| !change::same(&old_artifacts, new));
    if build.status == BuildStatus::Done {
        change::require_result(&build, &old_artifacts, change)?;
    }
    if build == before && new_artifacts.is_none() {
        if build.heartbeat_at != before.heartbeat_at {
            rows::save(tx.conn, &build)?;
        }
        return Ok(build);
    }
    if before.status == BuildStatus::Done {
        let why = format!("build {} is done and cannot change", before.id);
        return Err(Error::refused(why));
    }
    build.updated_at = at;
    rows::save(tx.conn, &build)?;
    let artifacts = match new_artifacts {
        Some(new) => artifacts::replace(tx.conn, &build.id, new, at)?,
        None => old_artifacts,
    };
    version.updated_at = at;
    versions::save(tx.conn, &version)?;
    let bucket = locked.get(&version.bucket_id).ok_or(Error::Retry)?;
    let after = BuildState {
        build: &build,
        artifacts: &artifacts,
    };
    tx.build_event(
        change::action(&before, &build),
        bucket,
        &build,
        Some(&after),
    )?;
    if build.parent_version_id != before.parent_version_id {
        inheritance::inherit(tx, locked, &version, &build.parent_version_id)?;
        // What revoked the parent changed the version as well.
        version = versions::by_id(tx.conn, &version.id)?;
    }
    if build.status == BuildStatus::Done {
        let bucket = locked.get_mut(&version.bucket_id).ok_or(Error::Retry)?;
        version_ops::complete_if_done(tx, bucket, &mut version)?;
    }
    Ok(build)
}

/// Deletes a build. A complete version stays as it is; whether an incomplete one is complete without
/// the build is judged anew.
pub async fn delete(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint, build): (String, String, String),
) -> Result<()> {
    transact(state, access, move |tx| {
        let mut bucket = tx.lock(&bucket, Action::Decide)?;
        let mut version = versions::existing(tx.conn, &bucket.id, &fingerprint)?;
        let build = rows::find(tx.conn, &version.id, &build)?;
        rows::delete(tx.conn, &build.id)?;
        tx.build_event("build.deleted", &bucket, &build, None)?;
        version.updated_at = bucket.changed_at;
        versions::save(tx.conn, &version)?;
        version_ops::complete_if_done(tx, &mut bucket, &mut version).map(drop)
    })
    .await
}
