//! What each operation does to the model, or the code with which it is refused.

use std::collections::BTreeSet;

use crate::{
    model::{
        Bucket, Build, Channel, EXISTS, INVALID, LATEST, MISSING, Model, NO_VERSION, REFUSED,
        Revocation, Version,
    },
    operation::{BuildState, Holders, Operation, Parent, Target, When},
};

/// Minutes after which a build that is not heard of is cancelled.
const HEARTBEAT_TIMEOUT: i64 = 15;

type Outcome = Result<(), i32>;

impl Model {
    /// Does one operation. A refused one changes nothing.
    pub(crate) fn apply(&mut self, operation: &Operation) -> Outcome {
        let before = self.clone();
        self.transaction += 1;
        let outcome = self.perform(operation);
        if outcome.is_err() {
            *self = before;
        }
        outcome
    }

    fn perform(&mut self, operation: &Operation) -> Outcome {
        match *operation {
            Operation::CreateBucket(bucket) => self.create_bucket(bucket),
            Operation::DeleteBucket(bucket) => {
                self.buckets.remove(&bucket).map(drop).ok_or(MISSING)
            }
            Operation::CreateVersion(target) => self.create_version(target),
            Operation::DeleteVersion(target, holders) => self.delete_version(target, holders),
            Operation::Complete(target) => self.complete(target),
            Operation::CreateBuild(target, component, state) => {
                self.create_build(target, component, state)
            }
            Operation::UpdateBuild(target, component, state, run, parent) => {
                self.update_build(target, component, (state, run), parent)
            }
            Operation::DeleteBuild(target, component) => {
                let version = self.version(target, MISSING)?;
                version.builds.remove(&component).ok_or(MISSING)?;
                self.complete_if_done(target).map(drop)
            }
            Operation::CreateChannel(bucket, name, to) => self.create_channel(bucket, name, to),
            Operation::Assign(bucket, name, to) => self.assign(bucket, name, to),
            Operation::Copy(bucket, source, target) => self.copy(bucket, source, target),
            Operation::DeleteChannel(bucket, name) => {
                let channels = &mut self.bucket(bucket)?.channels;
                channels.get(&name).ok_or(MISSING)?;
                if name == LATEST {
                    return Err(INVALID);
                }
                channels.remove(&name);
                Ok(())
            }
            Operation::Revoke(target, when, flags) => self.revoke(target, when, flags),
            Operation::Restore(target) => self.restore(target),
            Operation::Advance(minutes) => {
                self.now += i64::from(minutes);
                Ok(())
            }
            Operation::RunJobs => {
                self.run_jobs();
                Ok(())
            }
        }
    }

    fn create_bucket(&mut self, bucket: usize) -> Outcome {
        if self.buckets.contains_key(&bucket) {
            return Err(EXISTS);
        }
        let mut new = Bucket::default();
        new.channels.insert(LATEST, Channel::default());
        self.buckets.insert(bucket, new);
        Ok(())
    }

    fn create_version(&mut self, target: Target) -> Outcome {
        let key = self.key();
        let bucket = self.bucket(target.bucket)?;
        if bucket.versions.contains_key(&target.fingerprint) {
            return Err(EXISTS);
        }
        let new = Version {
            key,
            id: String::new(),
            number: None,
            builds: std::collections::BTreeMap::new(),
            revocations: Vec::new(),
        };
        bucket.versions.insert(target.fingerprint, new);
        Ok(())
    }

    fn delete_version(&mut self, target: Target, holders: Holders) -> Outcome {
        let key = self.version(target, MISSING)?.key;
        if holders == Holders::Block && !self.holding(target.bucket, key).is_empty() {
            return Err(REFUSED);
        }
        self.roll_back(target.bucket, key);
        self.follow_latest(target.bucket, Some(key));
        self.bucket(target.bucket)?
            .versions
            .remove(&target.fingerprint);
        Ok(())
    }

    fn complete(&mut self, target: Target) -> Outcome {
        let now = self.now;
        if self.version(target, NO_VERSION)?.is_revoked(now) {
            return Err(REFUSED);
        }
        if self.complete_if_done(target)? {
            Ok(())
        } else {
            Err(REFUSED)
        }
    }

