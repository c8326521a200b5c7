//! Whole resources as callers see them: a version with its builds and artifacts, a channel or a bucket
//! with its version. A fixed number of statements however many are loaded.

use std::collections::{BTreeSet, HashMap};

use super::{
    Conn, ancestry,
    artifacts::{self, Artifact},
    buckets::{self, Bucket},
    builds::{self, Build},
    channels::{self, Channel},
    revocations,
    versions::{self, Version},
};
use crate::{
    domain::{
        ancestry::{Freshness, summary},
        build::BuildStatus,
        revocation::{Revocation, effective},
        time::Time,
        version::{VersionStatus, status},
    },
    error::{Error, Result},
};

/// A build and what it made. One that is not done shows no artifacts: Packer skips builds that have some.
#[derive(Debug, Clone)]
pub struct BuildView {
    /// The build.
    pub build: Build,
    /// Its artifacts, in the order in which it reported them.
    pub artifacts: Vec<Artifact>,
}

/// A version and all that belongs to it.
#[derive(Debug, Clone)]
pub struct VersionView {
    /// The version.
    pub version: Version,
    /// The name of its bucket.
    pub bucket_name: String,
    /// Its builds, in order of registration.
    pub builds: Vec<BuildView>,
    /// The revocation that decides.
    pub revocation: Option<Revocation>,
    /// Whether another version was built from it.
    pub has_descendants: bool,
    /// How it stands to its parents; `None` when it recorded none.
    pub parents: Option<Freshness>,
    /// The buckets of these parents, and of the channels through which they were found.
    pub relatives: BTreeSet<String>,
}

impl VersionView {
    /// Its status at a moment.
    pub fn status(&self, now: Time) -> VersionStatus {
        let builds = self.builds.iter().map(|view| view.build.status);
        status(self.version.number, builds, self.revocation.as_ref(), now)
    }
}

/// A channel and the version that it hands out.
#[derive(Debug, Clone)]
pub struct ChannelView {
    /// The channel.
    pub channel: Channel,
    /// The name of its bucket.
    pub bucket_name: String,
    /// The version.
    pub version: Option<VersionView>,
}

/// A bucket, its latest version and how it stands to its relatives.
#[derive(Debug, Clone)]
pub struct BucketView {
    /// The bucket.
    pub bucket: Bucket,
    /// The version that `latest` hands out.
    pub latest: Option<VersionView>,
    /// How that stands to its parents; `None` when there are none.
    pub parents: Option<Freshness>,
    /// How the buckets built from this one stand to it; `None` when there are none.
    pub children: Option<Freshness>,
}

/// One version of a bucket, whole.
pub fn version(conn: &mut Conn, bucket: &Bucket, version: Version) -> Result<VersionView> {
    let id = version.id.clone();
    versions_of(conn, bucket, vec![version])?
        .pop()
        .ok_or_else(|| Error::internal(format!("version {id} was not loaded")))
}

/// A version of a bucket that was created just now: nothing can belong to it yet.
pub fn new_version(bucket: &Bucket, version: Version) -> VersionView {
    VersionView {
        version,
        bucket_name: bucket.name.clone(),
        builds: Vec::new(),
        revocation: None,
        has_descendants: false,
        parents: None,
        relatives: BTreeSet::new(),
    }
}

/// Versions of one bucket, whole, in the order given.
pub fn versions_of(
    conn: &mut Conn,
    bucket: &Bucket,
    versions: Vec<Version>,
) -> Result<Vec<VersionView>> {
    whole(conn, &bucket.project_id, versions, |_| bucket.name.clone())
}

/// Versions of a project, whole, in the order given.
pub fn versions(
    conn: &mut Conn,
    project_id: &str,
    versions: Vec<Version>,
) -> Result<Vec<VersionView>> {
    let bucket_ids: BTreeSet<String> = versions.iter().map(|v| v.bucket_id.clone()).collect();
    let names = buckets::names(conn, &bucket_ids.into_iter().collect::<Vec<_>>())?;
    whole(conn, project_id, versions, |bucket_id| {
        names.get(bucket_id).cloned().unwrap_or_default()
    })
}

/// Versions with all that belongs to them; `name` is that of a bucket by its id.
fn whole(
    conn: &mut Conn,
    project_id: &str,
    versions: Vec<Version>,
    name: impl Fn(&str) -> String,
) -> Result<Vec<VersionView>> {
    if versions.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = versions.iter().map(|version| version.id.clone()).collect();
    let mut builds = builds_of(conn, &ids)?;
    let mut revoked: HashMap<String, Vec<Revocation>> = HashMap::new();
    for revocation in revocations::of_versions(conn, &ids)? {
        revoked
            .entry(revocation.version_id.clone())
            .or_default()
            .push(revocation);
    }
    let descended = ancestry::with_descendants(conn, project_id, &ids)?;
    let links = ancestry::links(builds.values().flatten().map(|view| &view.build));
    let mut parents: HashMap<String, Vec<Freshness>> = HashMap::new();
    let mut relatives: HashMap<String, BTreeSet<String>> = HashMap::new();
    for relation in ancestry::resolve(conn, project_id, links)? {
        let parent = relation.parent.map(|parent| parent.bucket_id);
        let channel = relation.channel.map(|channel| channel.bucket_id);
        let child = relation.link.child_id;
        let related = relatives.entry(child.clone()).or_default();
        related.extend(parent.into_iter().chain(channel));
        parents.entry(child).or_default().push(relation.freshness);
    }
    Ok(versions
        .into_iter()
        .map(|version| VersionView {
            relatives: relatives.remove(&version.id).unwrap_or_default(),
            bucket_name: name(&version.bucket_id),
            builds: builds.remove(&version.id).unwrap_or_default(),
            revocation: revoked.get(&version.id).and_then(effective).cloned(),
            has_descendants: descended.contains(&version.id),
            parents: parents
                .get(&version.id)
                .and_then(|all| summary(all.iter().copied())),
            version,
        })
        .collect())
}

