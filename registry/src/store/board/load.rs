//! Versions with what the board needs to know of them, many at once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use diesel::prelude::*;

use super::lag;
use crate::{
    domain::{
        ancestry::Freshness,
        board::{Ahead, LastFacts, ParentChannel, ParentFacts, Place, Release, VersionFacts},
        build::BuildStatus,
        revocation::{Revocation, effective},
        time::Time,
        version::status,
    },
    error::Result,
    store::{
        Conn,
        ancestry::{self, Link, Relation},
        buckets, on,
        prepared::any_of,
        revocations,
        schema::{artifacts, builds, versions as version},
        steps::in_steps,
        versions::{self, Version},
    },
};

/// Versions by id.
#[derive(Debug, Default)]
pub(super) struct Versions {
    complete: HashMap<String, Arc<VersionFacts>>,
    open: HashMap<String, LastFacts>,
    relatives: HashMap<String, BTreeSet<String>>,
}

impl Versions {
    /// A version that is complete.
    pub(super) fn complete(&self, id: &str) -> Option<Arc<VersionFacts>> {
        self.complete.get(id).cloned()
    }

    /// A version that is not.
    pub(super) fn last(&self, id: &str) -> Option<LastFacts> {
        self.open.get(id).cloned()
    }

    /// The buckets of what a version was built from, and of the channels on the way.
    pub(super) fn relatives(&self, id: &str) -> impl Iterator<Item = String> {
        self.relatives.get(id).into_iter().flatten().cloned()
    }

    /// What is ahead of a channel.
    pub(super) fn ahead(&self, ahead: &lag::Ahead) -> Option<Ahead> {
        let first = self.complete.get(&ahead.first_id)?;
        let newest = self.complete.get(&ahead.last_id)?;
        Some(Ahead {
            count: ahead.count,
            since: first.completed_at,
            newest: newest.release.clone(),
        })
    }
}

/// Versions of a project by id.
pub(super) fn versions(conn: &mut Conn, project_id: &str, ids: &[String]) -> Result<Versions> {
    let rows = in_steps(ids, |ids| versions::by_ids(conn, ids))?;
    let previous = previous(conn, ids)?;
    let before: BTreeSet<String> = previous.values().cloned().collect();
    let before: Vec<String> = before.into_iter().collect();
    let older: HashMap<String, Version> = in_steps(&before, |ids| versions::by_ids(conn, ids))?
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect();
    let places = places(conn, &[ids, &before].concat())?;
    let builds = builds(conn, ids)?;
    let mut parents = parents(conn, project_id, &builds)?;
    let mut revoked = revoked(conn, ids)?;
    let mut found = Versions::default();
    for row in rows {
        let builds = builds.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let (parents, relatives) = parents.remove(&row.id).unwrap_or_default();
        found.relatives.insert(row.id.clone(), relatives);
        if row.number.is_none() {
            found.open.insert(row.id.clone(), open(&row, builds));
            continue;
        }
        let older = previous.get(&row.id).and_then(|id| older.get(id));
        let previous = older.map(|older| {
            let places = places.get(&older.id).cloned().unwrap_or_default();
            (release(older), places)
        });
        let done = builds.iter().map(|build| build.updated_at).max();
        let facts = VersionFacts {
            release: release(&row),
            completed_at: done.map_or(row.created_at, Time::from_micros),
            revocation: revoked.remove(&row.id),
            places: places.get(&row.id).cloned().unwrap_or_default(),
            previous,
            parents,
        };
        found.complete.insert(row.id, Arc::new(facts));
    }
    Ok(found)
}

fn release(version: &Version) -> Release {
    Release {
        name: version.name(),
        fingerprint: version.fingerprint.clone(),
    }
}

