//! Walks from a bucket to what its latest version was built from, and to what was built from it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::{
    error::Result,
    ops::Access,
    store::{
        Conn,
        ancestry::{self, Link, Relation},
        buckets::Bucket,
        channels,
        outlines::{self, Outline},
        versions,
    },
};

/// Steps to either side.
const HOPS: i64 = 3;
/// When so many versions are known, nobody looks further out.
const ENOUGH: usize = 200;

/// Versions, how far they are, and how they are related.
pub(super) struct Family {
    /// Steps from the bucket, parents negative, by the id of the version.
    pub(super) near: BTreeMap<String, i64>,
    /// From the nearest to the farthest.
    pub(super) relations: Vec<Relation>,
    /// What is known of the versions, and of those that the channels of relations give now.
    pub(super) outlines: HashMap<String, Outline>,
}

#[derive(Default)]
struct Walk {
    near: BTreeMap<String, i64>,
    links: HashSet<Link>,
    relations: Vec<Relation>,
}

impl Walk {
    /// Takes up what is new of some links. Answers the versions that are new.
    fn take(
        &mut self,
        conn: &mut Conn,
        project_id: &str,
        (links, parents, children): (Vec<Link>, i64, i64),
    ) -> Result<BTreeSet<String>> {
        let new = links.into_iter();
        let mut new: Vec<Link> = new.filter(|link| self.links.insert(link.clone())).collect();
        new.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut found = BTreeSet::new();
        for link in &new {
            for (id, level) in [(&link.parent_id, parents), (&link.child_id, children)] {
                if !self.near.contains_key(id) {
                    self.near.insert(id.clone(), level);
                    found.insert(id.clone());
                }
            }
        }
        self.relations
            .extend(ancestry::resolve(conn, project_id, new)?);
        Ok(found)
    }

    fn is_enough(&self) -> bool {
        self.near.len() >= ENOUGH
    }
}

fn key(link: &Link) -> (&str, &str, &str) {
    (&link.parent_id, &link.child_id, &link.channel_id)
}

/// The family of a bucket. A step to children is one of buckets: what counts is their latest version, whichever
/// version of the parent it was built from.
pub(super) fn walk(conn: &mut Conn, access: &Access, bucket: &Bucket) -> Result<Family> {
    let project = &access.project.id;
    let mut walk = Walk::default();
    let latest = channels::latest(conn, &bucket.id)?.version_id;
    walk.near.extend(latest.iter().map(|id| (id.clone(), 0)));
    let mut edge: Vec<String> = latest.into_iter().collect();
    for hop in 1..=HOPS {
        if edge.is_empty() || walk.is_enough() {
            break;
        }
        let links = ancestry::parents(conn, &edge)?;
        let found = walk.take(conn, project, (links, -hop, 1 - hop))?;
        edge = found.into_iter().collect();
    }
    let mut seen = BTreeSet::from([bucket.id.clone()]);
    let mut edge = vec![bucket.id.clone()];
    for hop in 1..=HOPS {
        if edge.is_empty() || walk.is_enough() {
            break;
        }
        let links = ancestry::children(conn, &edge)?;
        let children: Vec<String> = links.iter().map(|link| link.child_id.clone()).collect();
        walk.take(conn, project, (links, hop - 1, hop))?;
        let homes = versions::in_project(conn, project, &children)?;
        let homes: BTreeSet<String> = homes.into_iter().map(|version| version.bucket_id).collect();
        edge = homes.difference(&seen).cloned().collect();
        seen.extend(homes);
    }
    let mut ids: BTreeSet<String> = walk.near.keys().cloned().collect();
    let held = walk.relations.iter();
    ids.extend(held.filter_map(|relation| relation.channel.as_ref()?.version_id.clone()));
    let ids: Vec<String> = ids.into_iter().collect();
    Ok(Family {
        outlines: outlines::of(conn, project, &ids)?,
        near: walk.near,
        relations: walk.relations,
    })
}
