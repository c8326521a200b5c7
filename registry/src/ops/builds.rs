//! Registering builds, following their states, and what it means when one is done.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Access, Tx, events::BuildState, revocations, versions as version_ops};
use crate::{
    domain::{
        build::{BuildChange, BuildStatus, set_once},
        id, limit, name,
        role::Action,
        time::Time,
    },
    error::{Error, Result},
    state::State,
    store::{
        artifacts::{self, Artifact},
        buckets::{self, Bucket},
        builds::{self as rows, Build, Heartbeat, NewBuild},
        versions::{self, Version},
        views::{self, BuildView},
    },
};

/// A heartbeat may be under way when its build ends: for so long it does not bring the build back.
const LATE: Duration = Duration::from_secs(60);

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
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            let mut tx = Tx::new(conn, &access, now);
            let home = tx.find(&bucket, Action::Record)?;
            let version = versions::get(tx.conn, &home.id, &fingerprint)?;
            let mut locked = lock(&mut tx, &home, &version, &change)?;
            let version = versions::get(tx.conn, &home.id, &fingerprint)?;
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
                    component_type: &component_type,
                    packer_run_uuid: &change.packer_run_uuid,
                    at: bucket.changed_at,
                },
            )?;
            let state = BuildState {
                build: &build,
                artifacts: &[],
            };
            tx.build_event("build.created", bucket, &build, Some(&state))?;
            let build = apply(&mut tx, &mut locked, version, build, &change)?;
            views::build(tx.conn, build)
        })
        .await
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
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            let mut tx = Tx::new(conn, &access, now);
            let home = tx.find(&bucket, Action::Record)?;
            let version = versions::existing(tx.conn, &home.id, &fingerprint)?;
            let run = &change.packer_run_uuid;
            if change.is_heartbeat() && rows::beat(tx.conn, &version.id, &build, run, now)? {
                let build = rows::find(tx.conn, &version.id, &build)?;
                return views::build(tx.conn, build);
            }
            let mut locked = lock(&mut tx, &home, &version, &change)?;
            let version = versions::existing(tx.conn, &home.id, &fingerprint)?;
            let build = rows::find(tx.conn, &version.id, &build)?;
            let build = apply(&mut tx, &mut locked, version, build, &change)?;
            views::build(tx.conn, build)
        })
        .await
}

