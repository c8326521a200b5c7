//! Records much at once, for measurements: the same rows and events as request by request, but many
//! operations in one transaction, and nobody who waits for each answer.

mod rows;

use std::sync::Arc;

use super::{Access, Tx, buckets, builds, channels, versions};
use crate::{
    domain::{
        build::{BuildChange, BuildStatus},
        time::Time,
        version::TemplateType,
    },
    error::Result,
    store::Store,
};

/// Something to record.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A bucket.
    Bucket(buckets::Create),
    /// A complete version with one build.
    Version(Version),
    /// A channel of the named bucket.
    Channel(String, channels::Create),
}

/// A version, and the build that completes it.
#[derive(Debug, Clone)]
pub struct Version {
    /// The name of the bucket.
    pub bucket: String,
    /// Unique in the bucket.
    pub fingerprint: String,
    /// What the build builds.
    pub component_type: String,
    /// What is told of the build when it is done.
    pub done: BuildChange,
}

/// Records all of it in one transaction that does not wait for the disk. Answers the ids, in order. The rows
/// of versions that descend from nothing are written directly: the names must be fit for them.
///
/// # Errors
/// As the operations that record one of them; then nothing is recorded.
pub async fn record(
    store: &Store,
    access: Arc<Access>,
    entries: Vec<Entry>,
    now: Time,
) -> Result<Vec<String>> {
    transact(store, access, now, move |tx| {
        let mut ids = Vec::with_capacity(entries.len());
        for alike in entries.chunk_by(|a, b| a.plain().is_some() && b.plain().is_some()) {
            let plain: Vec<&Version> = alike.iter().filter_map(Entry::plain).collect();
            if plain.is_empty() {
                for entry in alike {
                    ids.push(one(tx, entry)?);
                }
            } else {
                ids.append(&mut rows::record(tx, &plain)?);
            }
        }
        Ok(ids)
    })
    .await
}

/// [`record`] by the operations themselves, as a server would.
///
/// # Errors
/// As [`record`].
pub async fn record_by_operations(
    store: &Store,
    access: Arc<Access>,
    entries: Vec<Entry>,
    now: Time,
) -> Result<Vec<String>> {
    transact(store, access, now, move |tx| {
        entries.iter().map(|entry| one(tx, entry)).collect()
    })
    .await
}

async fn transact<T: Send + 'static>(
    store: &Store,
    access: Arc<Access>,
    now: Time,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let fill = store.fill(move |conn| work(&mut Tx::new(conn, &access, now)));
    fill.await
}

impl Entry {
    /// A version without a parent.
    fn plain(&self) -> Option<&Version> {
        match self {
            Self::Version(version) if version.done.parent_version_id.is_empty() => Some(version),
            _ => None,
        }
    }
}

fn one(tx: &mut Tx<'_>, entry: &Entry) -> Result<String> {
    match entry {
        Entry::Bucket(create) => {
            let new = create.clone().check(tx.access, tx.now)?;
            Ok(buckets::insert(tx, &new)?.id)
        }
        Entry::Version(entry) => version(tx, entry),
        Entry::Channel(bucket, create) => Ok(channels::insert(tx, bucket, create)?.1.id),
    }
}

/// The steps of one build of Packer.
fn version(tx: &mut Tx<'_>, entry: &Version) -> Result<String> {
    let Version {
        bucket,
        fingerprint,
        component_type,
        done,
    } = entry;
    done.check()?;
    let (_, version) = versions::insert(tx, bucket, fingerprint, TemplateType::Hcl2)?;
    let registered = BuildChange {
        status: Some(BuildStatus::Unset),
        packer_run_uuid: done.packer_run_uuid.clone(),
        ..BuildChange::default()
    };
    let running = BuildChange {
        status: Some(BuildStatus::Running),
        ..registered.clone()
    };
    let (build, _) = builds::insert(tx, (bucket, fingerprint), component_type, &registered)?;
    for change in [&running, done] {
        builds::change_one(tx, (bucket, fingerprint, &build.id), change)?;
    }
    Ok(version.id)
}
