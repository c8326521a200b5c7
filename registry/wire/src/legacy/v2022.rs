//! The label search of the 2022-12-02 protocol.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

body! {
    /// Body of a search by build labels.
    pub struct GetImageByBuildLabelsRequestBody {
        /// Platform.
        pub cloud_provider: String,
        /// Region, preferred among the artifacts.
        pub region: String,
        /// Labels that the build must carry.
        pub labels: BTreeMap<String, String>,
    }
}

/// Answer to a search by build labels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetImageByBuildLabelsResponse {
    /// What was found.
    pub artifact: Option<ExternalArtifact>,
}

/// A build with its bucket and version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifact {
    /// The bucket.
    pub bucket: Option<ExternalArtifactBucket>,
    /// The version.
    pub version: Option<ExternalArtifactVersion>,
    /// The build.
    pub build: Option<Build>,
}

/// The bucket of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifactBucket {
    /// ULID of the bucket.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The version of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifactVersion {
    /// ULID of the version.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its identity within the bucket.
    pub fingerprint: String,
    /// When a revocation takes or took effect.
    pub revoke_at: Option<Timestamp>,
}

/// A build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Build {
    /// ULID of the build.
    pub id: String,
    /// ULID of its version.
    pub version_id: String,
    /// Its identity within the version.
    pub component_type: String,
    /// UUID of the run that owns it.
    pub packer_run_uuid: String,
    /// Its platform.
    pub platform: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its artifacts.
    pub artifacts: Vec<Artifact>,
}

/// An artifact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Artifact {
    /// ULID of the artifact.
    pub id: String,
    /// Name of the artifact on its platform.
    pub external_identifier: String,
    /// Region or place on the platform.
    pub region: String,
}
