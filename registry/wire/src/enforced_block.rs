//! Enforced blocks: provisioners that every build of a bucket must run.

use serde::{Deserialize, Serialize};

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
