//! What happens when a revocation comes into force: at once, or by a job when its time has come.

use super::{
    Access, Tx,
    assignments::{self, Move},
    events::VersionState,
};
use crate::{
    domain::time::Time,
    error::Result,
    state::State,
    store::{
        buckets::{self, Bucket},
        channels::{self, Channel},
        revocations::{self as rows, Outlook},
        versions,
    },
};

/// Does what revocations that are in force bring with them, as far as it is still to be done: channels
/// go back to the last good version that they held, `latest` to the newest valid one.
pub(super) fn settle(tx: &mut Tx<'_>, bucket: &mut Bucket) -> Result<()> {
    let mut at = bucket.changed_at;
    for mut row in rows::unsettled(tx.conn, &bucket.id, bucket.changed_at)? {
        at = row.revoke_at.max(row.created_at);
        row.settled = true;
        rows::put(tx.conn, &row)?;
        if row.revoke_at > row.created_at {
            // It was recorded as scheduled; one that was in force at once has its event already.
            let version = versions::by_id(tx.conn, &row.version_id)?;
            let after = VersionState {
                version: Some(&version),
                revocation: Some(&row),
                ..VersionState::default()
            };
            tx.version_event("version.revoked", bucket, &version, &after)?;
        }
        if !row.keep_channels {
            roll_back(tx, bucket, &row.version_id, at)?;
        }
    }
    assignments::follow_latest(tx, bucket, None, at)
}

fn roll_back(tx: &mut Tx<'_>, bucket: &Bucket, version_id: &str, at: Time) -> Result<()> {
    let holding = channels::holding(tx.conn, version_id)?;
    roll_back_from(tx, (bucket, at), holding, version_id)
}

/// Moves channels that hold a version to the last good one that each of them held before.
pub(super) fn roll_back_from(
    tx: &mut Tx<'_>,
    (bucket, at): (&Bucket, Time),
    holding: Vec<Channel>,
    version_id: &str,
) -> Result<()> {
    let current = version_id.to_owned();
    let outlook = Outlook {
        without: std::slice::from_ref(&current),
        ..Outlook::default()
    };
    for mut channel in holding {
        let target = channels::last_good(tx.conn, &channel.id, outlook)?;
        let back = Move::by_service(target, at, "channel.rolled_back");
        assignments::assign(tx, bucket, &mut channel, &back)?;
    }
    Ok(())
}

/// Brings into force what has fallen due: how many buckets were touched.
pub async fn settle_due(state: &State) -> Result<usize> {
    let now = state.clock.now();
    let due = state
        .store
        .read(move |conn| rows::due_buckets(conn, now))
        .await?;
    let count = due.len();
    for id in due {
        settle_bucket(state, id).await?;
    }
    Ok(count)
}

async fn settle_bucket(state: &State, id: String) -> Result<()> {
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            // Gone, or done by another node: nothing is left to do.
            let Some(mut bucket) = buckets::lock_id(conn, &id, now)? else {
                return Ok(());
            };
            let Some(access) = Access::of_system(conn, &bucket.project_id)? else {
                return Ok(());
            };
            settle(&mut Tx::new(conn, &access, now), &mut bucket)
        })
        .await
}