    fn create_build(&mut self, target: Target, component: usize, state: BuildState) -> Outcome {
        let now = self.now;
        let version = self.version(target, NO_VERSION)?;
        if version.number.is_some() {
            return Err(REFUSED);
        }
        if version.builds.contains_key(&component) {
            return Err(EXISTS);
        }
        let new = Build {
            id: String::new(),
            state,
            run: Some(0),
            heard_at: now,
            updated_at: now,
            timed_out: false,
            parent: None,
            parent_channel: None,
        };
        version.builds.insert(component, new);
        Ok(())
    }

    fn update_build(
        &mut self,
        target: Target,
        component: usize,
        (state, run): (BuildState, usize),
        parent: Option<Parent>,
    ) -> Outcome {
        let now = self.now;
        let parent = self.parent(parent);
        let version = self.version(target, MISSING)?;
        let key = version.key;
        let build = version.builds.get_mut(&component).ok_or(MISSING)?;
        if state == BuildState::Running && parent.is_none() && build.run == Some(run) {
            let late = match build.state {
                BuildState::Done => true,
                BuildState::Failed | BuildState::Cancelled => {
                    build.updated_at == now && !build.timed_out
                }
                _ => false,
            };
            if late {
                return Ok(());
            }
        }
        let before = build.clone();
        if before.state == BuildState::Done && state != BuildState::Done {
            return Err(REFUSED);
        }
        let mut after = before.clone();
        after.state = state;
        if state == BuildState::Running {
            after.heard_at = now;
        }
        if before.state != BuildState::Done {
            after.run = Some(run);
        }
        if let Some((parent, _, channel)) = parent {
            if before.parent.is_some_and(|old| old != parent) {
                return Err(EXISTS);
            }
            after.parent = Some(parent);
            if let Some(channel) = channel {
                if before
                    .parent_channel
                    .as_ref()
                    .is_some_and(|old| *old != channel)
                {
                    return Err(EXISTS);
                }
                after.parent_channel = Some(channel);
            }
        }
        let same = (
            before.state,
            before.run,
            before.parent,
            &before.parent_channel,
        ) == (after.state, after.run, after.parent, &after.parent_channel);
        if same {
            *build = after;
            return Ok(());
        }
        if before.state == BuildState::Done {
            return Err(REFUSED);
        }
        after.timed_out = before.timed_out && before.state == after.state;
        after.updated_at = now;
        let new_parent = after.parent.filter(|_| before.parent.is_none());
        *build = after;
        if let Some(parent) = new_parent {
            self.inherit(key, parent);
        }
        if state == BuildState::Done {
            self.complete_if_done(target)?;
        }
        Ok(())
    }

    /// A version takes over what revokes its new parent, and so does what descends from it.
    fn inherit(&mut self, key: u32, parent: u32) {
        let Some(from) = self.place(parent).and_then(|place| self.find(place)) else {
            return;
        };
        let from = from.revocations.clone();
        if from.is_empty() {
            return;
        }
        let mut heirs = self.descendants(key);
        heirs.push(key);
        for row in &from {
            self.bequeath(row, &heirs);
        }
        self.settle_all(&heirs);
    }

    /// Gives a revocation to versions that do not have it yet.
    fn bequeath(&mut self, row: &Revocation, heirs: &[u32]) {
        for heir in heirs {
            let Some(place) = self.place(*heir) else {
                continue;
            };
            let Ok(version) = self.version(place, MISSING) else {
                continue;
            };
            let known = version
                .revocations
                .iter()
                .any(|has| has.source == row.source);
            if !known && *heir != row.source {
                version.revocations.push(Revocation {
                    settled: false,
                    ..row.clone()
                });
            }
        }
    }

    fn settle_all(&mut self, versions: &[u32]) {
        let places = versions.iter().filter_map(|key| self.place(*key));
        let buckets: BTreeSet<usize> = places.map(|place| place.bucket).collect();
        for bucket in buckets {
            self.settle(bucket);
        }
    }

    fn assignable(&mut self, bucket: usize, fingerprint: usize) -> Result<u32, i32> {
        let now = self.now;
        let version = self.version(
            Target {
                bucket,
                fingerprint,
            },
            MISSING,
        )?;
        if version.number.is_none() || version.is_revoked(now) {
            return Err(REFUSED);
        }
        Ok(version.key)
    }