/// Locks what a change of a build may touch: its bucket, and more when it names a parent.
fn lock(
    tx: &mut Tx<'_>,
    home: &Bucket,
    version: &Version,
    change: &BuildChange,
) -> Result<BTreeMap<String, Bucket>> {
    if !change.parent_version_id.is_empty() {
        return revocations::lock_for_parent(tx, home, version, &change.parent_version_id);
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
    if late_heartbeat(&before, change, at) {
        return Ok(before);
    }
    let old_artifacts = artifacts::of_build(tx.conn, &before.id)?;
    let mut build = merge(&before, change, at)?;
    let new_artifacts = change
        .artifacts
        .as_ref()
        .filter(|new| !same(&old_artifacts, new));
    if build.status == BuildStatus::Done {
        require_result(&build, &old_artifacts, change)?;
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
    tx.build_event(action(&before, &build), bucket, &build, Some(&after))?;
    if build.parent_version_id != before.parent_version_id {
        revocations::inherit(tx, locked, &version, &build.parent_version_id)?;
        // What revoked the parent changed the version as well.
        version = versions::by_id(tx.conn, &version.id)?;
    }
    if build.status == BuildStatus::Done {
        let bucket = locked.get_mut(&version.bucket_id).ok_or(Error::Retry)?;
        version_ops::complete_if_done(tx, bucket, &mut version)?;
    }
    Ok(build)
}

/// Whether RUNNING comes from a run that has ended this build already. One that the registry itself
/// cancelled for its silence comes back.
fn late_heartbeat(build: &Build, change: &BuildChange, now: Time) -> bool {
    let same_run = build.packer_run_uuid == change.packer_run_uuid;
    let recent = now.before(LATE) < build.updated_at;
    change.is_heartbeat()
        && same_run
        && match build.status {
            BuildStatus::Done => true,
            BuildStatus::Failed | BuildStatus::Cancelled => {
                recent && build.status_reason.is_empty()
            }
            BuildStatus::Unset | BuildStatus::Running => false,
        }
}

/// The build with the change applied, as far as the rules allow.
fn merge(before: &Build, change: &BuildChange, at: Time) -> Result<Build> {
    let mut build = before.clone();
    if let Some(status) = change.status {
        if !build.status.may_become(status) {
            let why = format!(
                "build {} is {} and cannot become {}",
                build.id,
                build.status.as_str(),
                status.as_str()
            );
            return Err(Error::refused(why));
        }
        if build.status != status {
            build.status_reason.clear();
        }
        build.status = status;
        if status == BuildStatus::Running {
            build.heartbeat_at = Heartbeat(Some(at));
        }
    }
    if !change.packer_run_uuid.is_empty() && before.status != BuildStatus::Done {
        build.packer_run_uuid.clone_from(&change.packer_run_uuid);
    }
    build.platform = set_once("platform", &build.platform, &change.platform)?;
    build.parent_version_id = set_once(
        "parent_version_id",
        &build.parent_version_id,
        &change.parent_version_id,
    )?;
    build.parent_channel_id = set_once(
        "parent_channel_id",
        &build.parent_channel_id,
        &change.parent_channel_id,
    )?;
    if !build.parent_channel_id.is_empty() && build.parent_version_id.is_empty() {
        return Err(Error::invalid(
            "parent_channel_id",
            "needs parent_version_id",
        ));
    }
    if !change.source_external_identifier.is_empty() {
        build
            .source_external_identifier
            .clone_from(&change.source_external_identifier);
    }
    if let Some(labels) = &change.labels {
        build.labels = labels.clone();
    }
    if change.metadata.is_some() {
        build.metadata.clone_from(&change.metadata);
    }
    Ok(build)
}

fn same(have: &[Artifact], new: &[crate::domain::build::NewArtifact]) -> bool {
    have.len() == new.len()
        && have.iter().zip(new).all(|(have, new)| {
            have.external_identifier == new.external_identifier && have.region == new.region
        })
}

/// Refuses DONE without anything to show for it: resumed runs of Packer stumble over such builds.
fn require_result(build: &Build, have: &[Artifact], change: &BuildChange) -> Result<()> {
    if change
        .artifacts
        .as_ref()
        .map_or(have.is_empty(), Vec::is_empty)
    {
        return Err(Error::invalid(
            "artifacts",
            "a build that is done needs at least one",
        ));
    }
    if build.platform.is_empty() {
        return Err(Error::invalid("platform", "a build that is done needs one"));
    }
    Ok(())
}

fn action(before: &Build, after: &Build) -> &'static str {
    if before.status == after.status {
        return "build.updated";
    }
    match after.status {
        BuildStatus::Unset => "build.updated",
        BuildStatus::Running => "build.started",
        BuildStatus::Done => "build.done",
        BuildStatus::Cancelled => "build.cancelled",
        BuildStatus::Failed => "build.failed",
    }
}

/// Deletes a build. A complete version stays as it is; whether an incomplete one is complete without
/// the build is judged anew.
pub async fn delete(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint, build): (String, String, String),
) -> Result<()> {
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            let mut tx = Tx::new(conn, &access, now);
            let mut bucket = tx.lock(&bucket, Action::Decide)?;
            let mut version = versions::existing(tx.conn, &bucket.id, &fingerprint)?;
            let build = rows::find(tx.conn, &version.id, &build)?;
            rows::delete(tx.conn, &build.id)?;
            tx.build_event("build.deleted", &bucket, &build, None)?;
            version.updated_at = bucket.changed_at;
            versions::save(tx.conn, &version)?;
            version_ops::complete_if_done(&mut tx, &mut bucket, &mut version).map(drop)
        })
        .await
}

/// Cancels running builds that were not heard of for `timeout`: how many.
pub async fn cancel_stale(state: &State, timeout: Duration) -> Result<usize> {
    let limit = state.clock.now().before(timeout);
    let stale = state
        .store
        .read(move |conn| rows::stale(conn, limit))
        .await?;
    let mut cancelled = 0;
    for build in stale {
        cancelled += usize::from(cancel_if_stale(state, build, timeout).await?);
    }
    Ok(cancelled)
}

async fn cancel_if_stale(state: &State, stale: rows::Stale, timeout: Duration) -> Result<bool> {
    let now = state.clock.now();
    let limit = now.before(timeout);
    state
        .store
        .write(move |conn| {
            let Some(bucket) = buckets::lock_id(conn, &stale.bucket_id, now)? else {
                return Ok(false);
            };
            let Some(access) = Access::of_system(conn, &bucket.project_id)? else {
                return Ok(false);
            };
            let mut tx = Tx::new(conn, &access, now);
            let mut build = match rows::find(tx.conn, &stale.version_id, &stale.id) {
                Err(Error::Missing(..)) => return Ok(false),
                found => found?,
            };
            // It may have been heard of, or have ended, between the look and the lock.
            if build.status != BuildStatus::Running || build.heartbeat_at.0 >= Some(limit) {
                return Ok(false);
            }
            build.status = BuildStatus::Cancelled;
            build.status_reason = format!("no heartbeat for {} s", timeout.as_secs());
            build.updated_at = bucket.changed_at;
            rows::save(tx.conn, &build)?;
            let mut version = versions::by_id(tx.conn, &build.version_id)?;
            version.updated_at = bucket.changed_at;
            versions::save(tx.conn, &version)?;
            let after = BuildState {
                build: &build,
                artifacts: &[],
            };
            tx.build_event("build.cancelled", &bucket, &build, Some(&after))?;
            Ok(true)
        })
        .await
}
