//! Creating versions, completing them and deleting them.

use std::sync::Arc;

use super::{Access, Tx, assignments, events::VersionState, settlement::roll_back_from, transact};
use crate::{
    domain::{build::BuildStatus, id, name, role::Action, version::TemplateType},
    error::{Error, Result},
    state::State,
    store::{
        buckets::{self, Bucket},
        builds::{self, Standing},
        channels,
        operations::{self, Operation},
        revocations,
        versions::{self as rows, NewVersion, Version},
        views::{self, VersionView},
    },
};

/// Creates a version that is still empty.
///
/// # Errors
/// [`Error::Exists`] when the bucket has a version with this fingerprint.
pub async fn create(
    state: &State,
    access: Arc<Access>,
    bucket: String,
    (fingerprint, template_type): (String, TemplateType),
) -> Result<VersionView> {
    name::check_fingerprint("fingerprint", &fingerprint)?;
    transact(state, access, move |tx| {
        let (bucket, version) = insert(tx, &bucket, &fingerprint, template_type)?;
        Ok(views::new_version(&bucket, version))
    })
    .await
}

/// [`create`] inside a transaction. Answers the bucket too.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    bucket: &str,
    fingerprint: &str,
    template_type: TemplateType,
) -> Result<(Bucket, Version)> {
    let mut bucket = tx.lock(bucket, Action::Record)?;
    super::buckets::require_active(tx)?;
    let at = bucket.changed_at;
    let version = rows::insert(
        tx.conn,
        &NewVersion {
            id: &id::ulid(at),
            bucket_id: &bucket.id,
            sequence: bucket.revision,
            fingerprint,
            template_type,
            author_id: &tx.access.actor.name,
            at,
        },
    )?;
    bucket.version_count += 1;
    buckets::save(tx.conn, &bucket)?;
    tx.open_version_event("version.created", &bucket, &version, &[])?;
    Ok((bucket, version))
}

/// Completes a version at the caller's word; one that is complete stays as it is.
///
/// # Errors
/// [`Error::Refused`] when a build is not done, or there is none.
pub async fn complete(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint): (String, String),
) -> Result<(VersionView, Operation)> {
    transact(state, access, move |tx| {
        let mut bucket = tx.lock(&bucket, Action::Record)?;
        let mut version = rows::get(tx.conn, &bucket.id, &fingerprint)?;
        super::revocations::refuse_revoked(tx, &bucket, &version)?;
        if version.number.is_none() && !complete_if_done(tx, &mut bucket, &mut version)? {
            let why = format!("version {fingerprint} has builds that are not done, or none at all");
            return Err(Error::refused(why));
        }
        let view = views::version(tx.conn, &bucket, version)?;
        Ok((
            view,
            operations::finish(tx.conn, &tx.access.project.id, tx.now)?,
        ))
    })
    .await
}

/// Gives an incomplete version its number when every build is done and there is at least one; the
/// bucket must be locked before the builds are counted. Whether the version is complete now.
pub(super) fn complete_if_done(
    tx: &mut Tx<'_>,
    bucket: &mut Bucket,
    version: &mut Version,
) -> Result<bool> {
    if version.number.is_some() {
        return Ok(true);
    }
    let builds = builds::standings(tx.conn, &version.id)?;
    let open = |build: &Standing| build.status != BuildStatus::Done;
    if builds.is_empty() || builds.iter().any(open) {
        return Ok(false);
    }
    bucket.last_number += 1;
    buckets::save(tx.conn, bucket)?;
    version.number = Some(bucket.last_number);
    version.updated_at = bucket.changed_at;
    rows::save(tx.conn, version)?;
    let at = bucket.changed_at;
    let revocations = revocations::all_of(tx.conn, &version.id)?;
    tx.open_version_event("version.completed", bucket, version, &revocations)?;
    if revocations
        .iter()
        .any(|revocation| revocation.revoke_at <= at)
    {
        assignments::follow_latest(tx, bucket, None, at)?;
    } else {
        // None has a higher number.
        assignments::lead(tx, bucket, Some((version.clone(), builds)), at)?;
    }
    Ok(true)
}

/// Deletes a version. Channels that hold it block that, unless they are to be rolled back.
///
/// # Errors
/// [`Error::Refused`] naming the channels that hold it.
pub async fn delete(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint): (String, String),
    holders: Holders,
) -> Result<()> {
    transact(state, access, move |tx| {
        let mut bucket = tx.lock(&bucket, Action::Decide)?;
        let version = rows::existing(tx.conn, &bucket.id, &fingerprint)?;
        leave(tx, &bucket, &version, holders)?;
        let at = bucket.changed_at;
        assignments::follow_latest(tx, &mut bucket, Some(&version.id), at)?;
        rows::delete(tx.conn, &version.id)?;
        bucket.version_count -= 1;
        buckets::save(tx.conn, &bucket)?;
        tx.version_event(
            "version.deleted",
            &bucket,
            &version,
            &VersionState::default(),
        )
    })
    .await
}

/// What becomes of channels that hold a version about to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holders {
    /// They block the deletion.
    Block,
    /// They go back to the last valid version that they held, or to none.
    RollBack,
}

fn leave(tx: &mut Tx<'_>, bucket: &Bucket, version: &Version, holders: Holders) -> Result<()> {
    let holding = channels::holding(tx.conn, &version.id)?;
    if holders == Holders::Block && !holding.is_empty() {
        let names: Vec<&str> = holding
            .iter()
            .map(|channel| channel.name.as_str())
            .collect();
        let why = format!(
            "version {} is assigned to: {}; assign them elsewhere first, or pass rollback_channels",
            version.fingerprint,
            names.join(", "),
        );
        return Err(Error::refused(why));
    }
    roll_back_from(tx, (bucket, bucket.changed_at), holding, &version.id)
}
