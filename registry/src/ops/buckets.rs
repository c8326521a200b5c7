//! Creating, changing and deleting buckets.

use std::{collections::BTreeMap, sync::Arc};

use super::{Access, Tx, transact};
use crate::{
    domain::{
        channel::{LATEST, SERVICE_AUTHOR},
        id,
        label::Labels,
        limit, name,
        role::Action,
        time::Time,
    },
    error::{Error, Kind, Result},
    state::State,
    store::{
        buckets::{self as rows, Bucket, NewBucket},
        channels::{self, Channel},
        principals::{self, Scope},
        registries,
        views::{self, BucketView},
    },
};

/// What a create says.
#[derive(Debug, Clone)]
pub struct Create {
    /// The name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Labels as sent.
    pub labels: BTreeMap<String, String>,
}

impl Create {
    /// The bucket that it asks for, if all that it says is fit for one.
    pub(super) fn check(self, access: &Access, now: Time) -> Result<NewBucket> {
        name::check("name", &self.name)?;
        name::check_text("description", &self.description, limit::DESCRIPTION)?;
        Ok(NewBucket {
            id: id::ulid(now),
            project_id: access.project.id.clone(),
            labels: Labels::parse("labels", self.labels)?,
            name: self.name,
            description: self.description,
        })
    }
}

/// Creates a bucket, and with it the channel `latest`, managed and restricted.
///
/// # Errors
/// [`Error::Exists`] when the name is taken, [`Error::Refused`] when the registry is deactivated.
pub async fn create(state: &State, access: Arc<Access>, create: Create) -> Result<BucketView> {
    let new = create.check(&access, state.clock.now())?;
    transact(state, access, move |tx| {
        let bucket = insert(tx, &new)?;
        views::bucket(tx.conn, bucket)
    })
    .await
}

/// [`create`] inside a transaction.
pub(super) fn insert(tx: &mut Tx<'_>, new: &NewBucket) -> Result<Bucket> {
    check_creates(tx, &new.name)?;
    require_active(tx)?;
    let bucket = rows::insert(tx.conn, new, tx.now)?;
    tx.bucket_event("bucket.created", &bucket, Some(&bucket))?;
    let latest = Channel {
        id: id::ulid(tx.now),
        bucket_id: bucket.id.clone(),
        name: LATEST.into(),
        managed: true,
        restricted: true,
        version_id: None,
        author_id: SERVICE_AUTHOR.into(),
        created_at: tx.now,
        updated_at: tx.now,
    };
    channels::insert(tx.conn, &latest)?;
    tx.channel_event("channel.created", &bucket, &latest, Some(&latest))?;
    Ok(bucket)
}

/// Refuses who may not create buckets. Older Packers create before they look, so whoever may record in
/// the bucket that there is hears that it exists.
fn check_creates(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    let Err(refused) = tx.access.check(Action::Record, None) else {
        return Ok(());
    };
    match rows::find(tx.conn, &tx.access.project.id, name) {
        Ok(bucket) if tx.access.check(Action::Record, Some(&bucket.id)).is_ok() => {
            Err(Error::Exists(Kind::Bucket, name.to_owned()))
        }
        Ok(_) | Err(Error::Missing(..)) => Err(refused),
        Err(other) => Err(other),
    }
}

/// Refuses to record anything new while the project has no active registry.
pub(super) fn require_active(tx: &mut Tx<'_>) -> Result<()> {
    if registries::find(tx.conn, &tx.access.project.id)?.activated {
        return Ok(());
    }
    Err(Error::refused(
        "the registry of this project is deactivated: an admin can activate it",
    ))
}

/// What an update says; `None` means "as it is".
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Free text.
    pub description: Option<String>,
    /// All labels.
    pub labels: Option<BTreeMap<String, String>>,
}

/// Changes description and labels. Repeating what is there changes nothing and records nothing.
pub async fn update(
    state: &State,
    access: Arc<Access>,
    bucket: String,
    update: Update,
) -> Result<BucketView> {
    let labels = update
        .labels
        .map(|labels| Labels::parse("labels", labels))
        .transpose()?;
    let description = update.description;
    if let Some(text) = &description {
        name::check_text("description", text, limit::DESCRIPTION)?;
    }
    transact(state, access, move |tx| {
        let mut bucket = tx.lock(&bucket, Action::Record)?;
        let before = (bucket.description.clone(), bucket.labels.clone());
        bucket.description = description.clone().unwrap_or(bucket.description);
        bucket.labels = labels.clone().unwrap_or(bucket.labels);
        if before != (bucket.description.clone(), bucket.labels.clone()) {
            bucket.updated_at = bucket.changed_at;
            rows::save(tx.conn, &bucket)?;
            tx.bucket_event("bucket.updated", &bucket, Some(&bucket))?;
        }
        views::bucket(tx.conn, bucket)
    })
    .await
}

/// Deletes a bucket and all below it, assigned channels included, and the roles that were given on it.
pub async fn delete(state: &State, access: Arc<Access>, bucket: String) -> Result<()> {
    transact(state, access, move |tx| {
        let bucket = tx.lock(&bucket, Action::Administer)?;
        rows::delete(tx.conn, &bucket.id)?;
        principals::unbind_all(tx.conn, &Scope::Bucket(bucket.id.clone()))?;
        tx.bucket_event("bucket.deleted", &bucket, None)
    })
    .await
}
