//! What goes when it is old enough, if the settings say so: incomplete versions that nobody works on any
//! more, and events, once they are in a file.
//!
//! Of each resource the last event stays, unless it says that the resource is gone: so the log always
//! gives what is there when it is replayed.

mod archive;

use super::{Access, Tx, events::VersionState};
use crate::{
    domain::{build::BuildStatus, time::Time},
    error::{Error, Result},
    state::State,
    store::{
        buckets, builds,
        retention::{self as rows, Abandoned},
        versions,
    },
};
pub use archive::archive_events;

/// Deletes incomplete versions on which nothing has happened for as long as the settings say: how many.
pub async fn delete_abandoned(state: &State) -> Result<usize> {
    let Some(age) = state.retention.ages.abandoned_versions else {
        return Ok(0);
    };
    let mut deleted = 0;
    let mut after = String::new();
    loop {
        let limit = state.clock.now().before(age);
        let from = after.clone();
        let found = state
            .store
            .read(move |conn| rows::abandoned(conn, limit, &from))
            .await?;
        let Some(last) = found.last() else {
            return Ok(deleted);
        };
        after.clone_from(&last.id);
        for version in found {
            deleted += usize::from(delete_if_abandoned(state, version, limit).await?);
        }
    }
}

async fn delete_if_abandoned(state: &State, old: Abandoned, limit: Time) -> Result<bool> {
    let now = state.clock.now();
    let write = state.store.write(move |conn| {
        let Some(mut bucket) = buckets::lock_id(conn, &old.bucket_id, now)? else {
            return Ok(false);
        };
        let Some(access) = Access::of_system(conn, &bucket.project_id)? else {
            return Ok(false);
        };
        let mut tx = Tx::new(conn, &access, now);
        let version = match versions::by_id(tx.conn, &old.id) {
            Err(Error::Missing(..)) => return Ok(false),
            found => found?,
        };
        // Something may have happened to it between the look and the lock.
        let builds = builds::of_versions(tx.conn, std::slice::from_ref(&version.id))?;
        // A build that was only registered has not changed its version.
        let busy = builds
            .iter()
            .any(|build| build.status == BuildStatus::Running || build.updated_at >= limit);
        if version.number.is_some() || version.updated_at >= limit || busy {
            return Ok(false);
        }
        versions::delete(tx.conn, &version.id)?;
        bucket.version_count -= 1;
        buckets::save(tx.conn, &bucket)?;
        let gone = VersionState::default();
        tx.version_event("version.deleted", &bucket, &version, &gone)?;
        Ok(true)
    });
    write.await
}