/// The revocations that decide, by version.
fn revoked(conn: &mut Conn, ids: &[String]) -> Result<HashMap<String, Revocation>> {
    let mut all: HashMap<String, Vec<Revocation>> = HashMap::new();
    for row in in_steps(ids, |ids| revocations::of_versions(conn, ids))? {
        all.entry(row.version_id.clone()).or_default().push(row);
    }
    let decide = all
        .into_iter()
        .filter_map(|(id, all)| Some((id, effective(&all)?.clone())));
    Ok(decide.collect())
}

/// The complete version before each of some complete ones.
fn previous(conn: &mut Conn, ids: &[String]) -> Result<HashMap<String, String>> {
    let older = diesel::alias!(version as older);
    let rows: Vec<(String, Option<String>)> = in_steps(ids, |ids| {
        let before = older
            .filter(older.field(version::bucket_id).eq(version::bucket_id))
            .filter(older.field(version::number).lt(version::number))
            .order(older.field(version::number).desc())
            .select(older.field(version::id))
            .limit(1);
        let query = version::table
            .filter(any_of(version::id, ids))
            .select((version::id, before.single_value()));
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    let known = rows
        .into_iter()
        .filter_map(|(id, before)| Some((id, before?)));
    Ok(known.collect())
}

/// Where the artifacts of some versions are.
fn places(conn: &mut Conn, ids: &[String]) -> Result<HashMap<String, BTreeSet<Place>>> {
    let rows: Vec<(String, String, String)> = in_steps(ids, |ids| {
        let query = builds::table
            .inner_join(artifacts::table)
            .filter(any_of(builds::version_id, ids))
            .filter(builds::status.eq(BuildStatus::Done.as_str()))
            .select((builds::version_id, builds::platform, artifacts::region));
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    let mut places: HashMap<String, BTreeSet<Place>> = HashMap::new();
    for (id, platform, region) in rows {
        let place = Place { platform, region };
        places.entry(id).or_default().insert(place);
    }
    Ok(places)
}

/// As much of a build as the board needs.
#[derive(Debug, Queryable)]
struct Build {
    version_id: String,
    #[diesel(deserialize_as = String)]
    status: BuildStatus,
    status_reason: String,
    parent_version_id: String,
    parent_channel_id: String,
    heartbeat_at: Option<i64>,
    updated_at: i64,
}

fn builds(conn: &mut Conn, ids: &[String]) -> Result<HashMap<String, Vec<Build>>> {
    let rows: Vec<Build> = in_steps(ids, |ids| {
        let query = builds::table
            .filter(any_of(builds::version_id, ids))
            .select((
                builds::version_id,
                builds::status,
                builds::status_reason,
                builds::parent_version_id,
                builds::parent_channel_id,
                builds::heartbeat_at,
                builds::updated_at,
            ));
        Ok(on!(conn, |c| query.load(c))?)
    })?;
    let mut found: HashMap<String, Vec<Build>> = HashMap::new();
    for row in rows {
        found.entry(row.version_id.clone()).or_default().push(row);
    }
    Ok(found)
}

/// How an incomplete version stands.
fn open(row: &Version, builds: &[Build]) -> LastFacts {
    let statuses = builds.iter().map(|build| build.status);
    let changes = builds.iter().map(|build| build.updated_at);
    let running = builds
        .iter()
        .filter(|build| build.status == BuildStatus::Running);
    let heard = running.map(|build| build.heartbeat_at.unwrap_or(build.updated_at));
    let why = builds.iter().find(|build| !build.status_reason.is_empty());
    LastFacts {
        fingerprint: row.fingerprint.clone(),
        status: status(None, statuses, None, row.created_at),
        changed_at: changes.max().map_or(row.created_at, Time::from_micros),
        heard_at: heard.min().map(Time::from_micros),
        why: why
            .map(|build| build.status_reason.clone())
            .unwrap_or_default(),
    }
}

/// What each version was built from, with the buckets that this was read from.
type Parents = HashMap<String, (Vec<ParentFacts>, BTreeSet<String>)>;

fn parents(
    conn: &mut Conn,
    project_id: &str,
    builds: &HashMap<String, Vec<Build>>,
) -> Result<Parents> {
    let links = builds.values().flatten();
    let links = links.filter(|build| !build.parent_version_id.is_empty());
    let links = links.map(|build| Link {
        child_id: build.version_id.clone(),
        parent_id: build.parent_version_id.clone(),
        channel_id: build.parent_channel_id.clone(),
    });
    let links: std::collections::HashSet<Link> = links.collect();
    let links: Vec<Link> = links.into_iter().collect();
    let relations = in_steps(&links, |links| {
        ancestry::resolve(conn, project_id, links.to_vec())
    })?;
    let around = Around::load(conn, &relations)?;
    let mut parents = Parents::new();
    for relation in &relations {
        let (facts, relatives) = parents.entry(relation.link.child_id.clone()).or_default();
        let channel = relation.channel.as_ref();
        relatives.extend(channel.map(|channel| channel.bucket_id.clone()));
        if let Some(parent) = &relation.parent {
            relatives.insert(parent.bucket_id.clone());
            facts.push(around.parent(relation, parent));
        }
    }
    for (facts, _) in parents.values_mut() {
        facts.sort_by(|one, other| {
            let key = |facts: &ParentFacts| (facts.bucket.clone(), facts.release.name.clone());
            key(one).cmp(&key(other))
        });
    }
    Ok(parents)
}

/// What is known around the parents of versions.
struct Around {
    buckets: HashMap<String, String>,
    revoked: HashMap<String, Revocation>,
    /// What the channels that have moved on give now, by version.
    given: HashMap<String, Release>,
    assigned: HashMap<String, Time>,
}

impl Around {
    fn load(conn: &mut Conn, relations: &[Relation]) -> Result<Self> {
        let distinct = |ids: &mut dyn Iterator<Item = &String>| -> Vec<String> {
            let ids: BTreeSet<String> = ids.cloned().collect();
            ids.into_iter().collect()
        };
        let parents = || {
            relations
                .iter()
                .filter_map(|relation| relation.parent.as_ref())
        };
        let moved = || {
            relations
                .iter()
                .filter(|one| one.freshness == Freshness::OutOfDate)
        };
        let channels = || moved().filter_map(|relation| relation.channel.as_ref());
        let bucket_ids = distinct(&mut parents().map(|parent| &parent.bucket_id));
        let parent_ids = distinct(&mut parents().map(|parent| &parent.id));
        let channel_ids = distinct(&mut channels().map(|channel| &channel.id));
        let held = distinct(&mut channels().filter_map(|channel| channel.version_id.as_ref()));
        let mut names = HashMap::new();
        for ids in bucket_ids.chunks(crate::store::steps::STEP) {
            names.extend(buckets::names(conn, ids)?);
        }
        let given = in_steps(&held, |ids| versions::by_ids(conn, ids))?;
        let given = given.iter().map(|row| (row.id.clone(), release(row)));
        Ok(Self {
            buckets: names,
            revoked: revoked(conn, &parent_ids)?,
            given: given.collect(),
            assigned: lag::assigned(conn, &channel_ids)?,
        })
    }

    fn parent(&self, relation: &Relation, parent: &Version) -> ParentFacts {
        let moved = relation.channel.as_ref();
        let moved = moved.filter(|_| relation.freshness == Freshness::OutOfDate);
        let moved = moved.map(|channel| {
            let given = channel.version_id.as_ref();
            ParentChannel {
                name: channel.name.clone(),
                restricted: channel.restricted,
                gives: given.and_then(|id| self.given.get(id)).cloned(),
                since: *self
                    .assigned
                    .get(&channel.id)
                    .unwrap_or(&channel.updated_at),
            }
        });
        ParentFacts {
            bucket: self
                .buckets
                .get(&parent.bucket_id)
                .cloned()
                .unwrap_or_default(),
            release: release(parent),
            revocation: self.revoked.get(&parent.id).cloned(),
            moved,
        }
    }
}
