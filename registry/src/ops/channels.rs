//! Creating channels, moving them and deleting them.

use std::sync::Arc;

use super::{
    Access, Tx,
    assignments::{Move, assign},
    transact,
};
use crate::{
    domain::{channel::ChannelChange, id, limit, name, revocation::effective, role::Action},
    error::{Error, Kind, Result},
    state::State,
    store::{
        buckets::Bucket,
        channels::{self as rows, Channel},
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
    name::check_word("version_fingerprint", &create.fingerprint)?;
    transact(state, access, move |tx| {
        let (bucket, channel) = insert(tx, &bucket, &create)?;
        views::channel(tx.conn, &bucket, channel)
    })
    .await
}

/// [`create`] inside a transaction.
pub(super) fn insert(tx: &mut Tx<'_>, bucket: &str, create: &Create) -> Result<(Bucket, Channel)> {
    let bucket = tx.lock(bucket, Action::Decide)?;
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
        author_id: tx.access.actor.name.clone(),
        created_at: at,
        updated_at: at,
    };
    rows::insert(tx.conn, &channel)?;
    tx.channel_event("channel.created", &bucket, &channel, Some(&channel))?;
    if !create.fingerprint.is_empty() {
        let version = assignable(tx, &bucket, &create.fingerprint)?;
        assign(
            tx,
            &bucket,
            &mut channel,
            &Move::by_caller(tx.access, Some(version), at),
        )?;
    }
    Ok((bucket, channel))
}

/// Moves a channel, clears it, or changes who may see it.
pub async fn update(
    state: &State,
    access: Arc<Access>,
    (bucket, channel): (String, String),
    change: ChannelChange,
) -> Result<ChannelView> {
    if let Some(Some(fingerprint)) = &change.assign {
        name::check_word("version_fingerprint", fingerprint)?;
    }
    transact(state, access, move |tx| {
        let bucket = tx.lock(&bucket, Action::Decide)?;
        let mut channel = rows::find(tx.conn, &bucket.id, &channel)?;
        let at = bucket.changed_at;
        if let Some(restricted) = change.restricted
            && channel.restricted != restricted
        {
            channel.restricted = restricted;
            channel.updated_at = at;
            if !channel.managed {
                channel.author_id.clone_from(&tx.access.actor.name);
            }
            rows::save(tx.conn, &channel)?;
            tx.channel_event("channel.updated", &bucket, &channel, Some(&channel))?;
        }
        if let Some(target) = &change.assign {
            refuse_managed(&channel)?;
            let version = match target {
                Some(fingerprint) => Some(assignable(tx, &bucket, fingerprint)?),
                None => None,
            };
            assign(
                tx,
                &bucket,
                &mut channel,
                &Move::by_caller(tx.access, version, at),
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
    name::check_word("source_channel", &source)?;
    name::check_word("target_channel", &target)?;
    transact(state, access, move |tx| {
        let bucket = tx.lock(&bucket, Action::Decide)?;
        let source = rows::find(tx.conn, &bucket.id, &source)?;
        let mut target = rows::find(tx.conn, &bucket.id, &target)?;
        refuse_managed(&target)?;
        let Some(held) = &source.version_id else {
            let why = format!("channel {} has no version to assign", source.name);
            return Err(Error::refused(why));
        };
        let version = versions::by_id(tx.conn, held)?;
        let version = assignable(tx, &bucket, &version.fingerprint)?;
        let by = Move::by_caller(tx.access, Some(version), bucket.changed_at);
        assign(tx, &bucket, &mut target, &by)?;
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
    transact(state, access, move |tx| {
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
