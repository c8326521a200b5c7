//! Enforced blocks: provisioners that every build of a bucket must run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bucket::Bucket;
use crate::location::Location;
use crate::time::Timestamp;
use crate::version::TemplateType;

/// One version of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforcedBlockVersion {
    /// Free text.
    pub additional_description: String,
    /// The provisioners, as template text.
    pub block_content: String,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// ULID of its block.
    pub enforced_block_id: String,
    /// ULID of the version.
    pub id: String,
    /// Language of the content.
    pub template_type: TemplateType,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// Label of the version.
    pub version: String,
}

/// An enforced block with one of its versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforcedBlockDetail {
    /// ULID of the block.
    pub id: String,
    /// Name of the block.
    pub name: String,
    /// The version that applies.
    pub version: Option<EnforcedBlockVersion>,
}

/// Answer to a read of what a bucket's builds must run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetEnforcedBlocksByBucketResponse {
    /// The blocks; empty when nothing is enforced.
    pub enforced_block_detail: Vec<EnforcedBlockDetail>,
}

/// A named set of provisioners, in versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforcedBlock {
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// ULID of the block.
    pub id: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its newest version; null in lists.
    pub latest_version: Option<EnforcedBlockVersion>,
    /// Organization and project.
    pub location: Option<Location>,
    /// Its name within the project.
    pub name: String,
    /// `packer/project/<project>/enforced-block/<id>`.
    pub resource_name: String,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// A link between a version of an enforced block and a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforcedBlockBucket {
    /// ULID of the bucket.
    pub bucket_id: String,
    /// When they were linked.
    pub created_at: Option<Timestamp>,
    /// ULID of the block.
    pub enforced_block_id: String,
    /// ULID of the version.
    pub enforced_block_version_id: String,
    /// ULID of the link.
    pub id: String,
}

/// A link between a version of an enforced block and a bucket, with the bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforcedBlockLinkedBucket {
    /// The bucket.
    pub bucket: Option<Bucket>,
    /// When they were linked.
    pub created_at: Option<Timestamp>,
    /// ULID of the block.
    pub enforced_block_id: String,
    /// ULID of the version.
    pub enforced_block_version_id: String,
    /// ULID of the link.
    pub id: String,
}

body! {
    /// Body of the request that creates an enforced block with its first version.
    pub struct CreateEnforcedBlockBody {
        /// Free text about the version.
        pub additional_description: String,
        /// The provisioners, as template text.
        pub block_content: String,
        /// Labels of the block.
        pub labels: BTreeMap<String, String>,
        /// Name of the block within the project.
        pub name: String,
        /// Language of the content.
        pub template_type: Option<TemplateType>,
        /// Label of the version.
        pub version: String,
    }
}

body! {
    /// Body of the request that adds a version to an enforced block.
    pub struct CreateEnforcedBlockVersionBody {
        /// Free text.
        pub additional_description: String,
        /// The provisioners, as template text.
        pub block_content: String,
        /// Language of the content.
        pub template_type: Option<TemplateType>,
        /// Label of the version.
        pub version: String,
    }
}

body! {
    /// Body of the request that changes an enforced block; only masked fields count.
    pub struct UpdateEnforcedBlockBody {
        /// New labels, replacing the old ones.
        pub labels: BTreeMap<String, String>,
        /// New name.
        pub name: String,
        /// Fields to change, separated by commas.
        pub update_mask: Option<String>,
    }
}

body! {
    /// Body of the request that changes a version of an enforced block; only masked fields count.
    pub struct UpdateEnforcedBlockVersionBody {
        /// Free text.
        pub additional_description: String,
        /// Fields to change, separated by commas.
        pub update_mask: Option<String>,
    }
}

body! {
    /// Body of the request that says which buckets are linked to a version of an enforced block.
    pub struct ManageEnforcedBlockLinkedBucketsBody {
    } always {
        /// Names of all buckets that are linked from now on.
        pub bucket_names: Option<Vec<String>>,
    }
}

/// Answer to the creation of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateEnforcedBlockResponse {
    /// The block with its first version.
    pub enforced_block: Option<EnforcedBlock>,
}

/// Answer to a list of enforced blocks: there are no pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListEnforcedBlocksResponse {
    /// All blocks of the project.
    pub enforced_blocks: Vec<EnforcedBlock>,
}

/// Answer to a read of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetEnforcedBlockResponse {
    /// The block with its newest version.
    pub enforced_block: Option<EnforcedBlock>,
}

/// Answer to the update of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateEnforcedBlockResponse {
    /// The block after the update.
    pub enforced_block: Option<EnforcedBlock>,
}

/// Answer to the removal of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteEnforcedBlockResponse {}

/// Answer to the creation of a version of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateEnforcedBlockVersionResponse {
    /// The version.
    pub enforced_block_version: Option<EnforcedBlockVersion>,
}

/// Answer to a list of the versions of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetEnforcedBlockVersionsResponse {
    /// The block once for each version, the newest first.
    pub enforced_block_detail: Vec<EnforcedBlockDetail>,
}

/// Answer to the update of a version of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateEnforcedBlockVersionResponse {
    /// The version after the update.
    pub enforced_block_version: Option<EnforcedBlockVersion>,
}

/// Answer to the removal of a version of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteEnforcedBlockVersionResponse {}

/// Answer to a list of the buckets that are linked to a version of an enforced block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetEnforcedBlockLinkedBucketsResponse {
    /// The links with their buckets.
    pub linked_buckets: Vec<EnforcedBlockLinkedBucket>,
}

/// Answer to the request that says which buckets are linked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ManageEnforcedBlockLinkedBucketsResponse {
    /// All links of the version from now on.
    pub enforced_block_buckets: Vec<EnforcedBlockBucket>,
}
