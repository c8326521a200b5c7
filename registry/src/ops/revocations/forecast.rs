//! What revoking versions does, as it is told to callers, and the digest of it that they agree to.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::scene::{load_buckets, load_versions};
use crate::{
    domain::{limit, time::Time, version::VersionStatus},
    error::{Error, Result},
    ops::hex,
    store::{Conn, buckets::Bucket, forecast::Held, versions::Version},
};

/// A version by its names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NamedVersion {
    /// The name of its bucket.
    pub bucket_name: String,
    /// Its name; `v0` until it is complete.
    pub version_name: String,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// A version that is to be revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// ULID.
    pub id: String,
    /// Its names.
    pub version: NamedVersion,
    /// Where it stands.
    pub status: VersionStatus,
    /// Names of channels that hold it.
    pub channels: Vec<String>,
}

/// A version that is revoked with one that it descends from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Descendant {
    /// ULID.
    pub id: String,
    /// Its names.
    pub version: NamedVersion,
    /// Where it stands.
    pub status: VersionStatus,
    /// The target that it descends from; the oldest when there are several.
    pub inherits_from: NamedVersion,
}

/// Where a channel goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fallback {
    /// The name of its bucket.
    pub bucket_name: String,
    /// Its name.
    pub channel_name: String,
    /// Whether the registry itself moves it.
    pub managed: bool,
    /// Whether only those who decide may see it.
    pub restricted: bool,
    /// What it holds.
    pub from: NamedVersion,
    /// What it will hold, if nothing else happens before.
    pub to: Option<NamedVersion>,
    /// When it moves.
    #[serde(skip)]
    pub when: Time,
}

/// An artifact of a version that is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The version.
    pub version: NamedVersion,
    /// Where the artifact is.
    pub held: Held,
}

/// What revoking versions does.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// From when on they are revoked.
    pub revoke_at: Time,
    /// The versions, by bucket and age.
    pub targets: Vec<Target>,
    /// Who inherits from them, by bucket and age.
    pub descendants: Vec<Descendant>,
    /// Channels that move, by bucket and name.
    pub channels: Vec<Fallback>,
    /// Artifacts of all these versions, the first [`limit::PAGE_MAX`].
    pub artifacts: Vec<Touched>,
    /// How many artifacts there are.
    pub artifacts_total: i64,
    /// Versions that are selected and revoked already, the first [`limit::PAGE_MAX`].
    pub skipped: Vec<NamedVersion>,
    /// How many of these there are.
    pub skipped_total: usize,
    /// SHA-256 of all that, in hex, but for times, artifacts and what is skipped.
    pub digest: String,
}

/// What a digest is of.
#[derive(Serialize)]
struct Agreed<'a> {
    v: u8,
    at_once: bool,
    targets: &'a [Target],
    descendants: &'a [Descendant],
    channels: &'a [Fallback],
}

impl Forecast {
    /// The digest of what is shown, as long as it need not be agreed to again: times that move with the clock are
    /// not in it.
    pub(super) fn digest(&self, now: Time) -> Result<String> {
        let agreed = Agreed {
            v: 1,
            at_once: self.revoke_at <= now,
            targets: &self.targets,
            descendants: &self.descendants,
            channels: &self.channels,
        };
        let text = serde_json_canonicalizer::to_string(&agreed).map_err(Error::internal)?;
        Ok(hex(&Sha256::digest(text.as_bytes())))
    }

    /// Says where the versions stand by now.
    pub(super) fn restate(&mut self, statuses: &BTreeMap<String, VersionStatus>) -> Result<()> {
        for target in &mut self.targets {
            target.status = status_of(statuses, &target.id)?;
        }
        for descendant in &mut self.descendants {
            descendant.status = status_of(statuses, &descendant.id)?;
        }
        Ok(())
    }

    /// Says which versions were selected in vain.
    pub(super) fn skip(&mut self, conn: &mut Conn, ids: &[String]) -> Result<()> {
        let shown: Vec<String> = ids.iter().take(limit::PAGE_MAX).cloned().collect();
        let versions = load_versions(conn, &shown)?;
        let buckets = load_buckets(conn, versions.values())?;
        let names = versions.values().filter_map(|version| {
            let bucket = buckets.get(&version.bucket_id)?;
            Some(named(bucket, version))
        });
        self.skipped = names.collect();
        self.skipped_total = ids.len();
        Ok(())
    }
}

/// The names of a version of this bucket.
pub(super) fn named(bucket: &Bucket, version: &Version) -> NamedVersion {
    NamedVersion {
        bucket_name: bucket.name.clone(),
        version_name: version.name(),
        fingerprint: version.fingerprint.clone(),
    }
}

/// Where a version stands, of those that were loaded.
pub(super) fn status_of(
    statuses: &BTreeMap<String, VersionStatus>,
    id: &str,
) -> Result<VersionStatus> {
    let status = statuses.get(id).copied();
    status.ok_or_else(|| Error::internal(format!("version {id} has no status")))
}
