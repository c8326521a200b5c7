//! The outdated board: how buckets are, why, and what mends it; and the rules by which that is judged.

use serde::{Deserialize, Serialize};

use super::VersionName;
use crate::time::Timestamp;

string_enum! {
    /// How a bucket is, or how bad a reason.
    pub enum BoardState {
        /// Somebody has to act now.
        Act = "act",
        /// It falls behind.
        Behind = "behind",
        /// Nothing can be said yet.
        Unknown = "unknown",
        /// All is well.
        #[default]
        Calm = "calm",
    }
}

string_enum! {
    /// What a reason is of.
    pub enum ReasonKind {
        /// A channel hands out a revoked version.
        #[default]
        ChannelRevoked = "channel_revoked",
        /// A channel has nothing to hand out since its version was revoked.
        ChannelEmptied = "channel_emptied",
        /// Every complete version is revoked.
        NothingValid = "nothing_valid",
        /// A channel hands out a version that will be revoked.
        RevocationScheduled = "revocation_scheduled",
        /// A version was built from one that is revoked.
        ParentRevoked = "parent_revoked",
        /// A platform or region is missing that the version before had.
        PlaceMissing = "place_missing",
        /// A channel hands out an older version than there is.
        ChannelLags = "channel_lags",
        /// The channel that a parent was found through gives another version now.
        ParentMoved = "parent_moved",
        /// A version is older than the limit.
        TooOld = "too_old",
        /// The version that was begun last failed or was cancelled.
        BuildFailed = "build_failed",
        /// The version that was begun last makes no progress.
        BuildHangs = "build_hangs",
        /// No version is complete yet.
        NothingComplete = "nothing_complete",
    }
}

string_enum! {
    /// What a page is about.
    pub enum BoardPageKind {
        /// A bucket.
        #[default]
        Bucket = "bucket",
        /// A channel.
        Channel = "channel",
        /// A version.
        Version = "version",
        /// Two versions side by side.
        Compare = "compare",
    }
}

/// Where a reason is mended. Fields that its kind does not have are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardPage {
    /// What it is about.
    pub kind: BoardPageKind,
    /// The bucket.
    pub bucket_name: String,
    /// The channel.
    pub channel_name: String,
    /// The fingerprint of the version; of two, that of the newer.
    pub fingerprint: String,
    /// The fingerprint of the version that it is compared with.
    pub from_fingerprint: String,
}

/// A version that another one was built from, or inherits its revocation from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardParent {
    /// Its bucket.
    pub bucket_name: String,
    /// What it is called.
    pub version: VersionName,
    /// The channel through which it was found, if it is shown.
    pub channel_name: Option<String>,
    /// What that gives now, if that is shown.
    pub now: Option<VersionName>,
}

/// Where an artifact is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardPlace {
    /// The provider.
    pub platform: String,
    /// The region, or empty.
    pub region: String,
}

/// Why a bucket needs somebody. Fields that its kind does not have are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardReason {
    /// What it is of.
    pub kind: ReasonKind,
    /// How bad it is.
    pub severity: BoardState,
    /// Since when it is so; of a version that is too old, when it was complete.
    pub since: Option<Timestamp>,
    /// When a revocation comes into force.
    pub due: Option<Timestamp>,
    /// The channel that it is about.
    pub channel_name: Option<String>,
    /// Whether it is about a restricted channel.
    pub restricted: bool,
    /// The version that it is about.
    pub version: Option<VersionName>,
    /// The version to go to, or the one before it.
    pub other_version: Option<VersionName>,
    /// What that was built from.
    pub parent: Option<BoardParent>,
    /// Where artifacts are missing.
    pub missing: Vec<BoardPlace>,
    /// How many versions a channel lags behind.
    pub count: Option<i64>,
    /// How old a version may be, in seconds.
    pub limit_seconds: Option<i64>,
    /// What somebody, or the registry, said about it.
    pub message: String,
    /// All of this as a sentence, without times.
    pub text: String,
    /// The command that mends it, or that shows what there is to mend.
    pub command: String,
    /// Where it is mended.
    pub page: BoardPage,
}

/// A bucket on the board.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardBucket {
    /// Its id.
    pub bucket_id: String,
    /// Its name.
    pub bucket_name: String,
    /// How it is.
    pub state: BoardState,
    /// Why, the worst first.
    pub reasons: Vec<BoardReason>,
}

/// How many buckets there are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardCounts {
    /// Somebody has to act now.
    pub act: u64,
    /// They fall behind.
    pub behind: u64,
    /// Nothing can be said of them yet.
    pub unknown: u64,
    /// All is well.
    pub calm: u64,
}

/// A page of the board.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoardList {
    /// The buckets, the worst first.
    pub buckets: Vec<BoardBucket>,
    /// Of all buckets that the caller may read, whatever is asked for.
    pub counts: BoardCounts,
    /// How many buckets are like what is asked for.
    pub total: u64,
    /// Where to go on; empty at the end.
    pub next_page_token: String,
}

/// What counts as outdated in a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectFreshness {
    /// Seconds that a channel may lag behind; none when the default holds.
    pub grace_seconds: Option<i64>,
    /// What holds when nothing is said.
    pub default_grace_seconds: i64,
    /// Seconds that a version may be old; none, or 0, for as old as it likes.
    pub age_limit_seconds: Option<i64>,
    /// When it was said; none when nothing ever was.
    pub updated_at: Option<Timestamp>,
}

/// What counts as outdated in a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketFreshness {
    /// Seconds that a version may be old: 0 for as old as it likes, none for what holds in the project.
    pub age_limit_seconds: Option<i64>,
    /// When it was said; none when nothing ever was.
    pub updated_at: Option<Timestamp>,
}

/// Whether a channel may lag behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelFreshness {
    /// Whether it may for as long as it likes.
    pub may_lag: bool,
    /// When it was said; none when nothing ever was.
    pub updated_at: Option<Timestamp>,
}

/// What is to count as outdated in a project, in place of what did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetProjectFreshnessBody {
    /// Seconds that a channel may lag behind; the default if not given.
    pub grace_seconds: Option<i64>,
    /// Seconds that a version may be old; as old as it likes if not given.
    pub age_limit_seconds: Option<i64>,
}

/// What is to count as outdated in a bucket, in place of what did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetBucketFreshnessBody {
    /// Seconds that a version may be old: 0 for as old as it likes; what holds in the project if not given.
    pub age_limit_seconds: Option<i64>,
}

/// Whether a channel may lag behind from now on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetChannelFreshnessBody {
    /// Whether it may for as long as it likes; not if not given.
    pub may_lag: Option<bool>,
}
