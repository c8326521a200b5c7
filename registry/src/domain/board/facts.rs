//! What is known of a bucket, as the rules need it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::domain::{revocation::Revocation, time::Time, version::VersionStatus};

/// A version as people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// `v` and its number; `v0` while it is incomplete.
    pub name: String,
    /// Unique in the bucket.
    pub fingerprint: String,
}

/// Where an artifact is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The provider.
    pub platform: String,
    /// The region; may be empty.
    pub region: String,
}

/// A bucket, and the rules that hold for it.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Its name.
    pub bucket: String,
    /// Its channels.
    pub channels: Vec<ChannelFacts>,
    /// The newest version that is complete and not revoked: what `latest` holds.
    pub newest: Option<Arc<VersionFacts>>,
    /// The newest complete version, revoked or not.
    pub complete: Option<Arc<VersionFacts>>,
    /// The version that was begun last, when it is not complete.
    pub last: Option<LastFacts>,
    /// How long a channel may lag behind.
    pub grace: Duration,
    /// How old a version may be.
    pub age_limit: Option<Duration>,
    /// After how long without a sign of life a running build counts as gone.
    pub heartbeat_timeout: Duration,
}

/// A complete version.
#[derive(Debug, Clone)]
pub struct VersionFacts {
    /// What it is called.
    pub release: Release,
    /// When the last of its builds was done.
    pub completed_at: Time,
    /// The revocation that decides, in force or to come.
    pub revocation: Option<Revocation>,
    /// Where its artifacts are.
    pub places: BTreeSet<Place>,
    /// The complete version before it, and where its artifacts are.
    pub previous: Option<(Release, BTreeSet<Place>)>,
    /// What it was built from.
    pub parents: Vec<ParentFacts>,
}

/// A version that another one was built from.
#[derive(Debug, Clone)]
pub struct ParentFacts {
    /// The name of its bucket.
    pub bucket: String,
    /// What it is called.
    pub release: Release,
    /// The revocation that decides.
    pub revocation: Option<Revocation>,
    /// The channel through which it was found, when that has moved on.
    pub moved: Option<ParentChannel>,
}

/// A channel that has moved on from a parent.
#[derive(Debug, Clone)]
pub struct ParentChannel {
    /// Its name.
    pub name: String,
    /// Whether only those who decide may see it.
    pub restricted: bool,
    /// What it gives now.
    pub gives: Option<Release>,
    /// Since when.
    pub since: Time,
}

/// A channel.
#[derive(Debug, Clone)]
pub struct ChannelFacts {
    /// Its name.
    pub name: String,
    /// Whether the registry itself moves it.
    pub managed: bool,
    /// Whether only those who decide may see it.
    pub restricted: bool,
    /// Whether it may lag behind for as long as it likes.
    pub may_lag: bool,
    /// What it hands out.
    pub version: Option<Arc<VersionFacts>>,
    /// The newer good versions that there are.
    pub ahead: Option<Ahead>,
    /// How it lost what it handed out, when the registry itself took that away.
    pub emptied: Option<Emptied>,
}

/// Complete versions, newer than what a channel holds and not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// How many.
    pub count: i64,
    /// Since when the first of them is there.
    pub since: Time,
    /// The newest of them.
    pub newest: Release,
}

/// What a channel had before it was emptied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emptied {
    /// When.
    pub at: Time,
    /// What it handed out until then.
    pub release: Option<Release>,
}

/// The version that was begun last and is not complete.
#[derive(Debug, Clone)]
pub struct LastFacts {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Where it stands by its builds.
    pub status: VersionStatus,
    /// When it, or one of its builds, changed last.
    pub changed_at: Time,
    /// When the running build that is silent for longest was heard of.
    pub heard_at: Option<Time>,
    /// Why a build has ended, when the registry itself ended it.
    pub why: String,
}
