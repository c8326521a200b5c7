//! What an update makes of a build, and what it may not make of it.

use std::time::Duration;

use crate::{
    domain::{
        build::{BuildChange, BuildStatus, NewArtifact, set_once},
        time::Time,
    },
    error::{Error, Result},
    store::{
        artifacts::Artifact,
        builds::{Build, Heartbeat},
    },
};

/// A heartbeat may be under way when its build ends: for so long it does not bring the build back.
const LATE: Duration = Duration::from_mins(1);

/// Whether RUNNING comes from a run that has ended this build already. One that the registry itself
/// cancelled for its silence comes back.
pub(super) fn late_heartbeat(build: &Build, change: &BuildChange, now: Time) -> bool {
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
pub(in crate::ops) fn merge(before: &Build, change: &BuildChange, at: Time) -> Result<Build> {
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

pub(super) fn same(have: &[Artifact], new: &[NewArtifact]) -> bool {
    have.len() == new.len()
        && have.iter().zip(new).all(|(have, new)| {
            have.external_identifier == new.external_identifier && have.region == new.region
        })
}

/// Refuses DONE without anything to show for it: resumed runs of Packer stumble over such builds.
pub(super) fn require_result(build: &Build, have: &[Artifact], change: &BuildChange) -> Result<()> {
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

/// What happened to the build.
pub(in crate::ops) fn action(before: &Build, after: &Build) -> &'static str {
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
