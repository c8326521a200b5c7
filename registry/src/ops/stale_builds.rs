//! Builds that run but are not heard of any more.

use std::time::Duration;

use super::{Access, Tx, events::BuildState};
use crate::{
    domain::build::BuildStatus,
    error::{Error, Result},
    state::State,
    store::{
        artifacts, buckets,
        builds::{self as rows, Stale},
        versions,
    },
};

/// Cancels running builds that were not heard of for `timeout`: how many.
pub async fn cancel(state: &State, timeout: Duration) -> Result<usize> {
    let limit = state.clock.now().before(timeout);
    let silent = state
        .store
        .read(move |conn| rows::stale(conn, limit))
        .await?;
    let mut cancelled = 0;
    for build in silent {
        cancelled += usize::from(cancel_if_stale(state, build, timeout).await?);
    }
    Ok(cancelled)
}

async fn cancel_if_stale(state: &State, silent: Stale, timeout: Duration) -> Result<bool> {
    let now = state.clock.now();
    let limit = now.before(timeout);
    state
        .store
        .write(move |conn| {
            let Some(bucket) = buckets::lock_id(conn, &silent.bucket_id, now)? else {
                return Ok(false);
            };
            let Some(access) = Access::of_system(conn, &bucket.project_id)? else {
                return Ok(false);
            };
            let mut tx = Tx::new(conn, &access, now);
            let mut build = match rows::find(tx.conn, &silent.version_id, &silent.id) {
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
            let artifacts = artifacts::of_build(tx.conn, &build.id)?;
            let after = BuildState {
                build: &build,
                artifacts: &artifacts,
            };
            tx.build_event("build.cancelled", &bucket, &build, Some(&after))?;
            Ok(true)
        })
        .await
}
