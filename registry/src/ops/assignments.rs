//! Moving a channel from one version to another, and keeping `latest` where it belongs.

use std::collections::BTreeSet;

use super::{Access, Tx};
use crate::{
    domain::{build::BuildStatus, channel::SERVICE_AUTHOR, time::Time},
    error::Result,
    store::{
        ancestry,
        buckets::{self, Bucket, Platforms},
        builds::{self, Standing},
        channels::{self as rows, Assignment, Channel},
        revocations::Outlook,
        versions::{self, Version},
    },
};

/// Where a channel goes, and by whose hand.
pub(super) struct Move {
    pub(super) to: Option<Version>,
    pub(super) author: String,
    pub(super) assigned_at: Time,
    pub(super) action: &'static str,
}

impl Move {
    pub(super) fn by_caller(access: &Access, to: Option<Version>, at: Time) -> Self {
        let action = if to.is_some() {
            "channel.assigned"
        } else {
            "channel.cleared"
        };
        Self {
            to,
            author: access.actor.name.clone(),
            assigned_at: at,
            action,
        }
    }

    pub(super) fn by_service(to: Option<Version>, at: Time, action: &'static str) -> Self {
        Self {
            to,
            author: SERVICE_AUTHOR.into(),
            assigned_at: at,
            action,
        }
    }
}

/// Moves a channel and notes it in its history. Moving it where it is does nothing.
pub(super) fn assign(
    tx: &mut Tx<'_>,
    bucket: &Bucket,
    channel: &mut Channel,
    by: &Move,
) -> Result<()> {
    let target = by.to.as_ref().map(|version| version.id.clone());
    if channel.version_id == target {
        return Ok(());
    }
    channel.version_id = target;
    channel.author_id.clone_from(&by.author);
    channel.updated_at = bucket.changed_at;
    rows::save(tx.conn, channel)?;
    let held = by.to.as_ref();
    rows::note(
        tx.conn,
        &Assignment {
            channel_id: channel.id.clone(),
            sequence: bucket.revision,
            assigned_at: by.assigned_at,
            author_id: by.author.clone(),
            version_id: held.map(|version| version.id.clone()).unwrap_or_default(),
            version_name: held.map(Version::name).unwrap_or_default(),
            version_fingerprint: held.map(|v| v.fingerprint.clone()).unwrap_or_default(),
            number: 0,
        },
    )?;
    tx.channel_event(by.action, bucket, channel, Some(channel))
}

/// Lets `latest` hold the newest complete version whose revocation is not in force, and the bucket
/// show its platforms. `leaving` is a version about to be deleted.
pub(super) fn follow_latest(
    tx: &mut Tx<'_>,
    bucket: &mut Bucket,
    leaving: Option<&str>,
    assigned_at: Time,
) -> Result<()> {
    let leaving: Vec<String> = leaving.map(str::to_owned).into_iter().collect();
    let outlook = Outlook {
        without: &leaving,
        ..Outlook::default()
    };
    let newest = versions::newest_valid(tx.conn, &bucket.id, bucket.changed_at, outlook)?;
    let newest = match newest {
        Some(version) => {
            let builds = builds::standings(tx.conn, &version.id)?;
            Some((version, builds))
        }
        None => None,
    };
    lead(tx, bucket, newest, assigned_at)
}

/// Lets `latest` hold this version, and the bucket show the platforms of its builds.
pub(super) fn lead(
    tx: &mut Tx<'_>,
    bucket: &mut Bucket,
    newest: Option<(Version, Vec<Standing>)>,
    assigned_at: Time,
) -> Result<()> {
    let (newest, builds) = newest.unzip();
    let mut latest = rows::latest(tx.conn, &bucket.id)?;
    if latest.version_id == newest.as_ref().map(|version| version.id.clone()) {
        return Ok(());
    }
    let builds = builds.unwrap_or_default();
    let parents = parent_buckets(tx, &builds)?;
    ancestry::set_parent_buckets(tx.conn, &bucket.id, &parents)?;
    let platforms = platforms(builds);
    let action = if newest.is_some() {
        "channel.assigned"
    } else {
        "channel.cleared"
    };
    assign(
        tx,
        bucket,
        &mut latest,
        &Move::by_service(newest, assigned_at, action),
    )?;
    if bucket.platforms != platforms {
        bucket.platforms = platforms;
        buckets::save(tx.conn, bucket)?;
        tx.bucket_event("bucket.updated", bucket, Some(bucket))?;
    }
    Ok(())
}

/// The buckets of this project that builds were made from.
fn parent_buckets(tx: &mut Tx<'_>, builds: &[Standing]) -> Result<BTreeSet<String>> {
    let parents = builds.iter().map(|build| &build.parent_version_id);
    let ids: BTreeSet<String> = parents.filter(|id| !id.is_empty()).cloned().collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let parents = versions::in_project(tx.conn, &tx.access.project.id, &ids)?;
    Ok(parents.into_iter().map(|parent| parent.bucket_id).collect())
}

fn platforms(builds: Vec<Standing>) -> Platforms {
    let mut platforms: Vec<String> = builds
        .into_iter()
        .filter(|build| build.status == BuildStatus::Done && !build.platform.is_empty())
        .map(|build| build.platform)
        .collect();
    platforms.sort();
    platforms.dedup();
    Platforms(platforms)
}
