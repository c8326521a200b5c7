//! Artifacts: what a build left behind on its platform.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// One artifact of a finished build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Artifact {
    /// When the artifact was recorded.
    pub created_at: Option<Timestamp>,
    /// Name of the artifact on its platform, such as `ami-1`.
    pub external_identifier: String,
    /// ULID of the artifact.
    pub id: String,
    /// Region or place on the platform.
    pub region: String,
}

body! {
    /// An artifact inside the body of a build request.
    pub struct ArtifactCreateBody {
        /// Name of the artifact on its platform.
        pub external_identifier: String,
        /// Region or place on the platform.
        pub region: String,
    }
}
