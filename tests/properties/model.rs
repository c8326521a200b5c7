//! A small registry in memory: what its rules make of each operation, written down a second time and
//! without a look at the first.

use std::collections::BTreeMap;

use crate::operation::{BuildState, Parent, Target};

/// The place of the managed channel among the names.
pub(crate) const LATEST: usize = 2;

/// Codes of refusals.
pub(crate) const INVALID: i32 = 3;
pub(crate) const MISSING: i32 = 5;
pub(crate) const EXISTS: i32 = 6;
pub(crate) const REFUSED: i32 = 9;
pub(crate) const NO_VERSION: i32 = 10;

/// Everything that there is. Times are minutes since the beginning.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) buckets: BTreeMap<usize, Bucket>,
    pub(crate) keys: u32,
    /// Counts transactions: two moves of a channel in one are one.
    pub(crate) transaction: u32,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Bucket {
    pub(crate) last_number: u32,
    pub(crate) versions: BTreeMap<usize, Version>,
    pub(crate) channels: BTreeMap<usize, Channel>,
    pub(crate) has_platform: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Version {
    /// Never used again, unlike fingerprints.
    pub(crate) key: u32,
    /// As the registry calls it.
    pub(crate) id: String,
    pub(crate) number: Option<u32>,
    pub(crate) builds: BTreeMap<usize, Build>,
    pub(crate) revocations: Vec<Revocation>,
}

#[derive(Debug, Clone)]
pub(crate) struct Build {
    pub(crate) id: String,
    pub(crate) state: BuildState,
    pub(crate) run: Option<usize>,
    pub(crate) heard_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) timed_out: bool,
    pub(crate) parent: Option<u32>,
    pub(crate) parent_channel: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) held: Option<u32>,
    pub(crate) history: Vec<Assignment>,
}

#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    pub(crate) transaction: u32,
    /// The version's key and fingerprint; `None` when the channel was cleared.
    pub(crate) to: Option<(u32, usize)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Revocation {
    pub(crate) source: u32,
    pub(crate) at: i64,
    pub(crate) keep: bool,
    pub(crate) settled: bool,
}

impl Version {
    /// The revocation that decides: the earliest, and the version's own on a tie.
    pub(crate) fn effective(&self) -> Option<&Revocation> {
        let decides = |r: &&Revocation| (r.at, r.source != self.key);
        self.revocations.iter().min_by_key(decides)
    }

    pub(crate) fn is_revoked(&self, now: i64) -> bool {
        self.revocations.iter().any(|row| row.at <= now)
    }

    pub(crate) fn status(&self, now: i64) -> &'static str {
        let has = |state| self.builds.values().any(|build| build.state == state);
        match self.effective() {
            Some(row) if row.at <= now => "VERSION_REVOKED",
            Some(_) => "VERSION_REVOCATION_SCHEDULED",
            None if self.number.is_some() => "VERSION_ACTIVE",
            None if self.builds.is_empty() || has(BuildState::Running) => "VERSION_RUNNING",
            None if has(BuildState::Failed) => "VERSION_FAILED",
            None if has(BuildState::Cancelled) => "VERSION_CANCELLED",
            None => "VERSION_INCOMPLETE",
        }
    }
}

impl Channel {
    fn go(&mut self, to: Option<(u32, usize)>, transaction: u32) {
        let held = to.map(|(key, _)| key);
        if self.held == held {
            return;
        }
        self.held = held;
        if self
            .history
            .last()
            .is_some_and(|row| row.transaction == transaction)
        {
            self.history.pop();
        }
        self.history.push(Assignment { transaction, to });
    }
}

impl Model {
    pub(crate) fn key(&mut self) -> u32 {
        self.keys += 1;
        self.keys
    }

    pub(crate) fn bucket(&mut self, bucket: usize) -> Result<&mut Bucket, i32> {
        self.buckets.get_mut(&bucket).ok_or(MISSING)
    }

    pub(crate) fn find(&self, target: Target) -> Option<&Version> {
        self.buckets
            .get(&target.bucket)?
            .versions
            .get(&target.fingerprint)
    }

    /// The version; `missing` is what is answered when only the bucket is there.
    pub(crate) fn version(&mut self, target: Target, missing: i32) -> Result<&mut Version, i32> {
        let bucket = self.bucket(target.bucket)?;
        bucket.versions.get_mut(&target.fingerprint).ok_or(missing)
    }

    pub(crate) fn versions(&self) -> impl Iterator<Item = (Target, &Version)> {
        self.buckets.iter().flat_map(|(bucket, of)| {
            of.versions.iter().map(|(fingerprint, version)| {
                let (bucket, fingerprint) = (*bucket, *fingerprint);
                (
                    Target {
                        bucket,
                        fingerprint,
                    },
                    version,
                )
            })
        })
    }

