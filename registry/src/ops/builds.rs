//! Registering builds, following their states, and what it means when one is done.

pub(super) mod change;

use std::{collections::BTreeMap, sync::Arc};

use super::{Access, Tx, events::BuildState, inheritance, transact, versions as version_ops};
use crate::{
    domain::{
        build::{BuildChange, BuildStatus, NewArtifact},
        id, limit, name,
        role::Action,
        time::Time,
    },
    error::{Error, Kind, Result},
    state::State,
    store::{
        artifacts::{self, Artifact},
        buckets::Bucket,
        builds::{self as rows, Build, Heartbeat, NewBuild},
        commits,
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
        let (build, artifacts) = insert(tx, (&bucket, &fingerprint), &component_type, &change)?;
        Ok(views::build_with(build, artifacts))
    })
    .await
}

/// [`create`] inside a transaction. Answers the build and its artifacts.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    (bucket, fingerprint): (&str, &str),
    component_type: &str,
    change: &BuildChange,
) -> Result<(Build, Vec<Artifact>)> {
    let (home_id, mut locked) = lock(tx, (bucket, fingerprint), change, Error::NoVersion)?;
    let version = versions::get(tx.conn, &home_id, fingerprint)?;
    refuse_complete(&version)?;
    if rows::count(tx.conn, &version.id)? >= limit::BUILDS {
        let why = format!("a version has at most {} builds", limit::BUILDS);
        return Err(Error::refused(why));
    }
    let bucket = locked.get(&home_id).ok_or(Error::Retry)?;
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
    apply(tx, &mut locked, (version, build, Vec::new()), change)
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
        let (build, artifacts) = change_one(tx, (&bucket, &fingerprint, &build), &change)?;
        Ok(views::build_with(build, artifacts))
    })
    .await
}

/// [`update`] inside a transaction. Answers the build and its artifacts.
pub(super) fn change_one(
    tx: &mut Tx<'_>,
    (bucket, fingerprint, build): (&str, &str, &str),
    change: &BuildChange,
) -> Result<(Build, Vec<Artifact>)> {
    if change.is_heartbeat()
        && let Some(build) = beat(tx, (bucket, fingerprint, build), &change.packer_run_uuid)?
    {
        return Ok((build, Vec::new()));
    }
    let missing = |fingerprint| Error::Missing(Kind::Version, fingerprint);
    let (home_id, mut locked) = lock(tx, (bucket, fingerprint), change, missing)?;
    let Some((version, found)) = rows::with_version(tx.conn, &home_id, (fingerprint, build))?
    else {
        versions::existing(tx.conn, &home_id, fingerprint)?;
        return Err(Error::Missing(Kind::Build, build.to_owned()));
    };
    let artifacts = artifacts::of_build(tx.conn, &found.id)?;
    apply(tx, &mut locked, (version, found, artifacts), change)
}

/// Notes a heartbeat without locking anything; `None` when there is more to do than that.
fn beat(tx: &mut Tx<'_>, path: (&str, &str, &str), packer_run_uuid: &str) -> Result<Option<Build>> {
    let Some((bucket_id, mut build)) = rows::locate(tx.conn, &tx.access.project.id, path)? else {
        return Ok(None);
    };
    tx.access.check(Action::Record, Some(&bucket_id))?;
    let running = build.status == BuildStatus::Running && build.packer_run_uuid == packer_run_uuid;
    if !running || !rows::beat(tx.conn, &build, tx.now)? {
        return Ok(None);
    }
    build.heartbeat_at = Heartbeat(Some(tx.now));
    Ok(Some(build))
}

/// Locks what a change of a build may touch: its bucket, and more when it names a parent. Answers the id
/// of the bucket too; `missing` makes the error of a version that is not there.
fn lock(
    tx: &mut Tx<'_>,
    (bucket, fingerprint): (&str, &str),
    change: &BuildChange,
    missing: fn(String) -> Error,
) -> Result<(String, BTreeMap<String, Bucket>)> {
    if change.parent_version_id.is_empty() {
        let bucket = tx.lock(bucket, Action::Record)?;
        return Ok((
            bucket.id.clone(),
            BTreeMap::from([(bucket.id.clone(), bucket)]),
        ));
    }
    let home = tx.find(bucket, Action::Record)?;
    let version = versions::find(tx.conn, &home.id, fingerprint)?
        .ok_or_else(|| missing(fingerprint.to_owned()))?;
    let locked = inheritance::lock_for_parent(tx, &home, &version, &change.parent_version_id)?;
    Ok((home.id, locked))
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
    (mut version, before, old_artifacts): (Version, Build, Vec<Artifact>),
    change: &BuildChange,
) -> Result<(Build, Vec<Artifact>)> {
    let at = locked
        .get(&version.bucket_id)
        .ok_or(Error::Retry)?
        .changed_at;
    if change::late_heartbeat(&before, change, at) {
        return Ok((before, old_artifacts));
    }
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
        return Ok((build, old_artifacts));
    }
    if before.status == BuildStatus::Done {
        let why = format!("build {} is done and cannot change", before.id);
        return Err(Error::refused(why));
    }
    build.updated_at = at;
    rows::save(tx.conn, &build)?;
    if build.metadata != before.metadata {
        commits::set(tx.conn, &build, before.metadata.as_deref())?;
    }
    let artifacts = match new_artifacts {
        Some(new) => replace(tx, (&build.id, &old_artifacts), new, at)?,
        None => old_artifacts,
    };
    version.updated_at = at;
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
    let open = version.number;
    if build.parent_version_id != before.parent_version_id {
        versions::save(tx.conn, &version)?;
        inheritance::inherit(tx, locked, &version, &build.parent_version_id)?;
        // What revoked the parent changed the version as well.
        version = versions::by_id(tx.conn, &version.id)?;
    }
    if build.status == BuildStatus::Done {
        let bucket = locked.get_mut(&version.bucket_id).ok_or(Error::Retry)?;
        version_ops::complete_if_done(tx, bucket, &mut version)?;
    }
    // What completed it has saved it.
    if version.number == open {
        versions::save(tx.conn, &version)?;
    }
    Ok((build, artifacts))
}

/// Puts artifacts in the place of those that the build has.
fn replace(
    tx: &mut Tx<'_>,
    (build_id, old): (&str, &[Artifact]),
    new: &[NewArtifact],
    at: Time,
) -> Result<Vec<Artifact>> {
    if !old.is_empty() {
        artifacts::clear(tx.conn, build_id)?;
    }
    artifacts::insert(tx.conn, build_id, new, at)
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
