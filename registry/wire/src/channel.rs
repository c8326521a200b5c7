//! Channels: names that point to a version of a bucket.

use serde::{Deserialize, Serialize};

use crate::pagination::PaginationResponse;
use crate::time::Timestamp;
use crate::version::Version;

/// A channel of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Channel {
    /// Whoever changed it last.
    pub author_id: String,
    /// Bucket that it belongs to.
    pub bucket_name: String,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// ULID of the channel.
    pub id: String,
    /// Whether the registry moves it; true for `latest` only.
    pub managed: bool,
    /// Its name within the bucket.
    pub name: String,
    /// Whether only principals who may write see it.
    pub restricted: bool,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// What it points to; null when nothing is assigned.
    pub version: Option<Version>,
}

/// One row of a channel's history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelAssignment {
    /// When it was assigned.
    pub assigned_at: Option<Timestamp>,
    /// Who assigned it.
    pub author_id: String,
    /// The assigned version; null when it was unassigned.
    pub version: Option<Version>,
}

body! {
    /// Body of the request that creates a channel.
    pub struct CreateChannelBody {
        /// Its name within the bucket.
        pub name: String,
        /// Whether only principals who may write see it.
        pub restricted: bool,
        /// Version to assign at once, or empty.
        pub version_fingerprint: String,
    }
}

/// Answer to the creation of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateChannelResponse {
    /// The channel.
    pub channel: Option<Channel>,
}

/// Answer to a read of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetChannelResponse {
    /// The channel.
    pub channel: Option<Channel>,
}

/// Answer to a list of channels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListChannelsResponse {
    /// The channels of the bucket.
    pub channels: Vec<Channel>,
}

body! {
    /// Body of the request that changes a channel; the mask says what counts.
    pub struct UpdateChannelBody {
        /// New visibility, if in the mask.
        pub restricted: bool,
        /// Comma-separated fields, `versionFingerprint` and `restricted`.
        pub update_mask: Option<String>,
        /// Version to assign, if in the mask; empty unassigns.
        pub version_fingerprint: String,
    }
}

impl UpdateChannelBody {
    /// Lets the channel hold the version of this fingerprint, or nothing when it is empty; all else stays.
    pub fn assigning(fingerprint: impl Into<String>) -> Self {
        Self {
            update_mask: Some("versionFingerprint".to_owned()),
            version_fingerprint: fingerprint.into(),
            ..Self::default()
        }
    }
}

/// Answer to the update of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateChannelResponse {
    /// The channel after the update.
    pub channel: Option<Channel>,
}

/// Answer to the removal of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteChannelResponse {}

body! {
    /// Body of the request that copies an assignment between channels.
    pub struct AssignChannelVersionBody {
        /// Channel to read.
        pub source_channel: String,
        /// Channel to assign.
        pub target_channel: String,
    }
}

/// Answer to the copy of an assignment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssignChannelVersionResponse {
    /// Fingerprint of the version that was assigned.
    pub fingerprint: String,
    /// The channel that was read.
    pub source_channel: Option<Channel>,
    /// The channel that was assigned.
    pub target_channel: Option<Channel>,
    /// The version that was assigned.
    pub version: Option<Version>,
}

/// Answer to a read of a channel's history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListChannelAssignmentHistoryResponse {
    /// Number of rows on all pages.
    pub count: i32,
    /// The rows of this page, newest first.
    pub history: Vec<ChannelAssignment>,
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
}