    pub(crate) fn place(&self, key: u32) -> Option<Target> {
        let mut all = self.versions();
        all.find(|(_, version)| version.key == key)
            .map(|(target, _)| target)
    }

    /// What is sent of a parent: the version's key and id, and the channel's id.
    pub(crate) fn parent(&self, parent: Option<Parent>) -> Option<(u32, String, Option<String>)> {
        let parent = parent?;
        let version = self.find(parent.version)?;
        let channels = &self.buckets.get(&parent.version.bucket)?.channels;
        let channel = parent.channel.and_then(|name| channels.get(&name));
        let channel_id = channel.map(|channel| channel.id.clone());
        Some((version.key, version.id.clone(), channel_id))
    }

    /// All that descends from a version, without itself.
    pub(crate) fn descendants(&self, root: u32) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        let mut frontier = vec![root];
        while let Some(parent) = frontier.pop() {
            for (_, version) in self.versions() {
                let child = version
                    .builds
                    .values()
                    .any(|build| build.parent == Some(parent));
                if child && version.key != root && !found.contains(&version.key) {
                    found.push(version.key);
                    frontier.push(version.key);
                }
            }
        }
        found
    }

    /// Moves a channel, if there is such a version.
    pub(crate) fn go(&mut self, bucket: usize, channel: usize, to: Option<u32>) {
        let transaction = self.transaction;
        let to = to.and_then(|key| Some((key, self.place(key)?.fingerprint)));
        if let Some(channel) = self
            .buckets
            .get_mut(&bucket)
            .and_then(|b| b.channels.get_mut(&channel))
        {
            channel.go(to, transaction);
        }
    }

    /// Channels that people manage and that hold a version.
    pub(crate) fn holding(&self, bucket: usize, key: u32) -> Vec<usize> {
        let channels = self.buckets[&bucket].channels.iter();
        let holding =
            channels.filter(|(name, channel)| **name != LATEST && channel.held == Some(key));
        holding.map(|(name, _)| *name).collect()
    }

    /// Channels go back to the last version that they held and that nothing is said against.
    pub(crate) fn roll_back(&mut self, bucket: usize, key: u32) {
        for name in self.holding(bucket, key) {
            let good = |row: &Assignment| {
                let (held, _) = row.to?;
                let version = self.find(self.place(held)?)?;
                let good =
                    held != key && version.number.is_some() && version.revocations.is_empty();
                good.then_some(held)
            };
            let target = self.buckets[&bucket].channels[&name]
                .history
                .iter()
                .rev()
                .find_map(good);
            self.go(bucket, name, target);
        }
    }

    /// `latest` holds the newest complete version whose revocation is not in force.
    pub(crate) fn follow_latest(&mut self, bucket: usize, leaving: Option<u32>) {
        let now = self.now;
        let of = &self.buckets[&bucket];
        let valid = of.versions.values().filter(|version| {
            version.number.is_some() && Some(version.key) != leaving && !version.is_revoked(now)
        });
        let newest = valid.max_by_key(|version| version.number);
        let to = newest.map(|version| version.key);
        let has_platform = newest.is_some_and(|version| !version.builds.is_empty());
        if of.channels[&LATEST].held != to {
            self.go(bucket, LATEST, to);
            if let Ok(bucket) = self.bucket(bucket) {
                bucket.has_platform = has_platform;
            }
        }
    }

    /// What revocations that are in force bring with them.
    pub(crate) fn settle(&mut self, bucket: usize) {
        let now = self.now;
        let mut due = Vec::new();
        for version in self
            .buckets
            .get_mut(&bucket)
            .into_iter()
            .flat_map(|b| b.versions.values_mut())
        {
            for row in version
                .revocations
                .iter_mut()
                .filter(|row| !row.settled && row.at <= now)
            {
                row.settled = true;
                due.push((row.at, version.key, row.keep));
            }
        }
        due.sort_unstable();
        for (_, key, keep) in due {
            if !keep {
                self.roll_back(bucket, key);
            }
        }
        self.follow_latest(bucket, None);
    }

    pub(crate) fn complete_if_done(&mut self, target: Target) -> Result<bool, i32> {
        let bucket = self.bucket(target.bucket)?;
        let next = bucket.last_number + 1;
        let version = bucket
            .versions
            .get_mut(&target.fingerprint)
            .ok_or(MISSING)?;
        let mut states = version.builds.values().map(|build| build.state);
        if version.number.is_some() {
            return Ok(true);
        }
        if version.builds.is_empty() || states.any(|state| state != BuildState::Done) {
            return Ok(false);
        }
        version.number = Some(next);
        bucket.last_number = next;
        self.follow_latest(target.bucket, None);
        Ok(true)
    }
}
