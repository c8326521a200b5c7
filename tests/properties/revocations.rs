//! What revocations do to the model: who inherits them, and what happens when they are in force.

use std::collections::BTreeSet;

use crate::{
    model::{MISSING, Model, NO_VERSION, REFUSED, Revocation},
    operation::{BuildState, Target, When},
    rules::Outcome,
};

/// Minutes after which a build that is not heard of is cancelled.
const HEARTBEAT_TIMEOUT: i64 = 15;

impl Model {
    /// A version takes over what revokes its new parent, and so does what descends from it.
    pub(crate) fn inherit(&mut self, key: u32, parent: u32) {
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

    pub(crate) fn revoke(
        &mut self,
        target: Target,
        when: When,
        (spare, keep): (bool, bool),
    ) -> Outcome {
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

    pub(crate) fn restore(&mut self, target: Target) -> Outcome {
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

    pub(crate) fn run_jobs(&mut self) {
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
