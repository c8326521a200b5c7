//! The two reads of the 2021-04-30 protocol that old data sources still do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::version::TemplateType;

string_enum! {
    /// The state of a build.
    pub enum BuildStatus {
        /// Registered, not started.
        #[default]
        Unset = "UNSET",
        /// Running.
        Running = "RUNNING",
        /// Finished.
        Done = "DONE",
        /// Cancelled.
        Cancelled = "CANCELLED",
        /// Failed.
        Failed = "FAILED",
    }
}

string_enum! {
    /// How an iteration came to be revoked.
    pub enum RevocationType {
        /// It is not revoked.
        #[default]
        Unset = "UNSET",
        /// Someone revoked it.
        Manual = "MANUAL",
        /// An iteration it descends from was revoked.
        Inherited = "INHERITED",
    }
}

/// Answer to a read of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetChannelResponse {
    /// The channel.
    pub channel: Option<Channel>,
}

/// Answer to a read of an iteration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetIterationResponse {
    /// The iteration.
    pub iteration: Option<Iteration>,
}

/// A channel, with the ULID that it has in the 2023-01-01 protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Channel {
    /// Whoever changed it last.
    pub author_id: String,
    /// Bucket that it belongs to.
    pub bucket_slug: String,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// ULID of the channel.
    pub id: String,
    /// What it points to; null when nothing is assigned.
    pub iteration: Option<Iteration>,
    /// Whether the registry moves it.
    pub managed: bool,
    /// When and by whom it was assigned.
    pub pointer: Option<ChannelIterationPointer>,
    /// Whether only principals who may write see it.
    pub restricted: bool,
    /// Its name within the bucket.
    pub slug: String,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// When and by whom a channel was assigned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelIterationPointer {
    /// Who assigned it.
    pub author_id: String,
    /// When it was assigned.
    pub created_at: Option<Timestamp>,
    /// What was assigned.
    pub iteration: Option<Iteration>,
}

/// A version, under its old name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Iteration {
    /// Display name of whoever created it.
    pub author_id: String,
    /// Bucket that it belongs to.
    pub bucket_slug: String,
    /// Its builds.
    pub builds: Vec<Build>,
    /// Whether all its builds are done.
    pub complete: bool,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Its identity within the bucket.
    pub fingerprint: String,
    /// Whether another iteration was built from it.
    pub has_descendants: bool,
    /// ULID of the version.
    pub id: String,
    /// The number in the version's name.
    pub incremental_version: i32,
    /// ULID of the iteration before it, or empty.
    pub iteration_ancestor_id: String,
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
    /// Language of its template.
    pub template_type: TemplateType,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// The ancestor whose revocation an iteration inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedAncestor {
    /// Bucket of the ancestor.
    pub bucket_slug: String,
    /// Path of the ancestor.
    pub href: String,
    /// Fingerprint of the ancestor.
    pub iteration_fingerprint: String,
    /// ULID of the ancestor.
    pub iteration_id: String,
    /// The number in the ancestor's name.
    pub iteration_incremental_version: i32,
}

/// A build of an iteration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Build {
    /// Its platform.
    pub cloud_provider: String,
    /// Its identity within the iteration.
    pub component_type: String,
    /// When it was registered.
    pub created_at: Option<Timestamp>,
    /// ULID of the build.
    pub id: String,
    /// Its artifacts.
    pub images: Vec<Image>,
    /// ULID of its iteration.
    pub iteration_id: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// UUID of the run that owns it.
    pub packer_run_uuid: String,
    /// ULID of the build it was built from, or empty.
    pub source_build_ulid: String,
    /// What it was built from.
    pub source_image_id: String,
    /// Its state.
    pub status: BuildStatus,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// An artifact, under its old name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// When it was recorded.
    pub created_at: Option<Timestamp>,
    /// ULID of the artifact.
    pub id: String,
    /// Name of the artifact on its platform.
    pub image_id: String,
    /// Region or place on the platform.
    pub region: String,
}
