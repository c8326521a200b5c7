//! Builds: the result of one source of a template.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::artifact::{Artifact, ArtifactCreateBody};
use crate::location::Location;
use crate::pagination::PaginationResponse;
use crate::time::Timestamp;

string_enum! {
    /// The state of a build.
    pub enum BuildStatus {
        /// Registered, not started.
        #[default]
        Unset = "BUILD_UNSET" | "BUILD_PENDING",
        /// Running.
        Running = "BUILD_RUNNING",
        /// Finished; this is final.
        Done = "BUILD_DONE",
        /// Cancelled.
        Cancelled = "BUILD_CANCELLED",
        /// Failed.
        Failed = "BUILD_FAILED",
    }
}

/// What the builder tells about itself, kept as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildMetadata {
    /// Builder, plugins, options and operating system.
    pub packer: Value,
    /// Version control.
    pub vcs: Value,
    /// Pipeline.
    pub cicd: Value,
}

/// A build of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Build {
    /// Its artifacts, empty until it is done.
    pub artifacts: Vec<Artifact>,
    /// Its identity within the version, such as `amazon-ebs.base`.
    pub component_type: String,
    /// When it was registered.
    pub created_at: Option<Timestamp>,
    /// ULID of the build.
    pub id: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What the builder told; null in lists.
    pub metadata: Option<BuildMetadata>,
    /// UUID of the run that owns it.
    pub packer_run_uuid: String,
    /// Its platform, such as `aws`; empty until known.
    pub platform: String,
    /// What it was built from.
    pub source_external_identifier: String,
    /// Its state.
    pub status: BuildStatus,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// ULID of its version.
    pub version_id: String,
}

body! {
    /// Body of the request that registers a build.
    pub struct CreateBuildBody {
        /// Its identity within the version.
        pub component_type: String,
        /// Its labels.
        pub labels: BTreeMap<String, String>,
        /// UUID of the run.
        pub packer_run_uuid: String,
        /// Channel through which the parent version was read.
        pub parent_channel_id: String,
        /// Version that it is built from.
        pub parent_version_id: String,
        /// Its platform.
        pub platform: String,
        /// What it is built from.
        pub source_external_identifier: String,
        /// Its state.
        pub status: Option<BuildStatus>,
    } always {
        /// Its artifacts; null when there are none yet.
        pub artifacts: Option<Vec<ArtifactCreateBody>>,
    }
}

/// Answer to the registration of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateBuildResponse {
    /// The build.
    pub build: Option<Build>,
}

/// Answer to a read of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetBuildResponse {
    /// The build.
    pub build: Option<Build>,
}

/// Answer to a list of the builds of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBuildsResponse {
    /// The builds.
    pub builds: Vec<Build>,
    /// Organization and project of the version.
    pub location: Option<Location>,
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
}

body! {
    /// Body of the request that changes a build; an empty field means unchanged.
    pub struct UpdateBuildBody {
        /// New labels, replacing the old ones.
        pub labels: BTreeMap<String, String>,
        /// What the builder tells about itself.
        pub metadata: Option<BuildMetadata>,
        /// UUID of the run.
        pub packer_run_uuid: String,
        /// Channel through which the parent version was read.
        pub parent_channel_id: String,
        /// Version that it was built from.
        pub parent_version_id: String,
        /// Its platform.
        pub platform: String,
        /// What it was built from.
        pub source_external_identifier: String,
        /// New state.
        pub status: Option<BuildStatus>,
    } always {
        /// Its artifacts; null means unchanged.
        pub artifacts: Option<Vec<ArtifactCreateBody>>,
    }
}

/// Answer to the update of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateBuildResponse {
    /// The build after the update.
    pub build: Option<Build>,
}

/// Answer to the removal of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteBuildResponse {}

#[cfg(test)]
mod tests {
    use super::{Build, BuildStatus, CreateBuildBody, UpdateBuildBody};

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn sparse_bodies_are_written_as_go_does() -> TestResult {
        let body = CreateBuildBody {
            component_type: "null.x".to_owned(),
            status: Some(BuildStatus::Unset),
            ..CreateBuildBody::default()
        };
        assert_eq!(
            serde_json::to_string(&body)?,
            r#"{"component_type":"null.x","status":"BUILD_UNSET","artifacts":null}"#
        );
        Ok(())
    }

    #[test]
    fn null_reads_as_the_default() -> TestResult {
        let body = r#"{"labels":null,"metadata":null,"packer_run_uuid":null,"platform":null,
            "status":null,"artifacts":null,"unknown":1}"#;
        let read: UpdateBuildBody = serde_json::from_str(body)?;
        assert_eq!(read, UpdateBuildBody::default());

        let body = r#"{"metadata":{"packer":{"version":"1"},"vcs":null},"artifacts":[
            {"external_identifier":"a","region":null}]}"#;
        let read: UpdateBuildBody = serde_json::from_str(body)?;
        let metadata = read.metadata.unwrap_or_default();
        assert_eq!(metadata.packer, serde_json::json!({"version": "1"}));
        assert!(metadata.vcs.is_null() && metadata.cicd.is_null());
        assert_eq!(read.artifacts.map(|artifacts| artifacts.len()), Some(1));
        Ok(())
    }

    #[test]
    fn pending_reads_as_unset_and_unknown_states_are_refused() -> TestResult {
        let read = |status: &str| {
            serde_json::from_str::<UpdateBuildBody>(&format!(r#"{{"status":"{status}"}}"#))
        };
        let pending = read("BUILD_PENDING")?;
        assert_eq!(pending.status, Some(BuildStatus::Unset));
        let error = read("BUILD_LOST").err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("unknown variant `BUILD_LOST`")));
        assert!("BUILD_LOST".parse::<BuildStatus>().is_err());
        assert_eq!("BUILD_DONE".parse(), Ok(BuildStatus::Done));
        Ok(())
    }

    #[test]
    fn answers_emit_everything() -> TestResult {
        let build = serde_json::to_value(Build::default())?;
        assert_eq!(
            build,
            serde_json::json!({
                "artifacts": [], "component_type": "", "created_at": null, "id": "",
                "labels": {}, "metadata": null, "packer_run_uuid": "", "platform": "",
                "source_external_identifier": "", "status": "BUILD_UNSET",
                "updated_at": null, "version_id": ""
            })
        );
        Ok(())
    }
}
