//! From a channel to the one artifact that is meant, and why there is none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{error::Detail, time::Timestamp, version::VersionStatus};

/// The artifact that a channel gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resolved {
    /// Its id where it lives: what is asked for.
    pub external_identifier: String,
    /// The platform of its build.
    pub platform: String,
    /// Its region, or empty.
    pub region: String,
    /// What its build builds.
    pub component_type: String,
    /// The labels of its build.
    pub labels: BTreeMap<String, String>,
    /// ULID of the artifact.
    pub artifact_id: String,
    /// ULID of its build.
    pub build_id: String,
    /// The image that the build started from, or empty.
    pub source_external_identifier: String,
    /// The bucket.
    pub bucket_name: String,
    /// The channel.
    pub channel_name: String,
    /// The version.
    pub version: ResolvedVersion,
    /// The moment that was asked about; none for now.
    pub at: Option<Timestamp>,
}

/// The version that a channel gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResolvedVersion {
    /// ULID.
    pub id: String,
    /// `v` and its number.
    pub name: String,
    /// Unique in the bucket.
    pub fingerprint: String,
    /// Where it stands now, whatever moment was asked about.
    pub status: VersionStatus,
    /// From when on it is revoked, if it is or will be.
    pub revoke_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// A version, by what people call it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionName {
    /// `v` and its number.
    pub name: String,
    /// Unique in the bucket.
    pub fingerprint: String,
}

/// What an artifact can be asked for by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Available {
    /// The platform of its build.
    pub platform: String,
    /// Its region, or empty.
    pub region: String,
    /// What its build builds.
    pub component_type: String,
}

/// The newest earlier version that had what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastMatch {
    /// `v` and its number.
    pub version_name: String,
    /// Unique in the bucket.
    pub fingerprint: String,
    /// The id of the artifact where it lives.
    pub external_identifier: String,
}

/// The detail of a refusal with code 5: nothing is what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResolveMiss {
    /// The version that the channel gives; none when it gives none, or is not there.
    pub version: Option<VersionName>,
    /// What there is of this version, 1,000 entries at most.
    pub available: Vec<Available>,
    /// The newest earlier version that had it, of those that are looked at and not revoked.
    pub last: Option<LastMatch>,
}

impl Detail for ResolveMiss {
    const TYPE: &'static str = "touchmark/resolve-miss";
}

/// The detail of a refusal with code 9: more than one artifact is what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResolveAmbiguous {
    /// The version that the channel gives.
    pub version: VersionName,
    /// The artifacts, 1,000 at most.
    pub matches: Vec<Match>,
    /// The parameters in which they differ.
    pub filters: Vec<String>,
}

impl Detail for ResolveAmbiguous {
    const TYPE: &'static str = "touchmark/resolve-ambiguous";
}

/// One of several artifacts that match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Match {
    /// Its id where it lives.
    pub external_identifier: String,
    /// The platform of its build.
    pub platform: String,
    /// Its region, or empty.
    pub region: String,
    /// What its build builds.
    pub component_type: String,
}

/// The detail of a refusal with code 9: the version is revoked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResolveRevoked {
    /// The version that the channel gives.
    pub version: VersionName,
    /// From when on it is revoked.
    pub revoke_at: Option<Timestamp>,
    /// Who revoked it, or the version that it descends from.
    pub author: String,
    /// Why, or empty.
    pub message: String,
}

impl Detail for ResolveRevoked {
    const TYPE: &'static str = "touchmark/resolve-revoked";
}
