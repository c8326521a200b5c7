//! Records much at once, for measurements: the same rules, rows and events as request by request, but many
//! operations in one transaction, and nobody who waits for each answer.

use std::sync::Arc;

use super::{Access, Tx, buckets, builds, channels, versions};
use crate::{
    domain::{
        build::{BuildChange, BuildStatus},
        time::Time,
        version::TemplateType,
    },
    error::Result,
    store::{Store, bulk::forgo_flush},
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

/// Records all of it in one transaction that does not wait for the disk. Answers the ids, in order.
///
/// # Errors
/// As the operations that record one of them; then nothing is recorded.
pub async fn record(
    store: &Store,
    access: Arc<Access>,
    entries: Vec<Entry>,
    now: Time,
) -> Result<Vec<String>> {
    let write = store.write(move |conn| {
        forgo_flush(conn)?;
        let mut tx = Tx::new(conn, &access, now);
        entries.iter().map(|entry| one(&mut tx, entry)).collect()
    });
    write.await
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
