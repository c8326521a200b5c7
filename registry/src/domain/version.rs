//! Versions: their name, and the status that follows from builds, revocations and the clock.

use serde::Serialize;

use super::{build::BuildStatus, revocation::Revocation, time::Time};
use crate::error::{Error, Result};

/// The kind of template that a version was built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TemplateType {
    /// Not told.
    #[default]
    Unset,
    /// HCL2.
    Hcl2,
    /// Legacy JSON.
    Json,
}

impl TemplateType {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "UNSET",
            Self::Hcl2 => "HCL2",
            Self::Json => "JSON",
        }
    }
}

impl TryFrom<String> for TemplateType {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        [Self::Unset, Self::Hcl2, Self::Json]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown template type {text} in the database")))
    }
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum VersionStatus {
    /// Something is being built, or nothing was registered yet.
    Running,
    /// A build was cancelled and none runs or failed.
    Cancelled,
    /// A build failed and none runs.
    Failed,
    /// Some builds never ran.
    Incomplete,
    /// Complete and good.
    Active,
    /// Will be revoked at a time to come.
    RevocationScheduled,
    /// Revoked.
    Revoked,
}

/// The status at the moment `now`. `number` is `None` while the version is incomplete, `revocation`
/// the one that decides (see [`super::revocation::effective`]).
pub fn status(
    number: Option<i64>,
    builds: impl IntoIterator<Item = BuildStatus>,
    revocation: Option<&Revocation>,
    now: Time,
) -> VersionStatus {
    if let Some(revocation) = revocation {
        return if revocation.in_force(now) {
            VersionStatus::Revoked
        } else {
            VersionStatus::RevocationScheduled
        };
    }
    if number.is_some() {
        return VersionStatus::Active;
    }
    let builds: Vec<_> = builds.into_iter().collect();
    if builds.is_empty() || builds.contains(&BuildStatus::Running) {
        VersionStatus::Running
    } else if builds.contains(&BuildStatus::Failed) {
        VersionStatus::Failed
    } else if builds.contains(&BuildStatus::Cancelled) {
        VersionStatus::Cancelled
    } else {
        VersionStatus::Incomplete
    }
}

/// The name of a version: `v<number>`, and exactly `v0` while it is incomplete.
pub fn name(number: Option<i64>) -> String {
    format!("v{}", number.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use BuildStatus::{Cancelled, Done, Failed, Running, Unset};

    #[test]
    fn status_follows_the_builds_until_completion() {
        let of = |builds: &[BuildStatus]| status(None, builds.to_vec(), None, Time::from_micros(0));
        assert_eq!(of(&[]), VersionStatus::Running);
        assert_eq!(of(&[Done, Running, Failed]), VersionStatus::Running);
        assert_eq!(of(&[Done, Cancelled, Failed]), VersionStatus::Failed);
        assert_eq!(of(&[Done, Cancelled]), VersionStatus::Cancelled);
        assert_eq!(of(&[Done, Unset]), VersionStatus::Incomplete);
        assert_eq!(
            status(Some(3), [Done], None, Time::from_micros(0)),
            VersionStatus::Active
        );
    }

    #[test]
    fn an_incomplete_version_is_named_v0() {
        assert_eq!(name(None), "v0");
        assert_eq!(name(Some(12)), "v12");
    }
}
