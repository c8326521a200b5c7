//! Relations between a version and the versions it was built from.

use serde::{Deserialize, Serialize};

use crate::pagination::PaginationResponse;

string_enum! {
    /// Whether a child follows what its parent's channel points to.
    pub enum AncestryStatus {
        /// No channel was recorded, or the parent is not tracked.
        #[default]
        Undetermined = "UNDETERMINED",
        /// The parent is what its channel points to now.
        UpToDate = "UP_TO_DATE",
        /// The parent's channel has moved on.
        OutOfDate = "OUT_OF_DATE",
    }
}

string_enum! {
    /// Which relations a list of ancestry asks for.
    pub enum BucketAncestryType {
        /// Both directions.
        #[default]
        Unset = "ANCESTRY_TYPE_UNSET",
        /// Only parents.
        Parents = "ANCESTRY_TYPE_PARENTS",
        /// Only children.
        Children = "ANCESTRY_TYPE_CHILDREN",
    }
}

/// One relation between a parent and a child.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketAncestry {
    /// The version that was built from the parent.
    pub child: Option<Child>,
    /// The version that the child was built from.
    pub parent: Option<Parent>,
    /// Whether the child follows its parent.
    pub status: AncestryStatus,
}

/// The child side of a relation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Child {
    /// Bucket of the child.
    pub bucket_name: String,
    /// Fingerprint of the child version.
    pub version_fingerprint: String,
    /// ULID of the child version.
    pub version_id: String,
    /// Name of the child version, such as `v3`.
    pub version_name: String,
}

/// The parent side of a relation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parent {
    /// Bucket of the parent.
    pub bucket_name: String,
    /// Channel through which the parent was read, or empty.
    pub channel_name: String,
    /// What that channel points to now.
    pub channel_version: Option<ChannelVersion>,
    /// Fingerprint of the parent version.
    pub version_fingerprint: String,
    /// ULID of the parent version.
    pub version_id: String,
    /// Name of the parent version.
    pub version_name: String,
}

/// The version that a parent's channel points to now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelVersion {
    /// Fingerprint of the version.
    pub fingerprint: String,
    /// ULID of the version.
    pub id: String,
    /// Name of the version.
    pub name: String,
}

/// Answer to a list of a bucket's relations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBucketAncestryResponse {
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
    /// The relations of this page.
    pub relations: Vec<BucketAncestry>,
    /// Number of relations on all pages.
    pub total_count: i32,
}
