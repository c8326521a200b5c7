//! What is known of versions that are to be revoked, and of what hangs on them. It only reads, and asks where a
//! channel goes by the statements that move it (`last_good`, `newest_valid`), told what will be revoked by then.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    family::{Family, Walk},
    forecast::{Descendant, Fallback, Forecast, NamedVersion, Target, Touched, named, status_of},
};
use crate::{
    domain::{
        limit,
        revocation::{Revocation, Revoke, effective},
        time::Time,
        version::{VersionStatus, status},
    },
    error::{Error, Result},
    ops::Access,
    store::{
        Conn,
        buckets::{self, Bucket},
        channels::{self, Channel},
        forecast::{self as rows, Held},
        revocations::{self, Outlook},
        steps::in_steps,
        versions::{self, Version},
    },
};

/// What is to be revoked, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan<'a> {
    /// Ids of versions.
    pub(super) targets: &'a [String],
    /// Their families.
    pub(super) walk: &'a Walk,
    pub(super) how: &'a Revoke,
    pub(super) now: Time,
}

impl<'a> Plan<'a> {
    fn revoke_at(&self) -> Time {
        self.how.at.resolve(self.now)
    }

    /// Who inherits without being a target, and from which target.
    fn heirs(&self) -> BTreeMap<&'a str, &'a str> {
        let mut heirs = BTreeMap::new();
        for (target, family) in self.walk {
            for id in family.descendants.keys() {
                if !self.walk.contains_key(id) {
                    heirs.entry(id.as_str()).or_insert(target.as_str());
                }
            }
        }
        heirs
    }

    /// Targets whose revocation to come is taken back for others than those who inherit the new one.
    fn restored(&self) -> Vec<String> {
        let loses = |family: &Family| {
            let mut heirs = family.heirs.keys();
            heirs.any(|id| !family.descendants.contains_key(id))
        };
        let targets = self.walk.iter().filter(|(_, family)| loses(family));
        targets.map(|(id, _)| id.clone()).collect()
    }
}

/// Versions that are revoked, and their buckets.
pub(super) struct Scene<'a> {
    plan: Plan<'a>,
    versions: BTreeMap<String, Version>,
    buckets: BTreeMap<String, Bucket>,
    /// Target by descendant.
    heirs: BTreeMap<&'a str, &'a str>,
}

impl<'a> Scene<'a> {
    /// Loads what a plan is about.
    pub(super) fn load(conn: &mut Conn, plan: Plan<'a>) -> Result<Self> {
        let heirs = plan.heirs();
        let mut ids = plan.targets.to_vec();
        ids.extend(heirs.keys().map(|id| (*id).to_owned()));
        let versions = load_versions(conn, &ids)?;
        let buckets = load_buckets(conn, versions.values())?;
        Ok(Self {
            plan,
            versions,
            buckets,
            heirs,
        })
    }

    /// What happens to it.
    pub(super) fn forecast(&self, conn: &mut Conn, access: &Access) -> Result<Forecast> {
        let mut holders = rows::holding(conn, &self.ids())?;
        holders.retain(|one| !one.restricted || access.sees_restricted(&one.bucket_id));
        holders.sort_by(|one, other| self.place(one).cmp(&self.place(other)));
        let statuses = self.statuses(conn)?;
        let (artifacts, artifacts_total) = self.artifacts(conn)?;
        let mut forecast = Forecast {
            revoke_at: self.plan.revoke_at(),
            targets: self.targets(&statuses, &holders)?,
            descendants: self.descendants(&statuses)?,
            channels: self.fallbacks(conn, &holders)?,
            artifacts,
            artifacts_total,
            skipped: Vec::new(),
            skipped_total: 0,
            digest: String::new(),
        };
        forecast.digest = forecast.digest(self.plan.now)?;
        Ok(forecast)
    }

    /// Where the versions stand now.
    pub(super) fn statuses(&self, conn: &mut Conn) -> Result<BTreeMap<String, VersionStatus>> {
        let mut revoked: BTreeMap<String, Vec<Revocation>> = BTreeMap::new();
        for row in in_steps(&self.ids(), |ids| revocations::of_versions(conn, ids))? {
            revoked.entry(row.version_id.clone()).or_default().push(row);
        }
        let open = self.versions.values().filter(|one| one.number.is_none());
        let open: Vec<String> = open.map(|version| version.id.clone()).collect();
        let mut builds = rows::statuses(conn, &open)?;
        let status = |version: &Version| {
            let revocation = revoked.get(&version.id).and_then(effective);
            let builds = builds.remove(&version.id).unwrap_or_default();
            let status = status(version.number, builds, revocation, self.plan.now);
            (version.id.clone(), status)
        };
        Ok(self.versions.values().map(status).collect())
    }

    fn ids(&self) -> Vec<String> {
        self.versions.keys().cloned().collect()
    }

    fn version(&self, id: &str) -> Result<&Version> {
        let version = self.versions.get(id);
        version.ok_or_else(|| Error::internal(format!("version {id} was not loaded")))
    }

    fn bucket(&self, id: &str) -> Result<&Bucket> {
        let bucket = self.buckets.get(id);
        bucket.ok_or_else(|| Error::internal(format!("bucket {id} was not loaded")))
    }

    fn named(&self, version: &Version) -> Result<NamedVersion> {
        Ok(named(self.bucket(&version.bucket_id)?, version))
    }

