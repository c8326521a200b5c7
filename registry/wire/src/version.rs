//! Versions: one run of a template, with all its builds.

use serde::{Deserialize, Serialize};

use crate::ancestry::AncestryStatus;
use crate::build::Build;
use crate::operation::Operation;
use crate::pagination::PaginationResponse;
use crate::time::Timestamp;

string_enum! {
    /// The state of a version.
    pub enum VersionStatus {
        /// Not set; the registry never emits it.
        #[default]
        Unset = "VERSION_UNSET",
        /// Something is building, or nothing has been registered yet.
        Running = "VERSION_RUNNING",
        /// A build was cancelled.
        Cancelled = "VERSION_CANCELLED",
        /// A build failed.
        Failed = "VERSION_FAILED",
        /// The version must not be used any more.
        Revoked = "VERSION_REVOKED",
        /// The version will be revoked at a future time.
        RevocationScheduled = "VERSION_REVOCATION_SCHEDULED",
        /// Complete and valid.
        Active = "VERSION_ACTIVE",
        /// Some builds never ran.
        Incomplete = "VERSION_INCOMPLETE",
    }
}

string_enum! {
    /// The language of the template that a version was built from.
    pub enum TemplateType {
        /// Not known.
        #[default]
        Unset = "TEMPLATE_TYPE_UNSET",
        /// HCL2.
        Hcl2 = "HCL2",
        /// Legacy JSON.
        Json = "JSON",
    }
}

string_enum! {
    /// How a version came to be revoked.
    pub enum RevocationType {
        /// It is not revoked.
        #[default]
        Unset = "REVOCATION_TYPE_UNSET",
        /// Someone revoked it.
        Manual = "MANUAL",
        /// A version it descends from was revoked.
        Inherited = "INHERITED",
    }
}

/// A version of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    /// Display name of whoever created it.
    pub author_id: String,
    /// Bucket that it belongs to.
    pub bucket_name: String,
    /// Its builds.
    pub builds: Vec<Build>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Its identity within the bucket, chosen by the client.
    pub fingerprint: String,
    /// Whether another version was built from it.
    pub has_descendants: bool,
    /// ULID of the version.
    pub id: String,
    /// `v0` while incomplete, then `v1`, `v2`, ….
    pub name: String,
    /// Summary of its parents, null when none is recorded.
    pub parents: Option<VersionParents>,
    /// Who revoked it, or empty.
    pub revocation_author: String,
    /// The ancestor whose revocation it inherited.
    pub revocation_inherited_from: Option<RevokedAncestor>,
    /// Why it was revoked, or empty.
    pub revocation_message: String,
    /// How it came to be revoked.
    pub revocation_type: RevocationType,
    /// When the revocation takes or took effect.
    pub revoke_at: Option<Timestamp>,
    /// Its state now.
    pub status: VersionStatus,
    /// Language of its template.
    pub template_type: TemplateType,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// Summary of the versions that a version was built from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionParents {
    /// Path of the list of parents.
    pub href: String,
    /// Out of date if any parent is.
    pub status: AncestryStatus,
}

/// The ancestor whose revocation a version inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedAncestor {
    /// Bucket of the ancestor.
    pub bucket_name: String,
    /// Path of the ancestor.
    pub href: String,
    /// Fingerprint of the ancestor.
    pub version_fingerprint: String,
    /// ULID of the ancestor.
    pub version_id: String,
    /// Name of the ancestor.
    pub version_name: String,
}

body! {
    /// Body of the request that creates a version.
    pub struct CreateVersionBody {
        /// Identity of the version within the bucket.
        pub fingerprint: String,
        /// Language of the template.
        pub template_type: Option<TemplateType>,
    }
}

/// Answer to the creation of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateVersionResponse {
    /// The version.
    pub version: Option<Version>,
}

/// Answer to a read of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetVersionResponse {
    /// The version.
    pub version: Option<Version>,
}

/// Answer to a list of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListVersionsResponse {
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
    /// The versions of this page.
    pub versions: Vec<Version>,
}

body! {
    /// Body of the request that completes, revokes or restores a version.
    pub struct UpdateVersionBody {
        /// Completes the version.
        pub complete: bool,
        /// Leaves channels on the version when it is revoked.
        pub disable_rollback_channels: bool,
        /// Takes the revocation back.
        pub restore: bool,
        /// Why the version is revoked.
        pub revocation_message: String,
        /// Revokes after this time, such as `0s`, `2h45m` or `30d`.
        pub revoke_in: String,
        /// Leaves descendants valid.
        pub skip_descendants_revocation: bool,
    } always {
        /// Revokes at this time; year 1, empty and null read as none, and none is sent as year 1.
        #[serde(with = "crate::time::go")]
        pub revoke_at: Option<Timestamp>,
    }
}

/// Answer to the update of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateVersionResponse {
    /// The finished operation.
    pub operation: Option<Operation>,
    /// The version after the update.
    pub version: Option<Version>,
}

/// Answer to the removal of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteVersionResponse {}
