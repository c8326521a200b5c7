//! Moving a channel from one version to another, and keeping `latest` where it belongs.

use super::{Access, Tx};
use crate::{
    domain::{build::BuildStatus, channel::SERVICE_AUTHOR, time::Time},
    error::Result,
    store::{
        buckets::{self, Bucket, Platforms},
        builds,
        channels::{self as rows, Assignment, Channel},
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
    let newest = versions::newest_valid(tx.conn, &bucket.id, bucket.changed_at, leaving)?;
    let mut latest = rows::latest(tx.conn, &bucket.id)?;
    if latest.version_id == newest.as_ref().map(|version| version.id.clone()) {
        return Ok(());
    }
    let platforms = match &newest {
        Some(version) => platforms(tx, &version.id)?,
        None => Platforms::default(),
    };
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

fn platforms(tx: &mut Tx<'_>, version_id: &str) -> Result<Platforms> {
    let mut platforms: Vec<String> = builds::of_versions(tx.conn, &[version_id.to_owned()])?
        .into_iter()
        .filter(|build| build.status == BuildStatus::Done && !build.platform.is_empty())
        .map(|build| build.platform)
        .collect();
    platforms.sort();
    platforms.dedup();
    Ok(Platforms(platforms))
}