    /// By what channels are sorted.
    fn place<'b>(&'b self, channel: &'b Channel) -> (Option<&'b str>, &'b str) {
        let bucket = self.buckets.get(&channel.bucket_id);
        (bucket.map(|bucket| bucket.name.as_str()), &channel.name)
    }

    /// Some of the versions, by bucket and age.
    fn sorted<'b>(&self, ids: impl Iterator<Item = &'b str>) -> Result<Vec<&Version>> {
        let found: Result<Vec<&Version>> = ids.map(|id| self.version(id)).collect();
        let mut found = found?;
        found.sort_by_key(|version| {
            let bucket = self.buckets.get(&version.bucket_id);
            (bucket.map(|bucket| bucket.name.as_str()), version.sequence)
        });
        Ok(found)
    }

    fn targets(
        &self,
        statuses: &BTreeMap<String, VersionStatus>,
        holders: &[Channel],
    ) -> Result<Vec<Target>> {
        let versions = self.sorted(self.plan.targets.iter().map(String::as_str))?;
        let mut held: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for channel in holders {
            if let Some(id) = &channel.version_id {
                held.entry(id).or_default().push(channel.name.clone());
            }
        }
        let target = |version: &Version| {
            Ok(Target {
                id: version.id.clone(),
                version: self.named(version)?,
                status: status_of(statuses, &version.id)?,
                channels: held.remove(version.id.as_str()).unwrap_or_default(),
            })
        };
        versions.into_iter().map(target).collect()
    }

    fn descendants(&self, statuses: &BTreeMap<String, VersionStatus>) -> Result<Vec<Descendant>> {
        let versions = self.sorted(self.heirs.keys().copied())?;
        let descendant = |version: &Version| {
            let source = self.heirs.get(version.id.as_str()).copied();
            Ok(Descendant {
                id: version.id.clone(),
                version: self.named(version)?,
                status: status_of(statuses, &version.id)?,
                inherits_from: self.named(self.version(source.unwrap_or_default())?)?,
            })
        };
        versions.into_iter().map(descendant).collect()
    }

    /// Where the channels go that hold one of the versions and do not stay.
    fn fallbacks(&self, conn: &mut Conn, holders: &[Channel]) -> Result<Vec<Fallback>> {
        let restored = self.plan.restored();
        let mut without: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for version in self.versions.values() {
            let of_bucket = without.entry(&version.bucket_id).or_default();
            of_bucket.push(version.id.clone());
        }
        let moves = |one: &&Channel| one.managed || !self.plan.how.keep_channels;
        let moving = holders.iter().filter(moves);
        let fallback = |channel: &Channel| {
            let without = without.get(channel.bucket_id.as_str());
            let outlook = Outlook {
                without: without.map_or(&[], Vec::as_slice),
                restored: &restored,
            };
            self.fallback(conn, channel, outlook)
        };
        moving.map(fallback).collect()
    }

    fn fallback(
        &self,
        conn: &mut Conn,
        channel: &Channel,
        outlook: Outlook<'_>,
    ) -> Result<Fallback> {
        let bucket = self.bucket(&channel.bucket_id)?;
        let when = self.plan.revoke_at();
        let when = when.max(self.plan.now).max(bucket.changed_at);
        let to = if channel.managed {
            versions::newest_valid(conn, &bucket.id, when, outlook)?
        } else {
            channels::last_good(conn, &channel.id, outlook)?
        };
        let from = channel.version_id.as_deref().unwrap_or_default();
        Ok(Fallback {
            bucket_name: bucket.name.clone(),
            channel_name: channel.name.clone(),
            managed: channel.managed,
            restricted: channel.restricted,
            from: named(bucket, self.version(from)?),
            to: to.map(|version| named(bucket, &version)),
            when,
        })
    }

    /// Artifacts of the targets, then those of the others, in their orders.
    fn artifacts(&self, conn: &mut Conn) -> Result<(Vec<Touched>, i64)> {
        let mut order = self.sorted(self.plan.targets.iter().map(String::as_str))?;
        order.extend(self.sorted(self.heirs.keys().copied())?);
        let ids: Vec<String> = order.iter().map(|version| version.id.clone()).collect();
        let (mut held, total) = rows::artifacts_of(conn, &ids, limit::PAGE_MAX)?;
        let places: BTreeMap<&str, usize> = ids.iter().map(String::as_str).zip(0..).collect();
        held.sort_by_key(|one| places.get(one.version_id.as_str()).copied());
        let touched = |held: Held| {
            Ok(Touched {
                version: self.named(self.version(&held.version_id)?)?,
                held,
            })
        };
        let touched: Result<Vec<Touched>> = held.into_iter().map(touched).collect();
        Ok((touched?, total))
    }
}

/// Versions by id, as far as they exist.
pub(super) fn load_versions(conn: &mut Conn, ids: &[String]) -> Result<BTreeMap<String, Version>> {
    let found = in_steps(ids, |some| versions::by_ids(conn, some))?;
    let found = found.into_iter();
    Ok(found.map(|version| (version.id.clone(), version)).collect())
}

/// The buckets of versions, by id.
pub(super) fn load_buckets<'a>(
    conn: &mut Conn,
    versions: impl Iterator<Item = &'a Version>,
) -> Result<BTreeMap<String, Bucket>> {
    let ids: BTreeSet<String> = versions.map(|one| one.bucket_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let found = in_steps(&ids, |some| buckets::by_ids(conn, some))?;
    let found = found.into_iter();
    Ok(found.map(|bucket| (bucket.id.clone(), bucket)).collect())
}
