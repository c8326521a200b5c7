//! Creating channels, moving them and deleting them.

use std::sync::Arc;

use super::{Access, Tx};
use crate::{
    domain::{
        build::BuildStatus,
        channel::{ChannelChange, SERVICE_AUTHOR},
        id, limit, name,
        revocation::effective,
        role::Action,
        time::Time,
    },
    error::{Error, Kind, Result},
    state::State,
    store::{
        buckets::{self, Bucket, Platforms},
        builds,
        channels::{self as rows, Assignment, Channel},
        revocations,
        versions::{self, Version},
        views::{self, ChannelView},
    },
};

/// What a create says.
#[derive(Debug, Clone)]
pub struct Create {
    /// The name.
    pub name: String,
    /// Whether only those who decide may see it.
    pub restricted: bool,
    /// The version to begin with; empty for none.
    pub fingerprint: String,
}

/// Creates a channel, with or without a version.
///
/// # Errors
/// [`Error::Exists`] when the name is taken, as `latest` always is.
pub async fn create(
    state: &State,
    access: Arc<Access>,
    bucket: String,
    create: Create,
) -> Result<ChannelView> {
    name::check("name", &create.name)?;
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            let mut tx = Tx::new(conn, &access, now);
            let bucket = tx.lock(&bucket, Action::Decide)?;
            if rows::count(tx.conn, &bucket.id)? >= limit::CHANNELS {
                let why = format!("a bucket has at most {} channels", limit::CHANNELS);
                return Err(Error::refused(why));
            }
            let at = bucket.changed_at;
            let mut channel = Channel {
                id: id::ulid(at),
                bucket_id: bucket.id.clone(),
                name: create.name.clone(),
                managed: false,
                restricted: create.restricted,
                version_id: None,
                author_id: access.actor.name.clone(),
                created_at: at,
                updated_at: at,
            };
            rows::insert(tx.conn, &channel)?;
            tx.channel_event("channel.created", &bucket, &channel, Some(&channel))?;
            if !create.fingerprint.is_empty() {
                let version = assignable(&mut tx, &bucket, &create.fingerprint)?;
                assign(
                    &mut tx,
                    &bucket,
                    &mut channel,
                    &Move::by_caller(&access, Some(version), at),
                )?;
            }
            views::channel(tx.conn, &bucket, channel)
        })
        .await
}

/// Moves a channel, clears it, or changes who may see it.
pub async fn update(
    state: &State,
    access: Arc<Access>,
    (bucket, channel): (String, String),
    change: ChannelChange,
) -> Result<ChannelView> {
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            let mut tx = Tx::new(conn, &access, now);
            let bucket = tx.lock(&bucket, Action::Decide)?;
            let mut channel = rows::find(tx.conn, &bucket.id, &channel)?;
            let at = bucket.changed_at;
            if let Some(restricted) = change.restricted
                && channel.restricted != restricted
            {
                channel.restricted = restricted;
                channel.updated_at = at;
                if !channel.managed {
                    channel.author_id.clone_from(&access.actor.name);
                }
                rows::save(tx.conn, &channel)?;
                tx.channel_event("channel.updated", &bucket, &channel, Some(&channel))?;
            }
            if let Some(target) = &change.assign {
                refuse_managed(&channel)?;
                let version = match target {
                    Some(fingerprint) => Some(assignable(&mut tx, &bucket, fingerprint)?),
                    None => None,
                };
                assign(
                    &mut tx,
                    &bucket,
                    &mut channel,
                    &Move::by_caller(&access, version, at),
                )?;
            }
            views::channel(tx.conn, &bucket, channel)
        })
        .await
}

/// Gives `target` the version that `source` holds: source and target as they are then.
pub async fn copy(
    state: &State,
    access: Arc<Access>,
    bucket: String,
    (source, target): (String, String),
) -> Result<(ChannelView, ChannelView)> {
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            let mut tx = Tx::new(conn, &access, now);
            let bucket = tx.lock(&bucket, Action::Decide)?;
            let source = rows::find(tx.conn, &bucket.id, &source)?;
            let mut target = rows::find(tx.conn, &bucket.id, &target)?;
            refuse_managed(&target)?;
            let Some(held) = &source.version_id else {
                let why = format!("channel {} has no version to assign", source.name);
                return Err(Error::refused(why));
            };
            let version = versions::by_id(tx.conn, held)?;
            let version = assignable(&mut tx, &bucket, &version.fingerprint)?;
            let by = Move::by_caller(&access, Some(version), bucket.changed_at);
            assign(&mut tx, &bucket, &mut target, &by)?;
            Ok((
                views::channel(tx.conn, &bucket, source)?,
                views::channel(tx.conn, &bucket, target)?,
            ))
        })
        .await
}

/// Deletes a channel, assigned or not.
///
/// # Errors
/// [`Error::Invalid`] for the managed channel.
pub async fn delete(
    state: &State,
    access: Arc<Access>,
    (bucket, channel): (String, String),
) -> Result<()> {
    let now = state.clock.now();
    state
        .store
        .write(move |conn| {
            let mut tx = Tx::new(conn, &access, now);
            let bucket = tx.lock(&bucket, Action::Decide)?;
            let channel = rows::find(tx.conn, &bucket.id, &channel)?;
            if channel.managed {
                let problem = "is managed by the registry and cannot be deleted";
                return Err(Error::invalid("channel_name", problem));
            }
            rows::delete(tx.conn, &channel.id)?;
            tx.channel_event("channel.deleted", &bucket, &channel, None)
        })
        .await
}

fn refuse_managed(channel: &Channel) -> Result<()> {
    if channel.managed {
        let why = format!(
            "channel {} is managed by the registry and cannot be assigned",
            channel.name
        );
        return Err(Error::refused(why));
    }
    Ok(())
}

/// The version with this fingerprint, if a channel may hold it: complete and not revoked.
fn assignable(tx: &mut Tx<'_>, bucket: &Bucket, fingerprint: &str) -> Result<Version> {
    let Some(version) = versions::find(tx.conn, &bucket.id, fingerprint)? else {
        // The acceptance tests of the Terraform provider look for this very wording.
        let text = format!("fingerprint (fingerprint: {fingerprint})");
        return Err(Error::Unknown {
            kind: Kind::Version,
            by: text,
        });
    };
    if version.number.is_none() {
        let why = format!("version with fingerprint {fingerprint} is not complete");
        return Err(Error::refused(why));
    }
    let revocations = revocations::of_versions(tx.conn, std::slice::from_ref(&version.id))?;
    match effective(&revocations) {
        Some(revocation) if revocation.in_force(bucket.changed_at) => {
            let why = format!("version {} ({fingerprint}) is revoked", version.name());
            Err(Error::refused(why))
        }
        _ => Ok(version),
    }
}

/// Where a channel goes, and by whose hand.
pub(super) struct Move {
    pub(super) to: Option<Version>,
    pub(super) author: String,
    pub(super) assigned_at: Time,
    pub(super) action: &'static str,
}

impl Move {
    fn by_caller(access: &Access, to: Option<Version>, at: Time) -> Self {
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
