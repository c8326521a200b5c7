//! What a version was built from, and whether that is still the newest.

use std::collections::{BTreeSet, HashMap};

use super::Seen;
use crate::{
    domain::{
        ancestry::Freshness,
        difference::{Facts, gathered},
        revocation::{Revocation, effective},
        time::Time,
    },
    error::Result,
    ops::Access,
    store::{
        Conn,
        ancestry::{self, Relation},
        buckets,
        channels::Channel,
        revocations,
        versions::{self, Version},
        views::VersionView,
    },
    web::href,
};

/// What is known of the parents of a version.
pub(super) struct Known {
    relations: Vec<Relation>,
    /// Names of buckets by id.
    buckets: HashMap<String, String>,
    /// The versions that the channels of the relations hold, by id.
    held: HashMap<String, Version>,
    /// Revocations of parents, by version.
    revoked: HashMap<String, Vec<Revocation>>,
}

/// Reads the parents of the version that a page shows.
pub(super) fn read(conn: &mut Conn, access: &Access, seen: &Seen) -> Result<Known> {
    of(conn, access, &seen.view)
}

/// The version of each bucket that a version was built from.
pub(in crate::web) fn parents_of(
    conn: &mut Conn,
    access: &Access,
    view: &VersionView,
) -> Result<Facts> {
    Ok(of(conn, access, view)?.names())
}

/// Reads the parents of a version.
fn of(conn: &mut Conn, access: &Access, view: &VersionView) -> Result<Known> {
    let builds = view.builds.iter().map(|view| &view.build);
    let mut relations = ancestry::resolve(conn, &access.project.id, ancestry::links(builds))?;
    for relation in &mut relations {
        relation.channel.take_if(|channel| hidden(access, channel));
    }
    let channels = relations
        .iter()
        .filter_map(|relation| relation.channel.as_ref());
    let held: BTreeSet<String> = channels
        .filter_map(|channel| channel.version_id.clone())
        .collect();
    let held: Vec<String> = held.into_iter().collect();
    let held = versions::in_project(conn, &access.project.id, &held)?;
    let parents = relations
        .iter()
        .filter_map(|relation| relation.parent.as_ref());
    let (mut bucket_ids, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for parent in parents {
        bucket_ids.insert(parent.bucket_id.clone());
        ids.insert(parent.id.clone());
    }
    let bucket_ids: Vec<String> = bucket_ids.into_iter().collect();
    let mut revoked: HashMap<String, Vec<Revocation>> = HashMap::new();
    for row in revocations::of_versions(conn, &ids.into_iter().collect::<Vec<_>>())? {
        revoked.entry(row.version_id.clone()).or_default().push(row);
    }
    Ok(Known {
        buckets: buckets::names(conn, &bucket_ids)?,
        held: held.into_iter().map(|row| (row.id.clone(), row)).collect(),
        relations,
        revoked,
    })
}

fn hidden(access: &Access, channel: &Channel) -> bool {
    channel.restricted && !access.sees_restricted(&channel.bucket_id)
}

/// A parent as it is shown.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Parent {
    /// Bucket and version, or the id of one that is not known here.
    pub(super) name: String,
    /// Where it is shown; `None` when it is not known here.
    pub(super) href: Option<String>,
    /// The channel through which it was found; empty when none is known.
    pub(super) channel: String,
    /// The class of the state.
    pub(super) class: &'static str,
    /// The state in words.
    pub(super) word: String,
}

impl Known {
    /// The parents by name.
    pub(super) fn show(&self, (project, now): (&str, Time)) -> Vec<Parent> {
        let shown = self.relations.iter();
        let mut shown: Vec<Parent> = shown.map(|one| self.parent(one, (project, now))).collect();
        shown.sort();
        shown.dedup();
        shown
    }

    /// Bucket and version of each parent, for comparing.
    fn names(&self) -> Facts {
        let known = self.relations.iter().map(|relation| {
            let parent = relation.parent.as_ref();
            let bucket = parent.and_then(|parent| self.buckets.get(&parent.bucket_id));
            match (bucket, parent) {
                (Some(bucket), Some(parent)) => (bucket.clone(), parent.name()),
                _ => (relation.link.parent_id.clone(), "not known here".to_owned()),
            }
        });
        gathered(known)
    }

    fn parent(&self, relation: &Relation, (project, now): (&str, Time)) -> Parent {
        let (class, word) = self.state(relation, now);
        let channel = relation.channel.as_ref();
        let channel = channel.map_or_else(String::new, |channel| channel.name.clone());
        let bucket = |parent: &Version| self.buckets.get(&parent.bucket_id).cloned();
        let known = relation.parent.as_ref();
        let (name, href) = match known.and_then(|parent| Some((bucket(parent)?, parent))) {
            Some((bucket, parent)) => (
                format!("{bucket} {}", parent.name()),
                Some(href::version(project, &bucket, &parent.fingerprint)),
            ),
            None => (relation.link.parent_id.clone(), None),
        };
        Parent {
            name,
            href,
            channel,
            class,
            word,
        }
    }

    fn state(&self, relation: &Relation, now: Time) -> (&'static str, String) {
        let revoked = self.revoked.get(&relation.link.parent_id);
        if let Some(revocation) = revoked.and_then(effective) {
            return if revocation.in_force(now) {
                ("revoked", "revoked".to_owned())
            } else {
                ("scheduled", "revocation scheduled".to_owned())
            };
        }
        match relation.freshness {
            Freshness::UpToDate => ("calm", "up to date".to_owned()),
            Freshness::Undetermined => ("unknown", "not tracked through a channel".to_owned()),
            Freshness::OutOfDate => ("behind", self.outdated(relation)),
        }
    }

    fn outdated(&self, relation: &Relation) -> String {
        let Some(channel) = &relation.channel else {
            return "outdated".to_owned();
        };
        let held = channel.version_id.as_ref().and_then(|id| self.held.get(id));
        let held = held.map_or_else(|| "nothing".to_owned(), Version::name);
        format!("outdated: {} gives {held} now", channel.name)
    }
}