fn builds_of(conn: &mut Conn, version_ids: &[String]) -> Result<HashMap<String, Vec<BuildView>>> {
    let rows = builds::of_versions(conn, version_ids)?;
    let mut views: HashMap<String, Vec<BuildView>> = HashMap::new();
    for view in builds(conn, rows)? {
        views
            .entry(view.build.version_id.clone())
            .or_default()
            .push(view);
    }
    Ok(views)
}

/// One build, whole.
pub fn build(conn: &mut Conn, build: Build) -> Result<BuildView> {
    let artifacts = match build.status {
        BuildStatus::Done => artifacts::of_build(conn, &build.id)?,
        _ => Vec::new(),
    };
    Ok(BuildView { build, artifacts })
}

/// A build whose artifacts are known.
pub fn build_with(build: Build, artifacts: Vec<Artifact>) -> BuildView {
    let shown = build.status == BuildStatus::Done;
    BuildView {
        build,
        artifacts: if shown { artifacts } else { Vec::new() },
    }
}

/// Builds, whole, in the order given.
pub fn builds(conn: &mut Conn, builds: Vec<Build>) -> Result<Vec<BuildView>> {
    let done = builds.iter().filter(|b| b.status == BuildStatus::Done);
    let ids: Vec<String> = done.map(|build| build.id.clone()).collect();
    let mut artifacts: HashMap<String, Vec<Artifact>> = HashMap::new();
    for artifact in artifacts::of_builds(conn, &ids)? {
        artifacts
            .entry(artifact.build_id.clone())
            .or_default()
            .push(artifact);
    }
    let view = |build: Build| BuildView {
        artifacts: artifacts.remove(&build.id).unwrap_or_default(),
        build,
    };
    Ok(builds.into_iter().map(view).collect())
}

/// One channel, whole.
pub fn channel(conn: &mut Conn, bucket: &Bucket, channel: Channel) -> Result<ChannelView> {
    let version = match &channel.version_id {
        Some(id) => {
            let row = versions::by_id(conn, id)?;
            Some(version(conn, bucket, row)?)
        }
        None => None,
    };
    Ok(ChannelView {
        channel,
        bucket_name: bucket.name.clone(),
        version,
    })
}

/// Channels of one bucket, whole, in the order given.
pub fn channels(conn: &mut Conn, bucket: &Bucket, rows: Vec<Channel>) -> Result<Vec<ChannelView>> {
    let held: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| row.version_id.clone())
        .collect();
    let held: Vec<String> = held.into_iter().collect();
    let held = versions::in_project(conn, &bucket.project_id, &held)?;
    let held: HashMap<String, VersionView> = versions_of(conn, bucket, held)?
        .into_iter()
        .map(|view| (view.version.id.clone(), view))
        .collect();
    Ok(rows
        .into_iter()
        .map(|channel| ChannelView {
            bucket_name: bucket.name.clone(),
            version: channel
                .version_id
                .as_ref()
                .and_then(|id| held.get(id))
                .cloned(),
            channel,
        })
        .collect())
}

/// One bucket, whole.
pub fn bucket(conn: &mut Conn, bucket: Bucket) -> Result<BucketView> {
    let (id, project) = (bucket.id.clone(), bucket.project_id.clone());
    buckets(conn, &project, vec![bucket])?
        .pop()
        .ok_or_else(|| Error::internal(format!("bucket {id} was not loaded")))
}

/// Buckets, whole, in the order given.
pub fn buckets(conn: &mut Conn, project_id: &str, rows: Vec<Bucket>) -> Result<Vec<BucketView>> {
    let ids: Vec<String> = rows.iter().map(|bucket| bucket.id.clone()).collect();
    let held = channels::latest_of(conn, &ids)?
        .into_iter()
        .filter_map(|row| row.version_id);
    let held = versions::in_project(conn, project_id, &held.collect::<Vec<_>>())?;
    let names: HashMap<&str, &str> = rows
        .iter()
        .map(|bucket| (bucket.id.as_str(), bucket.name.as_str()))
        .collect();
    let name = |id: &str| (*names.get(id).unwrap_or(&"")).to_owned();
    let mut latest: HashMap<String, VersionView> = whole(conn, project_id, held, name)?
        .into_iter()
        .map(|view| (view.version.bucket_id.clone(), view))
        .collect();
    let links = ancestry::children(conn, &ids)?;
    let mut children: HashMap<String, Vec<Freshness>> = HashMap::new();
    for relation in ancestry::resolve(conn, project_id, links)? {
        if let Some(parent) = relation.parent {
            children
                .entry(parent.bucket_id)
                .or_default()
                .push(relation.freshness);
        }
    }
    Ok(rows
        .into_iter()
        .map(|bucket| {
            let latest = latest.remove(&bucket.id);
            let children = children.remove(&bucket.id);
            BucketView {
                parents: latest.as_ref().and_then(|view| view.parents),
                children: children.and_then(summary),
                bucket,
                latest,
            }
        })
        .collect())
}
