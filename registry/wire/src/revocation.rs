//! `/api/v1/revocations`: revoking many versions at once, and what that touches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{time::Timestamp, version::VersionStatus};

/// A version by the names that callers give it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VersionKey {
    /// Name of its bucket.
    pub bucket: String,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// Which versions to revoke, and how. A version is selected when all parts of the selection that are given
/// agree; at least one of `versions`, `artifacts`, `bucket` and `labels` must be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RevocationBody {
    /// These versions. One that does not exist, or is revoked already, refuses everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<VersionKey>>,
    /// Versions that hold an artifact with one of these ids, as it is called where it lives. One that no
    /// version holds refuses everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<Vec<String>>,
    /// Versions of the bucket of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Versions of which one build has all of these labels. Labels of buckets do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Versions created longer ago than this, such as `90d`; goes with `bucket` or `labels`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub older_than: Option<String>,
    /// From when on they are revoked; now if neither this nor `revoke_in` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_at: Option<Timestamp>,
    /// After how long they are revoked, such as `30d` or `2h45m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_in: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether descendants that exist are spared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_descendants: Option<bool>,
    /// Whether channels stay on the versions, but for `latest`, which always moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_rollback: Option<bool>,
    /// The digest of the preview that was agreed to; not part of a preview. When what would be done is not
    /// what that showed, nothing is done. Without it nothing is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What a revocation of many versions touches: before it is done, or as it was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevocationAnswer {
    /// From when on the versions are revoked.
    pub revoke_at: Option<Timestamp>,
    /// The versions, by bucket and age.
    pub targets: Vec<RevokedVersion>,
    /// Versions built from them that are revoked with them, by bucket and age.
    pub descendants: Vec<RevokedDescendant>,
    /// Channels that move, by bucket and name; without those that are restricted and that the caller may not
    /// see.
    pub channels: Vec<ChannelFallback>,
    /// Artifacts of all these versions, at most 1,000.
    pub artifacts: Vec<RevokedArtifact>,
    /// How many artifacts there are.
    pub artifacts_total: i64,
    /// Versions that were selected and are revoked already, at most 1,000.
    pub skipped: Vec<NamedVersion>,
    /// How many of those there are.
    pub skipped_total: i64,
    /// SHA-256, in hex, of the targets, descendants and moves of channels: the same as long as the same
    /// would be done.
    pub digest: String,
}

/// A version by its names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedVersion {
    /// Name of its bucket.
    pub bucket_name: String,
    /// Its name; `v0` until it is complete.
    pub version_name: String,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// A version that is selected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedVersion {
    /// Name of its bucket.
    pub bucket_name: String,
    /// Its name; `v0` until it is complete.
    pub version_name: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// ULID.
    pub id: String,
    /// Its state: in a preview the one that it has, in the answer of a revocation the one that it got.
    pub status: VersionStatus,
    /// The channels that hold it before, by name; without those that the caller may not see.
    pub channels: Vec<String>,
}

/// A version that is revoked since one that it was built from is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedDescendant {
    /// Name of its bucket.
    pub bucket_name: String,
    /// Its name; `v0` until it is complete.
    pub version_name: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// ULID.
    pub id: String,
    /// Its state, as that of a target.
    pub status: VersionStatus,
    /// The target that it descends from; one of them when there are several.
    pub inherits_from: NamedVersion,
}

/// Where a channel goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelFallback {
    /// Name of its bucket.
    pub bucket_name: String,
    /// Its name.
    pub channel_name: String,
    /// Whether the registry itself moves it, which is so for `latest`.
    pub managed: bool,
    /// Whether only those who decide may see it.
    pub restricted: bool,
    /// The version that it holds before.
    pub from: NamedVersion,
    /// The version that it holds after, as far as is known now; null when there is no good one.
    pub to: Option<NamedVersion>,
    /// When it moves.
    pub when: Option<Timestamp>,
}

/// An artifact of a version that is revoked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedArtifact {
    /// Name of the bucket of the version.
    pub bucket_name: String,
    /// Name of the version.
    pub version_name: String,
    /// The provider.
    pub platform: String,
    /// The region; may be empty.
    pub region: String,
    /// Its id where it lives; may be empty.
    pub external_identifier: String,
}
