//! What each operation does to the model, or the code with which it is refused.

use crate::{
    model::{
        Bucket, Build, Channel, EXISTS, INVALID, LATEST, MISSING, Model, NO_VERSION, REFUSED,
        Version,
    },
    operation::{BuildState, Holders, Operation, Parent, Target},
};

/// Nothing, or the code of the refusal.
pub(crate) type Outcome = Result<(), i32>;

impl Build {
    /// Whether what says that it runs is late: its run said already how it ended.
    fn has_ended_just_now(&self, now: i64) -> bool {
        match self.state {
            BuildState::Done => true,
            BuildState::Failed | BuildState::Cancelled => self.updated_at == now && !self.timed_out,
            BuildState::Unset | BuildState::Running => false,
        }
    }

    /// Tells what it was made from, which can be told once.
    fn made_from(&mut self, parent: u32, channel: Option<String>) -> Outcome {
        if self.parent.is_some_and(|old| old != parent) {
            return Err(EXISTS);
        }
        self.parent = Some(parent);
        if let Some(channel) = channel {
            if self
                .parent_channel
                .as_ref()
                .is_some_and(|old| *old != channel)
            {
                return Err(EXISTS);
            }
            self.parent_channel = Some(channel);
        }
        Ok(())
    }
}

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
        let is_heartbeat = state == BuildState::Running && parent.is_none();
        if is_heartbeat && build.run == Some(run) && build.has_ended_just_now(now) {
            return Ok(());
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
            after.made_from(parent, channel)?;
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
}
