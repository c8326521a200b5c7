//! Why a bucket needs somebody: what it is about, since when, and where it is mended.

use std::time::Duration;

use super::{Place, Release, State};
use crate::domain::time::Time;

/// What a reason is of; the order is that of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A channel hands out a revoked version.
    ChannelRevoked,
    /// A channel has nothing to hand out since its version was revoked.
    ChannelEmptied,
    /// Every complete version is revoked.
    NothingValid,
    /// A channel hands out a version that will be revoked.
    RevocationScheduled,
    /// A version was built from one that is revoked.
    ParentRevoked,
    /// A platform or region is missing that the version before had.
    PlaceMissing,
    /// A channel hands out an older version than there is.
    ChannelLags,
    /// The channel that a parent was found through gives another version now.
    ParentMoved,
    /// A version is older than the limit.
    TooOld,
    /// The version that was begun last failed or was cancelled.
    BuildFailed,
    /// The version that was begun last makes no progress.
    BuildHangs,
    /// No version is complete yet.
    NothingComplete,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::ChannelRevoked,
        Self::ChannelEmptied,
        Self::NothingValid,
        Self::RevocationScheduled,
        Self::ParentRevoked,
        Self::PlaceMissing,
        Self::ChannelLags,
        Self::ParentMoved,
        Self::TooOld,
        Self::BuildFailed,
        Self::BuildHangs,
        Self::NothingComplete,
    ];

    /// Its stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChannelRevoked => "channel_revoked",
            Self::ChannelEmptied => "channel_emptied",
            Self::NothingValid => "nothing_valid",
            Self::RevocationScheduled => "revocation_scheduled",
            Self::ParentRevoked => "parent_revoked",
            Self::PlaceMissing => "place_missing",
            Self::ChannelLags => "channel_lags",
            Self::ParentMoved => "parent_moved",
            Self::TooOld => "too_old",
            Self::BuildFailed => "build_failed",
            Self::BuildHangs => "build_hangs",
            Self::NothingComplete => "nothing_complete",
        }
    }

    /// The kind of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Why a bucket needs somebody. Which fields are filled depends on the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What it is of.
    pub kind: Kind,
    /// How bad it is.
    pub severity: State,
    /// Since when it is so; of a version that is too old, when it was complete.
    pub since: Option<Time>,
    /// When it will come true: a revocation that is scheduled.
    pub due: Option<Time>,
    /// The channel that it is about.
    pub channel: Option<String>,
    /// Whether that is a restricted one.
    pub restricted: bool,
    /// The version that it is about.
    pub version: Option<Release>,
    /// The version to go to, or the one before it to compare with.
    pub other: Option<Release>,
    /// What that was built from.
    pub parent: Option<Parent>,
    /// Where artifacts are missing.
    pub missing: Vec<Place>,
    /// How many versions a channel lags behind.
    pub count: Option<i64>,
    /// How old a version may be.
    pub limit: Option<Duration>,
    /// What somebody, or the registry, said about it; may be empty.
    pub message: String,
}

/// A version that another one was built from, and what its channel gives now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The name of its bucket.
    pub bucket: String,
    /// What it is called.
    pub version: Release,
    /// The channel through which it was found; `None` when it is not shown.
    pub channel: Option<String>,
    /// What that gives now; `None` for nothing, and when it is not shown.
    pub now: Option<Release>,
}

/// What is missing, in words for a person.
#[derive(Debug, Clone, Copy)]
pub struct Missing<'a>(pub &'a [Place]);

/// Where a reason is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// A bucket.
    Bucket {
        /// Its name.
        bucket: String,
    },
    /// A channel.
    Channel {
        /// The name of its bucket.
        bucket: String,
        /// Its name.
        channel: String,
    },
    /// A version.
    Version {
        /// The name of its bucket.
        bucket: String,
        /// Its fingerprint.
        fingerprint: String,
    },
    /// Two versions side by side.
    Compare {
        /// The name of their bucket.
        bucket: String,
        /// The fingerprint of the older.
        from: String,
        /// The fingerprint of the newer.
        to: String,
    },
}

impl Reason {
    /// A reason of which nothing but this is known.
    pub(super) fn new(kind: Kind, severity: State, since: Option<Time>) -> Self {
        Self {
            kind,
            severity,
            since,
            due: None,
            channel: None,
            restricted: false,
            version: None,
            other: None,
            parent: None,
            missing: Vec::new(),
            count: None,
            limit: None,
            message: String::new(),
        }
    }
}
