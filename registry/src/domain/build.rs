//! Builds: their states, which state may follow which, and what an update may change.

use serde::Serialize;

use super::{limit, name};
use crate::error::{Error, Result};

/// Where a build stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum BuildStatus {
    /// Registered, never started.
    Unset,
    /// Under way, and heard of within the heartbeat timeout.
    Running,
    /// Finished with artifacts. Final.
    Done,
    /// Interrupted, or not heard of for too long.
    Cancelled,
    /// Ended without artifacts.
    Failed,
}

impl BuildStatus {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "UNSET",
            Self::Running => "RUNNING",
            Self::Done => "DONE",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }

    /// Whether a build in this state may be told `next`. Repeating a state is allowed, DONE is final.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Done => next == Self::Done,
            _ => next != Self::Unset || self == Self::Unset,
        }
    }
}

impl TryFrom<String> for BuildStatus {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        [
            Self::Unset,
            Self::Running,
            Self::Done,
            Self::Cancelled,
            Self::Failed,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or_else(|| Error::internal(format!("unknown build status {text} in the database")))
    }
}

/// An artifact as a builder reports it. Both fields may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArtifact {
    /// The image's id where it lives.
    pub external_identifier: String,
    /// The region (or path) that it lives in.
    pub region: String,
}

/// What a create or an update says of a build. Empty and `None` mean "as it is".
#[derive(Debug, Clone, Default)]
pub struct BuildChange {
    /// The new state.
    pub status: Option<BuildStatus>,
    /// The run of Packer that speaks; a UUID.
    pub packer_run_uuid: String,
    /// The provider; can be set once.
    pub platform: String,
    /// The image that the build started from.
    pub source_external_identifier: String,
    /// The version that the build started from; can be set once.
    pub parent_version_id: String,
    /// The channel through which that version was found; can be set once.
    pub parent_channel_id: String,
    /// All labels of the build.
    pub labels: Option<super::label::Labels>,
    /// Opaque JSON: Packer, version control, CI.
    pub metadata: Option<String>,
    /// All artifacts of the build.
    pub artifacts: Option<Vec<NewArtifact>>,
}

impl BuildChange {
    /// Refuses values that are malformed or too long, whatever the state of the build.
    pub fn check(&self) -> Result<()> {
        if !self.packer_run_uuid.is_empty() {
            super::id::check_uuid("packer_run_uuid", &self.packer_run_uuid)?;
        }
        name::check_word("platform", &self.platform)?;
        name::check_word(
            "source_external_identifier",
            &self.source_external_identifier,
        )?;
        if !self.parent_version_id.is_empty() {
            super::id::check_ulid("parent_version_id", &self.parent_version_id)?;
        }
        if !self.parent_channel_id.is_empty() {
            super::id::check_ulid("parent_channel_id", &self.parent_channel_id)?;
        }
        if let Some(metadata) = &self.metadata {
            name::check_text("metadata", metadata, limit::METADATA)?;
        }
        let artifacts = self.artifacts.as_deref().unwrap_or_default();
        if artifacts.len() > limit::ARTIFACTS {
            let problem = format!("must be at most {} artifacts", limit::ARTIFACTS);
            return Err(Error::invalid("artifacts", problem));
        }
        artifacts.iter().try_for_each(|artifact| {
            name::check_word(
                "artifacts.external_identifier",
                &artifact.external_identifier,
            )?;
            name::check_word("artifacts.region", &artifact.region)
        })
    }

    /// Whether it only says that the build of `run` is still running.
    pub fn is_heartbeat(&self) -> bool {
        self.status == Some(BuildStatus::Running)
            && self.platform.is_empty()
            && self.source_external_identifier.is_empty()
            && self.parent_version_id.is_empty()
            && self.parent_channel_id.is_empty()
            && self.labels.is_none()
            && self.metadata.is_none()
            && self.artifacts.is_none()
    }
}

/// The value of a field that can be set once: `new` if it had none, else the old one.
///
/// # Errors
/// [`Error::SetOnce`] when both are given and differ.
pub fn set_once(field: &'static str, old: &str, new: &str) -> Result<String> {
    if new.is_empty() || old == new {
        return Ok(old.to_owned());
    }
    if old.is_empty() {
        return Ok(new.to_owned());
    }
    Err(Error::SetOnce {
        field,
        value: old.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use BuildStatus::{Cancelled, Done, Failed, Running, Unset};

    #[test]
    fn done_is_final_and_the_rest_may_start_again() {
        for status in [Unset, Running, Cancelled, Failed] {
            assert!(status.may_become(Running));
            assert!(status.may_become(Done));
            assert!(!Done.may_become(status));
        }
        assert!(Done.may_become(Done));
        assert!(!Failed.may_become(Unset));
    }

    #[test]
    fn a_field_that_is_set_once_keeps_its_value() {
        assert_eq!(set_once("platform", "", "aws").unwrap(), "aws");
        assert_eq!(set_once("platform", "aws", "").unwrap(), "aws");
        assert_eq!(set_once("platform", "aws", "aws").unwrap(), "aws");
        assert!(set_once("platform", "aws", "gce").is_err());
    }
}