    fn create_channel(&mut self, bucket: usize, name: usize, to: Option<usize>) -> Outcome {
        let channels = &mut self.bucket(bucket)?.channels;
        if channels.contains_key(&name) {
            return Err(EXISTS);
        }
        channels.insert(name, Channel::default());
        self.move_to(bucket, name, to)
    }

    fn move_to(&mut self, bucket: usize, name: usize, to: Option<usize>) -> Outcome {
        let to = to.map(|to| self.assignable(bucket, to)).transpose()?;
        self.go(bucket, name, to);
        Ok(())
    }

    fn assign(&mut self, bucket: usize, name: usize, to: Option<usize>) -> Outcome {
        self.bucket(bucket)?.channels.get(&name).ok_or(MISSING)?;
        if name == LATEST {
            return Err(REFUSED);
        }
        self.move_to(bucket, name, to)
    }

    fn copy(&mut self, bucket: usize, source: usize, target: usize) -> Outcome {
        let channels = &self.bucket(bucket)?.channels;
        let held = channels.get(&source).ok_or(MISSING)?.held;
        channels.get(&target).ok_or(MISSING)?;
        if target == LATEST {
            return Err(REFUSED);
        }
        let place = held.and_then(|key| self.place(key)).ok_or(REFUSED)?;
        self.move_to(bucket, target, Some(place.fingerprint))
    }

    fn revoke(&mut self, target: Target, when: When, (spare, keep): (bool, bool)) -> Outcome {
        let now = self.now;
        let version = self.version(target, NO_VERSION)?;
        if version.is_revoked(now) {
            return Err(REFUSED);
        }
        let source = version.key;
        let at = match when {
            When::AnHourAgo => now - 60,
            When::Now => now,
            When::InTenMinutes => now + 10,
        };
        let heirs = self
            .versions()
            .filter(|(_, heir)| heir.revocations.iter().any(|row| row.source == source));
        let heirs: Vec<u32> = heirs.map(|(_, heir)| heir.key).collect();
        self.forget(source);
        let own = Revocation {
            source,
            at,
            keep,
            settled: false,
        };
        self.version(target, NO_VERSION)?
            .revocations
            .push(own.clone());
        let mut family = if spare {
            Vec::new()
        } else {
            self.descendants(source)
        };
        self.bequeath(&own, &family);
        family.push(source);
        family.extend(heirs);
        self.settle_all(&family);
        Ok(())
    }

    /// Takes back all that came from a source.
    fn forget(&mut self, source: u32) {
        for version in self
            .buckets
            .values_mut()
            .flat_map(|bucket| bucket.versions.values_mut())
        {
            version.revocations.retain(|row| row.source != source);
        }
    }

    fn restore(&mut self, target: Target) -> Outcome {
        let version = self.version(target, NO_VERSION)?.clone();
        let mut touched: Vec<usize> = vec![target.bucket];
        let from_here = self
            .versions()
            .filter(|(_, heir)| heir.revocations.iter().any(|row| row.source == version.key));
        touched.extend(from_here.map(|(place, _)| place.bucket));
        if version
            .revocations
            .iter()
            .any(|row| row.source == version.key)
        {
            self.forget(version.key);
        } else {
            let alive = |row: &Revocation| self.place(row.source).is_some();
            if version.revocations.is_empty() || version.revocations.iter().any(alive) {
                return Err(REFUSED);
            }
            self.version(target, NO_VERSION)?.revocations.clear();
        }
        for bucket in touched {
            self.follow_latest(bucket, None);
        }
        Ok(())
    }

    fn run_jobs(&mut self) {
        let now = self.now;
        let due = |row: &Revocation| !row.settled && row.at <= now;
        let versions = self.versions();
        let with_due = versions.filter(|(_, version)| version.revocations.iter().any(due));
        let buckets: BTreeSet<usize> = with_due.map(|(place, _)| place.bucket).collect();
        for bucket in buckets {
            self.settle(bucket);
        }
        let versions = self
            .buckets
            .values_mut()
            .flat_map(|bucket| bucket.versions.values_mut());
        for build in versions.flat_map(|version| version.builds.values_mut()) {
            let silent = build.heard_at < now - HEARTBEAT_TIMEOUT;
            if build.state == BuildState::Running && silent {
                build.state = BuildState::Cancelled;
                build.timed_out = true;
                build.updated_at = now;
            }
        }
    }
}
