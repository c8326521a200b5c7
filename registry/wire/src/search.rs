//! Search for the build that an artifact comes from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::build::Build;
use crate::pagination::PaginationResponse;
use crate::time::Timestamp;
use crate::version::{RevocationType, VersionStatus};

body! {
    /// Body of a search for an artifact.
    pub struct SearchExternalArtifactRequestBody {
        /// Name of the artifact on its platform.
        pub external_identifier: String,
        /// Platform, or empty for any.
        pub platform: String,
        /// Region, or empty for any.
        pub region: String,
    }
}

/// Answer to a search for an artifact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchExternalArtifactResponse {
    /// What was found, on this page.
    pub artifacts: Vec<ExternalArtifact>,
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
}

/// Where an artifact comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifact {
    /// Its bucket.
    pub bucket: Option<ExternalArtifactBucket>,
    /// Its build.
    pub build: Option<Build>,
    /// Its version.
    pub version: Option<ExternalArtifactVersion>,
}

/// The bucket that an artifact comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifactBucket {
    /// ULID of the bucket.
    pub id: String,
    /// Labels of the bucket.
    pub labels: BTreeMap<String, String>,
    /// Name of the bucket.
    pub name: String,
}

/// The version that an artifact comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifactVersion {
    /// Display name of whoever created it.
    pub author_id: String,
    /// Its identity within the bucket.
    pub fingerprint: String,
    /// ULID of the version.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who revoked it, or empty.
    pub revocation_author: String,
    /// Why it was revoked, or empty.
    pub revocation_message: String,
    /// How it came to be revoked.
    pub revocation_type: RevocationType,
    /// When the revocation takes or took effect.
    pub revoke_at: Option<Timestamp>,
    /// Its state now.
    pub status: VersionStatus,
}
